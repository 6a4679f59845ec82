"""The forms as they lie on the table: what Word, Excel and PDF print, compared with the books that offices have.

Headings, titles and lines below are copied from printed books of the local development plan, not from the code.
"""

from __future__ import annotations

from io import BytesIO
from itertools import groupby
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest

from khlong.adoption import actions
from khlong.adoption.letter import letter_docx
from khlong.adoption.models import PlanFormat, Proposal, budget_of
from khlong.adoption.official_forms.books import UNKNOWN
from khlong.adoption.official_forms.printing import FORMS, chosen, form_file, of_one
from khlong.adoption.official_forms.sheets import Options, form_sheets
from khlong.adoption.tests.headings import headings_in_pdf
from khlong.adoption.tests.makers import SYSTEM, an_organisation, fresh, propose, step
from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.network.actions import save_organisation
from khlong.network.models import Organisation
from khlong.paper.official import FormRow
from khlong.paper.tests.fits import broken_headings, broken_in_sheets
from khlong.places.models import City
from khlong.strategy.models import Item

DETAIL_2566 = [
    "ที่",
    "โครงการ",
    "วัตถุประสงค์",
    "เป้าหมาย (ผลผลิตของโครงการ)",
    "งบประมาณ | 2566 (บาท)",
    "งบประมาณ | 2567 (บาท)",
    "งบประมาณ | 2568 (บาท)",
    "งบประมาณ | 2569 (บาท)",
    "งบประมาณ | 2570 (บาท)",
    "ตัวชี้วัด (KPI)",
    "ผลที่คาดว่าจะได้รับ",
    "หน่วยงานรับผิดชอบหลัก",
]
DETAIL_2571 = [
    "ที่",
    "โครงการ",
    "วัตถุประสงค์",
    "เป้าหมาย (ผลผลิตของโครงการ)",
    "งบประมาณ | พ.ศ. 2571 (บาท)",
    "งบประมาณ | พ.ศ. 2572 (บาท)",
    "งบประมาณ | พ.ศ. 2573 (บาท)",
    "งบประมาณ | พ.ศ. 2574 (บาท)",
    "งบประมาณ | พ.ศ. 2575 (บาท)",
    "ผลที่คาดว่าจะได้รับ",
    "หน่วยงานรับผิดชอบหลัก",
]


def _summary(group: str, first: int) -> list[str]:
    years = [
        f"ปี {year} | {what}"
        for year in range(first, first + 5)
        for what in ("จำนวนโครงการ", "งบประมาณ (บาท)")
    ]
    return [group, *years, "รวม 5 ปี | จำนวนโครงการ", "รวม 5 ปี | งบรวม (บาท)"]


HEADINGS = {
    ("p01", "strategy"): _summary("ยุทธศาสตร์", 2566),
    ("p01", "issue"): _summary("ประเด็นการพัฒนา", 2571),
    **{(form, "strategy"): DETAIL_2566 for form in ("p02", "p02_1", "p02_2")},
    **{(form, "issue"): DETAIL_2571 for form in ("p02", "p02_1", "p02_2")},
}
CODES = {"p01": "แบบ ผ. 01", "p02": "แบบ ผ. 02", "p02_1": "แบบ ผ. 02/1", "p02_2": "แบบ ผ. 02/2"}
TITLES = {
    ("p01", "strategy"): "บัญชีสรุปโครงการพัฒนา",
    ("p01", "issue"): "บัญชีสรุปโครงการพัฒนาท้องถิ่น",
    **{(form, "strategy"): "รายละเอียดโครงการพัฒนา" for form in ("p02", "p02_1", "p02_2")},
    **{(form, "issue"): "บัญชีรายละเอียดโครงการพัฒนาท้องถิ่น" for form in ("p02", "p02_1", "p02_2")},
}
BOOKS = {"strategy": "แผนพัฒนาท้องถิ่น (พ.ศ. 2566 - 2570)", "issue": "แผนพัฒนาท้องถิ่น (พ.ศ. 2571 - 2575)"}
FIRST_YEAR = {"strategy": 2566, "issue": 2571}
EDITIONS = {
    "supplement": ([], ["เหตุผลความจำเป็น"], "เพิ่มเติม ครั้งที่ 1/2569"),
    "change": (["รายการ"], [], "เปลี่ยนแปลง ครั้งที่ 1/2569"),
    "correction": (["รายการ"], [], "แก้ไข ครั้งที่ 1/2569"),
}
"""Of each edition: columns before the others, columns after them, and how its cover names it."""
EVERY = [(form, plan) for form in FORMS for plan in PlanFormat.values]


