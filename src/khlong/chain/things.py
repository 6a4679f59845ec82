"""Saving a thing: one way for all rooms, with its node, its history and the check that nobody else saved first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, models

from khlong.chain.actions import keep_node, make_node
from khlong.chain.models import Kind, Node, Thing, ThingRevision, Visibility
from khlong.chain.search import index
from khlong.people.policy import Verb
from khlong.record.actions import Act, changed_fields
from khlong.record.errors import EditConflict
from khlong.thai.dates import Span

T = TypeVar("T", bound=Thing)
Values = Mapping[str, Any]


def plain(value: Any) -> Any:
    """A field's value as it stands in the history: text, number, or the name of what it points to."""
    if isinstance(value, models.Model):
        return {"pk": str(value.pk), "label": str(value)}
    if isinstance(value, Span):
        return value.iso()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def snapshot(
    thing: Thing, values: Iterable[str], links: Mapping[str, Iterable[models.Model]]
) -> dict[str, Any]:
    """All that a revision keeps of a thing."""
    kept = {name: plain(getattr(thing, name)) for name in values}
    return kept | {name: plain(sorted(items, key=str)) for name, items in links.items()}


def keep_thing(
    act: Act,
    thing: T,
    values: Values,
    *,
    links: Mapping[str, Iterable[models.Model]] | None = None,
    base: int | None = None,
    why: str = "",
) -> T:
    """Add a thing whose node is not saved yet, or change one that is.

    `values` are its plain fields and `links` its many-to-many fields. `base` is the revision that the writer
    started from; None (a file, a command) takes what stands. Raises Refused, ValidationError by field, and
    EditConflict when somebody else saved after `base`.
    """
    if thing.node._state.adding:
        return _add(act, thing, values, links or {}, why)
    return _change(act, thing, values, links or {}, base, why)


def new_thing(model: type[T], kind: Kind, *, space: Node | None, ref: str = "", **node: Any) -> T:
    """An unsaved thing on an unsaved node. Without a space the node is its own: a city or a programme."""
    made = make_node(kind, space=space, ref=ref, **node)
    if space is None:
        made.space = made
    return model(node=made)


def _title(thing: Thing) -> list[str]:
    th, en = thing.titles()
    return changed_fields(thing.node, {"title_th": th[:500], "title_en": en[:500]})


def _check(thing: Thing) -> None:
    thing.full_clean(exclude=["node"], validate_unique=True)


def _add(act: Act, thing: T, values: Values, links: Mapping[str, Iterable[models.Model]], why: str) -> T:
    act.require(Verb.ADD, thing)
    changed_fields(thing, dict(values))
    _check(thing)
    _title(thing)
    keep_node(thing.node)
    thing.node_id = thing.node.pk
    thing.save(force_insert=True)
    for name, items in links.items():
        getattr(thing, name).set(items)
    _remember(act, thing, values, links, changed=[*values, *links], why=why)
    return thing


def _change(
    act: Act,
    thing: T,
    values: Values,
    links: Mapping[str, Iterable[models.Model]],
    base: int | None,
    why: str,
) -> T:
    act.require(Verb.CHANGE, thing)
    hold(thing)
    fresh = type(thing)._base_manager.select_related("node").get(pk=thing.pk)
    if base is not None and base != fresh.revision:
        raise _conflict(fresh, base, values, links)
    changed = changed_fields(fresh, dict(values))
    linked = [name for name, items in links.items() if _pks(getattr(fresh, name).all()) != _pks(items)]
    if not changed and not linked:
        act.nothing()
        return fresh
    _check(fresh)
    if titles := _title(fresh):
        fresh.node.save(update_fields=[*titles, "sort_key"])
    fresh.revision += 1
    fresh.save()
    for name in linked:
        getattr(fresh, name).set(links[name])
    _remember(act, fresh, values, links, changed=[*changed, *linked], why=why)
    return fresh


def hold(row: models.Model) -> None:
    """Hold a row until the transaction ends, so that two savers stand in line; SQLite holds all of itself."""
    if connection.features.has_select_for_update:
        type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)


def _pks(items: Iterable[models.Model]) -> set[Any]:
    return {item.pk for item in items}


def _remember(
    act: Act,
    thing: Thing,
    values: Values,
    links: Mapping[str, Iterable[models.Model]],
    *,
    changed: list[str],
    why: str,
) -> None:
    ThingRevision.objects.create(
        node=thing.node,
        number=thing.revision,
        values=_before(thing) | snapshot(thing, values, links),
        changed=sorted(changed),
        by=act.actor.label,
        why=why,
    )
    index(thing.node.pk)
    act.note(thing, fields=changed)


def _before(thing: Thing) -> dict[str, Any]:
    """What the last revision holds, so that a change of some fields keeps the others in the history."""
    older = (
        ThingRevision.objects.filter(node=thing.node, number=thing.revision - 1)
        if thing.revision > 1
        else None
    )
    kept: dict[str, Any] = (older.values_list("values", flat=True).first() if older else None) or {}
    return kept


def _conflict(
    fresh: Thing, base: int, values: Values, links: Mapping[str, Iterable[models.Model]]
) -> EditConflict:
    last = ThingRevision.objects.filter(node=fresh.node, number=fresh.revision).first()
    start = ThingRevision.objects.filter(node=fresh.node, number=base).first()
    now = {name: list(getattr(fresh, name).all()) for name in links}
    return EditConflict(
        current=snapshot(fresh, values, now),
        base=start.values if start else None,
        revision=fresh.revision,
        by=last.by if last else "",
    )


def set_visibility(act: Act, thing: Thing, visibility: Visibility) -> None:
    """Publish a thing or take it back to the working group."""
    act.require(Verb.PUBLISH, thing)
    if thing.node.visibility == visibility:
        act.nothing()
        return
    thing.node.visibility = visibility
    thing.node.save(update_fields=["visibility"])
    index(thing.node.pk)
    act.note(thing, fields=["visibility"])
