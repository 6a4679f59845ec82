"""Numbers and sentences of the engine, in Thai and in English, as somebody who plans for a city would write them.

Every sentence is made twice, once in each language, as `errors.Words`: nothing is translated word by word. Futures
are no probabilities, so a share of them is always a count: "in 7,300 of 10,000 futures".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Dimension, Name

SHARES = frozenset({"share", "fraction"})
PLAIN = frozenset({"", "1", "-"})
UNITS_TH = {
    "degC": "องศา",
    "m": "เมตร",
    "cm": "ซม.",
    "mm": "มม.",
    "people": "คน",
    "THB": "บาท",
    "baht": "บาท",
    "year": "ปี",
    "years": "ปี",
    "sd": "เท่าของส่วนเบี่ยงเบนมาตรฐาน",
}
UNITS_EN = {"degC": "°C", "THB": "baht"}
SHARES_PER = {"share a year": ("ต่อปี", "a year"), "share per degC": ("ต่อองศา", "per °C")}


def number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits, thousands apart, no needless zeros.

    Examples
    --------
    >>> number(0.30000001), number(12345.6), number(1234567.0), number(-2.0), number(0.0)
    ('0.3', '12,300', '1,230,000', '-2', '0')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(places, 0)}f}".rstrip("0").rstrip(".") if places > 0 else f"{rounded:,.0f}"


def amount(value: float, unit: str, language: str) -> str:
    """A value with its unit; a share is said in per cent.

    Examples
    --------
    >>> amount(0.28, "share", "en"), amount(0.28, "share", "th"), amount(0.5, "m", "th"), amount(1.5, "degC", "en")
    ('28 %', 'ร้อยละ 28', '0.5 เมตร', '1.5 °C')
    """
    if unit in SHARES:
        return per_cent(value, language, 2)
    if unit in SHARES_PER:
        th, en = SHARES_PER[unit]
        return f"{per_cent(value, language)} {th if language == 'th' else en}"
    if unit in PLAIN:
        return number(value)
    return f"{number(value)} {(UNITS_TH if language == 'th' else UNITS_EN).get(unit, unit)}"


def per_cent(share: float, language: str, digits: int = 3) -> str:
    """A share of 1 as per cent.

    Examples
    --------
    >>> per_cent(0.7528, "en", 2), per_cent(0.7528, "th", 2)
    ('75 %', 'ร้อยละ 75')
    """
    return f"ร้อยละ {number(100 * share, digits)}" if language == "th" else f"{number(100 * share, digits)} %"


def joined(before: str, after: str) -> str:
    """Thai before a figure: a space stands before digits, none before a word.

    Examples
    --------
    >>> joined("เกิน", "0.5 เมตร"), joined("เกิน", "ร้อยละ 28")
    ('เกิน 0.5 เมตร', 'เกินร้อยละ 28')
    """
    return f"{before}{after}" if after.startswith("ร้อยละ") else f"{before} {after}"


def named(name: Name, language: str) -> str:
    """The name in one language, or in the other when it has none."""
    return (name.th or name.en) if language == "th" else (name.en or name.th)


def listed(parts: Sequence[str], language: str) -> str:
    """A list as a sentence holds it.

    Examples
    --------
    >>> listed(["a"], "en"), listed(["a", "b"], "en"), listed(["a", "b", "c"], "en"), listed(["ก", "ข", "ค"], "th")
    ('a', 'a and b', 'a, b and c', 'ก ข และค')
    """
    if len(parts) < 2:
        return "".join(parts)
    if language == "th":
        return f"{' '.join(parts[:-1])} และ{parts[-1]}"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def limit(dimension: Dimension, low: float, high: float, language: str) -> str:
    """One side, or both, of what a dimension is held to; infinite is no limit.

    Examples
    --------
    >>> from khlong.engines.futures.model import Dimension, Name, Spread
    >>> rain = Dimension("rain", Name("ฝนที่หนักขึ้น", "rise of rain"), "share", Spread.UNIFORM, 0, 1, 0)
    >>> limit(rain, 0.28, float("inf"), "en"), limit(rain, 0.1, 0.2, "th")
    ('rise of rain above 28 %', 'ฝนที่หนักขึ้นอยู่ระหว่างร้อยละ 10 ถึงร้อยละ 20')
    """
    name = named(dimension.name, language)
    above, below = (amount(each, dimension.unit, language) for each in (low, high))
    if math.isfinite(low) and math.isfinite(high):
        if language == "th":
            return f"{joined(f'{name}อยู่ระหว่าง', above)} {joined('ถึง', below)}"
        return f"{name} between {above} and {below}"
    if math.isfinite(low):
        return joined(f"{name}เกิน", above) if language == "th" else f"{name} above {above}"
    return joined(f"{name}ต่ำกว่า", below) if language == "th" else f"{name} below {below}"
