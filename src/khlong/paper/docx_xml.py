"""WordprocessingML by hand: elements in the order of the schema, and the parts that python-docx lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
FONT = "TH SarabunPSK"
_THAI = re.compile("[\u0e01-\u0e5b]")
_RPR = ("rStyle", "b", "bCs", "color", "sz", "szCs", "shd", "vertAlign", "cs", "lang")
_UNUSED_PARTS = ("stylesWithEffects", "thumbnail", "customXml")

Element = Any
"""An lxml element of python-docx's own classes, which ship no types."""


def w(tag: str, *children: Element, **attributes: str | int) -> Element:
    """``w("ind", left=567)`` is ``<w:ind w:left="567"/>``."""
    from docx.oxml.parser import OxmlElement

    element = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        element.set(f"{{{W}}}{name}", str(value))
    element.extend(children)
    return element


def dxa(mm: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(mm * 1440 / 25.4)


def run_properties(
    text: str,
    *,
    style: str = "",
    bold: bool = False,
    colour: str = "",
    half_points: int = 0,
    language: str = "",
) -> Element:
    """w:rPr for a run: Thai is marked complex script, so Word takes the cs font, szCs and bCs.

    ``language`` is that of a run without Thai, where it is not the document's.
    """
    made: dict[str, Element] = {}
    if style:
        made["rStyle"] = w("rStyle", val=style)
    if bold:
        made |= {"b": w("b"), "bCs": w("bCs")}
    if colour:
        made["color"] = w("color", val=colour)
    if half_points:
        made |= {"sz": w("sz", val=half_points), "szCs": w("szCs", val=half_points)}
    if _THAI.search(text):
        made |= {"cs": w("cs"), "lang": w("lang", bidi="th-TH")}
    elif language:
        made["lang"] = w("lang", val=language)
    return w("rPr", *(made[name] for name in _RPR if name in made))


def text_run(text: str, **look: Any) -> Element:
    """A run; a line feed becomes a break."""
    run = w("r", run_properties(text, **look))
    for at, line in enumerate(text.split("\n")):
        if at:
            run.append(w("br"))
        if line:
            run.append(_t(line))
    return run


def text_runs(text: str, **look: Any) -> list[Element]:
    """The runs of a text: Latin lines between Thai ones have a run each, so that programs do not break them as Thai."""
    lines = text.split("\n")
    thai = [bool(_THAI.search(line)) for line in lines]
    if len(lines) < 2 or all(thai) or not any(thai):
        return [text_run(text, **look)]
    first, *rest = zip(lines, thai, strict=True)
    parts = [first, *((f"\n{line}", is_thai) for line, is_thai in rest)]
    return [text_run(part, language="" if is_thai else "en-GB", **look) for part, is_thai in parts]


def _t(text: str) -> Element:
    element = w("t")
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return element


def tab_run() -> Element:
    return w("r", w("tab"))


def paragraph(style: str, *content: Element, properties: Sequence[Element] = ()) -> Element:
    """A paragraph; ``properties`` follow the style in the schema's order."""
    return w("p", w("pPr", w("pStyle", val=style), *properties), *content)


def page_field(thai: bool) -> Element:
    """The page number as a field."""
    shown = "๑" if thai else "1"
    return w("fldSimple", text_run(shown), instr=" PAGE \\* THAIARABIC " if thai else " PAGE ")


def section(
    *, landscape: bool, thai: bool, compact: bool = False, references: Sequence[Element] = ()
) -> Element:
    """w:sectPr of A4. On its side the page is bound at its upper edge; a compact page comes closer to its edges."""
    size = {"w": 16838, "h": 11906, "orient": "landscape"} if landscape else {"w": 11906, "h": 16838}
    top, left = (30, 20) if landscape else (25, 30)
    margins = {"top": top, "right": 20, "bottom": 20, "left": left, "header": 12, "footer": 11, "gutter": 0}
    margins |= {"top": 18, "bottom": 16, "header": 8, "footer": 8} if compact else {}
    numbers = [w("footnotePr", w("numFmt", val="thaiNumbers"))] if thai else []
    return w(
        "sectPr",
        *references,
        *numbers,
        w("type", val="nextPage"),
        w("pgSz", **size),
        w("pgMar", **{name: dxa(mm) for name, mm in margins.items()}),
        *([w("pgNumType", fmt="thaiNumbers")] if thai else []),
    )


def border(side: str, colour: str = "", eighths: int = 4, kind: str = "single") -> Element:
    """One edge; without a colour there is none."""
    if not colour:
        return w(side, val="nil")
    return w(side, val=kind, sz=eighths, space=0, color=colour)


def prepare(document: Any, lang: str) -> None:
    """Give a fresh python-docx document our styles, bullets, fonts and language; drop what is not needed."""
    _refill(document.styles.element, "docx_styles.xml")
    _refill(document.part.numbering_part.element, "docx_numbering.xml")
    if lang == "th":
        language = document.styles.element.find(f".//{{{W}}}lang")
        language.set(f"{{{W}}}val", "th-TH")
    settings = document.settings.element
    settings.find(f"{{{W}}}themeFontLang").set(f"{{{W}}}bidi", "th-TH")
    for gone in ("savePreviewPicture", "proofState", "rsids"):
        for element in settings.findall(f"{{{W}}}{gone}"):
            settings.remove(element)
    for setting in settings.iter(f"{{{W}}}compatSetting"):
        if setting.get(f"{{{W}}}name") == "compatibilityMode":
            setting.set(f"{{{W}}}val", "15")
    _drop_unused(document)
    _name_fonts(document)


def _refill(element: Element, file: str) -> None:
    from docx.oxml.parser import parse_xml

    ours = parse_xml((Path(__file__).parent / file).read_bytes())
    for child in list(element):
        element.remove(child)
    element.extend(list(ours))


def _drop_unused(document: Any) -> None:
    for owner in (document.part, document.part.package):
        for key, relation in list(owner.rels.items()):
            if any(word in relation.reltype or word in relation.target_ref for word in _UNUSED_PARTS):
                del owner.rels[key]


def _name_fonts(document: Any) -> None:
    """Say what stands in for the font where it is not installed."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = (
                f'<?xml version="1.0" encoding="UTF-8"?><w:fonts xmlns:w="{W}"><w:font w:name="{FONT}">'
                '<w:altName w:val="TH Sarabun New"/><w:charset w:val="DE"/><w:family w:val="swiss"/>'
                '<w:pitch w:val="variable"/></w:font></w:fonts>'
            ).encode()


def add_footnotes(document: Any, notes: Sequence[Sequence[Element]], *, thai: bool) -> None:
    """The footnotes part: separators, then the notes with ids from 1, and the settings that name them."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from lxml import etree

    root = w("footnotes")
    for number, kind in ((-1, "separator"), (0, "continuationSeparator")):
        root.append(w("footnote", paragraph("FootnoteText", w("r", w(kind))), id=number, type=kind))
    for number, content in enumerate(notes, 1):
        mark = w("r", run_properties("", style="FootnoteReference"), w("footnoteRef"))
        root.append(w("footnote", paragraph("FootnoteText", mark, text_run(" "), *content), id=number))
    xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES_TYPE, xml, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    numbers = [w("numFmt", val="thaiNumbers")] if thai else []
    properties = w("footnotePr", *numbers, w("footnote", id=-1), w("footnote", id=0))
    document.settings.element.find(f"{{{W}}}compat").addprevious(properties)


def footnote_mark(number: int) -> Element:
    """The raised number in the text."""
    return w("r", run_properties("", style="FootnoteReference"), w("footnoteReference", id=number))


COMPACT, COMPACT_GAP = 0.8, 0.55
"""How much smaller the type and the gaps of a compact document are."""


def make_smaller(file: Any) -> None:
    """Set all styles smaller and closer, for a sheet that is to stay one page."""
    root = file.styles.element
    for name in ("sz", "szCs"):
        for size in root.iter(f"{{{W}}}{name}"):
            size.set(f"{{{W}}}val", str(round(int(size.get(f"{{{W}}}val")) * COMPACT)))
    for gap in root.iter(f"{{{W}}}spacing"):
        for name in ("before", "after"):
            if (value := gap.get(f"{{{W}}}{name}")) is not None:
                gap.set(f"{{{W}}}{name}", str(round(int(value) * COMPACT_GAP)))
