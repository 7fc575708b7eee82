from core.walls import Versioned, Wall, by_partner
from django.db import migrations

TABLES = ("programmembership", "fact", "assessment", "tierreview")
RECORDS = ("programversion", "tier", *TABLES)


class Migration(migrations.Migration):
    dependencies = [("tiers", "0001_initial")]
    operations = [
        *(Wall(f"tiers_{name}", by_partner()) for name in TABLES),
        *(Versioned(f"tiers_{name}") for name in RECORDS),
    ]
