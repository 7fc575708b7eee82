from core.walls import Versioned, Wall, by_partner
from django.db import migrations

MINE = by_partner()
TABLES = ("member", "invitation", "contact", "agreement", "apikey")
RECORDS = ("program", "product", "partner", "note", *TABLES)


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [
        Wall("partners_partner", by_partner("id")),
        Wall("partners_note"),
        *(Wall(f"partners_{name}", MINE) for name in TABLES),
        *(Versioned(f"partners_{name}") for name in RECORDS),
    ]
