"""Dry stretches at proposals: a measure nobody was asked for, no answer though its day has passed, no page."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.adoption.models import Proposal
from khlong.adoption.queries import overdue, without_page
from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Edge, Kind, Node
from khlong.chain.status import figure
from khlong.places.queries import slug_of
from khlong.strategy.onward import begin


def _nodes(rows: QuerySet[Proposal]) -> QuerySet[Node]:
    return Node.objects.filter(pk__in=rows.values("pk"))


def undone() -> QuerySet[Node]:
    """Measures that stand in a plan, of which no proposal and no pilot was made."""
    made = Edge.objects.filter(up=OuterRef("pk"), down__kind__in=(Kind.PROPOSAL, Kind.PILOT))
    return Node.objects.filter(kind=Kind.MEASURE, item__removed=False).exclude(Exists(made))


def _propose(measure: Node) -> str:
    return f"{reverse('adoption:add_proposal', args=[slug_of(measure)])}?measure={measure.ref}"


gap(
    Gap(
        "proposal.no_reply",
        Kind.PROPOSAL,
        _("proposals nobody has answered in time"),
        _("The day has passed on which an answer was expected, and nobody has answered."),
        _("Note a step"),
        rows=lambda: _nodes(overdue(Proposal.objects.all())),
        mend=lambda node: reverse("adoption:add_step", args=[node.ref]),
    )
)
figure(
    "replies_overdue",
    _("proposals nobody has answered in time"),
    lambda: _nodes(overdue(Proposal.objects.all())),
)
gap(
    Gap(
        "measure.no_proposal_or_pilot",
        Kind.MEASURE,
        _("measures that nobody was asked to do and the city does not try itself"),
        _("It is in no organisation's plan yet, and no pilot project tries it."),
        _("Make a proposal"),
        rows=undone,
        mend=_propose,
        lacks=(Kind.PROPOSAL, Kind.PILOT),
    )
)
begin(_("Make a proposal"), _propose)
gap(
    Gap(
        "proposal.adopted_without_page",
        Kind.PROPOSAL,
        _("proposals in a plan without the page"),
        _("It is said to stand in a plan, and no page is noted."),
        _("Note the page"),
        rows=lambda: _nodes(without_page(Proposal.objects.all())),
        mend=lambda node: reverse("adoption:add_adoption", args=[node.ref]),
    )
)
