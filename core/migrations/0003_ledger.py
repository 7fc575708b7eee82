import core.fields
import core.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_timers'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerAccount',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('owner_id', models.UUIDField()),
                ('partner_id', models.UUIDField(null=True)),
                ('currency', models.CharField(max_length=3)),
                ('balance', models.DecimalField(db_default=0, decimal_places=2, max_digits=18)),
                ('floor', models.DecimalField(decimal_places=2, max_digits=18, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['partner_id', 'kind'], name='ledger_account_partner')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'owner_id', 'currency'), name='ledger_account_once'), models.UniqueConstraint(fields=('id', 'currency'), name='ledger_account_currency'), models.CheckConstraint(condition=models.Q(('floor', None), ('balance__gte', models.F('floor')), _connector='OR'), name='ledger_account_floor')],
            },
        ),
        migrations.CreateModel(
            name='LedgerTransaction',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('partner_id', models.UUIDField(null=True)),
                ('at', models.DateTimeField()),
                ('xid', core.fields.Xid8Field(db_default=core.fields.CurrentXid(), editable=False)),
                ('event', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='moved', to='core.event')),
            ],
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('place', models.PositiveSmallIntegerField()),
                ('partner_id', models.UUIDField(null=True)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='core.ledgeraccount')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='core.ledgertransaction')),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'constraints': [models.UniqueConstraint(fields=('transaction', 'place'), name='ledger_entry_once'), models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='ledger_entry_moves')],
            },
        ),
    ]