def _options(plan: str, edition: str = "", **more: Any) -> Options:
    named: dict[str, Any] = {"edition": edition, "round": "1/2569"} if edition else {}
    return Options(plan_format=PlanFormat(plan), first_year=FIRST_YEAR[plan], **named, **more)


@pytest.fixture
def asked(city: City, measure: Item, municipality: Organisation) -> dict[str, list[Proposal]]:
    """A proposal of each form for each plan."""
    found: dict[str, list[Proposal]] = {plan: [] for plan in PlanFormat.values}
    for plan, rows in found.items():
        for form in ("p02", "p02_1", "p02_2"):
            first = FIRST_YEAR[plan]
            more: dict[str, Any] = {"plan_from": first, "form": form, "budget": budget_of({first: 90_000_00})}
            made = propose(city, measure, municipality, channel="local_plan", **more)
            rows.append(fresh(made))
    return found


def _file(rows: list[Proposal], form: str, options: Options, kind: str) -> bytes:
    sheets = form_sheets(form, chosen(rows, form, options), options)
    return form_file(sheets, kind, title="x", thai_digits=options.thai_digits)


def _joined(first: list[Any], second: list[Any]) -> list[str]:
    return [f"{a} | {b}" if b and a != b else str(a) for a, b in zip(first, second, strict=True)]


def in_word(data: bytes) -> list[list[str]]:
    """The headings of each table in Word, from the two rows that are the last of the repeated ones."""
    found = []
    for table in docx.Document(BytesIO(data)).tables:
        repeated = [row for row in table.rows if "w:tblHeader" in row._tr.xml]
        first, second = ([cell.text for cell in row.cells] for row in repeated[-2:])
        found.append(_joined(first, second))
    return found


def in_excel(data: bytes) -> list[str]:
    """The headings of the first worksheet, from the last two of the rows that are printed on every page."""
    paper: Any = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    last = int(paper.print_title_rows.rpartition("$")[2])
    first: list[Any] = [cell.value for cell in paper[last - 1]]
    for at, value in enumerate(first):
        first[at] = value or (first[at - 1] if at else value)
    return _joined(first, [cell.value for cell in paper[last]])


def _letters(headings: list[str]) -> list[str]:
    """Headings letter for letter, whatever blanks and ends of lines lie between the letters."""
    return ["".join(words.split()) for words in headings]


