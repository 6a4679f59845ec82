"""Proposals put into the lines of the official forms: groups in their order, numbers, sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from khlong.adoption.models import AMENDS, Edition, Form, PlanFormat, Proposal, State, edition_words
from khlong.adoption.official_forms import columns as c
from khlong.adoption.official_forms.books import OF_THE_PROVINCE, Book, books_of
from khlong.paper.official import Baht, Band, CellValue, FormBlock, FormRow, FormSheet

DOTS = "." * 30
NOT_NAMED = "ครั้งที่ ....../........"
"""The round of an edition that nobody has named yet."""
EXAMPLE = "ข้อมูลตัวอย่าง"
AREA = "แผนงาน"


@dataclass(frozen=True)
class Options:
    """How a form is printed.

    `plan_format` and `first_year` choose the book, `edition` an addition, a change or a correction of it, `round` which
    one, such as "1/2571"; without a round its number is dots to be filled in.
    `kpi` switches the indicator column (None: as the format has it), `long_head` the lines ก-จ against the short two.
    """

    plan_format: PlanFormat = PlanFormat.ISSUE
    first_year: int = 2571
    edition: str = ""
    round: str = ""
    kpi: bool | None = None
    long_head: bool = True
    subtitle: str = ""
    thai_digits: bool = field(default=False, compare=False)

    @property
    def years(self) -> list[int]:
        return list(range(self.first_year, self.first_year + 5))

    @property
    def plan(self) -> str:
        """The name of the book, with the round of its edition."""
        name = c.NAME.format(first=self.years[0], last=self.years[-1])
        if not self.edition:
            return name
        return f"{name} {edition_words(self.edition, self.round or NOT_NAMED, None)}"

    @property
    def with_kpi(self) -> bool:
        return c.kpi_by_default(self.plan_format) if self.kpi is None else self.kpi

    @property
    def amends(self) -> bool:
        return self.edition in AMENDS

    @property
    def by_strategy(self) -> bool:
        return self.plan_format == PlanFormat.STRATEGY


def form_sheets(form: str, proposals: Iterable[Proposal], options: Options) -> list[FormSheet]:
    """One sheet for each authority's book, in the order of their names; proposals come with organisation and city."""
    make = _summary if form == c.SUMMARY else _detail
    return [make(form, book, rows, options) for book, rows in books_of(proposals)]


def form_of(row: Proposal) -> str:
    """What an authority passed on to another body stands in P. 02/2."""
    return str(Form.P02_2 if row.state == State.REFERRED else row.form)


def _titles(form: str, book: Book, first: Proposal, options: Options) -> tuple[str, ...]:
    kind = form if form == c.SUMMARY else options.edition or "detail"
    title = c.TITLES.get((kind, options.plan_format)) or c.TITLES[("detail", options.plan_format)]
    subtitle = options.subtitle if form in c.SUBTITLES and not _to_itself(book, options.subtitle) else ""
    lines = (title, subtitle, options.plan, " ".join(filter(None, (book.name, first.city.where_th))))
    return tuple(line for line in lines if line)


def _to_itself(book: Book, subtitle: str) -> bool:
    """Whether a sub-title would have a provincial organisation coordinate with the provincial organisation."""
    return book.name.startswith(OF_THE_PROVINCE) and OF_THE_PROVINCE in subtitle


def _sheet(
    form: str, book: Book, rows: list[Proposal], options: Options, blocks: list[FormBlock]
) -> FormSheet:
    columns = (
        c.summary_columns(options.plan_format, options.years)
        if form == c.SUMMARY
        else c.detail_columns(
            options.plan_format, options.years, kpi=options.with_kpi, edition=options.edition
        )
    )
    return FormSheet(
        name=f"{c.CODES[form].removeprefix('แบบ ')} {book.name}",
        code=c.CODES[form],
        titles=_titles(form, book, rows[0], options),
        columns=columns,
        blocks=tuple(blocks),
        footer=options.plan,
        example=EXAMPLE if any(row.node.is_example for row in rows) else "",
    )


# --- P. 02, 02/1, 02/2 ------------------------------------------------------------------------------


def area_of(proposal: Proposal) -> str:
    """The programme area without the word before it, however it was typed."""
    return proposal.area.strip().removeprefix(AREA).strip() or DOTS


