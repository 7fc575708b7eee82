from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='importfile',
            name='kind',
            field=models.CharField(choices=[('products', 'Products'), ('accounts', 'Accounts'), ('partners', 'Partners'), ('opportunities', 'Opportunities'), ('revenue_events', 'Revenue of deals')], max_length=20),
        ),
    ]
