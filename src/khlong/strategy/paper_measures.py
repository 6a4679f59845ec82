"""What a plan's documents say of its measures and indicators: a table for each measure, an annex of indicators."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from khlong.chain.models import Edge, Kind
from khlong.network.models import Organisation
from khlong.paper.model import Block, Cell, Column, Row, Table, h
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import Group, Source
from khlong.strategy.frozen import groups_in
from khlong.strategy.models import ItemKind, MeasureDetail, Plan
from khlong.strategy.part_pages import indicator_rows, seen_indicators, years
from khlong.strategy.press import Press
from khlong.strategy.queries import Book, Leaf
from khlong.thai.money import format_baht
from khlong.ui.text import amount_text, era

NAMES = ("system", "land_use", "drainage_path", "landowner", "permission", "gains", "loses", "beyond")
WHAT = ((0, 28), (6, 52), (7, 52), (8, 48), (9, 44), (13, 30))
WHERE = ((1, 34), (2, 36), (3, 36), (4, 36), (5, 36), (10, 38), (11, 22), (12, 44))
"""Which rows of a measure are the columns of a workbook's two tables, and how wide each is in millimetres."""
MOST_INDICATORS = 500


class Measures:
    """The details of a plan's measures for its documents, as the version holds them; four queries, however many
    measures there are.
    """

    def __init__(self, press: Press, book: Book, actor: Actor) -> None:
        self.press = press
        self.leaves = [leaf for leaf in book.all() if leaf.kind == ItemKind.MEASURE]
        keys = [leaf.item.pk for leaf in self.leaves]
        self.details = {leaf.item.pk: leaf.detail for leaf in self.leaves if leaf.detail is not None}
        self.kept = {leaf.item.pk: leaf.kept for leaf in self.leaves}
        held = self.details.values()
        self.organisations = Organisation.objects.in_bulk({row.responsible_id for row in held} - {None})
        self.sources = Source.objects.in_bulk({row.cost_source_id for row in held} - {None})
        self.groups = Group.objects.in_bulk({key for kept in self.kept.values() for key in groups_in(kept)})
        self.findings: dict[Any, list[str]] = defaultdict(list)
        edges = scope(actor, Edge.objects.filter(down__in=keys, up__kind=Kind.FINDING))
        for item, ref in edges.order_by("up__ref").values_list("down", "up__ref"):
            self.findings[item].append(ref)

    def rows(self, leaf: Leaf) -> list[tuple[str, Cell]]:
        """Everything that can be said of a measure, with what is said, or that it is not."""
        detail = self.details[leaf.item.pk]
        made = [(_label("kind"), self._said(str(detail.get_kind_display()) if detail.kind else ""))]
        made += [(_label(name), self._said(getattr(detail, name))) for name in NAMES]
        keys = groups_in(self.kept[leaf.item.pk])
        groups = ", ".join(self.groups[key].name for key in keys if key in self.groups)
        responsible = self.organisations[detail.responsible_id].name if detail.responsible_id else ""
        return [
            *made,
            (_label("groups"), self._said(groups)),
            (_label("responsible"), self._said(responsible)),
            (_("years (Buddhist era)"), self._said(years(detail))),
            (_label("cost_satang"), self._cost(detail)),
            (_("Findings that it answers"), self._said(", ".join(self.findings[leaf.item.pk]))),
        ]

    def _said(self, words: str) -> Cell:
        return Cell(words or _("Not said"))

    def _cost(self, detail: MeasureDetail) -> Cell:
        if detail.cost_satang is None:
            return self._said("")
        words = format_baht(detail.cost_satang, self.press.lang)
        said = f"{words} ({detail.cost_note})" if detail.cost_note else words
        source = self.sources.get(detail.cost_source_id)
        cites = (self.press.key(source),) if source else ()
        return Cell(said, cites=cites)

    def tables(self) -> dict[Any, Table]:
        """A table for each measure of which something is said, by the key of the part."""
        columns = (Column(_("Details of the measure"), 52), Column(_("What is said"), None))
        found = {}
        for leaf in self.leaves:
            if leaf.item.pk in self.details:
                rows = self._short(leaf)
                found[leaf.item.pk] = Table(f"{leaf.number} {leaf.item.ref}", columns, rows)
        return found

    def _short(self, leaf: Leaf) -> list[Row]:
        """What is said of a measure in rows, and what is not said in a last one, so that paper is not wasted."""
        rows = self.rows(leaf)
        empty = _("Not said")
        made: list[Row] = [(_capital(label), cell) for label, cell in rows if cell.value != empty]
        unsaid = [label for label, cell in rows if cell.value == empty]
        return [*made, *([(empty, ", ".join(unsaid))] if unsaid else [])]

    def for_workbook(self) -> list[Block]:
        """All measures as the rows of two tables, for a workbook, which would else have a sheet for each: what they are
        and for whom; where they stand, who does them and for how much.
        """
        told = [leaf for leaf in self.leaves if leaf.item.pk in self.details]
        if not told:
            return []
        said = [[cell for _label, cell in self.rows(leaf)] for leaf in told]
        heads = [_capital(label) for label, _cell in self.rows(told[0])]

        def table(caption: str, measure_mm: float, chosen: tuple[tuple[int, float], ...]) -> Table:
            columns = (
                Column(_("No."), 13),
                Column(_("Reference"), 27),
                Column(_("Measure"), measure_mm),
                *(Column(heads[at], mm) for at, mm in chosen),
            )
            rows: list[Row] = [
                (leaf.number, leaf.item.ref, self.press.words(leaf), *(cells[at] for at, _mm in chosen))
                for leaf, cells in zip(told, said, strict=True)
            ]
            return Table(caption, columns, rows)

        return [
            h(1, _("What the measures are")),
            table(_("Measures: what and for whom"), 84, WHAT),
            table(_("Measures: where, who, money"), 66, WHERE),
        ]


def _label(name: str) -> str:
    field: Any = MeasureDetail._meta.get_field(name)
    return str(field.verbose_name)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def indicator_part(press: Press, plan: Plan, book: Book, actor: Actor) -> list[Block]:
    """The annex of indicators: from where to where, how far, and where it can be looked up; nothing without any."""
    indicators = list(seen_indicators(actor).filter(city=plan.city_id)[:MOST_INDICATORS])
    if not indicators:
        return []
    numbers = {leaf.item.pk: leaf.number for leaf in book.all()}
    columns = (
        Column(_("Indicator"), None),
        Column(_("Belongs to"), 14),
        Column(_("Unit"), 16),
        Column(_("Baseline"), 20, "right"),
        Column(_("Target"), 20, "right"),
        Column(_("Last value"), 24, "right"),
        Column(_("Means of verification"), 28),
    )
    rows: list[Row] = []
    for row in indicator_rows(actor, indicators):
        one, last = row.indicator, row.last
        rows.append(
            (
                f"{one.name} ({one.ref})",
                numbers.get(one.item_id, "") or _("the plan"),
                one.unit,
                _figure(one.baseline, era(one.baseline_year)),
                _figure(one.target, era(one.target_year)),
                f"{amount_text(last.value)} ({press.day(last.end)})" if last else _("No value yet"),
                one.means or _("Not said"),
            )
        )
    caption = _("By what one knows that goals and measures are reached")
    return [h(1, _("Indicators")), Table(caption, columns, rows)]


def _figure(value: Any, year: int | str | None) -> str:
    return _("Not said") if value is None else f"{amount_text(value)} ({year})"
