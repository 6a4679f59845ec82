"""Money as a whole number of satang (100 satang are one baht), read, printed and put into words."""

from __future__ import annotations

import re
from typing import Literal

from khlong.thai.canonical import canonical
from khlong.thai.digits import to_arabic, to_thai

MoneyCode = Literal["empty", "not_an_amount", "too_precise", "out_of_range"]
Lang = Literal["th", "en"]

MAX_SATANG = 2**63 - 1
"""The largest amount a 64-bit database column holds, either side of nought."""

_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_SCALES = {"ล้าน": 10**6, "แสน": 10**5, "หมื่น": 10**4, "พัน": 10**3, "million": 10**6, "thousand": 10**3}
_AMOUNT = re.compile(
    rf"""
    (?P<open>\()? \s* (?P<minus>-|ลบ)? \s* (?:฿|thb|บาท)? \s* (?P<minus2>-)? \s*
    (?:
      (?P<baht>{_NUMBER}) \s* (?P<scale>{"|".join(_SCALES)})? \s* (?:\.?-)?
      \s* (?:(?:บาท|baht|thb|฿|บ\.) (?: \s* (?P<satang>[0-9]{{1,2}}) \s* (?:สตางค์|satang) )? \s* (?:ถ้วน)? )?
    | (?P<only_satang>[0-9]{{1,2}}) \s* (?:สตางค์|satang)
    )
    \s* (?P<close>\))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


class MoneyError(ValueError):
    """An amount that cannot be read or kept; `code` says why.

    Codes: empty, not_an_amount, too_precise (finer than a satang), out_of_range.
    """

    def __init__(self, code: MoneyCode, message: str) -> None:
        super().__init__(message)
        self.code: MoneyCode = code


def parse_baht(text: str) -> int:
    """Read an amount of baht as satang.

    Takes Thai and Arabic digits, thousands commas, บาท, baht, THB or ฿, ถ้วน, ".-", satang after a
    point or in words (500 บาท 25 สตางค์), scales (1.5 ล้านบาท), a minus, ลบ or accounting brackets.
    Raises MoneyError.
    """
    plain = re.sub(r"\s+", " ", to_arabic(canonical(text)).translate(_DASHES)).strip()
    if not plain:
        raise MoneyError("empty", "No amount was given.")
    match = _AMOUNT.fullmatch(plain[:200]) if len(plain) <= 200 else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise MoneyError("not_an_amount", "This is not an amount of money.")
    return _checked(_sign(match) * _satang(match))


def _sign(match: re.Match[str]) -> int:
    signs = [match["open"], match["minus"], match["minus2"]]
    if sum(sign is not None for sign in signs) > 1:
        raise MoneyError("not_an_amount", "The amount has more than one minus.")
    return -1 if any(signs) else 1


def _satang(match: re.Match[str]) -> int:
    if match["only_satang"]:
        return int(match["only_satang"])
    if match["satang"] and "." in match["baht"]:
        raise MoneyError("not_an_amount", "The satang are given twice.")
    scale = _SCALES[match["scale"].lower()] if match["scale"] else 1
    return _exact(match["baht"].replace(",", ""), scale) + int(match["satang"] or 0)


def _exact(number: str, scale: int) -> int:
    whole, _, fraction = number.partition(".")
    numerator = int(whole + fraction) * scale * 100
    satang, rest = divmod(numerator, int("1" + "0" * len(fraction)))
    if rest:
        raise MoneyError("too_precise", "An amount cannot be finer than one satang.")
    return satang


def _checked(satang: int) -> int:
    if abs(satang) > MAX_SATANG:
        raise MoneyError("out_of_range", "The amount is too large.")
    return satang


def format_baht(satang: int, lang: Lang = "th", thai_digits: bool = False, unit: bool = True) -> str:
    """Write satang as baht: 1,850,000 บาท; 1,850,000.50 บาท; in English 1,850,000 baht.

    Whole baht carry no decimals. Thai digits are used in Thai only.
    """
    baht, rest = divmod(abs(satang), 100)
    number = f"{'-' if satang < 0 else ''}{baht:,}" + (f".{rest:02d}" if rest else "")
    if lang == "en":
        return f"{number} baht" if unit else number
    return (to_thai(number) if thai_digits else number) + (" บาท" if unit else "")


_DIGIT_WORDS = ("ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACE_WORDS = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")


def baht_words(satang: int) -> str:
    """Write an amount in Thai words, as in "(หนึ่งแสนบาทถ้วน)".

    A final one after any higher digit is เอ็ด (101 is หนึ่งร้อยเอ็ด), as the Office of the Royal
    Society reads numbers of two digits and more; two tens are ยี่สิบ; ล้าน repeats above a million
    million. Whole baht end in ถ้วน; less than nought begins with ลบ.
    """
    baht, rest = divmod(abs(satang), 100)
    words = f"{number_words(baht)}บาท" if baht or not rest else ""
    words += f"{number_words(rest)}สตางค์" if rest else "ถ้วน"
    return f"ลบ{words}" if satang < 0 else words


def number_words(number: int) -> str:
    """Write a whole number, nought or more, in Thai words."""
    if number < 0:
        raise MoneyError("out_of_range", "Only nought and more can be put into words here.")
    return _millions(number) or _DIGIT_WORDS[0]


def _millions(number: int) -> str:
    millions, rest = divmod(number, 10**6)
    head = f"{_millions(millions)}ล้าน" if millions else ""
    return head + _below_a_million(rest, follows=bool(millions))


def _below_a_million(number: int, follows: bool) -> str:
    digits = [number // 10**place % 10 for place in range(6)]
    words = [_place_word(digit, place) for place, digit in enumerate(digits)]
    if digits[0] == 1 and (follows or number > 1):
        words[0] = "เอ็ด"
    return "".join(reversed(words))


def _place_word(digit: int, place: int) -> str:
    if digit == 0:
        return ""
    if place == 1:
        return {1: "", 2: "ยี่"}.get(digit, _DIGIT_WORDS[digit]) + "สิบ"
    return _DIGIT_WORDS[digit] + _PLACE_WORDS[place]
