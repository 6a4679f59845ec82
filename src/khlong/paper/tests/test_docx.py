"""The DOCX, opened again and looked at as XML."""

from __future__ import annotations

import zipfile
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from khlong.paper.docx import to_docx
from khlong.paper.docx_xml import W
from khlong.paper.model import (
    Cell,
    Cite,
    Column,
    Document,
    Landscape,
    Note,
    PaperError,
    Picture,
    Signature,
    Signatures,
    Source,
    Table,
    Text,
    Unpublished,
    b,
    clause,
    h,
    li,
    p,
)
from khlong.paper.tests.sample import sample

NS = {"w": W}
RPR = [
    "rStyle",
    "rFonts",
    "b",
    "bCs",
    "i",
    "iCs",
    "color",
    "spacing",
    "sz",
    "szCs",
    "u",
    "shd",
    "vertAlign",
    "rtl",
    "cs",
    "lang",
]
PPR = [
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "widowControl",
    "numPr",
    "pBdr",
    "shd",
    "tabs",
    "spacing",
    "ind",
    "jc",
    "outlineLvl",
    "rPr",
    "sectPr",
]
TCPR = ["tcW", "gridSpan", "vMerge", "tcBorders", "shd", "noWrap", "vAlign"]
TBLPR = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook"]
SECTPR = ["headerReference", "footerReference", "footnotePr", "type", "pgSz", "pgMar", "pgNumType", "cols"]


@cache
def sample_docx() -> bytes:
    return to_docx(sample())


def part(data: bytes, name: str) -> Any:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return etree.fromstring(package.read(f"word/{name}"))


def body(*blocks: Any, **about: Any) -> Any:
    return part(to_docx(Document("ชื่อ", blocks=blocks, **about)), "document.xml")


def value(element: Any, name: str = "val") -> str | None:
    found = element.get(f"{{{W}}}{name}")
    return None if found is None else str(found)


def texts(root: Any) -> str:
    return "".join(root.xpath(".//w:t/text()", namespaces=NS))


@pytest.mark.parametrize(
    ("holder", "order"), [("rPr", RPR), ("pPr", PPR), ("tcPr", TCPR), ("tblPr", TBLPR), ("sectPr", SECTPR)]
)
def test_children_stand_in_the_order_of_the_schema(holder: str, order: list[str]) -> None:
    seen = 0
    for name in (
        "document.xml",
        "styles.xml",
        "footnotes.xml",
        "footer1.xml",
        "header1.xml",
        "numbering.xml",
    ):
        for element in part(sample_docx(), name).iter(f"{{{W}}}{holder}"):
            names = [etree.QName(child).localname for child in element]
            assert names == sorted(names, key=order.index), (name, names)
            seen += 1
    assert seen > 2


def test_the_body_is_sarabun_psk_of_sixteen_points_for_thai_and_latin_alike() -> None:
    defaults = part(sample_docx(), "styles.xml").find(".//w:rPrDefault/w:rPr", NS)
    fonts = defaults.find("w:rFonts", NS)
    assert {value(fonts, name) for name in ("ascii", "hAnsi", "cs", "eastAsia")} == {"TH SarabunPSK"}
    assert value(defaults.find("w:sz", NS)) == value(defaults.find("w:szCs", NS)) == "32"
    assert value(defaults.find("w:lang", NS), "bidi") == "th-TH"


@pytest.mark.parametrize(("latin", "complex_script"), [("b", "bCs"), ("sz", "szCs")])
def test_what_is_set_for_latin_is_set_for_thai(latin: str, complex_script: str) -> None:
    for name in ("document.xml", "styles.xml"):
        for properties in part(sample_docx(), name).iter(f"{{{W}}}rPr"):
            assert len(properties.findall(f"w:{latin}", NS)) == len(
                properties.findall(f"w:{complex_script}", NS)
            )


def test_thai_runs_are_marked_complex_script_and_latin_ones_are_not() -> None:
    root = body(p("ฝน"), p("rain"))
    runs = {texts(run): run for run in root.iter(f"{{{W}}}r")}
    assert runs["ฝน"].find("w:rPr/w:cs", NS) is not None
    assert runs["rain"].find("w:rPr/w:cs", NS) is None


def test_footnotes_are_real_and_referenced_in_order() -> None:
    root = part(sample_docx(), "document.xml")
    used = [value(mark, "id") for mark in root.iter(f"{{{W}}}footnoteReference")]
    notes = {value(note, "id"): texts(note) for note in part(sample_docx(), "footnotes.xml")}
    assert used == ["1", "2"]
    assert set(notes) == {"-1", "0", "1", "2"}
    assert "แกนนำจากเมืองบ่อยาง" in notes["1"]
    settings_part = part(sample_docx(), "settings.xml")
    names = [etree.QName(child).localname for child in settings_part]
    assert names.index("footnotePr") < names.index("compat")
    with zipfile.ZipFile(BytesIO(sample_docx())) as package:
        assert "wordprocessingml.footnotes+xml" in package.read("[Content_Types].xml").decode()


