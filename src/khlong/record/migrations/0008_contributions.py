import uuid

import django.utils.timezone
from django.db import migrations, models

SQLITE = [
    f"""CREATE TRIGGER record_contribution_no_{verb} BEFORE {verb.upper()} ON record_contribution
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"""
    for verb in ("update", "delete")
]
POSTGRESQL = [
    """CREATE TRIGGER record_contribution_no_change BEFORE UPDATE OR DELETE ON record_contribution
       FOR EACH ROW EXECUTE FUNCTION record_audit_refuse()""",
]


def protect(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER record_contribution_no_update")
        schema_editor.execute("DROP TRIGGER record_contribution_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER record_contribution_no_change ON record_contribution")


class Migration(migrations.Migration):
    dependencies = [
        ("record", "0007_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("actor_kind", models.CharField(max_length=12)),
                ("actor", models.CharField(max_length=80)),
                ("on_behalf_of", models.CharField(blank=True, max_length=80)),
                ("action", models.CharField(db_index=True, max_length=80)),
                ("model", models.CharField(max_length=80)),
                ("object_id", models.CharField(db_index=True, max_length=64)),
                ("ref", models.CharField(blank=True, db_index=True, max_length=40)),
                ("space", models.UUIDField(db_index=True, null=True)),
                ("fields", models.JSONField(default=list)),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField(db_index=True, default=django.utils.timezone.localdate)),
            ],
            options={
                "verbose_name": "contribution in the audit",
                "ordering": ["-day", "id"],
            },
        ),
        migrations.RunPython(protect, release),
    ]
