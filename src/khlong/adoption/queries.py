"""What pages, forms and commands ask about proposals."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from khlong.adoption.models import NO_PLAN, AdoptedIn, Adoption, BudgetLine, Proposal, State, Step
from khlong.adoption.states import IN_A_PLAN
from khlong.people.actor import Actor
from khlong.people.policy import scope


def replied() -> Exists:
    """Whether somebody of the organisation has answered since, on paper or informally."""
    return Exists(Step.objects.filter(proposal=OuterRef("pk"), by_official=True))


def seen_proposals(actor: Actor) -> QuerySet[Proposal]:
    """The proposals that a reader may see, the newest first, each with `replied`."""
    rows = Proposal.objects.select_related("node__space", "city", "organisation__node", "measure__node")
    return scope(actor, rows).annotate(replied=replied()).order_by("-node__created_at", "pk")


def overdue(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those to which nobody answered by the day on which an answer was expected."""
    late = rows.filter(state=State.SUBMITTED, reply_due__lt=timezone.localdate())
    return late.exclude(replied())


def filtered(rows: QuerySet[Proposal], asked: Any) -> QuerySet[Proposal]:
    """Narrowed as a list page asks: `state`, `to` (reference of an organisation), `overdue`, `city` (slug)."""
    if asked.get("state") in State.values:
        rows = rows.filter(state=asked["state"])
    if to := asked.get("to"):
        rows = rows.filter(organisation__node__ref=to)
    if city := asked.get("city"):
        rows = rows.filter(city__slug=city)
    return overdue(rows) if asked.get("overdue") else rows


def without_page(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those that are said to be in a plan, or are noted in one, while no page is noted anywhere."""
    noted = Adoption.objects.filter(proposal=OuterRef("pk"))
    plans = noted.filter(kind=AdoptedIn.PLAN)
    policies = Exists(noted.exclude(kind=AdoptedIn.PLAN))
    in_a_plan = Q(Exists(plans)) | (Q(state__in=IN_A_PLAN) & ~policies & ~Q(channel__in=NO_PLAN))
    return rows.filter(in_a_plan).exclude(Exists(plans.exclude(page="")))


def adopted(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those that stand in a plan or a policy."""
    return rows.filter(Exists(Adoption.objects.filter(proposal=OuterRef("pk"))))


def with_budget(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those for which money was set aside."""
    return rows.filter(Exists(BudgetLine.objects.filter(proposal=OuterRef("pk"))))