def test_a_document_without_footnotes_has_no_footnotes_part() -> None:
    with zipfile.ZipFile(BytesIO(to_docx(Document("ชื่อ", blocks=(p("ก"),))))) as package:
        assert "word/footnotes.xml" not in package.namelist()


def test_heading_rows_repeat_and_rows_do_not_split() -> None:
    columns = (Column("ที่"), Column("2566", group="งบ"), Column("2567", group="งบ"))
    rows = body(Table("ต", columns, [["1", "2", "3"]] * 3)).findall(".//w:tr", NS)
    assert [row.find("w:trPr/w:tblHeader", NS) is not None for row in rows] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert all(row.find("w:trPr/w:cantSplit", NS) is not None for row in rows)


def test_spans_become_grid_spans_and_vertical_merges_that_fill_each_row() -> None:
    columns = (Column("ที่"), Column("2566", group="งบ"), Column("2567", group="งบ"))
    root = body(Table("ต", columns, [[Cell("ก", rowspan=2), "2", "3"], [Cell("ข", colspan=2)]]))
    for row in root.findall(".//w:tr", NS):
        spans = [cell.find("w:tcPr/w:gridSpan", NS) for cell in row.findall("w:tc", NS)]
        assert sum(1 if span is None else int(value(span) or 0) for span in spans) == 3
    merges = [value(merge) for merge in root.iter(f"{{{W}}}vMerge")]
    assert merges == ["restart", None, "restart", None]


def test_two_tables_never_touch() -> None:
    table = Table("", (Column("ก"),), [["1"]])
    tags = [etree.QName(child).localname for child in body(table, table, Signatures((Signature(),)))[0]]
    assert all(pair != ("tbl", "tbl") for pair in pairwise(tags))


def test_headings_are_word_headings_with_outline_levels() -> None:
    read = docx.Document(BytesIO(sample_docx()))
    headings = [para for para in read.paragraphs if para.style and para.style.name.startswith("Heading")]
    assert {para.style.name for para in headings if para.style} == {
        "Heading 1",
        "Heading 2",
        "Heading 3",
        "Heading 4",
    }
    styles = part(sample_docx(), "styles.xml")
    for level in range(1, 5):
        found = styles.find(f".//w:style[@w:styleId='Heading{level}']/w:pPr/w:outlineLvl", NS)
        assert value(found) == str(level - 1)


def test_every_style_that_is_used_exists() -> None:
    known = {value(style, "styleId") for style in part(sample_docx(), "styles.xml").findall("w:style", NS)}
    for name in ("document.xml", "footnotes.xml", "footer1.xml", "header1.xml"):
        for tag in ("pStyle", "rStyle"):
            assert {value(used) for used in part(sample_docx(), name).iter(f"{{{W}}}{tag}")} <= known


def test_pages_are_a4_with_the_margins_of_official_letters_and_landscape_sections_return() -> None:
    sections = list(part(sample_docx(), "document.xml").iter(f"{{{W}}}sectPr"))
    turned = [value(section.find("w:pgSz", NS), "orient") for section in sections]
    assert turned == [None, "landscape", None, "landscape", None]
    size, margins = sections[0].find("w:pgSz", NS), sections[0].find("w:pgMar", NS)
    assert (value(size, "w"), value(size, "h")) == ("11906", "16838")
    assert [value(margins, side) for side in ("left", "right", "top", "bottom")] == [
        "1701",
        "1134",
        "1417",
        "1134",
    ]
    assert all(len(section.findall("w:footerReference", NS)) == 1 for section in sections)


@pytest.mark.parametrize(
    ("thai", "field", "words"), [(True, " PAGE \\* THAIARABIC ", "หน้า "), (False, " PAGE ", "หน้า ")]
)
def test_the_page_number_is_a_field_in_the_digits_of_the_document(thai: bool, field: str, words: str) -> None:
    made = to_docx(Document("ชื่อ", thai_digits=thai, blocks=(p("ก"),)))
    footer = part(made, "footer1.xml")
    assert value(footer.find(".//w:fldSimple", NS), "instr") == field
    assert words in texts(footer)
    numbers = part(made, "document.xml").find(".//w:pgNumType", NS)
    assert (numbers is not None) == thai