def _key(proposal: Proposal, options: Options) -> tuple[str, ...]:
    """What proposals stand together by: strategy, tactic and area, or the development issue alone."""
    above = proposal.strategy.strip()
    return (above, proposal.tactic.strip(), area_of(proposal)) if options.by_strategy else (above,)


def _groups(rows: Sequence[Proposal], options: Options) -> list[list[Proposal]]:
    """In the order of their words, those without any last; within a group as they were made."""

    def order(proposal: Proposal) -> tuple[object, ...]:
        key = _key(proposal, options)
        return (not key[0], key, proposal.node.created_at, proposal.node.ref)

    found = groupby(sorted(rows, key=order), key=lambda p: _key(p, options))
    return [list(group) for _key_, group in found]


def _detail(form: str, book: Book, rows: list[Proposal], options: Options) -> FormSheet:
    blocks = [_block(number, group, options) for number, group in enumerate(_groups(rows, options), 1)]
    return _sheet(form, book, rows, options, blocks)


def _block(number: int, group: list[Proposal], options: Options) -> FormBlock:
    if options.amends:
        lines = [row for at, proposal in enumerate(group, 1) for row in _old_and_new(at, proposal, options)]
    else:
        lines = [FormRow(_cells(at, Wording.now(one), options)) for at, one in enumerate(group, 1)]
    return FormBlock(
        rows=(*lines, *_feet(group, options)),
        lines=_lines(group[0], options),
        bands=_bands(number, group[0], options),
    )


def _lines(first: Proposal, options: Options) -> tuple[tuple[int, str], ...]:
    """What stands above the table once for a group: to which plans above it the strategy belongs."""
    if not options.by_strategy:
        return ()
    province, together = first.province_strategy or DOTS, first.together or DOTS
    if not options.long_head:
        return (
            (0, f"ก. ยุทธศาสตร์จังหวัดที่ {province}"),
            (0, f"ข. ยุทธศาสตร์การพัฒนาขององค์กรปกครองส่วนท้องถิ่นในเขตจังหวัดที่ {together}"),
        )
    return (
        (0, f"ก. ยุทธศาสตร์ชาติ 20 ปี ยุทธศาสตร์ที่ {first.national or DOTS}"),
        (0, f"ข. แผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ ฉบับที่ 13 หมุดหมายที่ {first.milestone or DOTS}"),
        (0, f"ค. Sustainable Development Goals : SDGs เป้าหมายที่ {first.sdg or DOTS}"),
        (0, f"ง. ยุทธศาสตร์จังหวัดที่ {province}"),
        (0, f"จ. ยุทธศาสตร์การพัฒนาของ อปท. ในเขตจังหวัดที่ {together}"),
    )


def _bands(number: int, first: Proposal, options: Options) -> tuple[str, ...]:
    """What is repeated with the headings on every page of a group."""
    above = first.strategy.strip() or DOTS
    if not options.by_strategy:
        return (f"{number}. ประเด็นการพัฒนาท้องถิ่น: {above}",)
    if not options.long_head:
        return (f"{number}. ยุทธศาสตร์ที่ {above}", f"{number}.1 แผนงาน{area_of(first)}")
    return (f"ยุทธศาสตร์: {above}", f"กลยุทธ์: {first.tactic.strip() or DOTS}", f"แผนงาน: {area_of(first)}")


@dataclass(frozen=True)
class Wording:
    """What the columns say of a project: as it shall stand, or as it stands in the plan."""

    name: str
    objective: str
    outputs: str
    years: dict[int, int]
    kpi: str
    outcome: str
    lead_unit: str
    reason: str = ""

    @classmethod
    def now(cls, p: Proposal) -> Wording:
        return cls(p.name_th, p.objective, p.outputs, p.years, p.kpi, p.outcome, p.lead_unit, p.reason)

    @classmethod
    def before(cls, p: Proposal) -> Wording:
        """Dots where nobody has said yet how the plan has it."""
        texts = [p.was_name, p.was_objective, p.was_outputs, p.was_kpi, p.was_outcome, p.was_lead_unit]
        if p.lacks_old_words:
            texts = [DOTS] * len(texts)
        name, objective, outputs, kpi, outcome, lead_unit = texts
        return cls(name, objective, outputs, p.was_years, kpi, outcome, lead_unit)


