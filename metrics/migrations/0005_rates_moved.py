from django.db import migrations


class Migration(migrations.Migration):
    """Exchange rates stand in deals now; the table was renamed there."""

    dependencies = [("metrics", "0004_influence"), ("deals", "0008_exchange_rates")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="ExchangeRate")]),
    ]
