"""The tables of an empty database, made at once.

Migrations one after another render every model anew for each of their steps, which is most of a first start. An
empty database has nothing to migrate: its tables are made as the last migrations leave them, then whatever the
migrations do besides tables (triggers, indexes in SQL, first rows) is done in their order, and all are noted as
applied. That both ways lead to the same database is a test, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.migration import Migration
    from django.db.migrations.state import ProjectState


def is_empty(connection: BaseDatabaseWrapper, executor: MigrationExecutor) -> bool:
    """Whether no migration was applied there and none of our tables exists; others' tables do not count."""
    ours = {model._meta.db_table for model in apps.get_models()}
    return not executor.loader.applied_migrations and ours.isdisjoint(connection.introspection.table_names())


def make_tables(connection: BaseDatabaseWrapper) -> bool:
    """Make an empty database complete, in one transaction. False, and nothing done, where it is not empty."""
    executor = MigrationExecutor(connection)
    if not is_empty(connection, executor):
        return False
    plan = [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    state = executor.loader.project_state()
    executor.recorder.ensure_schema()
    with connection.schema_editor() as editor:
        for model in state.apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        _make_what_waited(editor)
        for migration in plan:
            _do_the_rest(migration, state, editor)
            for app, name in migration.replaces or [(migration.app_label, migration.name)]:
                executor.recorder.record_applied(app, name)
    return True


def _make_what_waited(editor: BaseDatabaseSchemaEditor) -> None:
    """Indexes and foreign keys, which wait until all tables are there."""
    for statement in editor.deferred_sql:
        editor.execute(statement)
    editor.deferred_sql.clear()


def _do_the_rest(migration: Migration, state: ProjectState, editor: BaseDatabaseSchemaEditor) -> None:
    for operation in migration.operations:
        if isinstance(operation, RunPython | RunSQL):
            operation.database_forwards(migration.app_label, editor, state, state)