def _cells(number: int, said: Wording, options: Options) -> tuple[CellValue, ...]:
    texts = [said.name, said.objective, said.outputs]
    money = [Baht(said.years[year]) if said.years.get(year) else None for year in options.years]
    after = [said.kpi] if options.with_kpi else []
    after += [said.outcome, said.lead_unit]
    after += [said.reason] if options.edition == Edition.SUPPLEMENT else []
    return (number, *texts, *money, *after)


def _old_and_new(number: int, proposal: Proposal, options: Options) -> Iterable[FormRow | Band]:
    """How a project stands in the plan, how it shall stand with what changes marked, and why."""
    old = _cells(number, Wording.before(proposal), options)
    new = _cells(number, Wording.now(proposal), options)
    yield FormRow((c.OLD, *old))
    changed = {at for at, (one, other) in enumerate(zip(old, new, strict=True), 1) if one != other}
    yield FormRow((c.NEW, *new), changed=frozenset(changed))
    if proposal.reason.strip():
        yield Band(f"{c.REASON}: {proposal.reason.strip()}")


def _feet(group: list[Proposal], options: Options) -> tuple[FormRow, FormRow]:
    """Sums of money, and how many projects have money in a year."""
    money, counts = _sums(group, options)
    rest = 2 + options.with_kpi + (options.edition == Edition.SUPPLEMENT)
    over = 4 + options.amends
    return (
        FormRow((c.FOOT_MONEY, *(Baht(one) if one else None for one in money), *([""] * rest)), True, over),
        FormRow((c.FOOT_COUNT, *(one or None for one in counts), *([""] * rest)), True, over),
    )


def _sums(group: list[Proposal], options: Options) -> tuple[list[int], list[int]]:
    by_year = [proposal.years for proposal in group]
    money = [sum(years.get(year, 0) for years in by_year) for year in options.years]
    return money, [sum(bool(years.get(year)) for years in by_year) for year in options.years]


# --- P. 01 ------------------------------------------------------------------------------------------


def _summary(form: str, book: Book, rows: list[Proposal], options: Options) -> FormSheet:
    """Projects and money by year. Those of P. 02/1 and 02/2 are never added to the authority's own."""
    own = [row for row in rows if form_of(row) == Form.P02]
    blocks = [FormBlock(tuple(_summary_rows(own, options, "")))] if own else []
    for kind, mark in ((Form.P02_1, " (ผ.02/1)"), (Form.P02_2, " (ผ.02/2)")):
        if others := [row for row in rows if form_of(row) == kind]:
            blocks.append(FormBlock(tuple(_summary_rows(others, options, mark))))
    return _sheet(form, book, rows, options, blocks)


def _summary_rows(rows: list[Proposal], options: Options, mark: str) -> Iterable[FormRow | Band]:
    if options.by_strategy:
        yield from _by_strategy(rows, options, mark)
    else:
        for number, group in enumerate(_groups(rows, options), 1):
            yield _sum_row(f"{number}. {group[0].strategy.strip() or DOTS}{mark}", group, options)
    yield _sum_row(c.GRAND_SUM, rows, options, bold=True)


def _by_strategy(rows: list[Proposal], options: Options, mark: str) -> Iterable[FormRow | Band]:
    """A band for each strategy, a line for each programme area in it (whatever the tactic), and their sum."""
    ordered = [proposal for group in _groups(rows, options) for proposal in group]
    for number, (above, found) in enumerate(groupby(ordered, key=lambda p: p.strategy.strip()), 1):
        group = list(found)
        yield Band(f"ยุทธศาสตร์: {above or DOTS}")
        areas = dict.fromkeys(area_of(proposal) for proposal in group)
        for at, area in enumerate(areas, 1):
            inside = [proposal for proposal in group if area_of(proposal) == area]
            yield _sum_row(f"{number}.{at} {AREA}{area}{mark}", inside, options)
        yield _sum_row(c.SUM, group, options, bold=True)


def _sum_row(label: str, group: list[Proposal], options: Options, *, bold: bool = False) -> FormRow:
    money, counts = _sums(group, options)
    cells: list[CellValue] = [label]
    for amount, count in zip(money, counts, strict=True):
        cells += [count or None, Baht(amount) if amount else None]
    total = sum(money)
    cells += [sum(any(p.years.get(year) for year in options.years) for p in group) or None]
    cells += [Baht(total) if total else None]
    return FormRow(tuple(cells), bold)
