from core.fields import currency_field
from django.db import migrations, models
from django.db.models import Q

RENAME = "ALTER TABLE {0}_exchangerate RENAME TO {1}_exchangerate"


class Migration(migrations.Migration):
    """Rates belong beside the amounts of deals: more apps than the metrics convert by them. The table moves as it is."""

    dependencies = [("deals", "0007_revenue"), ("metrics", "0004_influence")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(RENAME.format("metrics", "deals"), RENAME.format("deals", "metrics")),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="ExchangeRate",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("currency", currency_field()),
                        ("day", models.DateField()),
                        ("rate", models.DecimalField(max_digits=20, decimal_places=10)),
                        ("source", models.CharField(max_length=80)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("currency", "day"), name="exchange_rate_once"),
                            models.CheckConstraint(name="exchange_rate_positive", condition=Q(rate__gt=0)),
                        ]
                    },
                ),
            ],
        ),
    ]
