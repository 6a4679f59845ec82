"""Groups of characters that a line must not break, found without a dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from khlong.thai.clusters import MARKS, clusters
from khlong.thai.date_words import (
    ENGLISH_MONTHS,
    ENGLISH_MONTHS_SHORT,
    THAI_MONTHS,
    THAI_MONTHS_SHORT,
    listed,
)
from khlong.thai.terms import places, terms

WIDEST = 24
"""Clusters a group may have; a longer one would not fit the narrow column of a form."""

# Shorter terms sit inside other words too often to be kept together without a prefix.
_SHORTEST_ALONE = 6
# A wider term is kept in parts, so that a heading on a telephone can still turn inside it.
_WIDEST_TERM = 16
_PARTS = (
    "ความหลากหลาย ทางชีวภาพ การเปลี่ยนแปลง การประเมิน องค์กรปกครอง ส่วนท้องถิ่น องค์การบริหาร ส่วนตำบล ส่วนจังหวัด "
    "มหาวิทยาลัย สงขลานครินทร์ ราชภัฏสงขลา การรถไฟ แห่งประเทศไทย สมาคมผู้บริโภค สถาบันพัฒนา กองทุนฟื้นฟู สมรรถภาพ "
    "หลักประกันสุขภาพ กรมป้องกัน บรรเทาสาธารณภัย ภาคใต้ ภาคอีสาน ตะวันออกเฉียงเหนือ อำเภอเมือง มหาดไทย คลองนนท์ "
    "ภูมิสารสนเทศ หอประชุม ผู้แทน ผู้จัดการ ท้องถิ่น บางส่วน ปรับตัว มีส่วนร่วม ครัวเรือน"
)
_SHORT_BUT_DISTINCT = frozenset(listed("ละงู พะตง แกนนำ สตูล สงขลา พัทลุง สะเดา โลกรวน"))

_DIGIT = "0-9๐-๙"
NUMBER = rf"[{_DIGIT}]+(?:[.,:/][{_DIGIT}]+)*"
_SPACE = "[ \u00a0]?"
_RANGE = rf"{NUMBER}(?:[-–]{NUMBER})*"
_NOT_MID_CLUSTER = r"(?![\u0e30-\u0e3a\u0e45\u0e47-\u0e4e])"
_NOT_AFTER_LEADING_VOWEL = "(?<![เ-ไ])"

_LABELS = listed(
    "หน้าที่ หน้า ข้อที่ ข้อ ครั้งที่ หมู่ที่ หมู่ ตารางที่ ภาพที่ รูปที่ แผนภูมิที่ บทที่ ฉบับที่ ระเบียบวาระที่ วาระที่ มาตรา "
    "เลขที่ ลำดับที่ กิจกรรมที่ กิจกรรม ระยะที่ รอบที่ ปีงบประมาณ พ.ศ. ค.ศ. ปี โทร. หมายเลข เวลา หมวด ภาคผนวก "
    "page pages p. pp. no. No. Fig. fig. Table table Section section BE CE"
)
_UNITS = listed(
    "มม. ซม. ม. กม. ตร.กม. ตร.ม. ลบ.ม. ลบ.ม./วินาที ตร.ว. ไร่ งาน มิลลิเมตร เซนติเมตร เมตร กิโลเมตร กก. ตัน กิโลกรัม "
    "บาท สตางค์ ล้านบาท ล้าน แสนบาท แสน หมื่น พัน พันล้านบาท คน ราย ครัวเรือน หลังคาเรือน หลัง ครอบครัว ชุมชน หมู่บ้าน ตำบล "
    "อำเภอ จังหวัด เมือง แห่ง ครั้ง ข้อ เรื่อง โครงการ กิจกรรม ฉบับ หน้า เที่ยว คัน ปี เดือน วัน ชั่วโมง ชม. นาที น. "
    "เปอร์เซ็นต์ ร้อยละ % °C องศาเซลเซียส mm cm m km km² m³/s m² kg ha baht people households houses days years"
)
# Before another number these name it: หน้า 12 ข้อ 3.
_LABELS_TOO = listed("ข้อ หน้า กิจกรรม")
_TITLES = listed(
    "อบต. อบจ. อปท. ทต. ทม. ทน. รพ.สต. รพ. รพช. รร. สสจ. สสอ. สปสช. พอช. กปท. กขป. ปภ. พมจ. สทนช. "
    "พ.ร.บ. พ.ศ. ค.ศ. ดร. ผศ.ดร. รศ.ดร. ผศ. รศ. น.ส. ผอ. จ. อ. ต. ม. ถ. ซ. ร. ผ."
)
_PREFIXES = listed(
    "จังหวัด อำเภอ ตำบล เมือง เทศบาลนคร เทศบาลเมือง เทศบาลตำบล "
    "องค์การบริหารส่วนตำบล องค์การบริหารส่วนจังหวัด คลอง บ้าน ชุมชน"
)


class _Trie(dict[str, "_Trie"]):
    """Letters to what may follow them; the empty string marks the end of a word."""


def any_of(words: Iterable[str]) -> str:
    """A regular expression for the longest of many words, shaped as a trie so that it stays fast."""
    tree = _Trie()
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, _Trie())
        node[""] = _Trie()
    return _trie_source(tree)


def _trie_source(node: _Trie) -> str:
    branches = [re.escape(char) + _trie_source(child) for char, child in sorted(node.items()) if char]
    if not branches:
        return ""
    inner = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
    return f"{inner}?" if "" in node else inner


def _month() -> str:
    thai = any_of([*THAI_MONTHS, *THAI_MONTHS_SHORT])
    return f"(?:{thai}|{any_of([*ENGLISH_MONTHS, *ENGLISH_MONTHS_SHORT])}(?![a-z]))"


def _unit() -> str:
    latin = [unit for unit in _UNITS if unit.isascii() and unit.isalpha()]
    thai = [unit for unit in _UNITS if unit not in latin and unit not in _LABELS_TOO]
    label = f"{any_of(_LABELS_TOO)}(?!{_SPACE}[{_DIGIT}])"
    return f"(?:(?:{label}|{any_of(thai)}){_NOT_MID_CLUSTER}(?!ที่|ละ)|{any_of(latin)}(?![A-Za-z]))"


def _kept_terms() -> list[str]:
    long_enough = (term for term in terms() if len(term) >= _SHORTEST_ALONE or term in _SHORT_BUT_DISTINCT)
    return [*listed(_PARTS), *(term for term in long_enough if len(clusters(term)) <= _WIDEST_TERM)]


def _sources() -> list[str]:
    month, year = _month(), f"(?:{_SPACE}(?:พ.ศ.{_SPACE})?{NUMBER})"
    labels, titles, name = any_of(_LABELS), any_of(_TITLES), any_of(places())
    short_run = r"[\u0e01-\u0e4e]{1,12}(?![\u0e01-\u0e4e])"
    day = rf"[{_DIGIT}]{{1,2}}"
    return [
        r"(?<![A-Za-z0-9])(?=[0-9./-]*[A-Za-z])[A-Za-z0-9]+(?:[-./][A-Za-z0-9]+)+",
        f"(?<![{_DIGIT}]){day}(?:[-–]{day})?{_SPACE}{month}{year}?(?: –(?= {day} ))?",
        f"(?:{labels}{_SPACE})?{_RANGE}(?:{_SPACE}{_unit()})?",
        f"{_NOT_AFTER_LEADING_VOWEL}{month}(?:[-–]{month})?{year}",
        f"{_NOT_AFTER_LEADING_VOWEL}{any_of(_PREFIXES)}{name}{_NOT_MID_CLUSTER}",
        f"{_NOT_AFTER_LEADING_VOWEL}(?:(?<![ก-๎])(?:[ก-ฮ]{{1,4}}\\.)+|{titles})"
        f"(?:{name}{_NOT_MID_CLUSTER}|{short_run}|{_SPACE}{_RANGE})?",
        f"{_NOT_AFTER_LEADING_VOWEL}{any_of(_kept_terms())}{_NOT_MID_CLUSTER}",
    ]


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(_sources())})(?:ฯ(?!ล))?(?:{_SPACE}ๆ)?(?![{MARKS}])")


def keep_together(text: str) -> list[tuple[str, bool]]:
    """Split text into pieces, each with whether it must stay on one line.

    Kept are the house's terms and place names, numbers with their units, months, years and labels
    (630 มม., 3–4 ก.ย. 2565, หน้า 12, ครั้งที่ 2/2569), abbreviations with their names (อบต.พะตง) and
    codes. The pieces joined are the text. Needs no dictionary; under a millisecond for a page.
    """
    pieces: list[tuple[str, bool]] = []
    position = 0
    for match in _pattern().finditer(text):
        if len(match[0]) > WIDEST and " " not in match[0] and match[0].isascii():
            continue
        if match.start() > position:
            pieces.append((text[position : match.start()], False))
        pieces.append((match[0], True))
        position = match.end()
    return [*pieces, (text[position:], False)] if position < len(text) else pieces
