"""The audit is append-only in the database too."""

from django.db import migrations

SQLITE = [
    f"""CREATE TRIGGER record_audit_no_{verb} BEFORE {verb.upper()} ON record_auditentry
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"""
    for verb in ("update", "delete")
]
POSTGRESQL = [
    """CREATE FUNCTION record_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
    """CREATE TRIGGER record_audit_no_change BEFORE UPDATE OR DELETE ON record_auditentry
       FOR EACH ROW EXECUTE FUNCTION record_audit_refuse()""",
]


def protect(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def begin_stamp(apps, schema_editor):
    apps.get_model("record", "Stamp").objects.create(pk=1)


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER record_audit_no_update")
        schema_editor.execute("DROP TRIGGER record_audit_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER record_audit_no_change ON record_auditentry")
        schema_editor.execute("DROP FUNCTION record_audit_refuse()")


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [
        migrations.RunPython(protect, release),
        migrations.RunPython(begin_stamp, migrations.RunPython.noop),
    ]
