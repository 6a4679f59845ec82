"""A logframe follows its node; its results, lines and periods follow it; what was frozen is changed by nobody."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.reports.models import FrozenValue, Line, Logframe, Period, Result

M = TypeVar("M", bound=Model)

policy_of(Logframe)


class OfLogframePolicy(Policy[M]):
    """What stands in a logframe is read and written with it; `path` leads there."""

    verbs = (Verb.VIEW, Verb.CHANGE)
    path = "logframe"

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        whole = obj
        for name in self.path.split("__"):
            whole = getattr(whole, name)
        return can_node(actor, verb, whole.node)  # type: ignore[attr-defined]

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        return queryset.filter(node_filter(actor, verb, f"{self.path}__node__"))


for _model, _path in ((Result, "logframe"), (Period, "logframe"), (Line, "result__logframe")):
    register(type(f"{_model.__name__}Policy", (OfLogframePolicy,), {"model": _model, "path": _path}))


@register
class FrozenValuePolicy(OfLogframePolicy[FrozenValue]):
    model = FrozenValue
    path = "period__logframe"

    def can(self, actor: Actor, verb: Verb, obj: FrozenValue) -> bool:
        return verb is Verb.VIEW and super().can(actor, verb, obj)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[FrozenValue]) -> QuerySet[FrozenValue]:
        return super().scope(actor, verb, queryset) if verb is Verb.VIEW else queryset.none()
