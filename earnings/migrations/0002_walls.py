from core.walls import Versioned, Wall, by_partner
from django.db import migrations

PARTNERS = ("entitlement", "usagereport", "earningline", "dispute")
RECORDS = ("revenuerule", "earningterms", *PARTNERS)

# Of a rule that stands, the last day alone may be set; nothing is removed.
RULES = """
CREATE FUNCTION earnings_keep_rule() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may text[] := ARRAY['effective_to', 'version', 'created_at', 'updated_at'];
BEGIN
    IF current_user = 'prm_owner' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may IS DISTINCT FROM to_jsonb(OLD) - may THEN
        RAISE EXCEPTION 'a revenue rule is superseded, never edited' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_rule BEFORE UPDATE OR DELETE ON earnings_revenuerule
    FOR EACH ROW EXECUTE FUNCTION earnings_keep_rule();
"""
RULES_UNDO = "DROP TRIGGER keep_rule ON earnings_revenuerule; DROP FUNCTION earnings_keep_rule();"

# What was earned keeps its money; what is paid, invoiced or cancelled keeps everything; no line is removed.
LINES = """
CREATE FUNCTION earnings_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    money text[] := ARRAY['partner_id', 'membership_id', 'entitlement_id', 'rule_id', 'opportunity_id',
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
CREATE TRIGGER keep_line BEFORE UPDATE OR DELETE ON earnings_earningline
    FOR EACH ROW EXECUTE FUNCTION earnings_keep_line();
"""
LINES_UNDO = "DROP TRIGGER keep_line ON earnings_earningline; DROP FUNCTION earnings_keep_line();"

# A reversal has the opposite sign, the partner, the rule and the currency of its original, and all reversals of one
# line together are not more than it.
REVERSALS = """
CREATE FUNCTION earnings_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    original earnings_earningline;
    others numeric;
BEGIN
    SELECT * INTO original FROM earnings_earningline WHERE id = NEW.reverses_id FOR UPDATE;
    SELECT coalesce(sum(amount), 0) INTO others FROM earnings_earningline
        WHERE reverses_id = NEW.reverses_id AND id <> NEW.id;
    IF original.id IS NULL OR sign(NEW.amount) = sign(original.amount)
        OR abs(others + NEW.amount) > abs(original.amount)
        OR (NEW.partner_id, NEW.rule_id, NEW.currency, NEW.direction)
            IS DISTINCT FROM (original.partner_id, original.rule_id, original.currency, original.direction) THEN
        RAISE EXCEPTION 'this does not reverse line %', original.reference USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_reversal BEFORE INSERT ON earnings_earningline
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION earnings_check_reversal();
"""
REVERSALS_UNDO = "DROP TRIGGER check_reversal ON earnings_earningline; DROP FUNCTION earnings_check_reversal();"


class Migration(migrations.Migration):
    dependencies = [("earnings", "0001_initial"), ("deals", "0007_revenue")]
    operations = [
        *(Wall(f"earnings_{name}", by_partner()) for name in PARTNERS),
        *(Versioned(f"earnings_{name}") for name in RECORDS),
        migrations.RunSQL(RULES, RULES_UNDO),
        migrations.RunSQL(LINES, LINES_UNDO),
        migrations.RunSQL(REVERSALS, REVERSALS_UNDO),
    ]
