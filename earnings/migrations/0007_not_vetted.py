from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('earnings', '0006_handovers'),
    ]

    operations = [
        migrations.AlterField(
            model_name='payout',
            name='carried',
            field=models.CharField(blank=True, choices=[('below_minimum', 'Below the minimum payout'), ('negative', 'Negative balance'), ('no_bank_details', 'Bank details are missing'), ('new_bank_details', 'Bank details have just changed'), ('left_out', 'Left out by us'), ('not_vetted', 'We check the partner first')], default='', max_length=16),
        ),
    ]
