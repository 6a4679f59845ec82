"""Proposals to organisations: what was asked and answered, on which page of which plan it stands, what came of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from khlong.chain.models import Thing
from khlong.network.models import Organisation, SecretLink
from khlong.places.models import City
from khlong.places.models.base import Named, in_language
from khlong.record.filed import File
from khlong.strategy.models import Item
from khlong.thai.money import format_baht


class PlanFormat(models.TextChoices):
    """How the plan books of a period are ordered: rows by strategy (2566-2570) or by development issue (2571-2575)."""

    STRATEGY = "strategy", _("by strategy (2566-2570)")
    ISSUE = "issue", _("by development issue (2571-2575)")


SPAN = 5
"""Fiscal years of a local development plan."""
FIRST_YEARS = {PlanFormat.STRATEGY: 2566, PlanFormat.ISSUE: 2571}


class PlanPeriod(models.IntegerChoices):
    """The local development plans that a proposal may be meant for, by their first fiscal year."""

    FROM_2566 = 2566, _("BE 2566-2570 (rows by strategy)")
    FROM_2571 = 2571, _("BE 2571-2575 (rows by development issue)")


class Form(models.TextChoices):
    """The official form by who will do it: the authority, the community itself, somebody beyond the authority."""

    P02 = "p02", _("P. 02: the local authority does it")
    P02_1 = "p02_1", _("P. 02/1: the community does it")
    P02_2 = "p02_2", _("P. 02/2: beyond the authority's capacity")


class Channel(models.TextChoices):
    LOCAL_PLAN = "local_plan", _("local development plan")
    SUPPLEMENT = "supplement", _("supplement to the local development plan")
    CHANGE = "change", _("change of a project in the local development plan")
    CORRECTION = "correction", _("correction of a project in the local development plan")
    COMMUNITY_PLAN = "community_plan", _("community plan")
    PROVINCE = "province", _("provincial plan")
    WATER = "water", _("water resources plan")
    HEALTH_FUND = "health_fund", _("local health fund")
    POLICY = "policy", _("ordinance, resolution, agreement or order")
    OTHER = "other", _("another way")


LOCAL = frozenset({Channel.LOCAL_PLAN, Channel.SUPPLEMENT, Channel.CHANGE, Channel.CORRECTION})
"""Ways into the local development plan."""
NO_PLAN = frozenset({Channel.HEALTH_FUND, Channel.POLICY, Channel.OTHER})
"""Ways on which a proposal stands in no plan, and so on no page of one."""


class State(models.TextChoices):
    """The states of a proposal in their order, and the side exits (facts/thai_planning.md 1.7)."""

    DRAFT = "draft", _("drafted by the network")
    FORUM = "forum", _("passed the forum of the village or community")
    COMMUNITY_PLAN = "community_plan", _("in the community plan")
    SUBMITTED = "submitted", _("submitted to the organisation")
    SUPPORT_DRAFT = "support_draft", _("in the draft of the plan support committee")
    COMMITTEE = "committee", _("passed the local development committee and forum")
    COUNCIL = "council", _("passed the council")
    PROCLAIMED = "proclaimed", _("proclaimed in a plan or a policy")
    ACTION_PLAN = "action_plan", _("in the annual action plan")
    BUDGETED = "budgeted", _("has a budget")
    RUNNING = "running", _("being done")
    DONE = "done", pgettext_lazy("proposal", "done")
    EVALUATED = "evaluated", _("followed up and evaluated")
    REFERRED = "referred", _("passed on to another organisation (P. 02/2)")
    MERGED = "merged", _("merged with another line")
    DUPLICATE = "duplicate", _("the same as another line")
    MOVED = "moved", _("moved to another programme area")
    DECLINED = "declined", _("not taken up by the organisation")
    CANCELLED = "cancelled", _("cancelled")


SIDE = (State.REFERRED, State.MERGED, State.DUPLICATE, State.MOVED, State.DECLINED, State.CANCELLED)


class Proposal(Thing, Named):
    """What a city asks of an organisation, made from a measure, in the columns of the official form."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="proposals")
    measure = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("measure")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="proposals",
        verbose_name=pgettext_lazy("proposal", "to"),
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    form = models.CharField(_("form"), max_length=6, choices=Form.choices, default=Form.P02)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT, editable=False)
    plan_from = models.PositiveSmallIntegerField(
        _("local development plan"), choices=PlanPeriod.choices, default=PlanPeriod.FROM_2571
    )
    objective = models.TextField(_("objective"), blank=True)
    outputs = models.TextField(_("target (output of the project)"), blank=True)
    kpi = models.TextField(_("indicator (KPI)"), blank=True)
    outcome = models.TextField(_("expected result"), blank=True)
    lead_unit = models.CharField(_("lead unit"), max_length=200, blank=True)
    strategy = models.CharField(
        _("strategy or development issue of the authority"), max_length=300, blank=True
    )
    tactic = models.CharField(_("tactic"), max_length=300, blank=True)
    area = models.CharField(_("programme area"), max_length=200, blank=True)
    reason = models.TextField(_("reason and need (for a supplement, a change or a correction)"), blank=True)
    budget = models.JSONField(_("budget by fiscal years"), default=list, blank=True)
    national = models.CharField(_("national strategy (a)"), max_length=300, blank=True)
    milestone = models.CharField(_("milestone of the 13th national plan (b)"), max_length=300, blank=True)
    sdg = models.CharField(_("Sustainable Development Goal (c)"), max_length=300, blank=True)
    province_strategy = models.CharField(_("strategy of the province (d)"), max_length=300, blank=True)
    together = models.CharField(
        _("strategy of the local authorities in the province (e)"), max_length=300, blank=True
    )
    reply_due = models.DateField(_("answer expected by"), null=True, blank=True)
    was_name = models.CharField(_("project, as it stands in the plan"), max_length=300, blank=True)
    was_objective = models.TextField(_("objective, as it stands in the plan"), blank=True)
    was_outputs = models.TextField(_("target, as it stands in the plan"), blank=True)
    was_kpi = models.TextField(_("indicator, as it stands in the plan"), blank=True)
    was_outcome = models.TextField(_("expected result, as it stands in the plan"), blank=True)
    was_lead_unit = models.CharField(_("lead unit, as it stands in the plan"), max_length=200, blank=True)
    was_budget = models.JSONField(
        _("budget by fiscal years, as it stands in the plan"), default=list, blank=True
    )

    class Meta(Named.Meta):
        verbose_name = _("proposal")
        indexes = [models.Index(fields=["city", "state"]), models.Index(fields=["state", "reply_due"])]

    def clean(self) -> None:
        super().clean()
        for name, years in (("budget", self.years), ("was_budget", self.was_years)):
            if wrong := [words for year, satang in years.items() if (words := self.why_not(year, satang))]:
                raise ValidationError({name: wrong})

    def why_not(self, year: int, satang: int) -> Any:
        """Why an amount cannot stand in a year, in words; None where it can."""
        if year not in self.plan_years:
            first, last = self.plan_years[0], self.plan_years[-1]
            words = _(
                "%(year)s is outside the plan of %(first)s-%(last)s. "
                "Put the money into a year of the plan, or choose the other plan."
            )
            return words % {"year": year, "first": first, "last": last}
        return _("A budget is nought or more. Check %(year)s.") % {"year": year} if satang < 0 else None

    @property
    def plan_years(self) -> list[int]:
        """The fiscal years (Buddhist era) of the plan that it is meant for."""
        return list(range(int(self.plan_from), int(self.plan_from) + SPAN))

    @property
    def plan_format(self) -> PlanFormat:
        return PlanFormat.STRATEGY if self.plan_from == PlanPeriod.FROM_2566 else PlanFormat.ISSUE

    @property
    def years(self) -> dict[int, int]:
        """What it asks for, in satang, by fiscal year; years without an amount are left out."""
        return years_of(self.budget)

    @property
    def was_years(self) -> dict[int, int]:
        """What stands in the plan for it now, in satang, by fiscal year."""
        return years_of(self.was_budget)

    @property
    def edition(self) -> str:
        """Which edition of the plan it is meant for: an Edition, or empty for the plan itself and other ways."""
        return EDITION_OF.get(str(self.channel), "")

    @property
    def amends(self) -> bool:
        """Whether it asks to change or correct a project that stands in the plan already."""
        return self.edition in AMENDS

    @property
    def lacks_old_words(self) -> bool:
        """Whether it amends a project without saying how that stands in the plan now."""
        return self.amends and not self.was_name

    @property
    def total(self) -> int:
        """What it asks for in all, in satang."""
        return sum(self.years.values())

    @property
    def plan_name(self) -> str:
        """The plan as official papers name it, always in Thai."""
        return f"แผนพัฒนาท้องถิ่น (พ.ศ. {self.plan_years[0]}-{self.plan_years[-1]})"

    @property
    def is_side(self) -> bool:
        """Whether it left the way to a plan: passed on, merged, the same, moved, not taken up, cancelled."""
        return self.state in SIDE

    @property
    def is_overdue(self) -> bool:
        """Whether the day has passed on which an answer was expected; `replied` is asked with the row."""
        if self.state != State.SUBMITTED or self.reply_due is None or getattr(self, "replied", False):
            return False
        return self.reply_due < timezone.localdate()


