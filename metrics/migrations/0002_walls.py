from core.walls import Wall, by_partner
from django.db import migrations

# What the recompute of single days looks rows up by.
INDEXES = {
    "metrics_opportunity_opened": "deals_opportunity (opened_on)",
    "metrics_opportunity_closed": "deals_opportunity (closed_on)",
    "metrics_registration_sent": "deals_registration (submitted_at)",
}


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial"), ("deals", "0002_walls"), ("tiers", "0003_earned_tier")]
    operations = [
        *(Wall(f"metrics_{name}", by_partner()) for name in ("partnerday", "activespan", "scorecard")),
        *(Wall(f"metrics_{name}") for name in ("totalday", "snapshot", "run")),
        *(migrations.RunSQL(f"CREATE INDEX {n} ON {on}", f"DROP INDEX {n}") for n, on in INDEXES.items()),
    ]
