"""Facts as rows of the figures picture and as moments of a timeline."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from khlong.places.models import Fact, Qualifier
from khlong.places.queries import FigureGroup
from khlong.ui.figures import FigureRow, Moment


def figure_row(fact: Fact) -> FigureRow:
    """One reported value with its reporter, scope, time and source."""
    single_end = fact.value is None and (fact.low is None or fact.high is None)
    value = (fact.low if fact.low is not None else fact.high) if single_end else fact.value
    return FigureRow(
        value=value,
        low=None if single_end else fact.low,
        high=None if single_end else fact.high,
        unit=fact.unit.label if fact.unit else "",
        reporter=fact.reporter,
        scope=fact.scope,
        when=fact.date,
        source_label=f"{fact.source.publisher} · {fact.mark}",
        source_url=reverse("places:source", args=[fact.source_id]),
        mark=str(Qualifier(fact.qualifier).label) if fact.qualifier else "",
        url=fact.get_absolute_url(),
    )


def figure_rows(facts: Iterable[Fact]) -> list[FigureRow]:
    return [figure_row(fact) for fact in facts]


def tables(groups: Iterable[FigureGroup], *, several: bool) -> list[tuple[FigureGroup, list[FigureRow]]]:
    """Groups with several values, or those with one, ready to be drawn."""
    return [(group, figure_rows(group.facts)) for group in groups if (len(group.facts) > 1) is several]


def moment(fact: Fact, *, name: bool = False) -> Moment:
    """A dated fact on a timeline; `name` puts what it is about before it."""
    return Moment(
        when=fact.time,
        text=f"{fact.about.title}: {fact.says}" if name else fact.says,
        source=fact.source.publisher,
        source_url=fact.get_absolute_url(),
    )
