"""Taking away a training city that was never finished, so that another one can be made in its place.

All that hangs on its nodes is found by following the foreign keys of all tables; nothing else does in a city that
nobody has seen whole. It goes in parts, what points at something before what it points at. The audit keeps its lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model, Q

from khlong.chain.models import Node, RefCounter
from khlong.people import keystore
from khlong.people.models import Subject
from khlong.places.models import Source
from khlong.record import search
from khlong.record.models import OutboxFact
from khlong.training.account import REF as PROGRAMME
from khlong.training.base import REF, SOURCE
from khlong.training.making import Parts, in_chunks

Rows = dict[type[Model], set[Any]]
STAGE = "away"


def take_away(parts: Parts) -> int:
    """Take away what there is of the city; gives how many rows it was. Does nothing where nothing is."""
    parts.stage = STAGE
    rows = _hanging(_roots())
    people = list(rows.get(Subject, ()))
    for model in _in_order(rows, parts):
        for some in in_chunks(list(rows[model])):
            with parts():
                if model is Node:
                    search.forget(some)
                    OutboxFact.objects.filter(space__in=some).delete()
                _delete(model, some)
    for some in in_chunks(people):
        keystore.forget(some)
    with parts():
        RefCounter.objects.filter(prefix__endswith=REF.removeprefix("C")).delete()
    return sum(map(len, rows.values()))


def _roots() -> Rows:
    nodes = Node.objects.filter(Q(ref__in=(REF, PROGRAMME)) | Q(space__ref__in=(REF, PROGRAMME)))
    keys = set(nodes.values_list("pk", flat=True))
    found: Rows = {Node: keys}
    found[Subject] = set(Subject.objects.filter(space__in=nodes.filter(ref=REF)).values_list("pk", flat=True))
    found[Source] = set(Source.objects.filter(key=SOURCE).values_list("pk", flat=True))
    return found


def _hanging(found: Rows) -> Rows:
    """These rows and all that point at them, directly or by others."""
    fresh, found = found, {model: set(keys) for model, keys in found.items()}
    while fresh:
        met: Rows = defaultdict(set)
        for key in _keys_to(fresh):
            pointing = _pointing(key, fresh[_target(key)]) - found.get(key.model, set())
            if pointing:
                met[key.model] |= pointing
        for model, keys in met.items():
            found.setdefault(model, set()).update(keys)
        fresh = met
    return {model: keys for model, keys in found.items() if keys}


def _keys_to(models: Collection[type[Model]]) -> Iterator[Any]:
    """The foreign keys of all tables that point at one of these models."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and _target(field) in models:
                yield field


def _target(key: Any) -> type[Model]:
    target: type[Model] = key.remote_field.model
    return target


def _pointing(key: Any, rows: Collection[Any]) -> set[Any]:
    found: set[Any] = set()
    for some in in_chunks(list(rows)):
        found |= set(key.model._base_manager.filter(**{f"{key.name}__in": some}).values_list("pk", flat=True))
    return found


def _in_order(rows: Rows, parts: Parts) -> Iterator[type[Model]]:
    """The tables, each after all that point at it; where two point at each other, one lets go first."""
    left = set(rows)
    while left:
        free = [model for model in left if not any(key.model in left for key in _keys_to({model}))]
        if not free:
            _let_go(rows, left, parts)
            free = [model for model in left if not any(_holds(key, left) for key in _keys_to({model}))]
        for model in sorted(free, key=lambda one: one._meta.label):
            left.discard(model)
            yield model


def _holds(key: Any, left: Collection[type[Model]]) -> bool:
    return key.model in left and not key.null


def _let_go(rows: Rows, left: Collection[type[Model]], parts: Parts) -> None:
    """Empty the foreign keys between these tables that may be empty."""
    for key in _keys_to(left):
        if key.null and key.model in left:
            for some in in_chunks(list(rows[key.model])):
                with parts():
                    key.model._base_manager.filter(pk__in=some).update(**{key.name: None})


def _delete(model: type[Model], keys: Collection[Any]) -> None:
    rows = model._base_manager.filter(pk__in=keys)
    rows._raw_delete(rows.db)
