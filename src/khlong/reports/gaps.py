"""Dry stretches of a logframe."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Kind, Node
from khlong.reports.models import Logframe, Result


def _without_lines() -> QuerySet[Node]:
    return Node.objects.filter(kind=Kind.LOGFRAME).exclude(logframe__results__lines__isnull=False)


def _mend(node: Node) -> str:
    """To a new indicator of the first result; to a new result where there is none."""
    result = Result.objects.filter(logframe=node.pk).order_by("level", "order", "pk").first()
    if result is not None:
        return reverse("reports:add_line", args=[result.pk])
    slug = Logframe.objects.values_list("programme__slug", flat=True).get(pk=node.pk)
    return reverse("reports:add_result", args=[slug])


gap(
    Gap(
        "logframe.no_indicator",
        Kind.LOGFRAME,
        _("logframes without an indicator"),
        _("No indicator stands in this logframe yet."),
        _("Add an indicator"),
        _without_lines,
        _mend,
        upstream=True,
    )
)
