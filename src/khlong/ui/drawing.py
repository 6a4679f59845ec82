"""Where the lines of a canal picture run: horizontally for wide screens, downwards for phones and paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from khlong.ui.canal import Canal, Strand, Stretch, runs, slots, stretches
from khlong.ui.measure import text_width, wrap

Anchor = Literal["start", "middle", "end"]

MEANDER = (0.0, -14.0, -4.0, -14.0, 0.0, -9.0)
BANK_GAP = 3.9
BED_HALF = 16.0
LINE = 21.0
BEND = 0.35
CLEAR_ENDS = 2.0
"""Below this pitch the rings at the ends of threads would cover one another, and are left out."""


@dataclass(frozen=True)
class Word:
    """A text in the picture; `css` is h (heading), m (number), d (dry), a (a thing to do) or plain."""

    x: float
    y: float
    text: str
    css: str
    anchor: Anchor = "start"
    url: str = ""


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


@dataclass
class Drawing:
    """Everything to be drawn, in SVG user units; path data is ready to be written."""

    width: float
    height: float
    pitch: float
    stroke: float
    beds: list[str] = field(default_factory=list)
    bed_banks: list[str] = field(default_factory=list)
    hatches: list[str] = field(default_factory=list)
    banks: list[str] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    drops: list[str] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)
    ends: list[tuple[float, float]] = field(default_factory=list)
    plaques: list[Box] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    @property
    def has_links(self) -> bool:
        return any(word.url for word in self.words)

    @property
    def drop_stroke(self) -> float:
        return self.stroke + 1.8


@dataclass(frozen=True)
class Words:
    """The picture's own words in the reader's language."""

    dry: str
    unpublished: str


@dataclass(frozen=True)
class Lane:
    """The course of one strand: its middle at every stage, and half the width of an unpublished stretch."""

    parts: tuple[Stretch, ...]
    middles: tuple[float, ...]
    hatch_half: float
    pitch: float

    def edges(self, index: int) -> tuple[float, float]:
        """How far a stretch reaches to both sides of the middle, banks left out."""
        part = self.parts[index]
        if part.state == "unpublished":
            return -self.hatch_half, self.hatch_half
        if part.state == "dry":
            return -BED_HALF, BED_HALF
        places = slots(part.threads)
        return (places.start - 0.5) * self.pitch, (places.stop - 0.5) * self.pitch

    def banks(self, index: int) -> tuple[float, float]:
        low, high = self.edges(index)
        gap = BANK_GAP if self.parts[index].state == "water" else 0.0
        return low - gap, high + gap


@dataclass(frozen=True)
class Plan:
    """The axis along the water: where the stages are, and whether it runs across the page or down it."""

    stages: tuple[float, ...]
    across: bool

    def point(self, along: float, side: float) -> tuple[float, float]:
        x, y = (along, side) if self.across else (side, along)
        return round(x, 1), round(y, 1)

    def at(self, along: float, side: float) -> str:
        x, y = self.point(along, side)
        return f"{x:g} {y:g}"

    def curve(self, index: int, start: float, end: float, bend: float | None = None) -> str:
        """A bend from stage `index` to the next; `bend` makes a bank narrow soon after its gate."""
        a, b = self.stages[index], self.stages[index + 1]
        reach = BEND * (b - a)
        first = self.at(a + reach / 2, bend) if bend is not None else self.at(a + reach, start)
        return f"C{first} {self.at(b - reach, end)} {self.at(b, end)}"

    def back(self, index: int, start: float, end: float) -> str:
        a, b = self.stages[index], self.stages[index + 1]
        reach = BEND * (b - a)
        return f"C{self.at(b - reach, start)} {self.at(a + reach, end)} {self.at(a, end)}"


def _draw_threads(out: Drawing, plan: Plan, lane: Lane, strand: Strand) -> None:
    widest = max((part.threads for part in lane.parts), default=0)
    for slot in slots(widest):
        for first, last in runs(lane.parts, slot):
            path = _thread(plan, lane, slot, first, last)
            (out.drops if strand.drop and slot == 0 else out.threads).append(path)
            if last < len(lane.parts) and lane.pitch >= CLEAR_ENDS:
                out.ends.append(plan.point(plan.stages[last], lane.middles[last] + slot * lane.pitch))


def _thread(plan: Plan, lane: Lane, slot: int, first: int, last: int) -> str:
    sides = [middle + slot * lane.pitch for middle in lane.middles]
    curves = (plan.curve(index, sides[index], sides[index + 1]) for index in range(first, last))
    return f"M{plan.at(plan.stages[first], sides[first])}" + "".join(curves)


def _draw_banks(out: Drawing, plan: Plan, lane: Lane, index: int) -> None:
    for side in (0, 1):
        own = lane.banks(index)[side]
        start = own
        if index and lane.parts[index - 1].state == "water":
            before = lane.banks(index - 1)[side]
            start = min(own, before) if side == 0 else max(own, before)
        a, b = lane.middles[index], lane.middles[index + 1]
        curve = plan.curve(index, a + start, b + own, bend=a + own)
        out.banks.append(f"M{plan.at(plan.stages[index], a + start)}{curve}")


def _draw_band(plan: Plan, lane: Lane, index: int) -> tuple[str, str]:
    """A closed band and its two open banks."""
    low, high = lane.edges(index)
    a, b = lane.middles[index], lane.middles[index + 1]
    there = f"M{plan.at(plan.stages[index], a + low)}{plan.curve(index, a + low, b + low)}"
    turn = plan.at(plan.stages[index + 1], b + high)
    back = plan.back(index, b + high, a + high)
    return f"{there}L{turn}{back}Z", f"{there}M{turn}{back}"


def _draw_lane(out: Drawing, plan: Plan, lane: Lane, strand: Strand) -> None:
    for index, part in enumerate(lane.parts):
        if part.state == "water":
            _draw_banks(out, plan, lane, index)
            continue
        band, banks = _draw_band(plan, lane, index)
        if part.state == "dry":
            out.beds.append(band)
            out.bed_banks.append(banks)
        else:
            out.hatches.append(band)
    _draw_threads(out, plan, lane, strand)


def _top_at_mid(lane: Lane, index: int, side: int) -> float:
    """Where the bank is half-way along a stretch, on one side."""
    own = lane.banks(index)[side]
    start = own
    if lane.parts[index].state == "water" and index and lane.parts[index - 1].state == "water":
        before = lane.banks(index - 1)[side]
        start = min(own, before) if side == 0 else max(own, before)
    a, b = lane.middles[index], lane.middles[index + 1]
    return (a + start + 3 * (a + own) + 4 * (b + own)) / 8


# --- across the page -------------------------------------------------------------------------------

WIDE = 1088.0
WIDE_NAMES = 172.0


def wide(canal: Canal, words: Words) -> Drawing:
    """The picture for wide screens: water runs from left to right, strands lie under one another."""
    named = any(strand.label for strand in canal.strands)
    left = WIDE_NAMES if named else 8.0
    plan = Plan(_even(left, WIDE - 2, len(canal.stages)), across=True)
    pitch, stroke = _wide_pitch(canal)
    heads = _wide_heads(canal, plan)
    top = max(word.y for word in heads) + 9
    out = Drawing(WIDE, top, pitch, stroke, words=heads)
    for strand in canal.strands:
        _wide_strand(out, plan, canal, strand, words)
    out.gates = [f"M{plan.at(x, top)}V{out.height:g}" for x in plan.stages]
    return out


def _even(start: float, end: float, count: int) -> tuple[float, ...]:
    return tuple(round(start + (end - start) * index / (count - 1), 1) for index in range(count))


def _most_threads(canal: Canal) -> int:
    return max((part.threads for strand in canal.strands for part in stretches(canal, strand)), default=0)


def _wide_pitch(canal: Canal) -> tuple[float, float]:
    return (2.7, 1.5) if _most_threads(canal) > 14 else (5.4, 2.4)


def _wide_heads(canal: Canal, plan: Plan) -> list[Word]:
    room = (plan.stages[1] - plan.stages[0]) - 12
    wrapped = [wrap(stage.label, room) for stage in canal.stages]
    tallest = max(len(lines) for lines in wrapped)
    counted = any(stage.count is not None for stage in canal.stages)
    out: list[Word] = []
    for index, (stage, lines) in enumerate(zip(canal.stages, wrapped, strict=True)):
        anchor = _anchor(index, len(canal.stages))
        x = plan.stages[index]
        for row, line in enumerate(lines):
            y = 20 + LINE * (tallest - len(lines) + row)
            out.append(Word(x, y, line, "h", anchor, stage.url))
        if counted:
            out.append(Word(x, 22 + LINE * tallest, counted_words(stage.count, stage.unit), "m", anchor))
    return out


def _anchor(index: int, count: int) -> Anchor:
    if index == 0:
        return "start"
    return "end" if index == count - 1 else "middle"


def counted_words(count: int | None, unit: str) -> str:
    """A number with its unit; nothing when the number is not known."""
    return "" if count is None else f"{count:,} {unit}".strip()


def _wide_strand(out: Drawing, plan: Plan, canal: Canal, strand: Strand, words: Words) -> None:
    lane = Lane(tuple(stretches(canal, strand)), (0.0,) * len(canal.stages), 28.0, out.pitch)
    banks = [lane.banks(index) for index in range(len(lane.parts))]
    mends = any(part.state == "dry" and part.link.mend for part in lane.parts)
    middle = out.height + 38 - min(low for low, _ in banks)
    sway = [MEANDER[index % len(MEANDER)] for index in range(len(canal.stages))]
    lane = replace(lane, middles=tuple(middle + shift for shift in sway))
    _draw_lane(out, plan, lane, strand)
    _wide_name(out, strand, lane.middles[0])
    for index in range(len(lane.parts)):
        _wide_words(out, plan, lane, index, words)
    out.height = round(middle + max(high for _, high in banks) + (30 if mends else 10), 1)


def _wide_name(out: Drawing, strand: Strand, middle: float) -> None:
    lines = wrap(strand.label, WIDE_NAMES - 16)[:3] if strand.label else []
    for row, line in enumerate(lines):
        y = middle + 5 + LINE * (row - (len(lines) - 1) / 2)
        out.words.append(Word(0, round(y, 1), line, "h", url=strand.url))


def _wide_words(out: Drawing, plan: Plan, lane: Lane, index: int, words: Words) -> None:
    part = lane.parts[index]
    x = round((plan.stages[index] + plan.stages[index + 1]) / 2, 1)
    mid = (lane.middles[index] + lane.middles[index + 1]) / 2
    if part.state == "water":
        y = round(_top_at_mid(lane, index, 0) - 6, 1)
        out.words.append(Word(x, y, f"{part.link.count:,}", "m", "middle", part.link.url))
    elif part.state == "dry":
        out.words.append(Word(x, round(mid + 5, 1), part.link.missing or words.dry, "d plain", "middle"))
        if part.link.mend:
            out.words.append(Word(x, round(mid + 39, 1), part.link.mend, "a", "middle", part.link.url))
    else:
        _plaque(out, x, mid, words.unpublished)


def _plaque(out: Drawing, x: float, y: float, text: str) -> None:
    width = round(text_width(text) + 18, 1)
    out.plaques.append(Box(round(x - width / 2, 1), round(y - 15, 1), width, 30))
    out.words.append(Word(x, round(y + 5, 1), text, "m plain", "middle"))


# --- down the page ---------------------------------------------------------------------------------

TALL = 328.0
TALL_NAMES = 98.0
MOST_LANES = 5
LEAST_PITCH = 1.1


def tall(canal: Canal, words: Words) -> list[Drawing]:
    """The pictures for phones and paper: water runs down, strands lie side by side, a few to a picture."""
    return [_tall_picture(canal, group, words) for group in lanes_per_picture(canal)]


def lanes_per_picture(canal: Canal) -> list[list[tuple[int, Strand]]]:
    """Strands, with their place in the canal, in groups that fit side by side at a pitch one can count."""
    groups: list[list[tuple[int, Strand]]] = []
    for item in enumerate(canal.strands):
        if groups and len(groups[-1]) < MOST_LANES and _tall_pitch(canal, [*groups[-1], item]) >= LEAST_PITCH:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _tall_pitch(canal: Canal, group: Sequence[tuple[int, Strand]]) -> float:
    threads = sum(_widest(canal, strand) for _, strand in group)
    room = TALL - TALL_NAMES - 36.0 * len(group)
    return min(2.8, room / max(threads, 1))


def _widest(canal: Canal, strand: Strand) -> int:
    return max((part.threads for part in stretches(canal, strand)), default=0)


def tall_name(canal: Canal, place: int, room: float) -> str:
    """The strand's short name when it fits its lane; its number in the list otherwise."""
    strand = canal.strands[place]
    name = strand.short or strand.label
    return name if text_width(name) <= room else str(place + 1)


