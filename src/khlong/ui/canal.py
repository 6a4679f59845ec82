"""The canal picture as plain data: stages, strands, and the geometry that draws them.

One thread is one link. The width of a stretch is the number of its threads times the pitch, so whoever
counts the threads has the number. A dry stretch and an unpublished one have a constant width, because
they stand for no number.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["water", "dry", "unpublished"]

MOST_SINGLE_THREADS = 60
"""Over this many links in one stretch, a thread stands for several links, and the picture says so."""
PER_THREAD = (1, 5, 50, 500, 5000, 50_000)
MOST_THREADS = 100
"""How many threads a stretch is drawn with at most; the scale is the first by which none has more."""


@dataclass(frozen=True)
class Stage:
    """A gate across the canal: its name, how many things lie at it, and in which unit they are counted.

    An unpublished stage makes the stretches on both its sides unpublished.
    """

    label: str
    count: int | None = None
    state: State = "water"
    url: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Link:
    """The stretch of a strand from stage `up` to the next stage `down` (indices), and its number of links.

    `missing` says in words what is absent on a dry stretch; `mend` and `url` are the words and the
    address of the thing to do about it.
    """

    up: int
    down: int
    count: int = 0
    state: State | None = None
    missing: str = ""
    mend: str = ""
    url: str = ""


@dataclass(frozen=True)
class Strand:
    """One line of water through all the stages. `short` is its name on a phone; `drop` darkens one thread."""

    label: str
    links: tuple[Link, ...]
    short: str = ""
    drop: bool = False
    url: str = ""


@dataclass(frozen=True)
class Canal:
    """A canal picture: what it shows in words, its stages from source to mouth, its strands."""

    title: str
    stages: tuple[Stage, ...]
    strands: tuple[Strand, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.stages) < 2:
            raise ValueError("a canal has at least two stages")
        for strand in self.strands:
            for link in strand.links:
                if link.down != link.up + 1 or not 0 <= link.up < len(self.stages) - 1:
                    raise ValueError("a stretch joins a stage to the next one")
                if link.count < 0:
                    raise ValueError("a stretch cannot hold less than no links")

    @property
    def per(self) -> int:
        """How many links one thread stands for, the same in the whole picture."""
        counts = (link.count for strand in self.strands for link in strand.links)
        most = max(counts, default=0)
        if most <= MOST_SINGLE_THREADS:
            return 1
        return next((per for per in PER_THREAD[1:] if most <= per * MOST_THREADS), PER_THREAD[-1])

    @property
    def key(self) -> str:
        """A short name that is the same for the same picture, for ids within a page."""
        return f"k{zlib.crc32(repr(self).encode()):08x}"


def canal_of(stages: Iterable[Stage], links: Iterable[Link], title: str = "", note: str = "") -> Canal:
    """A canal of a single strand."""
    return Canal(title, tuple(stages), (Strand("", tuple(links)),), note)


@dataclass(frozen=True)
class Stretch:
    """A link as it is to be drawn: its state decided and its threads counted."""

    link: Link
    state: State
    threads: int


def stretches(canal: Canal, strand: Strand) -> list[Stretch]:
    """The strand's stretches in order; a stretch nobody gave is dry."""
    given = {link.up: link for link in strand.links}
    links = [given.get(up, Link(up, up + 1)) for up in range(len(canal.stages) - 1)]
    return [_stretch(canal, link) for link in links]


def _stretch(canal: Canal, link: Link) -> Stretch:
    state = link.state or _implied_state(canal, link)
    return Stretch(link, state, -(-link.count // canal.per) if state == "water" else 0)


def _implied_state(canal: Canal, link: Link) -> State:
    if "unpublished" in {canal.stages[link.up].state, canal.stages[link.down].state}:
        return "unpublished"
    return "water" if link.count else "dry"


def slots(threads: int) -> range:
    """Places of the threads across the stream, counted from its middle; fewer threads keep inner places."""
    return range(-(threads // 2), threads - threads // 2)


def runs(parts: Sequence[Stretch], slot: int) -> list[tuple[int, int]]:
    """The unbroken courses of the thread at one place, each from a stage to a stage."""
    found: list[tuple[int, int]] = []
    for index, part in enumerate(parts):
        if slot not in slots(part.threads):
            continue
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


@dataclass(frozen=True)
class Row:
    """A row of the table that says the same as the picture."""

    label: str
    url: str
    cells: tuple[Stretch, ...]


def table(canal: Canal) -> tuple[list[tuple[Stage, Stage]], list[Row]]:
    """The table under the picture: one column per stretch, one row per strand."""
    columns = list(zip(canal.stages, canal.stages[1:], strict=False))
    return columns, [Row(s.label, s.url, tuple(stretches(canal, s))) for s in canal.strands]
