"""What the law on personal data asks to be kept: consents and their words, requests, breaches, what was removed."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khlong.people.models import Subject
from khlong.people.sealed import SealedField

ANSWER_DAYS = 30
"""Days to answer a person's request. Unconfirmed (○): taken from practice, not read in the law's text."""
BREACH_HOURS = 72
"""Hours to tell the office of a breach (section 37). Unconfirmed (○); confirmed is that the rules of 2565 hold."""


class Purpose(models.TextChoices):
    """What somebody agrees to; each is asked for by itself."""

    HELP = "help", _("help when disaster strikes")
    PLAN = "plan", _("making the city's plan, without names")
    PASS_ON = "pass_on", _("passing on to offices that can help")
    CONTACT = "contact", _("being told what came of it")


class How(models.TextChoices):
    """How a consent was given."""

    OWN = "own", _("by own hand on the screen")
    PAPER = "paper", _("on paper")
    SPOKEN = "spoken", _("spoken before a witness")
    GUARDIAN = "guardian", _("through a parent or guardian")


class ConsentText(models.Model):
    """The words that people agree to, in each language. A version is never changed: the next one is added.

    `space` is the city whose words they are, or nothing for the words that hold where a city has none. `{keeper}` in
    the words stands for the name of the city. `months` is how long the consent holds. `is_draft` says that nobody
    with knowledge of the law has confirmed the words yet.
    """

    space = models.UUIDField(null=True, db_index=True)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    version = models.PositiveSmallIntegerField(_("version"))
    words = models.JSONField(_("words by language"))
    sensitive = models.BooleanField(_("about health, disability, belief or origin"), default=False)
    months = models.PositiveSmallIntegerField(_("holds for months"), default=24)
    is_draft = models.BooleanField(_("draft"), default=True)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        ordering = ["purpose", "-version"]
        verbose_name = _("words of consent")
        constraints = [
            models.UniqueConstraint(fields=["space", "purpose", "version"], name="one_text_of_a_version"),
            models.UniqueConstraint(
                fields=["purpose", "version"],
                condition=models.Q(space=None),
                name="one_common_text_of_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"

    @property
    def space_id(self) -> uuid.UUID | None:
        return self.space

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("words of consent are never changed: add a version")
        super().save(*args, **kwargs)

    def language_shown(self) -> str:
        """The language of the interface when there are words in it, or else Thai."""
        language = (get_language() or "th")[:2]
        return language if language in self.words else "th"

    def in_words(self, language: str, keeper: str) -> str:
        return str(self.words[language]).replace("{keeper}", keeper)


def purpose_of_consent(consent: Consent) -> str:
    """What stands on a consent is sealed for what it was given for."""
    return str(consent.text.purpose)


class Consent(models.Model):
    """One person agreed to one purpose. When it is withdrawn the row stays as proof, without anything of the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    language = models.CharField(max_length=5)
    how = models.CharField(_("how it was given"), max_length=10, choices=How.choices)
    site = models.CharField(_("place"), max_length=200, blank=True)
    given_on = models.DateField(_("given on"))
    explicit = models.BooleanField(default=False)
    name = SealedField(purpose=purpose_of_consent)
    witness = SealedField(purpose=purpose_of_consent)
    noted_by = models.CharField(max_length=80, blank=True)
    withdrawn_on = models.DateField(null=True)

    class Meta:
        ordering = ["-given_on", "id"]
        verbose_name = _("consent")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "text"],
                condition=models.Q(withdrawn_on=None),
                name="one_consent_that_stands",
            )
        ]

    def __str__(self) -> str:
        return f"{self.text.get_purpose_display()} {self.given_on}"

    @property
    def space_id(self) -> uuid.UUID | None:
        return self.subject.space

    @property
    def ends_on(self) -> date:
        """The day on which it ends by itself."""
        months = self.given_on.month - 1 + self.text.months
        year, month = self.given_on.year + months // 12, months % 12 + 1
        return date(year, month, min(self.given_on.day, 28))


class RequestKind(models.TextChoices):
    """What a person may ask of those who keep something of her."""

    ACCESS = "access", _("see what is kept")
    CORRECT = "correct", _("correct it")
    OBJECT = "object", _("object to its use")
    ERASE = "erase", _("erase it")


class Identity(models.TextChoices):
    """How it was made sure that the person asks herself. Of a card no number is noted."""

    ACCOUNT = "account", _("signed in with her own account")
    CARD = "card", _("showed a card; its number was not noted")
    KNOWN = "known", _("known to two of the working group")


class PersonRequest(models.Model):
    """What a person asked, and by when it is to be answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(_("asks to"), max_length=10, choices=RequestKind.choices)
    identity = models.CharField(_("how identity was checked"), max_length=10, choices=Identity.choices)
    asked_on = models.DateField()
    words = SealedField()
    answer = SealedField()
    answered_on = models.DateField(null=True)

    class Meta:
        ordering = ["answered_on", "asked_on", "id"]
        verbose_name = _("request of a person")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_on}"

    @property
    def space_id(self) -> uuid.UUID | None:
        return self.subject.space

    @property
    def due_on(self) -> date:
        return self.asked_on + timedelta(days=ANSWER_DAYS)

    @property
    def is_late(self) -> bool:
        return self.answered_on is None and timezone.localdate() > self.due_on


class Breach(models.Model):
    """Personal data were seen, lost or changed without right; merely having been seen counts (confirmed, ✔).

    The 72 hours begin when it was noticed. Names of people do not belong here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    space = models.UUIDField(null=True, db_index=True)
    noticed_at = models.DateTimeField(_("noticed"))
    what = models.TextField(_("what happened"))
    data = models.CharField(_("what kind of data"), max_length=300)
    people = models.PositiveIntegerField(_("how many people"), null=True, blank=True)
    measures = models.TextField(_("what was done"), blank=True)
    office_told_at = models.DateTimeField(_("office told"), null=True, blank=True)
    people_told_at = models.DateTimeField(_("people told"), null=True, blank=True)

    class Meta:
        ordering = ["-noticed_at", "id"]
        verbose_name = _("breach")

    def __str__(self) -> str:
        return f"breach {self.noticed_at:%Y-%m-%d}"

    @property
    def space_id(self) -> uuid.UUID | None:
        return self.space

    @property
    def due_at(self) -> datetime:
        return self.noticed_at + timedelta(hours=BREACH_HOURS)

    def hours_left(self, now: datetime) -> int | None:
        """Whole hours until the office must know, below nought when they are over; None when it was told."""
        if self.office_told_at is not None:
            return None
        return int((self.due_at - now).total_seconds() // 3600)


class RetentionRun(models.Model):
    """What was removed because its time was over: counts by kind."""

    at = models.DateTimeField(auto_now_add=True)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("removal of what is over")

    def __str__(self) -> str:
        return f"removal {self.at:%Y-%m-%d}"
