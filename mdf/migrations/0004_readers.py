from django.db import migrations

# Who may read an account is who owns what it is about: allocations, activities and claims that change hands take their
# accounts along. Balances stay where they are.
READERS = """
CREATE FUNCTION mdf_take_readers_along() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE core_ledgeraccount SET partner_id = NEW.partner_id WHERE owner_id = NEW.id AND kind LIKE 'mdf.%';
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER take_readers_along AFTER UPDATE OF partner_id ON mdf_{name} FOR EACH ROW
    WHEN (OLD.partner_id IS DISTINCT FROM NEW.partner_id) EXECUTE FUNCTION mdf_take_readers_along();
"""
OWNERS = ("allocation", "activity", "claim")


class Migration(migrations.Migration):
    dependencies = [("mdf", "0003_typed_forms"), ("core", "0004_ledger_guards")]
    operations = [
        migrations.RunSQL(READERS, "DROP FUNCTION mdf_take_readers_along();"),
        *(
            migrations.RunSQL(TRIGGER.replace("{name}", name), f"DROP TRIGGER take_readers_along ON mdf_{name};")
            for name in OWNERS
        ),
    ]
