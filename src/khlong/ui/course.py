"""The course of the water through one thing: columns of things from source to mouth, with the links between them.

Drawn for wide screens; phones and paper show the same things as a list. A line is one link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from khlong.ui.measure import text_width, wrap

WIDE = 1088.0
GUTTER = 40.0
ROW = 112.0
TOP = 8.0
LINE = 22.0
LINES = 3
GATE = 9.0


@dataclass(frozen=True)
class Box:
    """A thing on the way: its kind, reference and title, and where its page is; `here` is the thing itself.

    At the edge of the picture `further` says how much lies beyond it, and `further_url` leads there.
    """

    key: str
    kind: str
    ref: str
    title: str
    url: str = ""
    here: bool = False
    further: str = ""
    further_url: str = ""


@dataclass(frozen=True)
class Dry:
    """A stretch that is dry at the thing itself, with the words and the address that mend it."""

    sentence: str
    button: str = ""
    url: str = ""


@dataclass(frozen=True)
class Column:
    """Things equally far away, and how many more there are that are not drawn, with where they stand."""

    boxes: tuple[Box, ...]
    more: int = 0
    url: str = ""


@dataclass(frozen=True)
class Course:
    """Columns from upstream to downstream; `at` is the column of the thing itself. Flows are pairs of keys."""

    columns: tuple[Column, ...]
    at: int
    flows: frozenset[tuple[str, str]]
    dry_up: tuple[Dry, ...] = ()
    dry_down: tuple[Dry, ...] = ()

    @property
    def upstream(self) -> list[Box]:
        return [box for column in self.columns[: self.at] for box in column.boxes]

    @property
    def downstream(self) -> list[Box]:
        return [box for column in self.columns[self.at + 1 :] for box in column.boxes]

    @property
    def here(self) -> Box:
        return self.columns[self.at].boxes[0]


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    css: str
    url: str = ""


@dataclass(frozen=True)
class Drawing:
    """All that is to be drawn, in SVG user units."""

    width: float
    height: float
    threads: tuple[str, ...]
    dry: tuple[str, ...]
    gates: tuple[str, ...]
    here: str
    words: tuple[Text, ...]


@dataclass(frozen=True)
class _Place:
    """Where a box lies: the left end and the length of its line, and its height on the page."""

    x: float
    y: float
    length: float

    @property
    def end(self) -> float:
        return self.x + self.length


@dataclass
class _Pen:
    """What is drawn so far, and the measures of the picture: `length` of a line, `height` of all."""

    course: Course
    length: float
    height: float
    places: dict[str, _Place]
    words: list[Text]
    dry: list[str]

    def column(self, x: float, boxes: tuple[Box, ...], beds: tuple[Dry, ...], *, up: bool) -> float:
        """Draw a column and give the height of its lowest line."""
        ys = _heights(len(boxes) + len(beds), self.height)
        for box, y in zip(boxes, ys, strict=False):
            self.places[box.key] = _Place(round(x, 1), y, round(self.length, 1))
            self.words += _box_words(box, x, y, self.length)
        for bed, y in zip(beds, ys[len(boxes) :], strict=True):
            self.words += _bed_words(bed, x, y, self.length)
            self.dry.append(_bed(x, y, self.length, self.places[self.course.here.key], up=up))
        return ys[-1] if ys else 0.0


def drawn(course: Course, more: str) -> Drawing:
    """The picture for wide screens. `more` are the words for what is not drawn, with %(n)s in them."""
    columns = list(course.columns)
    at = course.at
    if course.dry_up and at == 0:
        columns.insert(0, Column(()))
        at = 1
    if course.dry_down and at == len(columns) - 1:
        columns.append(Column(()))
    beds = {at - 1: course.dry_up, at + 1: course.dry_down}
    most = max(len(one.boxes) + len(beds.get(number, ())) for number, one in enumerate(columns))
    length = (min(WIDE, 360.0 * len(columns)) - GUTTER * (len(columns) - 1)) / len(columns)
    pen = _Pen(course, length, TOP + ROW * most + 12, {}, [], [])
    for number in sorted(range(len(columns)), key=lambda number: number != at):
        x = number * (length + GUTTER)
        low = pen.column(x, columns[number].boxes, beds.get(number, ()), up=number < at)
        if columns[number].more:
            under = 2 if _has_words_below(columns[number].boxes, beds.get(number, ())) else 1
            pen.height = max(pen.height, low + LINE * (under + 1))
            y = round(low + 24 + LINE * (under - 1), 1)
            words = more % {"n": columns[number].more}
            pen.words.append(Text(round(x + 4, 1), y, words, "m", columns[number].url))
    here = pen.places[course.here.key]
    levels = tuple(_level(one) for one in pen.places.values() if one != here)
    gates = tuple(f"M{one.x:g} {one.y - GATE:g}V{one.y + GATE:g}" for one in pen.places.values())
    threads = (*_flows(course, columns, pen.places), *levels)
    return Drawing(WIDE, pen.height, threads, tuple(pen.dry), gates, _level(here), tuple(pen.words))


def _has_words_below(boxes: tuple[Box, ...], beds: tuple[Dry, ...]) -> bool:
    """Whether something is written under the lowest line of a column."""
    return bool(beds[-1].url and beds[-1].button) if beds else bool(boxes and boxes[-1].further)


def _heights(count: int, height: float) -> list[float]:
    """Lines spread evenly over the picture, each with room for its words above it."""
    step = (height - TOP - 12) / max(count, 1)
    return [round(TOP + step * (place + 0.5) + 34, 1) for place in range(count)]


def _level(place: _Place) -> str:
    return f"M{place.x:g} {place.y:g}H{place.end:g}"


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"


def _flows(course: Course, columns: list[Column], places: dict[str, _Place]) -> Iterable[str]:
    """Links between neighbouring columns; what passes a column by is not drawn."""
    column = {box.key: number for number, one in enumerate(columns) for box in one.boxes}
    for up, down in sorted(course.flows):
        if up in column and column.get(down) == column[up] + 1:
            a, b = places[up], places[down]
            yield _curve(a.end, a.y, b.x, b.y)


def _bed(x: float, y: float, length: float, here: _Place, *, up: bool) -> str:
    course = _curve(x + length, y, here.x, here.y) if up else _curve(here.end, here.y, x, y)
    return f"M{x:g} {y:g}H{x + length:g}{course}"


def _cut(text: str, width: float, lines: int) -> list[str]:
    """The first lines of a text, the last one ended by dots where there is more."""
    every = wrap(text, width)
    if len(every) <= lines:
        return every
    last = every[lines - 1]
    while last and text_width(last + "…") > width:
        last = last[:-1]
    return [*every[: lines - 1], last.rstrip() + "…"]


def _box_words(box: Box, x: float, y: float, length: float) -> list[Text]:
    room = length - 8
    title = _cut(box.title, room, LINES - 1)
    lines = (
        [(f"{box.kind} {box.ref}", "h")] if text_width(f"{box.kind} {box.ref}") <= room else [(box.ref, "h")]
    )
    lines += [(line, "m") for line in title]
    below = [Text(round(x + 4, 1), round(y + 24, 1), box.further, "a", box.further_url)]
    return [
        Text(
            round(x + 4, 1),
            round(y - 14 - LINE * (len(lines) - 1 - row), 1),
            text,
            css,
            box.url if row == 0 else "",
        )
        for row, (text, css) in enumerate(lines)
    ] + (below if box.further else [])


def _bed_words(bed: Dry, x: float, y: float, length: float) -> list[Text]:
    lines = _cut(bed.sentence, length - 8, 2)
    found = [
        Text(round(x + 4, 1), round(y - 14 - LINE * (len(lines) - 1 - row), 1), line, "d")
        for row, line in enumerate(lines)
    ]
    if bed.button and bed.url:
        found.append(Text(round(x + 4, 1), round(y + 24, 1), bed.button, "a", bed.url))
    return found
