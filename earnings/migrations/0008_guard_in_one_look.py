from django.db import migrations

# The same guard as before, asked once for the row and not once for each column: a run moves a hundred thousand lines.
LINES = """
CREATE OR REPLACE FUNCTION earnings_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'prm_owner' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR OLD.status IN ('paid', 'invoiced', 'cancelled') OR OLD.status <> 'forecast' AND (
        NEW.membership_id, NEW.entitlement_id, NEW.rule_id, NEW.opportunity_id, NEW.revenue_event_id,
        NEW.usage_report_id, NEW.reverses_id, NEW.turn, NEW.kind, NEW.direction, NEW.nets, NEW.amount, NEW.currency,
        NEW.basis_amount, NEW.rate_percent, NEW.occurred_on, NEW.inputs, NEW.arithmetic, NEW.reason, NEW.accrued_at,
        NEW.reference
    ) IS DISTINCT FROM (
        OLD.membership_id, OLD.entitlement_id, OLD.rule_id, OLD.opportunity_id, OLD.revenue_event_id,
        OLD.usage_report_id, OLD.reverses_id, OLD.turn, OLD.kind, OLD.direction, OLD.nets, OLD.amount, OLD.currency,
        OLD.basis_amount, OLD.rate_percent, OLD.occurred_on, OLD.inputs, OLD.arithmetic, OLD.reason, OLD.accrued_at,
        OLD.reference
    ) THEN
        RAISE EXCEPTION 'line % is earned: make a line of its own for what changes', OLD.reference
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("earnings", "0007_not_vetted")]
    operations = [migrations.RunSQL(LINES, migrations.RunSQL.noop)]
