"""Rounds of review: a version goes to circles, people suggest at its words, and every suggestion is owed an answer."""

from __future__ import annotations

import uuid
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from khlong.chain.models import Node, Thing
from khlong.network.counts import is_few
from khlong.network.models import Decision, Organisation, WorkGroup
from khlong.places.models import Group
from khlong.places.models.base import Named, in_language
from khlong.privacy.models import ConsentText
from khlong.strategy.models import Item, PassageRevision, Plan, Version


class Level(models.TextChoices):
    """How far people take part (the spectrum of IAP2, as the Thai regulation's practice uses it)."""

    INFORM = "inform", _("inform")
    CONSULT = "consult", _("consult")
    INVOLVE = "involve", _("involve")
    COLLABORATE = "collaborate", _("collaborate")
    EMPOWER = "empower", _("empower")


class Round(Thing, Named):
    """A version of a plan before people, from a day to a day, with a plain summary and what was promised to them."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="rounds")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="rounds")
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    summary_th = models.TextField(_("plain summary in Thai"))
    summary_en = models.TextField(_("plain summary in English"), blank=True)
    level = models.CharField(_("level of participation promised"), max_length=12, choices=Level.choices)
    open_to_all = models.BooleanField(
        _("whoever reads may also speak"),
        default=True,
        help_text=_("Without it only who holds a circle's link or writes for the city may speak."),
    )
    closed_early_on = models.DateField(null=True, editable=False)

    class Meta(Named.Meta):
        ordering = ["-opens_on", "sort_key"]
        verbose_name = _("round of review")

    @property
    def ends_on(self) -> date:
        """The last day on which words come in time."""
        return min(self.closes_on, self.closed_early_on or self.closes_on)

    def in_time(self, day: date) -> bool:
        return self.opens_on <= day <= self.ends_on

    @property
    def summary(self) -> str:
        return in_language(self.summary_th, self.summary_en)

    def is_open(self, day: date | None = None) -> bool:
        return self.in_time(day or timezone.localdate())

    def clean(self) -> None:
        super().clean()
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            raise ValidationError({"closes_on": _("It closes before it opens. Check the two dates.")})


class Circle(Named):
    """Whom a round goes to: a network, a working group, a village. Its link and QR let people in without an account.

    Of the link's token only the SHA-256 is kept. `expected` is how many people it was handed to, where that is known.
    A link that `binds` is for one person: it speaks only in the browser that spoke with it first (`bound_to` is the
    SHA-256 of what that browser holds), and only reads in any other.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="circles")
    group = models.ForeignKey(
        Group,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="circles",
        verbose_name=_("group it is"),
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="circles"
    )
    work_group = models.ForeignKey(
        WorkGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="circles"
    )
    expected = models.PositiveIntegerField(_("handed to how many people"), null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    withdrawn_on = models.DateField(null=True, editable=False)
    binds = models.BooleanField(_("for one person only"), default=False)
    bound_to = models.CharField(max_length=64, blank=True, editable=False)

    class Meta(Named.Meta):
        verbose_name = _("circle")

    @property
    def is_few(self) -> bool:
        """Whether it went to so few people that the public is not told how many."""
        return is_few(self.expected)

    @property
    def space_id(self) -> UUID | None:
        return self.round.space_id

    @property
    def ref(self) -> str:
        return self.round.ref


class Voice(models.TextChoices):
    """What somebody does at a passage."""

    SUGGEST = "suggest", _("suggests")
    ASK = "ask", _("asks")
    OBJECT = "object", _("objects")
    SUPPORT = "support", _("supports")


class Origin(models.TextChoices):
    SCREEN = "screen", _("on the screen")
    SPOKEN = "spoken", _("spoken, written down by a scribe")
    PAPER = "paper", _("on paper")


class Outcome(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    PART = "part", _("accepted in part")
    DECLINED = "declined", _("declined")
    MERGED = "merged", _("merged with another")
    ANSWERED = "answered", _("answered")


class Suggestion(models.Model):
    """What somebody said at some words of a version: anchored to a revision, code points and the quote.

    Who said it stands nowhere: `by` is her pseudonym in this city or, without one, nothing. The node's reference bears
    a random number and only the day is kept, because order and moments give people away. Not a `Thing`: it has no
    history, since nobody edits another's words.
    """

    node = models.OneToOneField(Node, primary_key=True, on_delete=models.PROTECT, related_name="suggestion")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="suggestions")
    circle = models.ForeignKey(
        Circle, null=True, blank=True, on_delete=models.PROTECT, related_name="suggestions"
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="suggestions")
    revision = models.ForeignKey(PassageRevision, on_delete=models.PROTECT, related_name="suggestions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    voice = models.CharField(_("what it is"), max_length=8, choices=Voice.choices)
    words = models.TextField(_("in her own words"), blank=True)
    instead = models.TextField(_("what should stand there instead"), blank=True)
    language = models.CharField(_("language"), max_length=3, default="th")
    translation_th = models.TextField(_("Thai translation"), blank=True)
    translation_checked = models.BooleanField(default=False)
    groups = models.ManyToManyField(
        Group, blank=True, related_name="suggestions", verbose_name=_("groups she says she belongs to")
    )
    origin = models.CharField(_("how it came"), max_length=8, choices=Origin.choices, default=Origin.SCREEN)
    site = models.CharField(_("place"), max_length=200, blank=True)
    sheet = models.CharField(_("number of the paper sheet"), max_length=40, blank=True)
    said_on = models.DateField(pgettext_lazy("suggestion", "said on"))
    by = models.CharField(max_length=80, blank=True, editable=False)
    scribe = models.CharField(max_length=80, blank=True, editable=False)
    receipt = models.CharField(max_length=64, unique=True, editable=False)
    consent = models.ForeignKey(
        ConsentText,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("words of consent that were read out"),
    )
    in_time = models.BooleanField(default=True)
    hidden_on = models.DateField(null=True, editable=False)
    hidden_why = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["node__ref"]
        verbose_name = _("suggestion")
        indexes = [models.Index(fields=["item", "round"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gte=models.F("start")), name="an_anchor_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["round", "sheet", "item"],
                condition=~models.Q(sheet=""),
                name="one_entry_of_a_sheet_at_a_passage",
            ),
        ]

    def __str__(self) -> str:
        return str(self.node)

    @property
    def ref(self) -> str:
        return self.node.ref

    @property
    def space_id(self) -> UUID | None:
        return self.node.space_id

    def get_absolute_url(self) -> str:
        return self.node.get_absolute_url()


class AnchorMove(models.Model):
    """A decision about the anchor of a suggestion whose passage has new words: it means them, or it stays.

    Holds where the anchor stood before; `stays` says that it still means the old words only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="moves")
    number = models.PositiveSmallIntegerField(default=1)
    revision = models.ForeignKey(PassageRevision, on_delete=models.PROTECT, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    asked_of = models.ForeignKey(PassageRevision, on_delete=models.PROTECT, related_name="+")
    stays = models.BooleanField(default=False)
    by = models.CharField(max_length=80, blank=True, editable=False)
    on = models.DateField(default=timezone.localdate, editable=False)

    class Meta:
        ordering = ["suggestion", "-number"]
        verbose_name = _("moved anchor")
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "number"], name="one_anchor_move_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} #{self.number}"

    @property
    def ref(self) -> str:
        return self.suggestion.ref

    @property
    def space_id(self) -> UUID | None:
        return self.suggestion.space_id


class Agreement(models.Model):
    """Somebody else means the same as a suggestion: once for each person.

    `mark` is an HMAC of her pseudonym and the suggestion, so that rows of one person are not known as such.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="agreements")
    mark = models.CharField(max_length=64, editable=False)
    on = models.DateField(default=timezone.localdate, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("support of a suggestion")
        constraints = [models.UniqueConstraint(fields=["suggestion", "mark"], name="one_support_of_a_person")]

    def __str__(self) -> str:
        return str(self.suggestion_id)

    @property
    def ref(self) -> str:
        return self.suggestion.ref

    @property
    def space_id(self) -> UUID | None:
        return self.suggestion.space_id


class Answer(models.Model):
    """What the working group decided of a suggestion, and why. `number` counts the answers to one suggestion.

    `changed` are the words that the answer wrote into the next draft; `with_other` is what it was merged with.
    `decision` is where a meeting settled it; answers with the same `shared` were given together, with one reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason_th = models.TextField(_("reason in Thai"))
    reason_en = models.TextField(_("reason in English"), blank=True)
    by = models.CharField(max_length=80, editable=False)
    on = models.DateField(default=timezone.localdate, editable=False)
    changed = models.ForeignKey(
        PassageRevision, null=True, on_delete=models.PROTECT, related_name="made_by_answers", editable=False
    )
    with_other = models.ForeignKey(
        Suggestion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        verbose_name=_("merged with which"),
    )
    decision = models.ForeignKey(
        Decision,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="answers",
        verbose_name=_("decision of a meeting in which it was settled"),
    )
    shared = models.UUIDField(null=True, editable=False, db_index=True)

    class Meta:
        ordering = ["suggestion", "-number"]
        verbose_name = _("answer")
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "number"], name="one_answer_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.outcome}"

    @property
    def reason(self) -> str:
        return in_language(self.reason_th, self.reason_en)

    @property
    def space_id(self) -> UUID | None:
        return self.suggestion.space_id

    @property
    def ref(self) -> str:
        return self.suggestion.ref


class Verdict(models.Model):
    """Whether the answer answers, said by who suggested (by her receipt or her pseudonym)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="verdict")
    answers = models.BooleanField(_("does the answer answer?"))
    words = models.TextField(_("what is missing"), blank=True)
    on = models.DateField(default=timezone.localdate, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("what she says of the answer")
        indexes = [
            models.Index(fields=["answer"], condition=models.Q(answers=False), name="answers_that_did_not")
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.answers}"

    @property
    def space_id(self) -> UUID | None:
        return self.answer.space_id
