"""The table that counts sign-in attempts while Redis is away."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            [
                "CREATE TABLE prm_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, "
                "expires timestamptz NOT NULL)",
                "CREATE INDEX prm_cache_expires ON prm_cache (expires)",
            ],
            ["DROP TABLE prm_cache"],
        )
    ]
