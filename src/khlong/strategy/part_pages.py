"""What the pages of a goal, a measure and an indicator show, asked for when it is rendered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from khlong.chain.beside import Beside, beside
from khlong.chain.models import Kind
from khlong.chain.queries import Step
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import Group
from khlong.strategy import onward
from khlong.strategy.frozen import differing, groups_in, thawed
from khlong.strategy.models import (
    Indicator,
    Item,
    ItemKind,
    MeasureDetail,
    PassageRevision,
    VersionEntry,
)
from khlong.strategy.plot import Plot, plot_of
from khlong.strategy.queries import said_of
from khlong.strategy.values import Point, entry_url, provider_of, series_of
from khlong.ui.text import counted_text, era

MOST_OTHERWISE = 10


@dataclass(frozen=True)
class Wording:
    """Words of a part, and the versions in which they stand."""

    revision: PassageRevision
    translation: PassageRevision | None
    versions: tuple[int, ...]


class PartPage:
    """A goal or a measure: its words, what is said of it, its indicators, what it rests on and led to."""

    def __init__(self, item: Item, actor: Actor, number: int | None = None) -> None:
        self.item, self.actor, self.number = item, actor, number

    @cached_property
    def _entries(self) -> list[VersionEntry]:
        rows = VersionEntry.objects.filter(item=self.item).select_related(
            "version", "revision", "translation", "parent__node"
        )
        return list(rows.order_by("-version__number")[:200])

    @cached_property
    def wordings(self) -> list[Wording]:
        """The words of the part, newest first, each with the versions that hold them."""
        found: dict[tuple[Any, Any], list[VersionEntry]] = {}
        for entry in self._entries:
            found.setdefault((entry.revision_id, entry.translation_id), []).append(entry)
        return [
            Wording(rows[0].revision, rows[0].translation, tuple(sorted(row.version.number for row in rows)))
            for rows in found.values()
        ]

    @cached_property
    def words(self) -> Wording:
        """The words of the newest version that holds the part; before there is one, those of the working text."""
        if self.held is not None:
            return Wording(self.held.revision, self.held.translation, (self.held.version.number,))
        if self.wordings:
            return self.wordings[0]
        rows = {
            row.lang: row
            for row in PassageRevision.objects.filter(passage__item=self.item).order_by("number")
        }
        return Wording(rows["th"], rows.get("en"), ())

    @cached_property
    def held(self) -> VersionEntry | None:
        """The line of the version that the reader asked for."""
        return next((entry for entry in self._entries if entry.version.number == self.number), None)

    @cached_property
    def detail(self) -> MeasureDetail | None:
        """What the measure is: as it stands, or as the version asked for holds it."""
        if self.held is not None:
            return thawed(self.held.detail)
        standing: MeasureDetail | None = getattr(self.item, "measure", None)
        if standing is not None:
            prefetch_related_objects([standing], "groups")
        return standing

    @cached_property
    def groups(self) -> list[Any]:
        if self.held is not None:
            return list(Group.objects.filter(pk__in=groups_in(self.held.detail)).order_by("order"))
        return sorted(self.detail.groups.all(), key=lambda group: group.order) if self.detail else []

    @cached_property
    def otherwise(self) -> list[tuple[int, str]]:
        """The versions that hold other details than stand now, newest first, each with what differs."""
        if not self.is_measure or self.held is not None or not self._entries:
            return []
        now = said_of(self.item)
        found = ((entry.version.number, differing(entry.detail, now)) for entry in self._entries)
        return [(number, ", ".join(labels)) for number, labels in found if labels][:MOST_OTHERWISE]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The short details in the order of the form: label and what is said; empty where nothing is."""
        detail = self.detail
        if detail is None:
            return []
        names = ("system", "land_use", "drainage_path", "landowner", "permission")
        made = [(_label(name), str(getattr(detail, name))) for name in names]
        responsible = detail.responsible.name if detail.responsible else ""
        return [*made, (_label("responsible"), responsible), (_("years (Common Era)"), _span(detail))]

    @cached_property
    def both(self) -> Beside:
        return beside(self.item.node, self.actor)

    @property
    def published(self) -> bool:
        """Whether the city shows any work on the chain; a real one that does not has published nothing."""
        return self.both.up.published

    @property
    def findings(self) -> list[Step]:
        groups = [group for group in self.both.up.groups if group.label == Kind.FINDING.label]
        return [step for group in groups for step in group.steps if step.depth == 1]

    @cached_property
    def indicators(self) -> list[IndicatorRow]:
        rows = seen_indicators(self.actor).filter(item=self.item)[:20]
        return indicator_rows(self.actor, list(rows))

    @property
    def is_measure(self) -> bool:
        return self.item.kind == ItemKind.MEASURE

    @property
    def onward(self) -> list[tuple[Any, str]]:
        """What is begun from a measure in other rooms, for who writes here; nothing from one that was left out."""
        return onward.ways(self.item.node) if self.is_measure and not self.item.removed else []


