import core.ids
import django.db.models.deletion
from django.db import migrations, models

from core.walls import AppendOnly, Wall, by_partner

# What was earned keeps its money; what is paid, invoiced or cancelled keeps everything; no line is removed. An open line
# follows its partner into another one, and only there: looked at when everything is written.
LINES = """
CREATE OR REPLACE FUNCTION earnings_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    money text[] := ARRAY[{owner}'membership_id', 'entitlement_id', 'rule_id', 'opportunity_id',
        'revenue_event_id', 'usage_report_id', 'reverses_id', 'turn', 'kind', 'direction', 'nets', 'amount',
        'currency', 'basis_amount', 'rate_percent', 'occurred_on', 'inputs', 'arithmetic', 'reason', 'accrued_at',
        'reference'];
BEGIN
    IF current_user = 'prm_owner' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR OLD.status IN ('paid', 'invoiced', 'cancelled') OR OLD.status <> 'forecast' AND EXISTS (
        SELECT FROM unnest(money) k WHERE to_jsonb(NEW) -> k IS DISTINCT FROM to_jsonb(OLD) -> k
    ) THEN
        RAISE EXCEPTION 'line % is earned: make a line of its own for what changes', OLD.reference
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""
FOLLOWS = """
CREATE FUNCTION earnings_follow_partner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen text := coalesce(current_setting('app.sees_all', true), '');
    follows boolean;
BEGIN
    PERFORM set_config('app.sees_all', 'on', true);
    SELECT EXISTS (SELECT FROM partners_partner WHERE id = OLD.partner_id AND merged_into_id = NEW.partner_id)
        INTO follows;
    PERFORM set_config('app.sees_all', seen, true);
    IF NOT follows THEN
        RAISE EXCEPTION 'line % changes hands when its partner merges, and never otherwise', OLD.reference
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER follow_partner AFTER UPDATE OF partner_id ON earnings_earningline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.partner_id IS DISTINCT FROM NEW.partner_id)
    EXECUTE FUNCTION earnings_follow_partner();
"""
FOLLOWS_UNDO = "DROP TRIGGER follow_partner ON earnings_earningline; DROP FUNCTION earnings_follow_partner();"

# A reversal belongs to the partner of its original, or to the one that this became part of.
REVERSALS = """
CREATE OR REPLACE FUNCTION earnings_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    original earnings_earningline;
    others numeric;
BEGIN
    SELECT * INTO original FROM earnings_earningline WHERE id = NEW.reverses_id FOR UPDATE;
    SELECT coalesce(sum(amount), 0) INTO others FROM earnings_earningline
        WHERE reverses_id = NEW.reverses_id AND id <> NEW.id;
    IF original.id IS NULL OR sign(NEW.amount) = sign(original.amount)
        OR abs(others + NEW.amount) > abs(original.amount)
        OR (NEW.rule_id, NEW.currency, NEW.direction)
            IS DISTINCT FROM (original.rule_id, original.currency, original.direction)
        OR NEW.partner_id <> original.partner_id {successor} THEN
        RAISE EXCEPTION 'this does not reverse line %', original.reference USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
SUCCESSOR = """AND NOT EXISTS (
            SELECT FROM partners_partner WHERE id = original.partner_id AND merged_into_id = NEW.partner_id)"""


class Migration(migrations.Migration):

    dependencies = [
        ('earnings', '0005_payouts'),
        ('partners', '0006_care'),
    ]

    operations = [
        migrations.AddField(
            model_name='entitlement',
            name='inherited',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='earnings.earningline')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
            ],
        ),
        Wall("earnings_handover", by_partner()),
        AppendOnly("earnings_handover"),
        migrations.RunSQL(LINES.replace("{owner}", ""), LINES.replace("{owner}", "'partner_id', ")),
        migrations.RunSQL(FOLLOWS, FOLLOWS_UNDO),
        migrations.RunSQL(REVERSALS.replace("{successor}", SUCCESSOR), REVERSALS.replace("{successor}", "")),
    ]