def in_pdf(data: bytes) -> list[str]:
    """The text of each page."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def _cells(headings: list[str]) -> list[str]:
    """The cells in which headings stand, a common one of neighbours once."""
    pairs = [heading.split(" | ") for heading in headings]
    common = [group for group, _under in groupby(pairs, key=lambda pair: pair[0])]
    return _letters([*common, *(pair[1] for pair in pairs if len(pair) > 1)])


def _squeezed(words: str) -> str:
    return "".join(words.split())


# --- headings and titles ----------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "plan"), EVERY)
def test_word_has_the_headings_of_the_book_in_their_order(
    asked: dict[str, list[Proposal]], form: str, plan: str
) -> None:
    tables = in_word(_file(asked[plan], form, _options(plan), "docx"))
    assert tables
    assert all(table == HEADINGS[form, plan] for table in tables), tables


@pytest.mark.parametrize("edition", ["", *EDITIONS])
@pytest.mark.parametrize(("form", "plan"), EVERY)
def test_no_word_of_a_heading_is_broken(
    asked: dict[str, list[Proposal]], form: str, plan: str, edition: str
) -> None:
    options = _options(plan, edition, kpi=True)
    sheets = form_sheets(form, asked[plan], options)
    word = form_file(sheets, "docx", title="x")
    assert broken_headings(word) == []
    assert broken_in_sheets(form_file(sheets, "xlsx", title="x")) == []


@pytest.mark.parametrize(("form", "plan"), EVERY)
def test_excel_has_the_headings_of_the_book_in_their_order(
    asked: dict[str, list[Proposal]], form: str, plan: str
) -> None:
    assert in_excel(_file(asked[plan], form, _options(plan), "xlsx")) == HEADINGS[form, plan]


@pytest.mark.parametrize(("form", "plan"), EVERY)
def test_pdf_has_code_title_book_and_every_heading_on_its_page(
    asked: dict[str, list[Proposal]], form: str, plan: str
) -> None:
    (page,) = in_pdf(_file(asked[plan], form, _options(plan), "pdf"))
    text = _squeezed(page)
    for words in (CODES[form], TITLES[form, plan], BOOKS[plan]):
        assert _squeezed(words) in text, words
    tables = headings_in_pdf(_file(asked[plan], form, _options(plan), "pdf"))
    assert tables
    assert all(sorted(table) == sorted(_cells(HEADINGS[form, plan])) for table in tables), tables


@pytest.mark.parametrize(("form", "plan"), EVERY)
def test_the_sheet_is_named_by_code_title_book_and_authority(
    asked: dict[str, list[Proposal]], form: str, plan: str
) -> None:
    made: Any = docx.Document(BytesIO(_file(asked[plan], form, _options(plan), "docx")))
    assert made.sections[0].header.paragraphs[0].text == CODES[form]
    titles = [line.text for line in made.paragraphs[:3]]
    assert titles[:2] == [TITLES[form, plan], BOOKS[plan]]
    assert titles[2] == "เทศบาลตำบลพะตง จังหวัดสงขลา"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("plan", PlanFormat.values)
def test_editions_add_their_own_columns_and_name_their_round(
    asked: dict[str, list[Proposal]], plan: str, edition: str
) -> None:
    row = asked[plan][0]
    actions.save_proposal(SYSTEM, row, {"channel": edition})
    before, after, cover = EDITIONS[edition]
    expected = [*before, *HEADINGS["p02", plan], *after]
    options = _options(plan, edition)
    assert in_word(_file([fresh(row)], "p02", options, "docx")) == [expected]
    assert in_excel(_file([fresh(row)], "p02", options, "xlsx")) == expected
    made: Any = docx.Document(BytesIO(_file([fresh(row)], "p02", options, "docx")))
    assert made.paragraphs[1].text == f"{BOOKS[plan]} {cover}"


@pytest.mark.parametrize(
    ("plan", "edition", "title"),
    [
        ("issue", "change", "บัญชีเปรียบเทียบโครงการ (เปลี่ยนแปลง)"),
        ("issue", "correction", "บัญชีแก้ไขโครงการ (แก้ไข)"),
        ("strategy", "change", "รายละเอียดโครงการพัฒนา"),
    ],
)
def test_changes_and_corrections_have_titles_of_their_own_in_books_by_issue(
    asked: dict[str, list[Proposal]], plan: str, edition: str, title: str
) -> None:
    actions.save_proposal(SYSTEM, asked[plan][0], {"channel": edition})
    (sheet,) = form_sheets("p02", [fresh(asked[plan][0])], _options(plan, edition))
    assert sheet.titles[0] == title


def test_a_round_that_nobody_named_is_dots(asked: dict[str, list[Proposal]]) -> None:
    row = asked["issue"][0]
    actions.save_proposal(SYSTEM, row, {"channel": "change"})
    (sheet,) = of_one(fresh(row), Options(edition="change"))
    assert sheet.titles[1] == f"{BOOKS['issue']} เปลี่ยนแปลง ครั้งที่ ....../........"


# --- what stood and what shall stand ----------------------------------------------------------------

STOOD = {
    "channel": "change",
    "was_name": "โครงการขุดลอกคลองตงช่วงตลาด",
    "was_objective": "เพื่อให้น้ำในคลองไหลทันเมื่อฝนตกหนัก",
    "was_outputs": "ขุดลอกคลองยาว 300 เมตร",
    "was_outcome": "บ้านริมคลอง 62 หลังไม่ต้องยกของหนีน้ำ",
    "was_lead_unit": "กองช่าง",
    "was_budget": budget_of({2571: 500_000_00}),
}


@pytest.fixture
def changed(proposal: Proposal) -> Proposal:
    actions.save_proposal(SYSTEM, fresh(proposal), STOOD)
    return fresh(proposal)


def test_a_change_prints_what_stood_above_what_shall_stand_and_the_reason_below(changed: Proposal) -> None:
    (sheet,) = of_one(changed, Options(edition="change", round="1/2571"))
    old, new, why = sheet.blocks[0].rows[:3]
    assert isinstance(old, FormRow)
    assert isinstance(new, FormRow)
    assert (old.cells[0], new.cells[0]) == ("เดิม", "ใหม่")
    assert (old.cells[4], new.cells[4]) == ("ขุดลอกคลองยาว 300 เมตร", "ขุดลอกคลองยาว 400 เมตร")
    assert getattr(why, "words", "") == "เหตุผลความจำเป็น: ปี 2568 น้ำท่วมตลาดสองครั้ง"


def test_only_what_changes_is_marked(changed: Proposal) -> None:
    (sheet,) = of_one(changed, Options(edition="change"))
    old, new = (row for row in sheet.blocks[0].rows[:2] if isinstance(row, FormRow))
    assert {sheet.headings[at] for at in new.changed} == {
        "เป้าหมาย (ผลผลิตของโครงการ)",
        "งบประมาณ: พ.ศ. 2572 (บาท)",
    }
    assert not old.changed


def test_sums_are_of_what_shall_stand_not_of_both(changed: Proposal) -> None:
    (sheet,) = of_one(changed, Options(edition="change"))
    money, count = sheet.blocks[0].rows[-2:]
    assert isinstance(money, FormRow)
    assert isinstance(count, FormRow)
    assert [getattr(cell, "satang", cell) for cell in money.cells[1:4]] == [500_000_00, 250_000_00, None]
    assert count.cells[1:4] == (1, 1, None)
    assert len(money.cells) + money.label_over - 1 == len(sheet.columns)


def test_word_and_excel_colour_what_changes(changed: Proposal) -> None:
    options = Options(edition="change", round="1/2571")
    (table,) = docx.Document(BytesIO(form_file(of_one(changed, options), "docx", title="x"))).tables
    old, new = (next(row for row in table.rows if row.cells[0].text == word) for word in ("เดิม", "ใหม่"))
    assert ["FFF2CC" in cell._tc.xml for cell in new.cells].count(True) == 2
    assert "FFF2CC" not in old._tr.xml
    book = openpyxl.load_workbook(BytesIO(form_file(of_one(changed, options), "xlsx", title="x")))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    filled = [cell.value for cell in cells if str(cell.fill.fgColor.rgb).endswith("FFF2CC")]
    assert filled == ["ขุดลอกคลองยาว 400 เมตร", 250000]


def test_where_nobody_said_how_it_stands_the_form_has_dots(proposal: Proposal) -> None:
    actions.save_proposal(SYSTEM, fresh(proposal), {"channel": "correction"})
    (sheet,) = of_one(fresh(proposal), Options(edition="correction"))
    old = sheet.blocks[0].rows[0]
    assert isinstance(old, FormRow)
    assert set(old.cells[2:5]) == {"." * 30}


def test_each_edition_holds_its_own_proposals_only(
    proposal: Proposal, changed: Proposal, city: City, measure: Item, municipality: Organisation
) -> None:
    added = propose(city, measure, municipality, channel="supplement")
    rows = [fresh(changed), fresh(added)]
    assert chosen(rows, "p02", Options(edition="change", round="1/2571")) == [changed]
    assert chosen(rows, "p02", Options(edition="supplement", round="1/2571")) == [added]
    assert chosen(rows, "p02", Options()) == []


# --- whose book -------------------------------------------------------------------------------------


def _office(city: City, name: str, kind: str) -> Organisation:
    unsaved = new_thing(Organisation, Kind.ORGANISATION, space=city.node)
    return save_organisation(SYSTEM, unsaved, {"name_th": name, "kind": kind})


def _title(proposal: Proposal) -> str:
    (sheet,) = of_one(fresh(proposal), Options())
    return sheet.titles[-1].removesuffix(" จังหวัดสงขลา")


def test_what_is_asked_of_an_agency_stands_in_the_book_of_the_authority_of_the_place(
    city: City, measure: Item, municipality: Organisation
) -> None:
    agency = _office(city, "โครงการชลประทานสงขลา", "state")
    province = an_organisation(city, "องค์การบริหารส่วนจังหวัดสงขลา")
    city.authorities.clear()
    for body in (agency, province):
        assert _title(propose(city, measure, body, form="p02_2")) == municipality.name_th
    assert _title(propose(city, measure, province, form="p02")) == province.name_th


def test_where_more_than_one_authority_could_be_meant_nobody_is_named(
    city: City, measure: Item, municipality: Organisation
) -> None:
    city.authorities.clear()
    an_organisation(city, "องค์การบริหารส่วนตำบลพะตง")
    agency = _office(city, "โครงการชลประทานสงขลา", "state")
    assert _title(propose(city, measure, agency, form="p02_2")) == UNKNOWN


def test_each_authority_has_a_worksheet_with_its_own_words(
    city: City, measure: Item, municipality: Organisation
) -> None:
    """Titles, headings and sub-title stand on every worksheet; a provincial organisation does not ask itself."""
    province = an_organisation(city, "องค์การบริหารส่วนจังหวัดสงขลา")
    tambon = an_organisation(city, "องค์การบริหารส่วนตำบลพะตง")
    bodies = (municipality, province, tambon)
    rows = [fresh(propose(city, measure, body, form="p02_1", channel="local_plan")) for body in bodies]
    asked_of = "ประสานโครงการพัฒนาองค์การบริหารส่วนจังหวัด"
    data = _file(rows, "p02_1", _options("issue", subtitle=asked_of), "xlsx")
    papers: Any = openpyxl.load_workbook(BytesIO(data)).worksheets
    told = {paper.title: [str(cell.value) for row in paper.iter_rows() for cell in row] for paper in papers}
    assert len(told) == 3
    for paper, cells in zip(papers, told.values(), strict=True):
        (body,) = (one for one in bodies if f"{one.name_th} จังหวัดสงขลา" in cells)
        assert (asked_of in cells) is (body != province)
        assert paper.print_title_rows
        assert {"วัตถุประสงค์", "หน่วยงานรับผิดชอบหลัก", "แบบ ผ. 02/1"} <= set(cells)


# --- on paper ---------------------------------------------------------------------------------------


def test_headings_stand_again_on_every_page_of_the_pdf(
    city: City, measure: Item, municipality: Organisation
) -> None:
    more: dict[str, Any] = {"channel": "local_plan", "strategy": "เมืองปลอดภัยจากน้ำ"}
    rows = [fresh(propose(city, measure, municipality, **more, name_th=f"โครงการ {n}")) for n in range(30)]
    pages = in_pdf(_file(rows, "p02", _options("issue"), "pdf"))
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        for words in ("แบบ ผ. 02", "วัตถุประสงค์", "พ.ศ. 2571 (บาท)", "1. ประเด็นการพัฒนาท้องถิ่น: เมืองปลอดภัยจากน้ำ"):
            assert _squeezed(words) in _squeezed(page), (number, words)
        assert _squeezed(page).endswith(f"{BOOKS['issue']}{number}".replace(" ", ""))


def test_the_pdf_lies_on_its_side_and_prints_thai_digits_when_asked(proposal: Proposal) -> None:
    data = form_file(of_one(fresh(proposal), Options(thai_digits=True)), "pdf", title="x", thai_digits=True)
    page = pypdfium2.PdfDocument(data)[0]
    assert page.get_width() > page.get_height()
    assert "๕๐๐,๐๐๐" in in_pdf(data)[0]
    assert not any(digit in in_pdf(data)[0] for digit in "0123456789")


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf"])
def test_example_data_are_marked_on_the_sheet_and_at_its_foot(proposal: Proposal, kind: str) -> None:
    sheets = of_one(fresh(proposal), Options())
    Node.objects.filter(pk=proposal.pk).update(is_example=True)
    marked = of_one(fresh(proposal), Options())
    assert [_marks(form_file(found, kind, title="x"), kind) for found in (sheets, marked)] == [0, 2]


def _marks(data: bytes, kind: str) -> int:
    mark = "ข้อมูลตัวอย่าง"
    if kind == "pdf":
        return "".join(in_pdf(data)).count(mark)
    if kind == "docx":
        made: Any = docx.Document(BytesIO(data))
        foot = str(made.sections[0].footer.paragraphs[0].text)
        return [str(line.text) for line in made.paragraphs].count(mark) + (mark in foot)
    paper: Any = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    cells = [cell.value for row in paper.iter_rows() for cell in row]
    return int(cells.count(mark) + (mark in paper.oddFooter.center.text))


def test_lines_above_a_table_stay_with_it_in_word(asked: dict[str, list[Proposal]]) -> None:
    made: Any = docx.Document(BytesIO(_file(asked["strategy"], "p02", _options("strategy"), "docx")))
    above = [line for line in made.paragraphs if line.text[:2] in {"ก.", "ข.", "ค.", "ง.", "จ."}]
    assert len(above) == 5
    assert all(line.paragraph_format.keep_with_next for line in above)


# --- the covering letter ----------------------------------------------------------------------------

ORDER = [
    "ที่ สค ๑๒/๒๕๖๙",
    "ที่อยู่",
    "๑๐ กุมภาพันธ์ ๒๕๖๙",
    "เรื่อง",
    "เรียน",
    "สิ่งที่ส่งมาด้วย",
    "ด้วย",
    "จึงขอเสนอ",
    "จึงเรียนมาเพื่อโปรดพิจารณา",
    "ขอแสดงความนับถือ",
    "(...",
    "ตำแหน่ง",
    "ผู้ประสาน",
    "โทร.",
    "อีเมล",
]
"""How the lines of an external letter begin, in their order."""


def _letter(proposal: Proposal) -> Any:
    return docx.Document(BytesIO(letter_docx(fresh(proposal))))


def _words(made: Any) -> list[str]:
    return [line.text.replace("\u00a0", " ").strip() for line in made.paragraphs if line.text.strip()]


def test_the_letter_has_the_parts_of_an_external_letter_in_their_order(proposal: Proposal) -> None:
    step(proposal, "submitted", letter_no="สค 12/2569", letter_on="2026-02-10")
    made = _letter(proposal)
    lines = _words(made)
    assert len(lines) == len(ORDER)
    assert [line[: len(begins)] for line, begins in zip(lines, ORDER, strict=True)] == ORDER
    page = made.sections[0]
    margins = (page.left_margin.mm, page.right_margin.mm, page.top_margin.mm)
    assert [round(one) for one in margins] == [30, 20, 25]
    at = [line.text for line in made.paragraphs].index("ขอแสดงความนับถือ")
    assert [line.text for line in made.paragraphs[at + 1 : at + 5]] == [""] * 4, "room to sign"


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ({"channel": "supplement"}, "ขอเสนอโครงการเพื่อพิจารณาบรรจุในแผนพัฒนาท้องถิ่น (พ.ศ. ๒๕๗๑ - ๒๕๗๕) เพิ่มเติม"),
        ({"channel": "local_plan"}, "ขอเสนอโครงการเพื่อพิจารณาบรรจุในแผนพัฒนาท้องถิ่น (พ.ศ. ๒๕๗๑ - ๒๕๗๕)"),
        ({"channel": "change"}, "ขอเสนอโครงการเพื่อพิจารณาเปลี่ยนแปลงในแผนพัฒนาท้องถิ่น (พ.ศ. ๒๕๗๑ - ๒๕๗๕)"),
        ({"channel": "correction"}, "ขอเสนอโครงการเพื่อพิจารณาแก้ไขในแผนพัฒนาท้องถิ่น (พ.ศ. ๒๕๗๑ - ๒๕๗๕)"),
        ({"channel": "other", "name_th": "ขอเช่าที่ดินเป็นกลุ่ม"}, "ขอเช่าที่ดินเป็นกลุ่ม"),
        ({"channel": "water", "name_th": "โครงการฝาย"}, "ขอเสนอโครงการเพื่อพิจารณา: โครงการฝาย"),
    ],
)
def test_the_subject_of_the_letter_says_what_is_asked(
    proposal: Proposal, said: dict[str, Any], subject: str
) -> None:
    actions.save_proposal(SYSTEM, fresh(proposal), said)
    lines = _words(_letter(proposal))
    assert f"เรื่อง  {subject}" in lines
    assert not any("ขอเสนอขอ" in line for line in lines)


def test_years_of_a_plan_are_not_broken_over_two_lines_of_the_letter(proposal: Proposal) -> None:
    text = "\n".join(line.text for line in _letter(proposal).paragraphs)
    assert "พ.ศ.\u00a0๒๕๗๑\u00a0-\u00a0๒๕๗๕" in text
    assert "พ.ศ. ๒๕๗๑" not in text
