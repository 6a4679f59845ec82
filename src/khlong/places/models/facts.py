"""Facts: one statement or one figure, with its unit, scope, time, source and mark."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from khlong.chain.models import Node, Thing
from khlong.places.models.base import in_language
from khlong.record.fields import SpanField
from khlong.thai.dates import Span


class Mark(models.TextChoices):
    """How near we stand to a source. Guesses have no mark, because they are not kept."""

    READ = "A", _("read in the source")
    SECOND_HAND = "B", _("second hand or press")


class Source(models.Model):
    """Where a fact was read: publisher, address, and its date or "undated"."""

    key = models.CharField(_("key"), max_length=12, primary_key=True)
    publisher_th = models.CharField(_("publisher in Thai"), max_length=200)
    publisher_en = models.CharField(_("publisher in English"), max_length=200, blank=True)
    title_th = models.CharField(_("title in Thai"), max_length=300, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    url = models.CharField(_("address"), max_length=700, blank=True)
    date = SpanField(_("date"))
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    note_th = models.CharField(_("note in Thai"), max_length=300, blank=True)
    note_en = models.CharField(_("note in English"), max_length=300, blank=True)

    class Meta:
        ordering = ["key"]
        verbose_name = _("source")

    def __str__(self) -> str:
        return f"{self.publisher} ({self.key})"

    @property
    def publisher(self) -> str:
        return in_language(self.publisher_th, self.publisher_en)

    @property
    def title(self) -> str:
        return in_language(self.title_th, self.title_en)

    @property
    def note(self) -> str:
        return in_language(self.note_th, self.note_en)

    @property
    def host(self) -> str:
        """The address without its scheme, short enough to print."""
        bare = unquote(self.url).split("://", 1)[-1].removeprefix("www.")
        return bare if len(bare) <= 48 else bare[:46] + "…"


class Word(models.Model):
    """A word of the vocabulary with its key."""

    key = models.SlugField(max_length=60, primary_key=True)
    label_th = models.CharField(_("name in Thai"), max_length=120)
    label_en = models.CharField(_("name in English"), max_length=120)

    class Meta:
        abstract = True
        ordering = ["key"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return in_language(self.label_th, self.label_en)


class FactTopic(Word):
    """What a fact is about: population, deaths, rain of a day, history."""


class Unit(Word):
    """What a figure is counted in."""


class Qualifier(models.TextChoices):
    EXACT = "", _("exactly")
    ABOUT = "about", _("about")
    OVER = "over", _("more than")
    UNDER = "under", _("less than")
    UP_TO = "up_to", _("up to")


class Fact(Thing):
    """One statement or one figure about one thing. Several values of one figure are several facts."""

    about = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="facts", verbose_name=_("about"))
    topic = models.ForeignKey(
        FactTopic, on_delete=models.PROTECT, related_name="facts", verbose_name=_("topic")
    )
    statement_th = models.TextField(_("statement in Thai"), blank=True)
    statement_en = models.TextField(_("statement in English"), blank=True)
    is_quote = models.BooleanField(_("quoted letter for letter"), default=False)
    value = models.DecimalField(_("figure"), max_digits=20, decimal_places=4, null=True, blank=True)
    low = models.DecimalField(_("from"), max_digits=20, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("to"), max_digits=20, decimal_places=4, null=True, blank=True)
    qualifier = models.CharField(
        _("how exact"), max_length=8, choices=Qualifier.choices, default=Qualifier.EXACT, blank=True
    )
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="facts", verbose_name=_("unit")
    )
    scope_th = models.CharField(_("what is counted, in Thai"), max_length=300, blank=True)
    scope_en = models.CharField(_("what is counted, in English"), max_length=300, blank=True)
    time = SpanField(_("when it happened or holds for"))
    reporter_th = models.CharField(_("who counted, in Thai"), max_length=200, blank=True)
    reporter_en = models.CharField(_("who counted, in English"), max_length=200, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="facts", verbose_name=_("source")
    )
    source_note_th = models.CharField(max_length=300, blank=True)
    source_note_en = models.CharField(max_length=300, blank=True)
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices)
    order = models.PositiveIntegerField(default=0)
    entered_by = models.CharField(_("entered by"), max_length=80, editable=False)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["order", "node_id"]
        verbose_name = _("fact")
        indexes = [models.Index(fields=["about", "topic"])]
        constraints = [
            models.CheckConstraint(
                condition=(
                    ~models.Q(statement_th="") & models.Q(value=None, low=None, high=None)
                    | models.Q(statement_th="", unit__isnull=False)
                    & (
                        models.Q(value__isnull=False)
                        | models.Q(low__isnull=False)
                        | models.Q(high__isnull=False)
                    )
                ),
                name="a_statement_or_a_figure_with_its_unit",
            )
        ]

    def clean(self) -> None:
        super().clean()
        errors = statement_or_figure_errors(self)
        if errors:
            raise ValidationError(errors)

    @property
    def is_figure(self) -> bool:
        return not self.statement_th

    @property
    def statement(self) -> str:
        return in_language(self.statement_th, self.statement_en)

    @property
    def scope(self) -> str:
        return in_language(self.scope_th, self.scope_en)

    @property
    def reporter(self) -> str:
        """Who counted; the publisher of the source where nobody else is named."""
        return in_language(self.reporter_th, self.reporter_en) or self.source.publisher

    @property
    def source_note(self) -> str:
        return in_language(self.source_note_th, self.source_note_en)

    @property
    def date(self) -> Span | None:
        """When it happened or holds for, or else the date of the source; None is undated."""
        found: Span | None = self.time or self.source.date
        return found

    @property
    def number(self) -> str:
        """The figure in words and digits, without its unit: "more than 1,200", "0.5–2.5"."""
        if self.value is not None:
            text = _digits(self.value)
        elif self.low is not None and self.high is not None:
            text = f"{_digits(self.low)}–{_digits(self.high)}"
        else:
            text = _digits(self.low if self.low is not None else self.high or Decimal(0))
        return f"{Qualifier(self.qualifier).label} {text}" if self.qualifier else text

    @property
    def amount(self) -> str:
        """The figure with its unit."""
        return f"{self.number} {self.unit.label}" if self.is_figure and self.unit else ""

    @property
    def says(self) -> str:
        return self.amount or self.statement

    def titles(self) -> tuple[str, str]:
        with override("th"):
            th = f"{self.topic.label_th}: {self.says}"
        with override("en"):
            en = f"{self.topic.label_en}: {self.says}"
        return th[:500], en[:500]


def _digits(value: Decimal) -> str:
    """Thousands in commas, no trailing zeros."""
    return f"{value.normalize():,f}"


def statement_or_figure_errors(fact: Fact) -> dict[str, str]:
    """What is wrong with a fact's main content, by field; empty when nothing is."""
    numbers = [fact.value, fact.low, fact.high]
    has_figure = any(number is not None for number in numbers)
    if fact.statement_th and has_figure:
        return {"value": str(_("Write a statement or a figure, not both: two facts can stand side by side."))}
    if not fact.statement_th and not has_figure:
        return {"statement_th": str(_("Write the statement, or give the figure and its unit below."))}
    if fact.value is not None and (fact.low is not None or fact.high is not None):
        return {"low": str(_("Give one number, or a range from one to another, not both."))}
    if has_figure and fact.unit_id is None:
        return {"unit": str(_("A figure needs its unit: choose what is counted."))}
    if fact.low is not None and fact.high is not None and fact.low > fact.high:
        return {"high": str(_("The range runs backwards: the second number must be the larger one."))}
    return {}
