"""Values of indicators that proposals give: how many were adopted, and how many have money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from khlong.adoption.models import Adoption, BudgetLine, Proposal
from khlong.strategy.models import Indicator
from khlong.strategy.values import Computed, provider
from khlong.thai.spans import BE_OFFSET

Rows = Callable[[date, date], QuerySet[Proposal]]


def _adopted(start: date, end: date) -> QuerySet[Proposal]:
    """Adopted on a day of the period; where no day is noted, the day on which it was noted counts."""
    dated = Q(on__gte=start, on__lte=end)
    undated = Q(on=None, at__date__gte=start, at__date__lte=end)
    return Proposal.objects.filter(pk__in=Adoption.objects.filter(dated | undated).values("proposal"))


def _with_budget(start: date, end: date) -> QuerySet[Proposal]:
    """With money in a fiscal year that begins or ends within the period (October to September)."""
    first = start.year + BE_OFFSET + (start.month >= 10)
    last = end.year + BE_OFFSET + (end.month >= 10)
    lines = BudgetLine.objects.filter(year__gte=first, year__lte=last)
    return Proposal.objects.filter(pk__in=lines.values("proposal"))


def _counting(rows: Rows) -> Callable[[Indicator, date, date], Computed | None]:
    def compute(indicator: Indicator, start: date, end: date) -> Computed | None:
        mine = (
            Proposal.objects.all()
            if indicator.city_id is None
            else Proposal.objects.filter(city=indicator.city_id)
        )
        mine = mine.filter(node__is_example=indicator.node.is_example)
        if not mine.exists():
            return None
        refs = list(
            rows(start, end).filter(pk__in=mine).order_by("node__ref").values_list("node__ref", flat=True)
        )
        return Computed(Decimal(len(refs)), {"proposals": refs[:500], "count": len(refs)})

    return compute


provider("adoption.adopted", _("proposals adopted in a plan or a policy"), _counting(_adopted))
provider("adoption.budgeted", _("proposals with a budget"), _counting(_with_budget))
