from django.db import migrations

from core.walls import AppendOnly, Wall, by_partner

# Balances follow their entries, and nothing else moves them; accounts are locked in one order. Whoever posts, whole
# transactions are looked at: hence app.sees_all.
FUNCTIONS = """
CREATE FUNCTION core_ledger_add() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen text := coalesce(current_setting('app.sees_all', true), '');
BEGIN
    PERFORM set_config('app.sees_all', 'on', true);
    PERFORM 1 FROM core_ledgeraccount WHERE id IN (SELECT account_id FROM fresh) ORDER BY id FOR UPDATE;
    UPDATE core_ledgeraccount a SET balance = a.balance + s.amount
        FROM (SELECT account_id, sum(amount) AS amount FROM fresh GROUP BY account_id) s WHERE a.id = s.account_id;
    PERFORM set_config('app.sees_all', seen, true);
    RETURN NULL;
END $$;
CREATE FUNCTION core_ledger_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'prm_owner' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.balance <> 0 THEN
            RAISE EXCEPTION 'an account opens empty' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 AND (NEW.id, NEW.kind, NEW.owner_id, NEW.currency)
        = (OLD.id, OLD.kind, OLD.owner_id, OLD.currency) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'balances follow their entries' USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION core_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen text := coalesce(current_setting('app.sees_all', true), '');
    moved uuid := CASE TG_TABLE_NAME WHEN 'core_ledgerentry' THEN (to_jsonb(NEW) ->> 'transaction_id')::uuid
        ELSE NEW.id END;
BEGIN
    PERFORM set_config('app.sees_all', 'on', true);
    IF NOT EXISTS (SELECT FROM core_ledgertransaction WHERE id = moved AND xid = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'entries are written with their transaction' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (SELECT count(*) FROM core_ledgerentry WHERE transaction_id = moved) < 2 OR EXISTS (
        SELECT FROM core_ledgerentry WHERE transaction_id = moved GROUP BY currency HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'the entries do not sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('app.sees_all', seen, true);
    RETURN NULL;
END $$;
"""
UNDO = """
DROP FUNCTION core_ledger_balanced(); DROP FUNCTION core_ledger_hold(); DROP FUNCTION core_ledger_add();
"""
TRIGGERS = """
CREATE TRIGGER add_up AFTER INSERT ON core_ledgerentry REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION core_ledger_add();
CREATE TRIGGER opens_empty AFTER INSERT ON core_ledgeraccount
FOR EACH ROW EXECUTE FUNCTION core_ledger_hold();
CREATE TRIGGER hold BEFORE UPDATE OR DELETE ON core_ledgeraccount
FOR EACH ROW EXECUTE FUNCTION core_ledger_hold();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON core_ledgerentry DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core_ledger_balanced();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON core_ledgertransaction DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION core_ledger_balanced();
ALTER TABLE core_ledgerentry ADD CONSTRAINT ledger_entry_currency FOREIGN KEY (account_id, currency)
    REFERENCES core_ledgeraccount (id, currency);
"""
UNDO_TRIGGERS = """
ALTER TABLE core_ledgerentry DROP CONSTRAINT ledger_entry_currency;
DROP TRIGGER balanced ON core_ledgertransaction; DROP TRIGGER balanced ON core_ledgerentry;
DROP TRIGGER hold ON core_ledgeraccount; DROP TRIGGER opens_empty ON core_ledgeraccount;
DROP TRIGGER add_up ON core_ledgerentry;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_ledger'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.RunSQL(TRIGGERS, UNDO_TRIGGERS),
        AppendOnly("core_ledgertransaction"),
        AppendOnly("core_ledgerentry"),
        Wall("core_ledgeraccount", by_partner()),
        Wall("core_ledgertransaction", by_partner()),
        Wall("core_ledgerentry", by_partner()),
    ]
