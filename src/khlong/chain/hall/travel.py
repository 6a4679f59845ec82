"""What goes along when a city is taken to a hall: rooms say which of their models travel, and which rows.

The rule of rows is the policy's own: what a member of the city may read on the server, and nothing more.
Things (what hangs on a node) travel by themselves; other models travel when their room says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from khlong.chain.models import Edge, Node, Thing, ThingRevision
from khlong.people.actor import Actor, ActorKind, Grant, Role
from khlong.people.policy import has_policy, scope

Rows = models.QuerySet[Any]
Plain = dict[str, Any]
BATCH = 100


@dataclass(frozen=True)
class Trip:
    """A city on its way to a hall, and somebody who may read what its members may, for the policies."""

    space: Node

    @property
    def reader(self) -> Actor:
        actor = Actor(ActorKind.ANONYMOUS, label="hall")
        actor.__dict__["grants"] = frozenset({Grant(self.space.pk, Role.MEMBER)})
        return actor

    def seen(self, model: type[models.Model]) -> Rows:
        """The rows that a member of the city may read."""
        return scope(self.reader, model._base_manager.all())


@dataclass(frozen=True)
class Traveller:
    """A model that goes along: which rows, which fields are left at home for another value, and which JSON fields are
    lists of rows that name a file by its `file`.
    """

    model: type[models.Model]
    rows: Callable[[Trip], Rows]
    instead: Mapping[str, Any] = field(default_factory=dict)
    lists: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.model._meta.label_lower


_travellers: dict[type[models.Model], Traveller] = {}


def travels(
    model: type[models.Model],
    rows: Callable[[Trip], Rows] | None = None,
    *,
    instead: Mapping[str, Any] | None = None,
    lists: tuple[str, ...] = (),
) -> None:
    """Register a model that goes along. Without `rows` those go that a member of the city may read."""
    chosen = rows or (lambda trip: trip.seen(model))
    _travellers[model] = Traveller(model, chosen, instead or {}, lists)


def everything(model: type[models.Model]) -> None:
    """Register a model all of whose rows go along, since they are the same for everybody (provinces, units)."""
    travels(model, lambda _trip: model._base_manager.all())


def travellers() -> list[Traveller]:
    """All models that go along, each after those that it refers to where that is possible."""
    for model in apps.get_models():
        if issubclass(model, Thing) and has_policy(model) and model not in _travellers:
            travels(model)
    return sorted(_travellers.values(), key=lambda found: found.name)


travels(Node)
travels(Edge)
travels(ThingRevision, lambda trip: trip.seen(ThingRevision).filter(node__space=trip.space))


def schema() -> list[str]:
    """Names of all steps by which this Khlong's tables were made, so that a newer one's files are known."""
    rooms = {config.label for config in apps.get_app_configs() if config.name.startswith("khlong.")}
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    return sorted(f"{app}.{name}" for app, name in known if app in rooms)


def fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [item for item in model._meta.concrete_fields if not item.generated]


def plain_value(item: models.Field[Any, Any], row: models.Model) -> Any:
    """A field's value as JSON takes it."""
    value = item.value_from_object(row)
    if value is None or isinstance(value, str | bool | int | float | list | dict):
        return value
    return item.value_to_string(row)


# --- packing --------------------------------------------------------------------------------


@dataclass
class Table:
    """The rows of one model on their way, by key, and the pairs of its many-to-many fields."""

    traveller: Traveller
    rows: dict[Any, models.Model]
    many: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)


def collect(trip: Trip) -> dict[str, Table]:
    """The rows that go along, without those that would refer to something that stays at home."""
    tables = {
        found.name: Table(found, {row.pk: row for row in found.rows(trip).order_by("pk")})
        for found in travellers()
    }
    drop_dangling(tables)
    for table in tables.values():
        _collect_many(table, tables)
    return tables


def drop_dangling(tables: dict[str, Table]) -> None:
    """Leave out what refers to something that stays at home, and what refers to that."""
    while sum(_drop_dangling(table, tables) for table in tables.values()):
        pass