def years(detail: MeasureDetail) -> str:
    """2569-2571, 2569 alone, or nothing."""
    first, last = detail.from_year, detail.to_year
    if first and last and first != last:
        return f"{first}–{last}"
    return str(first or last or "")


def _span(detail: MeasureDetail) -> str:
    """Its years as the reader counts them."""
    return "–".join(dict.fromkeys(str(era(year)) for year in (detail.from_year, detail.to_year) if year))


def _label(name: str) -> str:
    field: Any = MeasureDetail._meta.get_field(name)
    return str(field.verbose_name)


# --- indicators -----------------------------------------------------------------------------------


def seen_indicators(actor: Actor) -> QuerySet[Indicator]:
    """The indicators that a reader may see, by name."""
    rows = Indicator.objects.select_related("node__space", "city__node", "item__node", "item__plan")
    return scope(actor, rows).order_by("sort_key", "node__ref")


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator with its values, oldest first, and its small plot."""

    indicator: Indicator
    points: list[Point]
    plot: Plot | None

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def words(self) -> str:
        """From where to where, as one sentence that can be read aloud."""
        row = self.indicator
        said = {
            "unit": row.unit,
            "base": counted_text(row.baseline, row.unit) if row.baseline is not None else "",
            "base_year": era(row.baseline_year),
            "target": counted_text(row.target, row.unit) if row.target is not None else "",
            "target_year": era(row.target_year),
        }
        if row.baseline is not None and row.target is not None:
            words = _("From %(base)s in %(base_year)s CE to %(target)s by %(target_year)s CE.")
        elif row.baseline is not None:
            words = _("From %(base)s in %(base_year)s CE; no target is given.")
        elif row.target is not None:
            words = _("To %(target)s by %(target_year)s CE; no baseline is given.")
        else:
            words = _("Counted in %(unit)s; neither baseline nor target is given.")
        return words % said


def indicator_rows(actor: Actor, indicators: list[Indicator]) -> list[IndicatorRow]:
    """Indicators with their values; one query for each series that rooms registered, for all together."""
    series = series_of(actor, indicators)
    return [IndicatorRow(row, series[row.pk], plot_of(row, series[row.pk])) for row in indicators]


class IndicatorPage:
    """One indicator: its values, its plot, and the rule by which values are computed."""

    def __init__(self, indicator: Indicator, actor: Actor) -> None:
        self.indicator, self.actor = indicator, actor

    @cached_property
    def row(self) -> IndicatorRow:
        return indicator_rows(self.actor, [self.indicator])[0]

    @property
    def values(self) -> Iterable[Point]:
        return reversed(self.row.points)

    @property
    def rule(self) -> Any:
        found = provider_of(self.indicator)
        return found.title if found else ""

    @cached_property
    def both(self) -> Beside:
        return beside(self.indicator.node, self.actor)

    @property
    def entry_url(self) -> str:
        return entry_url(self.indicator.node)

    @property
    def share(self) -> int | None:
        """How much of the way from baseline to target the last value has gone, in per cent of it."""
        return share_of(self.indicator, self.row.last)


def share_of(indicator: Indicator, last: Point | None) -> int | None:
    """Per cent of the way from baseline to target; None where one of the three is not given or both are equal."""
    distance = indicator.distance
    if last is None or not distance or indicator.baseline is None:
        return None
    return round((last.value - indicator.baseline) / distance * Decimal(100))
