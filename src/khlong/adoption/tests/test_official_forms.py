"""The official forms: headings and their order letter by letter, lines, sums, and that Word and Excel hold them."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from khlong.adoption import actions
from khlong.adoption.models import PlanFormat, Proposal, budget_of
from khlong.adoption.official_forms.columns import detail_columns, summary_columns
from khlong.adoption.official_forms.printing import chosen, form_file, of_one
from khlong.adoption.official_forms.sheets import DOTS, Options, form_sheets
from khlong.adoption.tests.makers import SYSTEM, an_organisation, fresh, propose
from khlong.network.models import Organisation
from khlong.paper.official import Band, FormColumn, FormRow, FormSheet, heads, printed
from khlong.places.models import City
from khlong.strategy.models import Item

FACTS = Path(__file__).resolve().parents[4].parent / "shared/facts/thai_planning.md"
BY_STRATEGY = Options(plan_format=PlanFormat.STRATEGY, first_year=2566)
BY_ISSUE = Options()
SUPPLEMENT = Options(edition="supplement", round="1/2571")
FIRST = ["ที่", "โครงการ", "วัตถุประสงค์", "เป้าหมาย (ผลผลิตของโครงการ)"]


def names(columns: tuple[FormColumn, ...]) -> list[str]:
    return [column.words for column in columns]


def detail(plan_format: PlanFormat, first: int, *, kpi: bool, edition: str = "") -> list[str]:
    years = list(range(first, first + 5))
    return names(detail_columns(plan_format, years, kpi=kpi, edition=edition))


# --- headings ---------------------------------------------------------------------------------------


def test_p02_by_strategy_has_its_twelve_columns_in_their_order() -> None:
    money = [f"งบประมาณ: {year} (บาท)" for year in range(2566, 2571)]
    last = ["ตัวชี้วัด (KPI)", "ผลที่คาดว่าจะได้รับ", "หน่วยงานรับผิดชอบหลัก"]
    found = detail(PlanFormat.STRATEGY, 2566, kpi=BY_STRATEGY.with_kpi)
    assert found == [*FIRST, *money, *last]
    assert len(found) == 12


def test_p02_by_development_issue_has_no_indicator_unless_it_is_switched_on() -> None:
    money = [f"งบประมาณ: พ.ศ. {year} (บาท)" for year in range(2571, 2576)]
    last = ["ผลที่คาดว่าจะได้รับ", "หน่วยงานรับผิดชอบหลัก"]
    assert detail(PlanFormat.ISSUE, 2571, kpi=BY_ISSUE.with_kpi) == [*FIRST, *money, *last]
    with_it = detail(PlanFormat.ISSUE, 2571, kpi=True)
    assert with_it == [*FIRST, *money, "ตัวชี้วัด (KPI)", *last]


@pytest.mark.parametrize("plan_format", PlanFormat)
def test_a_supplement_ends_with_the_reason_and_need(plan_format: PlanFormat) -> None:
    assert detail(plan_format, 2571, kpi=True, edition="supplement")[-1] == "เหตุผลความจำเป็น"


@pytest.mark.parametrize(
    ("plan_format", "first", "group"),
    [(PlanFormat.STRATEGY, 2566, "ยุทธศาสตร์"), (PlanFormat.ISSUE, 2571, "ประเด็นการพัฒนา")],
)
def test_p01_counts_projects_and_money_of_each_year_and_of_five(
    plan_format: PlanFormat, first: int, group: str
) -> None:
    years = list(range(first, first + 5))
    by_year = [f"ปี {year}: {what}" for year in years for what in ("จำนวนโครงการ", "งบประมาณ (บาท)")]
    found = names(summary_columns(plan_format, years))
    assert found == [group, *by_year, "รวม 5 ปี: จำนวนโครงการ", "รวม 5 ปี: งบรวม (บาท)"]
    assert len(found) == 13


def _listed(key: str) -> list[str]:
    """The headings of a form in the machine-readable list of the facts."""
    text = re.search(rf"^{key}: \[(.*)\]$", FACTS.read_text("utf-8"), re.MULTILINE)
    assert text is not None
    return [part.strip().strip('"') for part in re.findall(r'"[^"]*"(?: x5)?|[^,]+', text[1]) if part.strip()]


def _spread(listed: list[str], years: list[int]) -> list[str]:
    found: list[str] = []
    for part in listed:
        if part.endswith(" x5"):
            group, _colon, heading = part.removesuffix(" x5").strip('"').partition(":")
            found += [f"{group}: {heading}".replace("{y}", str(year)) for year in years]
        else:
            found.append(part)
    return found


@pytest.mark.skipif(not FACTS.exists(), reason="the facts do not lie beside this repository")
@pytest.mark.parametrize(
    ("key", "plan_format", "first"),
    [("por02", PlanFormat.STRATEGY, 2566), ("por02_issue2571", PlanFormat.ISSUE, 2571)],
)
def test_headings_stand_letter_for_letter_as_in_the_facts(
    key: str, plan_format: PlanFormat, first: int
) -> None:
    years = list(range(first, first + 5))
    found = detail(plan_format, first, kpi=plan_format == PlanFormat.STRATEGY)
    assert found == _spread(_listed(key), years)


# --- lines ------------------------------------------------------------------------------------------


def one_sheet(rows: list[Proposal], form: str, options: Options) -> FormSheet:
    (sheet,) = form_sheets(form, rows, options)
    return sheet


def lines(sheet: FormSheet) -> list[list[str]]:
    return [
        [row.words] if isinstance(row, Band) else [printed(cell) for cell in row.cells]
        for block in sheet.blocks
        for row in block.rows
    ]


@pytest.fixture
def older(city: City, measure: Item, municipality: Organisation) -> list[Proposal]:
    """Three proposals for the plan by strategy, in two programme areas."""
    said: dict[str, Any] = {
        "plan_from": 2566,
        "channel": "local_plan",
        "strategy": "1 การจัดการน้ำ",
        "tactic": "ระบายน้ำ",
    }
    asked = [("เคหะและชุมชน", 2569, 100), ("แผนงานเคหะและชุมชน", 2570, 50), ("การเกษตร", 2570, 30)]
    made = []
    for number, (area, year, baht) in enumerate(asked, 1):
        budget = budget_of({year: baht * 1000_00})
        made.append(
            propose(
                city, measure, municipality, **said, name_th=f"โครงการ {number}", area=area, budget=budget
            )
        )
    return [fresh(row) for row in made]


def test_numbers_begin_anew_in_each_programme_area_however_it_was_typed(older: list[Proposal]) -> None:
    sheet = one_sheet(older, "p02", BY_STRATEGY)
    assert [block.bands[2] for block in sheet.blocks] == ["แผนงาน: การเกษตร", "แผนงาน: เคหะและชุมชน"]
    numbers = [[row.cells[0] for row in block.rows if isinstance(row, FormRow)] for block in sheet.blocks]
    feet = ["รวมงบประมาณ", "รวมจำนวนโครงการ"]
    assert numbers == [[1, *feet], [1, 2, *feet]]


def test_feet_sum_the_money_of_each_year_and_count_the_projects_that_have_some(older: list[Proposal]) -> None:
    block = one_sheet(older, "p02", BY_STRATEGY).blocks[1]
    money, count = block.rows[-2:]
    assert isinstance(money, FormRow)
    assert isinstance(count, FormRow)
    assert [printed(cell) for cell in money.cells[1:6]] == ["-", "-", "-", "100,000", "50,000"]
    assert [printed(cell) for cell in count.cells[1:6]] == ["-", "-", "-", "1", "1"]


def test_every_line_covers_all_columns(older: list[Proposal], proposal: Proposal) -> None:
    supplement = Options(edition="supplement", round="1/2571", kpi=True)
    sheets = [
        one_sheet(older, "p02", BY_STRATEGY),
        one_sheet(older, "p01", BY_STRATEGY),
        one_sheet([fresh(proposal)], "p02", supplement),
        one_sheet([fresh(proposal)], "p01", BY_ISSUE),
    ]
    for sheet in sheets:
        for block in sheet.blocks:
            for row in block.rows:
                if isinstance(row, FormRow):
                    assert len(row.cells) + row.label_over - 1 == len(sheet.columns), (sheet.code, row)


def test_head_lines_come_long_and_short(older: list[Proposal]) -> None:
    actions.save_proposal(SYSTEM, older[0], {"national": "5 การเติบโตที่เป็นมิตรต่อสิ่งแวดล้อม"})
    row = fresh(older[0])
    long = one_sheet([row], "p02", BY_STRATEGY).blocks[0]
    assert [words for _indent, words in long.lines] == [
        "ก. ยุทธศาสตร์ชาติ 20 ปี ยุทธศาสตร์ที่ 5 การเติบโตที่เป็นมิตรต่อสิ่งแวดล้อม",
        f"ข. แผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ ฉบับที่ 13 หมุดหมายที่ {DOTS}",
        f"ค. Sustainable Development Goals : SDGs เป้าหมายที่ {DOTS}",
        f"ง. ยุทธศาสตร์จังหวัดที่ {DOTS}",
        f"จ. ยุทธศาสตร์การพัฒนาของ อปท. ในเขตจังหวัดที่ {DOTS}",
    ]
    assert long.bands == ("ยุทธศาสตร์: 1 การจัดการน้ำ", "กลยุทธ์: ระบายน้ำ", "แผนงาน: เคหะและชุมชน")
    short = one_sheet([row], "p02", Options(PlanFormat.STRATEGY, 2566, long_head=False)).blocks[0]
    assert [words[:22] for _indent, words in short.lines] == ["ก. ยุทธศาสตร์จังหวัดที", "ข. ยุทธศาสตร์การพัฒนาข"]
    assert short.bands == ("1. ยุทธศาสตร์ที่ 1 การจัดการน้ำ", "1.1 แผนงานเคหะและชุมชน")


def test_by_development_issue_the_group_is_the_issue_and_no_lines_stand_above(proposal: Proposal) -> None:
    actions.save_proposal(SYSTEM, fresh(proposal), {"strategy": "เมืองปลอดภัยจากน้ำ"})
    block = one_sheet([fresh(proposal)], "p02", BY_ISSUE).blocks[0]
    assert block.lines == ()
    assert block.bands == ("1. ประเด็นการพัฒนาท้องถิ่น: เมืองปลอดภัยจากน้ำ",)


def test_titles_name_the_form_the_book_and_the_authority(proposal: Proposal, older: list[Proposal]) -> None:
    assert one_sheet(older, "p02", BY_STRATEGY).titles[:2] == (
        "รายละเอียดโครงการพัฒนา",
        "แผนพัฒนาท้องถิ่น (พ.ศ. 2566 - 2570)",
    )
    issue = one_sheet([fresh(proposal)], "p02", SUPPLEMENT)
    assert issue.titles[:2] == (
        "บัญชีรายละเอียดโครงการพัฒนาท้องถิ่น",
        "แผนพัฒนาท้องถิ่น (พ.ศ. 2571 - 2575) เพิ่มเติม ครั้งที่ 1/2571",
    )
    assert issue.titles[2].startswith("เทศบาลตำบลพะตง")
    codes = {form: one_sheet([fresh(proposal)], form, BY_ISSUE).code for form in ("p01", "p02_1", "p02_2")}
    assert codes == {"p01": "แบบ ผ. 01", "p02_1": "แบบ ผ. 02/1", "p02_2": "แบบ ผ. 02/2"}


def test_the_line_under_the_title_is_who_prints_its_choice(proposal: Proposal) -> None:
    chosen_line = Options(subtitle="โครงการที่เกินศักยภาพ")
    assert one_sheet([fresh(proposal)], "p02_2", chosen_line).titles[1] == "โครงการที่เกินศักยภาพ"
    assert "โครงการที่เกินศักยภาพ" not in one_sheet([fresh(proposal)], "p02", chosen_line).titles


def test_p01_sums_areas_strategies_and_all_and_keeps_other_forms_apart(
    older: list[Proposal], city: City, measure: Item, municipality: Organisation
) -> None:
    community = propose(
        city,
        measure,
        municipality,
        plan_from=2566,
        channel="local_plan",
        form="p02_1",
        budget=budget_of({2566: 9_00}),
    )
    sheet = one_sheet([*older, fresh(community)], "p01", BY_STRATEGY)
    main, other = sheet.blocks
    labels = [row.words if isinstance(row, Band) else row.cells[0] for row in main.rows]
    assert labels == [
        "ยุทธศาสตร์: 1 การจัดการน้ำ",
        "1.1 แผนงานการเกษตร",
        "1.2 แผนงานเคหะและชุมชน",
        "รวม",
        "รวมทั้งสิ้น",
    ]
    last = lines(sheet)[4]
    assert last[-2:] == ["3", "180,000"]
    assert isinstance(other.rows[1], FormRow)
    assert str(other.rows[1].cells[0]).endswith("(ผ.02/1)")


# --- which proposals --------------------------------------------------------------------------------


def test_a_form_holds_those_of_its_plan_its_round_and_its_doer(
    proposal: Proposal, older: list[Proposal], city: City, measure: Item, municipality: Organisation
) -> None:
    far = propose(city, measure, municipality, form="p02_2")
    policy = propose(city, measure, municipality, channel="policy")
    gone = propose(city, measure, municipality)
    Proposal.objects.filter(pk=gone.pk).update(state="merged")
    rows = [fresh(row) for row in (proposal, far, policy, gone, *older)]
    supplement = SUPPLEMENT
    assert chosen(rows, "p02", supplement) == [proposal]
    assert chosen(rows, "p02_2", supplement) == [far]
    assert chosen(rows, "p01", supplement) == [proposal, far]
    assert chosen(rows, "p02", BY_ISSUE) == []
    assert chosen(rows, "p02", BY_STRATEGY) == older


def test_what_was_passed_on_stands_in_p02_2(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(state="referred")
    supplement = SUPPLEMENT
    assert chosen([fresh(proposal)], "p02_2", supplement) == [proposal]
    assert chosen([fresh(proposal)], "p02", supplement) == []


def test_each_authority_has_its_own_sheet(proposal: Proposal, city: City, measure: Item) -> None:
    other = propose(city, measure, an_organisation(city, "เทศบาลเมืองคอหงส์"))
    sheets = form_sheets("p02", [fresh(proposal), fresh(other)], BY_ISSUE)
    assert sorted(sheet.titles[-1].split()[0] for sheet in sheets) == ["เทศบาลตำบลพะตง", "เทศบาลเมืองคอหงส์"]


# --- as files ---------------------------------------------------------------------------------------


def as_docx(rows: list[Proposal], options: Options, form: str = "p02") -> Any:
    data = form_file(form_sheets(form, rows, options), "docx", title="x", thai_digits=options.thai_digits)
    return docx.Document(BytesIO(data))


def as_xlsx(rows: list[Proposal], options: Options, form: str = "p02") -> Any:
    data = form_file(form_sheets(form, rows, options), "xlsx", title="x", thai_digits=options.thai_digits)
    return openpyxl.load_workbook(BytesIO(data))


def _head_of(table: Any, bands: int) -> list[str]:
    first, second = ([cell.text for cell in row.cells] for row in table.rows[bands : bands + 2])
    return [a if a == b else f"{a}: {b}" for a, b in zip(first, second, strict=True)]


@pytest.mark.parametrize("form", ["p01", "p02", "p02_1", "p02_2"])
def test_the_headings_in_word_are_those_of_the_form(proposal: Proposal, form: str) -> None:
    sheet = one_sheet([fresh(proposal)], form, BY_ISSUE)
    (table,) = as_docx([fresh(proposal)], BY_ISSUE, form).tables
    bands = len(sheet.blocks[0].bands)
    assert _head_of(table, bands) == sheet.headings
    repeated = [row._tr.trPr is not None and "tblHeader" in row._tr.xml for row in table.rows]
    assert repeated == [True] * (bands + 2) + [False] * (len(table.rows) - bands - 2)


def test_word_lies_on_its_side_with_the_code_top_right_and_page_numbers(proposal: Proposal) -> None:
    made = as_docx([fresh(proposal)], SUPPLEMENT)
    page = made.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (297, 210)
    assert page.header.paragraphs[0].text == "แบบ ผ. 02"
    assert "PAGE" in page.footer._element.xml
    assert "เพิ่มเติม ครั้งที่ 1/2571" in page.footer.paragraphs[0].text


def test_money_has_commas_and_an_empty_year_is_a_dash(proposal: Proposal) -> None:
    (table,) = as_docx([fresh(proposal)], BY_ISSUE).tables
    row = [cell.text for cell in table.rows[3].cells]
    assert row[4:9] == ["500,000", "250,000", "-", "-", "-"]


def test_thai_digits_are_written_as_thai_digits_in_a_font_that_leaves_them(proposal: Proposal) -> None:
    made = as_docx([fresh(proposal)], Options(thai_digits=True))
    text = "".join(cell.text for row in made.tables[0].rows for cell in row.cells)
    assert "๕๐๐,๐๐๐" in text
    assert not re.search("[0-9]", text)
    assert "IT๙" not in made.element.xml
    assert made.sections[0].header.paragraphs[0].text == "แบบ ผ. ๐๒"


def test_excel_holds_money_as_numbers_and_the_headings_in_their_order(proposal: Proposal) -> None:
    sheet = one_sheet([fresh(proposal)], "p02", BY_ISSUE)
    paper = as_xlsx([fresh(proposal)], BY_ISSUE).worksheets[0]
    first = next(row for row in range(1, 20) if paper.cell(row, 1).value == "ที่")
    laid = heads(sheet.columns)
    assert [paper.cell(first, at + 1).value for _words, at, _span, _high in laid.first] == [
        words for words, *_rest in laid.first
    ]
    assert [paper.cell(first + 1, at + 1).value for _words, at in laid.second] == [
        w for w, _at in laid.second
    ]
    row = next(n for n in range(1, 40) if paper.cell(n, 2).value == proposal.name_th)
    assert (paper.cell(row, 5).value, paper.cell(row, 5).number_format) == (500000, "#,##0")
    assert paper.cell(row, 7).value == "-"
    assert paper.cell(first - 1, 1).value == sheet.blocks[0].bands[0]
    assert paper.print_title_rows == f"${first - 1}:${first + 1}", "the group is repeated with its headings"
    assert paper.page_setup.orientation == "landscape"


def test_words_that_look_like_a_formula_stay_words(proposal: Proposal) -> None:
    actions.save_proposal(SYSTEM, fresh(proposal), {"outputs": "=1+1"})
    paper = as_xlsx([fresh(proposal)], BY_ISSUE).worksheets[0]
    cells = [cell for row in paper.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_a_single_proposal_is_printed_whatever_its_state(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(state="cancelled")
    (sheet,) = of_one(fresh(proposal), SUPPLEMENT)
    assert sheet.headings[-1] == "เหตุผลความจำเป็น"
    assert lines(sheet)[0][-1] == "ปี 2568 น้ำท่วมตลาดสองครั้ง"
