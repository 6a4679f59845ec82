"""What a policy is: `can` answers for one object, `scope` for a whole list, and a test proves them equal."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet

from khlong.people.actor import Actor

M = TypeVar("M", bound=Model)
P = TypeVar("P", bound="type[Policy[Any]]")


class Verb(StrEnum):
    """What may be done to a thing."""

    VIEW = "view"
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    PUBLISH = "publish"
    MANAGE = "manage"
    USE = "use"


class Policy(Generic[M]):
    """Who may do what with one model.

    A room's policy narrows `scope`; `can` asks the same rule for one object, without a query where the
    object's own fields decide. `model` and `verbs` are what the agreement test walks through.
    """

    model: ClassVar[type[Model]]
    verbs: ClassVar[tuple[Verb, ...]] = (Verb.VIEW, Verb.CHANGE)

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        raise NotImplementedError

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        raise NotImplementedError


_policies: dict[type[Model], Policy[Any]] = {}


def register(policy: P) -> P:
    """Class decorator: makes one instance and makes it the policy of its model."""
    if policy.model in _policies:
        raise RuntimeError(f"{policy.model.__name__} has two policies")
    _policies[policy.model] = policy()
    return policy


def policy_for(model: type[Model] | Model) -> Policy[Any]:
    """The policy of a model; KeyError says which model has none."""
    cls = model if isinstance(model, type) else type(model)
    try:
        return _policies[cls]
    except KeyError:
        raise KeyError(f"{cls.__name__} has no policy: write one in its room's policies.py") from None


def registered() -> Iterable[Policy[Any]]:
    """All policies, for the agreement test."""
    return _policies.values()


def has_policy(model: type[Model]) -> bool:
    """Whether there is a rule of who may do what with a model; without one nobody may do anything."""
    return model in _policies


def can(actor: Actor, verb: Verb, obj: Model) -> bool:
    """Whether the actor may do this to this object."""
    return policy_for(obj).can(actor, verb, obj)


def scope(actor: Actor, queryset: QuerySet[M], verb: Verb = Verb.VIEW) -> QuerySet[M]:
    """The part of a list with which the actor may do this."""
    return policy_for(queryset.model).scope(actor, verb, queryset)
