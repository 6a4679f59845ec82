from typing import Any

from django.db import migrations, models

PREFIX = "measure."


def fill(apps: Any, schema_editor: Any) -> None:
    """Give older versions what the history says that their measures were when they were made."""
    entries = apps.get_model("strategy", "VersionEntry").objects
    revisions = apps.get_model("chain", "ThingRevision").objects
    for entry in entries.filter(item__kind="measure").select_related("version").iterator(chunk_size=500):
        rows = revisions.filter(node=entry.item_id, at__lte=entry.version.at).order_by("-number")
        values = rows.values_list("values", flat=True).first() or {}
        kept = {name.removeprefix(PREFIX): said for name, said in values.items() if name.startswith(PREFIX)}
        if kept:
            entries.filter(pk=entry.pk).update(detail=kept)


class Migration(migrations.Migration):
    dependencies = [
        ("chain", "0004_kinds_of_the_chain"),
        ("strategy", "0003_states_of_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="versionentry",
            name="detail",
            field=models.JSONField(null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
