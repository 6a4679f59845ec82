"""A plan, and a city on one page, as documents to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from khlong.chain.models import Kind
from khlong.chain.queries import trace
from khlong.paper.model import (
    Block,
    Cell,
    Clause,
    Column,
    Document,
    Heading,
    Inline,
    Paragraph,
    Table,
    Text,
    Unpublished,
    h,
    li,
    p,
)
from khlong.people.actor import Actor
from khlong.places.models import City, Fact
from khlong.places.page import CityPage
from khlong.strategy.city_sheet import city_document
from khlong.strategy.models import ItemKind, Plan
from khlong.strategy.panels import missing_of
from khlong.strategy.paper_measures import Measures, indicator_part
from khlong.strategy.press import Lang, Press
from khlong.strategy.queries import Book, Leaf, version_book, working_book
from khlong.ui.text import era


def writer(kind: str) -> Callable[[Document], bytes]:
    """The function that writes a document in one of FORMATS; its library is loaded now, not before."""
    if kind == "docx":
        from khlong.paper.docx import to_docx

        return to_docx
    if kind == "pdf":
        from khlong.paper.pdf import to_pdf

        return to_pdf
    if kind != "xlsx":
        raise KeyError(kind)
    from khlong.paper.xlsx import to_xlsx

    return to_xlsx


def plan_file(plan: Plan, kind: str, lang: str, actor: Actor, *, thai_digits: bool = False) -> bytes:
    """The newest version of a plan in one of FORMATS. Raises KeyError for another format."""
    with override(lang):
        made = plan_document(plan, cast(Lang, lang), actor, thai_digits=thai_digits, workbook=kind == "xlsx")
        return writer(kind)(made)


def city_file(city: City, kind: str, lang: str, actor: Actor, *, thai_digits: bool = False) -> bytes:
    """A city on one page, in one of FORMATS."""
    with override(lang):
        return writer(kind)(city_document(city, cast(Lang, lang), actor, thai_digits=thai_digits))


def plan_document(
    plan: Plan, lang: Lang, actor: Actor, *, thai_digits: bool = False, workbook: bool = False
) -> Document:
    """The plan with its vision letter for letter, its strategies with what their measures are, its indicators, what
    is known of the city, and the sources. `workbook` puts all measures into two tables, which would else have a sheet
    each.
    """
    press = Press(lang)
    version = plan.versions.order_by("-number").first()
    book = version_book(version) if version else working_book(plan)
    page = CityPage(actor, plan.city)
    measures = Measures(press, book, actor)
    press.tables = {} if workbook else measures.tables()
    indicators = indicator_part(press, plan, book, actor)
    parts = (
        _vision_part(press, book),
        _strategy_part(press, book),
        measures.for_workbook() if workbook else [],
        indicators,
        _members_part(press, page),
        _facts_part(press, page),
        _dates_part(press, page),
        _missing_part(book, has_indicators=bool(indicators)),
    )
    numbered = [
        block for number, part in enumerate(filter(None, parts), start=1) for block in _number(part, number)
    ]
    return Document(
        title=plan.name,
        subtitle=_subtitle(press, plan, version.number if version else None),
        lang=lang,
        thai_digits=thai_digits,
        blocks=(*_opening(press, plan, book), *_origin(plan, actor), *numbered),
        sources=press.paper_sources(),
        example=plan.node.is_example,
        footer=plan.name,
        generated=press.generated(),
    )


def _subtitle(press: Press, plan: Plan, number: int | None) -> str:
    words = [str(plan.get_status_display())]
    if number:
        words.append(_("version %(number)s") % {"number": number})
    if plan.drafted:
        words.append(_("drafted %(date)s") % {"date": press.when(plan.drafted)})
    return " · ".join(words)


def _opening(press: Press, plan: Plan, book: Book) -> list[Block]:
    place = " ".join(filter(None, (plan.city.name, plan.city.where)))
    if not plan.horizon_years:
        return [p(place, style="lead")]
    years = ngettext("A plan of %(years)s year.", "A plan of %(years)s years.", plan.horizon_years)
    start = _("First year")
    first: Inline = (
        Text(f"{start} {era(plan.start_year)}")
        if plan.start_year
        else Unpublished(_("first year: not published"))
    )
    said = years % {"years": plan.horizon_years}
    return [p(place, style="lead"), p(f"{said} ", first, press.cite(plan.source))]


def _origin(plan: Plan, actor: Actor) -> list[Block]:
    """What the plan as a whole comes from, with the references by which it can be found."""
    steps = trace(plan.node, actor, up=True)
    words = "; ".join(f"{step.node.title} ({step.node.ref})" for step in steps)
    return [p(f"{_('Upstream: where this plan comes from')}: {words}", style="note")] if words else []


def _number(part: list[Block], number: int) -> list[Block]:
    first = part[0]
    assert isinstance(first, Heading)
    return [Heading(first.level, first.runs, f"{number}."), *part[1:]]


def _vision_part(press: Press, book: Book) -> list[Block]:
    blocks: list[Block] = [h(1, _("Vision"))]
    for leaf in book.visions:
        blocks.append(p(f"“{press.words(leaf)}”", press.cite(book.plan.source), style="vision"))
        blocks += press.original(leaf)
    return blocks if book.visions else [*blocks, p(Unpublished())]


def _strategy_part(press: Press, book: Book) -> list[Block]:
    blocks: list[Block] = [h(1, _("Strategies"))]
    for leaf in book.chapters:
        blocks += _chapter(press, leaf)
    return blocks


def _chapter(press: Press, leaf: Leaf) -> list[Block]:
    if leaf.kind == ItemKind.STATEMENT:
        return [p(f"“{press.words(leaf)}”", style="quote"), *press.original(leaf)]
    kind = str(leaf.item.get_kind_display())
    label = _("%(kind)s %(number)s") % {"kind": kind[:1].upper() + kind[1:], "number": leaf.number}
    blocks: list[Block] = [h(2, f"{label}  {press.words(leaf)}"), *press.original(leaf)]
    if leaf.item.pk in press.tables:
        blocks.append(press.tables[leaf.item.pk])
    for part in leaf.parts:
        blocks += _clauses(press, part, 1)
    return blocks


def _clauses(press: Press, leaf: Leaf, level: int) -> Iterable[Block]:
    yield Clause(leaf.number, press.words(leaf), level)
    yield from press.original(leaf)
    if leaf.item.pk in press.tables:
        yield press.tables[leaf.item.pk]
    for part in leaf.parts:
        yield from _clauses(press, part, min(level + 1, 3))


def _members_part(press: Press, page: CityPage) -> list[Block]:
    groups = page.groups_of_people
    if not groups:
        return []
    blocks: list[Block] = [h(1, _("Who belongs to this city"))]
    blocks += [li(group.name, press.cite(group.source)) for group in groups]
    return [*blocks, p(_("Nobody has published how many they are, so no share is shown."), style="note")]


def _facts_part(press: Press, page: CityPage) -> list[Block]:
    blocks: list[Block] = [h(1, _("What is known of the city"))]
    for label, facts in page.statements:
        blocks.append(h(3, label))
        blocks += [_statement(press, fact) for fact in facts]
    if page.groups:
        blocks.append(figures_table(press, [fact for group in page.groups for fact in group.facts]))
    return blocks if len(blocks) > 1 else []


def _statement(press: Press, fact: Fact) -> Paragraph:
    words = f"“{fact.statement}”" if fact.is_quote else fact.statement
    return p(words, press.cite(fact.source))


def figures_table(press: Press, facts: list[Fact]) -> Table:
    """Figures with what was counted, who counted and when; several values stand in rows under each other."""
    columns = (
        Column(_("What"), 26),
        Column(_("Figure"), 37, "right"),
        Column(_("What was counted"), None),
        Column(_("Who counted"), 34),
        Column(_("Date"), 26),
    )
    rows = [
        (
            fact.topic.label,
            Cell(fact.amount, cites=(press.key(fact.source),)),
            fact.scope or "–",
            fact.reporter,
            press.when(fact.date, "short"),
        )
        for fact in facts
    ]
    note = _("Values that differ stand side by side. None overwrites another.")
    return Table(_("Figures and their sources"), columns, rows, note=note)


def _dates_part(press: Press, page: CityPage) -> list[Block]:
    rows = [(press.when(m.when, "short"), m.text, m.source) for m in page.timeline if m.source]
    if not rows:
        return []
    columns = (Column(_("Date"), 44), Column(_("What happened"), None), Column(_("Source"), 38))
    return [h(1, _("What happened, by date")), Table("", columns, rows)]


def _missing_part(book: Book, *, has_indicators: bool) -> list[Block]:
    """What a real plan has not published; the training city keeps nothing back."""
    if book.plan.node.is_example:
        return []
    names = missing_of(book, [Kind.INDICATOR] if has_indicators else ())
    blocks: list[Block] = [h(1, _("Not published"))]
    said = _(
        "What the working group has not published stays empty. "
        "It is never filled in and never counted as a fault."
    )
    blocks.append(p(said))
    return [*blocks, *(li(Unpublished(name)) for name in names)]
