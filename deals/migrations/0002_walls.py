from core.walls import Versioned, Wall, by_partner
from django.db import migrations

# Both look through the wall of deals_opportunitypartner, so they show what it shows.
OPPORTUNITY = "EXISTS (SELECT 1 FROM deals_opportunitypartner p WHERE p.opportunity_id = deals_opportunity.id)"
ACCOUNT = """EXISTS (SELECT 1 FROM deals_opportunitypartner p JOIN deals_opportunity o ON o.id = p.opportunity_id
    WHERE o.account_id = deals_account.id)"""
TABLES = ("registration", "opportunitypartner", "attribution")
RECORDS = ("account", "opportunity", "conflictcase", *TABLES)


class Migration(migrations.Migration):
    dependencies = [("deals", "0001_initial")]
    operations = [
        *(Wall(f"deals_{name}", by_partner()) for name in TABLES),
        Wall("deals_opportunity", OPPORTUNITY),
        Wall("deals_account", ACCOUNT),
        Wall("deals_conflictcase"),
        *(Versioned(f"deals_{name}") for name in RECORDS),
    ]