def years_of(budget: Any) -> dict[int, int]:
    """Amounts in satang by year from rows as `Proposal.budget` keeps them."""
    return {int(row["year"]): int(row["satang"]) for row in budget or []}


def budget_of(years: Mapping[int, int]) -> list[dict[str, Any]]:
    """Amounts in satang by year as `Proposal.budget` keeps them; `label` is what a history shows."""
    return [
        {"label": f"{year}: {format_baht(satang)}", "year": year, "satang": satang}
        for year, satang in sorted(years.items())
    ]


class Step(models.Model):
    """One step of a proposal: the state it came to, on which day, by which paper; or an official's informal words.

    A step that somebody of the organisation wrote is informal until a letter number or a resolution is attached.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField(editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, blank=True)
    on = models.DateField(_("date"))
    letter_no = models.CharField(_("letter number"), max_length=100, blank=True)
    letter_on = models.DateField(_("date of the letter"), null=True, blank=True)
    received_no = models.CharField(_("number under which it was received"), max_length=100, blank=True)
    resolution = models.CharField(_("resolution of which meeting"), max_length=300, blank=True)
    note = models.TextField(_("in words"), blank=True)
    file = models.ForeignKey(File, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    other = models.CharField(_("which line, area or organisation"), max_length=300, blank=True)
    by_official = models.BooleanField(default=False, editable=False)
    by = models.CharField(max_length=80, editable=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["proposal", "-number"]
        verbose_name = _("step of a proposal")
        indexes = [
            models.Index(
                fields=["at", "proposal", "number"],
                condition=models.Q(by_official=True),
                name="steps_by_officials",
            )
        ]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_step_of_a_number")]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.state}"

    @property
    def is_informal(self) -> bool:
        """Words of an official without a letter or a resolution."""
        return self.by_official and not (self.letter_no or self.resolution)

    @property
    def ref(self) -> str:
        return self.proposal.ref

    @property
    def space_id(self) -> UUID | None:
        return self.proposal.space_id


class AdoptedIn(models.TextChoices):
    PLAN = "plan", _("a plan")
    ORDINANCE = "ordinance", _("ordinance")
    RESOLUTION = "resolution", _("resolution of a committee")
    AGREEMENT = "agreement", _("agreement")
    ORDER = "order", pgettext_lazy("paper", "order")


class Edition(models.TextChoices):
    """What changed a plan after it was proclaimed; without one it is the plan itself."""

    SUPPLEMENT = "supplement", _("supplement")
    CHANGE = "change", _("change")
    CORRECTION = "correction", _("correction")
    REVIEW = "review", _("review")


EDITIONS_TH = {
    Edition.SUPPLEMENT: "เพิ่มเติม",
    Edition.CHANGE: "เปลี่ยนแปลง",
    Edition.CORRECTION: "แก้ไข",
    Edition.REVIEW: "ทบทวน",
}
EDITION_OF: dict[str, str] = {
    Channel.SUPPLEMENT: Edition.SUPPLEMENT,
    Channel.CHANGE: Edition.CHANGE,
    Channel.CORRECTION: Edition.CORRECTION,
}
"""The edition of a plan that a way leads into."""
AMENDS = (Edition.CHANGE, Edition.CORRECTION)
"""Editions that set what stood beside what shall stand."""
ROUND = re.compile(r"[0-9]+(/[0-9]{4})?")


def edition_words(edition: str, round_: str, year: int | None) -> str:
    """How official papers name an edition: "เพิ่มเติม ครั้งที่ 1/2571"; a round typed in words stands as typed."""
    if not edition:
        return ""
    number = round_.strip()
    if ROUND.fullmatch(number):
        number = f"ครั้งที่ {number}" + (f"/{year}" if year and "/" not in number else "")
    return " ".join(filter(None, (EDITIONS_TH[Edition(edition)], number)))


class Adoption(models.Model):
    """Where a proposal stands now: the page of a plan, or a policy with number, date and signatory."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="adoptions")
    kind = models.CharField(_("adopted in"), max_length=12, choices=AdoptedIn.choices)
    title = models.CharField(_("name of the plan or the policy"), max_length=300)
    edition = models.CharField(_("edition"), max_length=12, choices=Edition.choices, blank=True)
    round = models.CharField(_("round"), max_length=40, blank=True)
    year = models.PositiveSmallIntegerField(_("year (Buddhist era)"), null=True, blank=True)
    page = models.CharField(_("page"), max_length=20, blank=True)
    order = models.CharField(_("order on the page"), max_length=20, blank=True)
    number = models.CharField(_("number"), max_length=100, blank=True)
    on = models.DateField(_("date"), null=True, blank=True)
    signatory = models.CharField(_("signed by (office)"), max_length=200, blank=True)
    file = models.ForeignKey(File, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80, editable=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "id"]
        verbose_name = _("adoption")

    def __str__(self) -> str:
        return self.title

    @property
    def is_plan(self) -> bool:
        return self.kind == AdoptedIn.PLAN

    @property
    def citation(self) -> str:
        """The sentence by which budget papers cite a line of a plan, letter for letter; empty without a page."""
        if not self.is_plan or not self.page:
            return ""
        where = " ".join(filter(None, (self.title, edition_words(self.edition, self.round, self.year))))
        order = f" ลำดับที่ {self.order}" if self.order else ""
        return f"ปรากฏใน{where} หน้าที่ {self.page}{order}"

    @property
    def ref(self) -> str:
        return self.proposal.ref

    @property
    def space_id(self) -> UUID | None:
        return self.proposal.space_id


