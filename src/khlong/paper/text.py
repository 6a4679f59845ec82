"""Words on their way to paper: cleaning, digits, what must stay on one line, what the font can draw."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from khlong.paper.model import PaperError
from khlong.thai.digits import to_thai

FONTS = Path(__file__).parent / "fonts"
NO_BREAK_SPACE = "\u00a0"
LONGEST_KEPT = 40

_STAYS_ARABIC = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[A-Za-z0-9-]+\.)+[a-z]{2,}(?:/[\x21-\x7e]*)?"
    r"|(?:[A-Za-z]+[0-9]|[0-9]+[A-Za-z]|[A-Za-z0-9]+[-./_])[A-Za-z0-9]*(?:[-./_][A-Za-z0-9]+)*"
)
_ADDRESS = re.compile(r"(https?://[\x21-\x7e]+)")
_AFTER_SLASH = re.compile(r"https?://[^/]+/*|[^/]+/*|/+")
_OPENING, _CLOSING = "([{“‘«\"'", ")]}”’»,;:!?…%\"'ฯำะาๆ"
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_BEFORE_A_NAME = re.compile("(?:นางสาว|นาย|นาง|คุณ)$")
_PARTED_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32|([\u0e48-\u0e4b])\u0e4d\u0e32")
_WHOLE_AM = re.compile("([\u0e48-\u0e4b]?)\u0e33")


def clean(text: str) -> str:
    """NFC, one sara am for its two halves, no control or invisible characters; only the line feed stays."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\t", " ")
    text = _INVISIBLE.sub("", text)
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")
    return _PARTED_AM.sub(lambda found: (found[1] or found[2] or "") + "\u0e33", text)


def part_sara_am(svg: str) -> str:
    """Sara am written as its two halves: the drawer of SVG loses the width of the whole one."""
    return _WHOLE_AM.sub("\u0e4d\\1\u0e32", svg)


def thai_digits(text: str) -> str:
    """Every digit Thai, but not in web and mail addresses and codes with a Latin letter (68-L7890-08-001)."""
    done, at = [], 0
    for found in _STAYS_ARABIC.finditer(text):
        if not re.search("[A-Za-z]", found[0]):
            continue
        done += [to_thai(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*done, to_thai(text[at:])])


def kept_pieces(text: str, longest: int = LONGEST_KEPT) -> list[tuple[str, bool]]:
    """The text in pieces and whether a piece must stay on one line: dates, amounts, codes, names.

    A piece wider than ``longest`` columns is let go, for the line may be narrower than that.
    """
    from khlong.thai.words import keep_together

    pieces = _glued(_addresses_kept(keep_together(text))) if text else []
    out: list[tuple[str, bool]] = []
    for piece, keep in pieces:
        if keep and width(piece) <= longest:
            out.append((piece, True))
        elif out and not out[-1][1]:
            out[-1] = (out[-1][0] + piece, False)
        else:
            out.append((piece, False))
    return out


def _addresses_kept(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Web addresses in pieces that end at their slashes and stay whole: a hyphen at the end of a line may belong to an
    address or not.
    """
    out: list[tuple[str, bool]] = []
    for piece, keep in pieces:
        if keep:
            out.append((piece, True))
            continue
        for at, part in enumerate(_ADDRESS.split(piece)):
            if at % 2:
                out += [(found, True) for found in _AFTER_SLASH.findall(part)]
            elif part:
                out.append((part, False))
    return out


def _glued(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Brackets, stops, marks and titles go with the kept piece that they touch."""
    out = list(pieces)
    for at, (piece, keep) in enumerate(out):
        if not keep:
            continue
        front, back = "", ""
        if at and not out[at - 1][1]:
            before = out[at - 1][0]
            cut = _title_or_bracket(before)
            out[at - 1], front = (before[:cut], False), before[cut:]
        if at + 1 < len(out) and not out[at + 1][1]:
            after = out[at + 1][0]
            cut = _touching(after)
            out[at + 1], back = (after[cut:], False), after[:cut]
        out[at] = (front + piece + back, True)
    return [(piece, keep) for piece, keep in out if piece]


def _title_or_bracket(text: str) -> int:
    """Where the end of a text begins that must not part from what follows."""
    title = _BEFORE_A_NAME.search(text)
    return title.start() if title else len(text.rstrip(_OPENING))


def _touching(text: str) -> int:
    """How much of the beginning of a text must not part from what stands before it."""
    cut = 0
    while cut < len(text) and (text[cut] in _CLOSING or unicodedata.category(text[cut])[0] == "M"):
        cut += 1
    return cut


def no_break(text: str) -> str:
    """The text with no-break spaces inside what must stay together, for formats without boxes."""
    pieces = (piece.replace(" ", NO_BREAK_SPACE) if keep else piece for piece, keep in kept_pieces(text))
    return hold_repeat_mark("".join(pieces))


def hold_repeat_mark(text: str) -> str:
    """ๆ never begins a line."""
    return text.replace(" ๆ", NO_BREAK_SPACE + "ๆ")


def width(text: str) -> int:
    """Columns that the text takes: characters without the marks above and below."""
    return sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text)


@lru_cache(maxsize=1)
def _coverage() -> tuple[list[int], list[int]]:
    lines = (FONTS / "coverage.txt").read_text("ascii").split()
    pairs = [line.partition("-") for line in lines]
    return [int(a, 16) for a, _, _ in pairs], [int(z or a, 16) for a, _, z in pairs]


def missing_glyphs(text: str) -> str:
    """The characters of a cleaned text that the PDF's font cannot draw, each once, in their order."""
    starts, ends = _coverage()

    def drawn(char: str) -> bool:
        at = bisect_right(starts, ord(char)) - 1
        return at >= 0 and ord(char) <= ends[at]

    return "".join(char for char in dict.fromkeys(text) if char != "\n" and not drawn(char))


class MissingGlyphsError(PaperError):
    """The PDF cannot be made: its font has no glyph for ``characters``."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        names = ", ".join(f"{c} U+{ord(c):04X} {unicodedata.name(c, '')}".rstrip() for c in characters[:10])
        super().__init__(f"the font Sarabun cannot draw: {names}")