def _drop_dangling(table: Table, tables: dict[str, Table]) -> bool:
    """Empty, or leave out with its row, each reference to what stays at home. True when a row went."""
    gone = False
    for item in fields_of(table.traveller.model):
        if not item.is_relation or item.related_model is None:
            continue
        there = tables.get(_label(item.related_model))
        for key, row in list(table.rows.items()):
            value = getattr(row, item.attname)
            if value is None or (there is not None and value in there.rows):
                continue
            if item.null:
                setattr(row, item.attname, None)
            else:
                del table.rows[key]
                gone = True
    return gone


def _label(model: Any) -> str:
    return str(model._meta.label_lower)


def _collect_many(table: Table, tables: dict[str, Table]) -> None:
    for item in table.traveller.model._meta.many_to_many:
        there = tables.get(_label(item.related_model))
        through: Any = item.remote_field.through
        if there is None or not through._meta.auto_created:
            continue
        pairs = through._base_manager.values_list(item.m2m_column_name(), item.m2m_reverse_name())
        kept = [(one, other) for one, other in pairs if one in table.rows and other in there.rows]
        table.many[item.name] = sorted((str(one), str(other)) for one, other in kept)


def plain_tables(tables: Mapping[str, Table]) -> Plain:
    """The collected rows as plain data."""
    return {name: _plain_table(table) for name, table in tables.items()}


def _plain_table(table: Table) -> Plain:
    items = fields_of(table.traveller.model)
    instead = table.traveller.instead
    rows = [
        [instead[item.name] if item.name in instead else plain_value(item, row) for item in items]
        for row in table.rows.values()
    ]
    return {"fields": [item.attname for item in items], "rows": rows, "many": table.many}


# --- unpacking ------------------------------------------------------------------------------


def unpack(tables: Mapping[str, Plain]) -> int:
    """Write the rows of a packed city into an empty database, as they were, and say how many."""
    known = {found.name: found.model for found in travellers()}
    written = 0
    for name, plain in tables.items():
        model = known.get(name)
        if model is not None:
            written += _write_rows(model, plain)
    for name, plain in tables.items():
        if name in known:
            _write_many(known[name], plain["many"])
    mend_sequences(list(known.values()))
    return written


def _write_rows(model: type[models.Model], plain: Plain) -> int:
    items = {item.attname: item for item in fields_of(model)}
    kept = [(at, items[name]) for at, name in enumerate(plain["fields"]) if name in items]
    made = [_row(model, kept, values) for values in plain["rows"]]
    for start in range(0, len(made), BATCH):
        _insert(model, made[start : start + BATCH])
    return len(made)


def _row(
    model: type[models.Model], kept: Iterable[tuple[int, models.Field[Any, Any]]], values: list[Any]
) -> models.Model:
    row = model()
    for at, item in kept:
        value = values[at]
        target = item.target_field if item.is_relation else item  # type: ignore[attr-defined]
        setattr(row, item.attname, None if value is None else target.to_python(value))
    return row


def _insert(model: type[models.Model], rows: list[models.Model]) -> None:
    """Insert rows as they are: no field is filled in anew, as times of a first saving would be."""
    items = fields_of(model)
    size = max(1, min(BATCH, connection.ops.bulk_batch_size(items, rows)))
    for start in range(0, len(rows), size):
        model._base_manager._insert(  # type: ignore[attr-defined]
            rows[start : start + size], fields=items, using=connection.alias, raw=True
        )


def _write_many(model: type[models.Model], many: Mapping[str, list[list[str]]]) -> None:
    for name, pairs in many.items():
        item: Any = model._meta.get_field(name)
        through = item.remote_field.through
        one, other = f"{item.m2m_field_name()}_id", f"{item.m2m_reverse_field_name()}_id"
        rows = [through(**{one: pair[0], other: pair[1]}) for pair in pairs]
        through._base_manager.bulk_create(rows, batch_size=BATCH)


def mend_sequences(found: list[type[models.Model]]) -> None:
    """Let PostgreSQL count on from the rows there are, from 1 where all their numbers are drawn ones below nought."""
    for statement in connection.ops.sequence_reset_sql(no_style(), found):
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("coalesce(max(", "greatest(1, max("))
