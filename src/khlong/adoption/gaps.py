"""Dry stretches at proposals: no answer though its day has passed, and a plan without the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.adoption.models import Proposal
from khlong.adoption.queries import overdue, without_page
from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Kind, Node
from khlong.chain.status import figure


def _nodes(rows: QuerySet[Proposal]) -> QuerySet[Node]:
    return Node.objects.filter(pk__in=rows.values("pk"))


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
        "proposal.adopted_without_page",
        Kind.PROPOSAL,
        _("proposals in a plan without the page"),
        _("It is said to stand in a plan, and no page is noted."),
        _("Note the page"),
        rows=lambda: _nodes(without_page(Proposal.objects.all())),
        mend=lambda node: reverse("adoption:add_adoption", args=[node.ref]),
    )
)