class BudgetSource(models.TextChoices):
    ORDINANCE = "ordinance", _("annual budget ordinance")
    SAVINGS = "savings", _("accumulated funds")
    GRANT = "grant", _("specific grant")
    TRANSFER = "transfer", _("transfer, or set as a new line")
    PROVINCE = "province", _("grant of the provincial authority")
    OTHER = "other", _("another organisation")


class BudgetLine(models.Model):
    """Money that was set aside for a proposal, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="budget_lines")
    year = models.PositiveSmallIntegerField(_("fiscal year (Buddhist era)"))
    source = models.CharField(_("source of the money"), max_length=10, choices=BudgetSource.choices)
    satang = models.BigIntegerField(_("amount"))
    document = models.CharField(_("where it is written"), max_length=300, blank=True)
    work_from = models.DateField(_("work began"), null=True, blank=True)
    work_to = models.DateField(_("work ended"), null=True, blank=True)
    spent_satang = models.BigIntegerField(_("spent"), null=True, blank=True)
    result_th = models.TextField(_("what came of it, in Thai"), blank=True)
    result_en = models.TextField(_("what came of it, in English"), blank=True)
    checked_by_community = models.TextField(_("what the community says of the work"), blank=True)
    by = models.CharField(max_length=80, editable=False)

    class Meta:
        ordering = ["year", "id"]
        verbose_name = _("budget line")

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.year}"

    @property
    def result(self) -> str:
        return in_language(self.result_th, self.result_en)

    @property
    def ref(self) -> str:
        return self.proposal.ref

    @property
    def space_id(self) -> UUID | None:
        return self.proposal.space_id


class ReplyLink(SecretLink):
    """A link with which an official answers one proposal without an account.

    `name` says whom it is for: an office, not a person. `binds` ties it to the browser that begins first; where it does
    not, `browsers` counts in how many it was begun, so that a link which was passed on is seen.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="reply_links")
    name = models.CharField(_("whom it is for"), max_length=120)
    binds = models.BooleanField(_("only the browser that opens it first"), default=True)
    bound_to = models.CharField(max_length=64, blank=True)
    browsers = models.PositiveSmallIntegerField(default=0)
    answers = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("link for an answer")

    def __str__(self) -> str:
        return f"reply link {self.pk}"

    @property
    def label(self) -> str:
        """What the audit calls who holds it."""
        return f"reply link {self.pk}"

    @property
    def ref(self) -> str:
        return self.proposal.ref