def _tall_picture(canal: Canal, group: list[tuple[int, Strand]], words: Words) -> Drawing:
    pitch = _tall_pitch(canal, group)
    named = any(strand.label for _, strand in group)
    top = 44.0 if named else 8.0
    heads = [wrap(stage.label, TALL_NAMES) for stage in canal.stages]
    step = max(100.0, 30.0 + LINE * (max(map(len, heads)) + 1))
    plan = Plan(tuple(top + step * index for index in range(len(canal.stages))), across=False)
    out = Drawing(
        TALL, plan.stages[-1] + 10 + LINE * (len(heads[-1]) + 1), pitch, min(2.0, max(0.8, pitch * 0.6))
    )
    centres = _tall_centres(canal, group, pitch)
    for (place, strand), centre in zip(group, centres, strict=True):
        _tall_strand(out, plan, canal, (place, strand, centre), words)
        if named:
            room = (TALL - TALL_NAMES) / len(group) - 4
            out.words.append(Word(centre, 28, tall_name(canal, place, room), "h", "middle", strand.url))
    out.gates = [f"M0 {y:g}H{TALL:g}" for y in plan.stages]
    _tall_heads(out, canal, plan, heads)
    return out


def _tall_centres(canal: Canal, group: list[tuple[int, Strand]], pitch: float) -> list[float]:
    """The middle of every lane; a lane has room for its threads and for the number to their right."""
    needs = [max(_widest(canal, strand) * pitch, 30.0) for _, strand in group]
    spare = (TALL - TALL_NAMES - sum(needs)) / len(group)
    centres, edge = [], TALL_NAMES
    for need in needs:
        centres.append(round(edge + need / 2 + spare * 0.3, 1))
        edge += need + spare
    return centres


