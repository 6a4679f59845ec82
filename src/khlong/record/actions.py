"""The one way in which anything is changed: policy, validation, one transaction, audit.

An action is a function that takes an `Act` first and is called with an `Actor` instead::

    @action("places.fact.correct")
    def correct_fact(act: Act, fact: Fact, data: FactData, base: int) -> Fact:
        act.require(Verb.CHANGE, fact)
        ...
        act.note(fact, fields=changed)
        return fact

    correct_fact(actor, fact, data, base=3)

The wrapper opens the transaction, and refuses to commit when the action asked no policy or wrote something
without noting it. `@action(name, limit=Limit(20, per=timedelta(hours=1)))` bounds how often one actor does it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import F

from khlong.people import policy
from khlong.people.actor import Actor, ActorKind
from khlong.people.policy import Verb
from khlong.record import limits
from khlong.record.errors import Refused
from khlong.record.limits import Limit
from khlong.record.models import AuditEntry, AuditLine, Contribution, OutboxFact, Stamp

P = ParamSpec("P")
R = TypeVar("R")
Guard = Callable[["Act", Any], None]

_actions: dict[str, Callable[..., Any]] = {}
_guards: dict[str, list[Guard]] = {}
_finishing: list[Callable[[Act], None]] = []


class Act:
    """One run of an action: who acts, whether a policy was asked, what is to be written in the audit."""

    def __init__(self, actor: Actor, name: str, limit: Limit | None = None) -> None:
        self.actor, self.name, self._limit = actor, name, limit
        self.entries: list[AuditLine] = []
        self.facts: list[tuple[OutboxFact, models.Model]] = []
        self.asked = False
        self.unchanged = False

    def require(self, verb: Verb, obj: models.Model, reason: Any = None) -> None:
        """Ask the policy, then the guards that downstream rooms registered, then the limit. Raises Refused."""
        self.asked = True
        if not may(self.actor, self.name, verb, obj):
            raise Refused(reason)
        for guard in _guards.get(self.name, ()):
            guard(self, obj)
        if self._limit is not None:
            limits.check(self.name, self._limit, self.actor)

    def note(
        self, obj: models.Model, *, fields: Iterable[str] = (), ref: str = "", space: UUID | None = None
    ) -> None:
        """Put one object into the audit, with the names of the fields that changed."""
        line = Contribution if self.actor.contributes else AuditEntry
        self.entries.append(
            line(
                actor_kind=str(self.actor.kind),
                actor=self.actor.label,
                on_behalf_of=self.actor.on_behalf_of,
                action=self.name,
                model=obj._meta.label,
                object_id=str(obj.pk),
                ref=ref or getattr(obj, "ref", ""),
                space=space or getattr(obj, "space_id", None),
                fields=sorted(fields),
            )
        )

    def fact(
        self,
        name: str,
        obj: models.Model,
        data: Mapping[str, Any] | None = None,
        *,
        space: UUID | None = None,
    ) -> None:
        """Tell other rooms, after the commit, that something happened to this object.

        `data` is plain and holds no personal value. Handlers are registered with `khlong.record.outbox.on_fact`.
        """
        made = OutboxFact(name=name, model=obj._meta.label, data=dict(data or {}))
        made.space = space or getattr(obj, "space_id", None)
        self.facts.append((made, obj))

    def nothing(self) -> None:
        """Say that what was asked for already stands, so that there is nothing to note."""
        self.unchanged = True

    def close(self) -> None:
        """Write the audit; an action that asked nobody or noted nothing is a fault of the programme."""
        if not self.asked:
            raise RuntimeError(f"{self.name} asked no policy")
        if not self.entries and not self.unchanged:
            raise RuntimeError(f"{self.name} noted nothing in the audit")
        if self.entries and self._limit is not None:
            limits.take(self.name, self._limit, self.actor)
        if self.entries:
            for last in _finishing:
                last(self)
            AuditEntry.objects.bulk_create([row for row in self.entries if isinstance(row, AuditEntry)])
            Contribution.objects.bulk_create([row for row in self.entries if isinstance(row, Contribution)])
            Stamp.objects.filter(pk=1).update(number=F("number") + 1)
        elif self.facts:
            raise RuntimeError(f"{self.name} told a fact without noting anything")
        for fact, obj in self.facts:
            fact.object_id = str(obj.pk)
            fact.save(force_insert=True)


def may(actor: Actor, name: str, verb: Verb, obj: models.Model) -> bool:
    """Whether the actor may do the action `name`, which asks for this verb, to this object.

    The policy's answer, made smaller by a token and replaced by what a link was made for; what is there already
    the holder of a link also has to see. Pages ask this before they show a form or a button that a link may give.
    """
    bounds = actor.bounds
    if actor.is_system or bounds is None or verb is Verb.VIEW:
        return actor.is_system or policy.can(actor, verb, obj)
    here = bounds.holds_in(getattr(obj, "space_id", None))
    if actor.kind is ActorKind.LINK:
        sees = verb in {Verb.ADD, Verb.USE} or policy.can(actor, Verb.VIEW, obj)
        return here and name in bounds.actions and sees
    return here and bounds.writes and policy.can(actor, verb, obj)


def action(
    name: str, *, limit: Limit | None = None
) -> Callable[[Callable[Concatenate[Act, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function the action `name` (room.thing.verb); see the module's text."""

    def wrap(function: Callable[Concatenate[Act, P], R]) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(function)
        def run(actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with transaction.atomic():
                act = Act(actor, name, limit)
                result = function(act, *args, **kwargs)
                act.close()
            return result

        if name in _actions:
            raise RuntimeError(f"two actions are called {name}")
        _actions[name] = run
        return run

    return wrap


def guard(name: str) -> Callable[[Guard], Guard]:
    """Register a guard of the action `name`: called in its transaction, raises Refused with the reason."""

    def wrap(function: Guard) -> Guard:
        _guards.setdefault(name, []).append(function)
        return function

    return wrap


def finish(function: Callable[[Act], None]) -> Callable[[Act], None]:
    """Register what is called at the end of every action that noted something, in its transaction; may refuse."""
    _finishing.append(function)
    return function


def registered() -> dict[str, Callable[..., Any]]:
    """All actions by name."""
    return dict(_actions)


def changed_fields(obj: models.Model, values: dict[str, Any]) -> list[str]:
    """Set the values on the object and name those that differ from what stood there."""
    changed = [name for name, value in values.items() if _stands(obj, name) != value]
    for name in changed:
        setattr(obj, name, values[name])
    return changed


def _stands(obj: models.Model, name: str) -> Any:
    """What a field holds now; an unsaved object may not point anywhere yet."""
    try:
        return getattr(obj, name)
    except ObjectDoesNotExist:
        return None
