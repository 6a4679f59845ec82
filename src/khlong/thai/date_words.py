"""Names of months, weekdays and eras, as printed and as people type them."""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """The words of a text with spaces between them."""
    return tuple(text.split())


THAI_MONTHS = listed("มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม")
THAI_MONTHS_SHORT = listed("ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.")
ENGLISH_MONTHS = listed(
    "January February March April May June July August September October November December"
)
ENGLISH_MONTHS_SHORT = tuple(name[:3] for name in ENGLISH_MONTHS)

# What people write: the full name with its usual misspellings, or its stem without the ending.
_THAI_FULL = (
    "มกรา(?:คม)?",
    "กุมภา(?:พัน(?:ธ์?)?)?",
    "มีนา(?:คม)?",
    "เมษา(?:ยน)?",
    "พฤษภา(?:คม)?",
    "มิถุนา(?:ยน)?",
    "กรก[ฎฏ]า(?:คม)?",
    "สิงหา(?:คม)?",
    "กันยา(?:ยน)?",
    "ตุลา(?:คม)?",
    "พฤ[ศษ]จิกา(?:ยน)?",
    "ธันวา(?:คม)?",
)


def _loose(short: str) -> str:
    first, last = short.rstrip(".").split(".")
    return rf"{first}\s*\.?\s*{last}(?:\s?\.)?"


def thai_month_patterns() -> list[str]:
    """One regular expression per month, January first: full, stem, or short with any or no dots."""
    pairs = zip(_THAI_FULL, THAI_MONTHS_SHORT, strict=True)
    return [f"(?:{full}|{_loose(short)})" for full, short in pairs]


def english_month_patterns() -> list[str]:
    """One regular expression per month, January first: full or three letters, Sept too."""
    return [rf"{_english(name)}(?![a-z])\.?" for name in ENGLISH_MONTHS]


def _english(name: str) -> str:
    stem = "sept?" if name == "September" else name[:3].lower()
    rest = "ember" if name == "September" else name[3:].lower()
    return f"{stem}(?:{rest})?" if rest else stem


BE_PATTERN = r"พ\s*\.?\s*ศ(?:\s?\.)?|พุทธศักราช|b\.?\s?e\.?(?![a-z])"
CE_PATTERN = r"ค\s*\.?\s*ศ(?:\s?\.)?|คริสต์?ศักราช|(?:a\.?\s?d|c\.?\s?e)\.?(?![a-z])"

_WEEKDAYS = (
    "อาทิตย์|จันทร์|อังคาร|พุธ|พฤหัส(?:บดี|ฯ)?|ศุกร์|เสาร์"
    r"|(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?(?![a-z])\.?"
    r"|(?:อา|จ|อ|พฤ|พ|ศ|ส)\."
)
SKIPPED_PATTERN = rf"เมื่อ|ระหว่าง|ตั้งแต่|ประจำ|วัน|ที่|เดือน|ณ|[,\s]+|(?:between|from|on|the|of)(?![a-z])|{_WEEKDAYS}"
YEAR_PATTERN = "ปี"
FISCAL_PATTERN = "(?:ปี)?งบประมาณ|ปีงบฯ?|fiscal year|fy"
DASH_PATTERN = "-|ถึง|จนถึง|(?:to|until|through)(?![a-z])"
