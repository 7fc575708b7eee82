from django.db import migrations, models

_AMOUNTS = ("influence_in_amount", "influence_in_estimated", "influence_out_amount", "influence_out_estimated",
            "influence_renewal_in_amount", "influence_renewal_out_amount")  # fmt: skip
_REPORTED = ("influenced_won_reported", "transacted_won_reported")
_COUNTS = ("influence_in_count", "influence_out_count", "influenced_won_count", "transacted_won_count")


def _field(name):
    if name in _COUNTS:
        return models.IntegerField(default=0)
    return models.DecimalField(decimal_places=6, default=0, max_digits=26, null=name in _REPORTED)


class Migration(migrations.Migration):
    dependencies = [("metrics", "0003_covered")]
    operations = [
        migrations.AddField(model_name=model, name=name, field=_field(name))
        for model in ("partnerday", "totalday")
        for name in (*_COUNTS, *_AMOUNTS, *_REPORTED)
    ]