def _tall_strand(
    out: Drawing, plan: Plan, canal: Canal, item: tuple[int, Strand, float], words: Words
) -> None:
    _, strand, centre = item
    alone = len(canal.strands) == 1
    sway = [MEANDER[index % len(MEANDER)] * 0.45 for index in range(len(canal.stages))]
    middles = tuple(centre + shift + 3 for shift in sway)
    lane = Lane(tuple(stretches(canal, strand)), middles, 64.0 if alone else 15.0, out.pitch)
    _draw_lane(out, plan, lane, strand)
    for index, part in enumerate(lane.parts):
        y = (plan.stages[index] + plan.stages[index + 1]) / 2
        mid = round((lane.middles[index] + lane.middles[index + 1]) / 2, 1)
        if part.state == "water":
            x = round(_top_at_mid(lane, index, 1) + 4, 1)
            out.words.append(Word(x, y + 5, f"{part.link.count:,}", "m", "start", part.link.url))
        elif part.state == "dry":
            out.words.append(Word(mid, y + 5, words.dry, "d plain", "middle"))
        elif alone:
            _plaque(out, mid, y, words.unpublished)


def _tall_heads(out: Drawing, canal: Canal, plan: Plan, heads: list[list[str]]) -> None:
    for stage, y, lines in zip(canal.stages, plan.stages, heads, strict=True):
        for row, line in enumerate(lines):
            out.words.append(Word(0, y + 20 + LINE * row, line, "h", url=stage.url))
        count = counted_words(stage.count, stage.unit)
        if count:
            out.words.append(Word(0, y + 20 + LINE * len(lines), count, "m"))
