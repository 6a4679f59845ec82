"""Dry stretches of pilots and values, each with the form that mends it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.chain.gaps import Gap, gap
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.pilots.models import PilotState
from khlong.places.queries import slug_of
from khlong.strategy.onward import begin


def _without_value() -> QuerySet[Node]:
    begun = (PilotState.RUNNING, PilotState.DONE)
    rows = Node.objects.filter(kind=Kind.PILOT, pilot__state__in=begun, pilot__indicators__isnull=False)
    return rows.filter(pilot__values=None).distinct()


def _without_measure() -> QuerySet[Node]:
    linked = Node.objects.filter(kind=Kind.PILOT, upstream__up__kind=Kind.MEASURE)
    return Node.objects.filter(kind=Kind.PILOT).exclude(pk__in=linked.values("pk"))


def _without_evidence() -> QuerySet[Node]:
    rested = Node.objects.filter(kind=Kind.VALUE, upstream__kind=EdgeKind.RESTS_ON)
    rows = Node.objects.filter(kind=Kind.VALUE, value__rule="", value__evidence_file=None)
    return rows.exclude(pk__in=rested.values("pk"))


def _begin(measure: Node) -> str:
    return f"{reverse('pilots:add_pilot', args=[slug_of(measure)])}?measure={measure.ref}"


begin(_("Begin a pilot project"), _begin)
gap(
    Gap(
        "pilot.no_value",
        Kind.PILOT,
        _("pilots that move an indicator and have no value yet"),
        _("Nobody has noted yet how far this pilot moved its indicators."),
        _("Enter a value"),
        _without_value,
        lambda node: reverse("pilots:add_pilot_value", args=[node.ref]),
        lacks=(Kind.VALUE,),
    )
)
gap(
    Gap(
        "pilot.no_measure",
        Kind.PILOT,
        _("pilots that try no measure of the plan"),
        _("It is not said which measure of the plan this pilot tries."),
        _("Choose the measure"),
        _without_measure,
        lambda node: reverse("pilots:edit_pilot", args=[node.ref]),
        lacks=(Kind.MEASURE,),
        upstream=True,
    )
)
gap(
    Gap(
        "value.no_evidence",
        Kind.VALUE,
        _("values without evidence"),
        _("What this number rests on is not here."),
        _("Add the evidence"),
        _without_evidence,
        lambda node: reverse("pilots:edit_value", args=[node.ref]),
        upstream=True,
    )
)
