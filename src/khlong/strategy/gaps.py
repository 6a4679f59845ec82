"""Links of the chain that are missing at measures and indicators, and the forms that mend them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Edge, Kind, Node
from khlong.places.queries import slug_of
from khlong.strategy.values import entry_url


def _measures() -> QuerySet[Node]:
    """Measures that stand in a plan; those that were left out lack nothing."""
    return Node.objects.filter(kind=Kind.MEASURE, item__removed=False)


def _above(*kinds: Kind) -> Exists:
    return Exists(Edge.objects.filter(down=OuterRef("pk"), up__kind__in=kinds))


def _below(*kinds: Kind) -> Exists:
    return Exists(Edge.objects.filter(up=OuterRef("pk"), down__kind__in=kinds))


def unfounded() -> QuerySet[Node]:
    """Measures that no finding stands behind."""
    return _measures().filter(~_above(Kind.FINDING))


def unanswered() -> QuerySet[Node]:
    """Findings that no measure or goal of a plan answers."""
    return Node.objects.filter(kind=Kind.FINDING).filter(~_below(Kind.MEASURE, Kind.ITEM))


def unmeasured() -> QuerySet[Node]:
    """Measures that have no indicator, and stand under no goal that has one."""
    goal = Edge.objects.filter(up=OuterRef("item__parent"), down__kind=Kind.INDICATOR)
    return _measures().filter(~_below(Kind.INDICATOR), ~Exists(goal))


def unvalued() -> QuerySet[Node]:
    """Indicators that have no value yet."""
    return Node.objects.filter(kind=Kind.INDICATOR).filter(~_below(Kind.VALUE))


def _add_measure(node: Node) -> str:
    return f"{reverse('strategy:add_item', args=[slug_of(node)])}?finding={node.ref}"


def _add_indicator(node: Node) -> str:
    return f"{reverse('strategy:add_indicator', args=[slug_of(node)])}?measure={node.ref}"


def _add_value(node: Node) -> str:
    return entry_url(node) or reverse("strategy:indicator", args=[node.ref])


gap(
    Gap(
        "finding.no_measure",
        Kind.FINDING,
        _("findings that no measure answers"),
        _("No measure of the plan answers this finding yet."),
        _("Write a measure for it"),
        unanswered,
        _add_measure,
        lacks=(Kind.MEASURE,),
    )
)
gap(
    Gap(
        "measure.no_finding",
        Kind.MEASURE,
        _("measures that answer no finding"),
        _("No finding stands behind this measure yet."),
        _("Link a finding"),
        unfounded,
        lambda node: reverse("strategy:edit_measure", args=[node.ref]),
        lacks=(Kind.FINDING,),
        upstream=True,
    )
)
gap(
    Gap(
        "measure.no_indicator",
        Kind.MEASURE,
        _("measures without an indicator"),
        _("Nothing says yet by what one knows that this measure works."),
        _("Add an indicator"),
        unmeasured,
        _add_indicator,
        lacks=(Kind.INDICATOR,),
    )
)
gap(
    Gap(
        "indicator.no_value",
        Kind.INDICATOR,
        _("indicators without a value"),
        _("No value has been entered or computed yet."),
        _("Enter a value"),
        unvalued,
        _add_value,
        lacks=(Kind.VALUE,),
    )
)
