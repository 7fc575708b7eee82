import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('deals', '0009_touch_campaign'),
    ]

    operations = [
        migrations.AddField(
            model_name='revenueevent',
            name='about',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='deals.revenueevent'),
        ),
    ]