def test_every_page_of_an_example_says_so_and_no_other_page_does() -> None:
    for name in ("header1.xml", "header2.xml"):
        assert texts(part(sample_docx(), name)) == "ข้อมูลตัวอย่าง"
    assert texts(part(to_docx(Document("ชื่อ", blocks=(p("ก"),))), "header1.xml")) == ""
    english = to_docx(Document("Plan", lang="en", example=True))
    assert texts(part(english, "header1.xml")) == "Example data"
    assert texts(part(english, "footer1.xml")) == "Page 1"


def test_title_and_language_are_core_properties() -> None:
    core = docx.Document(BytesIO(sample_docx())).core_properties
    assert core.title.startswith("แผนยุทธศาสตร์เมือง")
    assert core.language == "th-TH"
    assert core.comments == ""


def test_a_drawing_becomes_a_picture_with_words_for_it() -> None:
    root = part(sample_docx(), "document.xml")
    described = root.xpath(".//*[local-name()='docPr']/@descr")
    assert described == ["สามเส้นจากน้ำท่วมขัง ที่ลุ่มต่ำ และคลองตื้นเขิน ไหลมารวมที่บ้านเดียวกัน"]
    with zipfile.ZipFile(BytesIO(sample_docx())) as package:
        media = [name for name in package.namelist() if name.startswith("word/media/")]
        assert len(media) == 1
        assert package.read(media[0]).startswith(b"\x89PNG")


def test_a_broken_picture_is_refused() -> None:
    with pytest.raises(PaperError):
        body(Picture(b"nothing", "png", 20, alt="ก"))


def test_citations_lead_to_bookmarks_and_sources_to_their_address() -> None:
    root = part(sample_docx(), "document.xml")
    anchors = {value(link, "anchor") for link in root.iter(f"{{{W}}}hyperlink")} - {None}
    marks = {value(mark, "name") for mark in root.iter(f"{{{W}}}bookmarkStart")}
    assert anchors == marks == {f"source_{n}" for n in range(1, 6)}
    with zipfile.ZipFile(BytesIO(sample_docx())) as package:
        assert "https://scf.or.th/paper/441" in package.read("word/_rels/document.xml.rels").decode()


def test_only_web_addresses_become_links() -> None:
    root = body(p(Cite("a")), sources=(Source("a", "ก", "javascript:alert(1)"),))
    assert "javascript:alert(1)" in texts(root)
    assert len([link for link in root.iter(f"{{{W}}}hyperlink") if value(link, "anchor") is None]) == 0


def test_what_is_not_published_is_hatched_in_line_and_in_cells() -> None:
    root = body(p(Unpublished()), Table("ต", (Column("ก"),), [[Unpublished()]]))
    assert value(root.find(".//w:tc/w:tcPr/w:shd", NS)) == "thinDiagStripe"
    assert [value(style) for style in root.iter(f"{{{W}}}rStyle")] == ["Unpublished"]
    assert texts(root).count("ยังไม่เผยแพร่") == 2


def test_a_clause_hangs_and_dates_do_not_break() -> None:
    root = body(clause("1.1", "ภายในวันที่ 3 กันยายน 2565", level=2))
    indent = root.find(".//w:pPr/w:ind", NS)
    assert int(value(indent, "left") or 0) > int(value(indent, "hanging") or 0) > 0
    assert "3\u00a0กันยายน\u00a02565" in texts(root)


def test_bold_and_quiet_words_and_line_breaks() -> None:
    root = body(p(b("หนา"), Text("เบา\nใหม่", quiet=True)))
    bold, quiet = (run for run in root.iter(f"{{{W}}}r") if texts(run) in ("หนา", "เบาใหม่"))
    assert bold.find("w:rPr/w:bCs", NS) is not None
    assert value(quiet.find("w:rPr/w:color", NS)) == "4A5552"
    assert quiet.find("w:br", NS) is not None


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_words_make_a_file_that_opens_again(text: str) -> None:
    blocks = (
        h(2, text),
        p(text, Note(text), Cite("a")),
        li(text),
        Table(text, (Column(text),), [[text]], note=text),
    )
    made = to_docx(Document(f"ก{text}", blocks=blocks, sources=(Source("a", text, text, text),), footer=text))
    assert docx.Document(BytesIO(made)).paragraphs


def test_a_document_on_its_side_is_one_section() -> None:
    table = Table("", (Column("ก"), Column("ข")), [["หนึ่ง", "สอง"]])
    made: Any = docx.Document(BytesIO(to_docx(Document("ชื่อ", blocks=(table,), landscape=True))))
    assert [page.page_width > page.page_height for page in made.sections] == [True]


def test_landscape_at_the_beginning_and_the_end_keeps_the_order() -> None:
    root = body(Landscape((p("หนึ่ง"),)), p("สอง"), Landscape((p("สาม"),)))
    found = texts(root)
    assert found.index("หนึ่ง") < found.index("สอง") < found.index("สาม")
