from django.db import migrations

from core.walls import Versioned, Wall, by_partner

PARTNERS = (
    "allocation", "request", "activity", "budgetline", "steptaken", "claim", "invoiceline", "proof", "payment",
)  # fmt: skip
VENDOR = ("budget", "budgetchange")


class Migration(migrations.Migration):
    dependencies = [("mdf", "0001_initial"), ("core", "0001_initial")]
    operations = [
        *(Wall(f"mdf_{name}", by_partner()) for name in PARTNERS),
        *(Wall(f"mdf_{name}") for name in VENDOR),
        *(Versioned(f"mdf_{name}") for name in (*PARTNERS, *VENDOR, "fundterms")),
    ]
