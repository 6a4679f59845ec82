"""Dry stretches above and below findings."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import Cause, FindingFile
from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.places.queries import slug_of


def _findings() -> QuerySet[Node]:
    return Node.objects.filter(kind=Kind.FINDING)


def without_evidence() -> QuerySet[Node]:
    """Findings on which no evidence bears that was not taken back."""
    edges = Edge.objects.filter(down=OuterRef("pk"), kind=EdgeKind.RESTS_ON, up__statement__erased_on=None)
    papers = FindingFile.objects.filter(finding=OuterRef("pk"))
    return _findings().exclude(Exists(edges)).exclude(Exists(papers))


def without_cause() -> QuerySet[Node]:
    roots = Cause.objects.filter(finding=OuterRef("pk"), underlying=True)
    return _findings().exclude(Exists(roots))


def not_validated() -> QuerySet[Node]:
    return _findings().filter(finding__validated_on=None)


def statements_unused() -> QuerySet[Node]:
    """What households said that no finding rests on."""
    below = Edge.objects.filter(up=OuterRef("pk"), down__kind=Kind.FINDING)
    rows = Node.objects.filter(kind=Kind.STATEMENT, statement__erased_on=None)
    return rows.exclude(Exists(below))


gap(
    Gap(
        "finding.no_evidence",
        Kind.FINDING,
        _("findings that rest on no evidence"),
        _("Nothing says yet what this finding rests on."),
        _("Add evidence"),
        rows=without_evidence,
        mend=lambda node: reverse("assessment:edit_finding", args=[node.ref]) + "#evidence",
        lacks=(Kind.STATEMENT, Kind.FACT, Kind.EVENT, Kind.MEETING),
        upstream=True,
    )
)
gap(
    Gap(
        "finding.no_cause",
        Kind.FINDING,
        _("findings without an underlying cause"),
        _("Nobody has written yet why it is so, down to an underlying cause."),
        _("Write the why"),
        rows=without_cause,
        mend=lambda node: reverse("assessment:edit_finding", args=[node.ref]) + "#why",
        upstream=True,
    )
)
gap(
    Gap(
        "finding.not_validated",
        Kind.FINDING,
        _("findings that nobody has checked together"),
        _("The people whom it concerns have not checked this finding yet."),
        _("Note the check"),
        rows=not_validated,
        mend=lambda node: reverse("assessment:validate_finding", args=[node.ref]),
        upstream=True,
    )
)
gap(
    Gap(
        "statement.no_finding",
        Kind.STATEMENT,
        _("statements of households that no finding rests on"),
        _("No finding rests on what this household said."),
        _("Write a finding from it"),
        rows=statements_unused,
        mend=lambda node: f"{reverse('assessment:add_finding', args=[slug_of(node)])}?statement={node.ref}",
        lacks=(Kind.FINDING,),
    )
)
