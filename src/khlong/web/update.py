"""What an update would do to the database, told before anything is done: ./khlong update --check

Run it from the folder of the new version. The old version may go on serving while the new one brings the tables up to
date only when every step leaves standing what the old one reads and writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, migrations, models
from django.db.models import NOT_PROVIDED
from django.utils import timezone

from khlong.record.backup import generations

FRESH = timedelta(hours=24)
HARMLESS = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.RemoveConstraint,
)


@dataclass(frozen=True)
class Plan:
    """The migrations to come, those steps that the old version could not live with, and what else speaks against it."""

    coming: list[str]
    breaking: list[str]
    warnings: list[str]
    strange: list[str]

    @property
    def while_serving(self) -> bool:
        return not self.breaking and not self.strange


def plan() -> Plan:
    """Look at the configured database and at the migrations of this version; change nothing."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    loader = executor.loader
    coming = [migration for migration, _back in executor.migration_plan(loader.graph.leaf_nodes())]
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    strange = sorted(set(loader.applied_migrations) - set(loader.disk_migrations) - replaced)
    return Plan(
        coming=[f"{migration.app_label}.{migration.name}" for migration in coming],
        breaking=[line for migration in coming for line in breaking(migration)],
        warnings=list(_warnings(bool(coming))),
        strange=[".".join(key) for key in strange],
    )


def breaking(migration: Any) -> Iterator[str]:
    """The steps of a migration that a version before it could not live with, in words."""
    for operation in migration.operations:
        if why := _why(operation):
            yield f"{migration.app_label}.{migration.name}: {operation.describe()}: {why}"


def _why(operation: Any) -> str:
    if isinstance(operation, HARMLESS):
        return ""
    if isinstance(operation, migrations.AddField):
        return _why_not_added(operation.field)
    if isinstance(operation, migrations.RunPython | migrations.RunSQL):
        return "" if operation.elidable else "read what it does: a programme of its own"
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return "; ".join(filter(None, map(_why, operation.database_operations)))
    return "the version before may read or write what this changes"


def _why_not_added(field: models.Field[Any, Any]) -> str:
    """The version before does not name a new column when it writes; the database must know what to put there."""
    fine = field.null or field.many_to_many or field.db_default is not NOT_PROVIDED
    return "" if fine else "the version before would leave this column empty (null or db_default is needed)"


def _warnings(coming: bool) -> Iterator[str]:
    newest = generations.newest()
    if coming and (newest is None or timezone.now() - newest.at > FRESH):
        yield "there is no backup of the last 24 hours: ./khlong backup"


def lines(found: Plan) -> Iterator[str]:
    """The plan for a reader at a terminal."""
    for name in found.strange:
        yield f"the database knows {name} and this version does not: it is older than the one that made the database"
    for name in found.coming:
        yield f"to come: {name}"
    yield from (*found.breaking, *found.warnings)
    if found.strange:
        yield "no: take a newer version"
    elif not found.coming:
        yield "ok: the database needs nothing; the new version may serve beside the old one"
    elif found.while_serving:
        yield "ok: the old version may go on serving while this one brings the tables up to date"
    else:
        yield "stop Khlong, make a backup, then start the new version"
