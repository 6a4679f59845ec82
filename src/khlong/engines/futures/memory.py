"""How much memory a run would take, said before it is taken.

The lattice costs `packages * objectives` numbers for each partial that waits to be joined; stage A keeps
`sets * futures` numbers, or nothing where that is too much (then a changed weight computes it anew), and works in
rows of `WIDTH` futures by local package, factor and chain.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from khlong.engines.futures.errors import TooLargeError, Words
from khlong.engines.futures.lattice import BLOCK, MARKS, STATISTICS, WORD
from khlong.engines.futures.lattice import ROOM as ROW_ROOM
from khlong.engines.futures.packages import radices
from khlong.engines.futures.stagea import WIDTH
from khlong.engines.futures.vectors import WIDE

if TYPE_CHECKING:
    from khlong.engines.futures.compile import Compiled
    from khlong.engines.futures.model import Model

ROOM = 900_000_000
"""Bytes that a run may take unless it is told otherwise."""
HINGES = 8
"""Rows of hinges and steps, of a curve and of a chain, by bend."""
KEPT = 400_000_000
"""Bytes of coefficients that are kept for the next question, at most."""


def lattice_bytes(model: Model) -> int:
    """One partial: statistics of all objectives, counts of channels and groups."""
    channels, groups = len(model.channels), len({group for group, _ in model.channels})
    return prod(radices(model)) * (8 * STATISTICS * (channels + 1) + 4 * (channels + MARKS * groups + 2))


def waiting(count: int, threads: int) -> int:
    """Partials at hand at once, at most: one per level of the tree, those being made and those ahead."""
    blocks = -(-count // BLOCK)
    return min(blocks, blocks.bit_length() + 2 * threads + 1)


def coefficient_bytes(program: Compiled, count: int) -> int:
    return 8 * len(program.sets) * count


def needed(program: Compiled, count: int, threads: int, keep: bool) -> int:
    """Bytes at the height of a run."""
    words = BLOCK // WORD * 8 * (2 * MARKS + 1)
    sets = 8 * len(program.sets) * BLOCK * 3
    block = min(prod(program.radices), 1 << 14)
    knots, (_, factors, locals_, rows) = len(program.model.years), program.widest
    lanes = max((stop - first for first, stop in pairwise(program.bundles)), default=0) + WIDE
    results = 8 * WIDTH * (knots * factors + locals_ + 2 * knots * rows + HINGES * program.bends + lanes)
    at_work = threads * (16 * ROW_ROOM + words * block + sets + results)
    kept = coefficient_bytes(program, count) if keep else 0
    return lattice_bytes(program.model) * waiting(count, threads) + at_work + kept + program.tables.nbytes


def refuse(program: Compiled, count: int, threads: int, room: int = ROOM) -> bool:
    """Whether coefficients can be kept; refuses what does not fit even without.

    Raises
    ------
    TooLargeError
        With the size that it would need and what to do.
    """
    keep = coefficient_bytes(program, count) <= KEPT and needed(program, count, threads, True) <= room
    size = needed(program, count, threads, keep)
    if size > room:
        raise too_large(size, room, prod(program.radices))
    return keep


def refuse_futures(model: Model, count: int, room: int = ROOM) -> None:
    """The futures themselves, before they are drawn: their points, their values, their weights by knot.

    Raises
    ------
    TooLargeError
        With how many of this model could be drawn.
    """
    each = 8 * (2 * len(model.dimensions) + len(model.years) + 2)
    if count * each > room:
        most = room // each
        raise TooLargeError(
            "futures",
            Words(
                f"{count:,} อนาคตมากเกินกว่าที่หน่วยความจำ {room / 1e9:,.1f} GB จะเก็บได้",
                f"{count:,} futures are more than {room / 1e9:,.1f} GB of memory hold.",
            ),
            Words(
                f"ใช้ได้ไม่เกิน {most:,} อนาคต ปกติ 10,000 ก็พอ",
                f"Ask for at most {most:,}; 10,000 are usually enough.",
            ),
        )


def refuse_lattice(model: Model, room: int = ROOM) -> None:
    """What can be said before anything is made ready: one partial must fit four times."""
    size = 4 * lattice_bytes(model)
    if size > room:
        raise too_large(size, room, prod(radices(model)))


def too_large(size: int, room: int, packages: int) -> TooLargeError:
    gigabytes, most = size / 1e9, room / 1e9
    return TooLargeError(
        "measures",
        Words(
            f"ชุดมาตรการ {packages:,} ชุดต้องใช้หน่วยความจำ {gigabytes:,.1f} GB แต่ใช้ได้ {most:,.1f} GB",
            f"{packages:,} packages need {gigabytes:,.1f} GB of memory; there are {most:,.1f} GB.",
        ),
        Words(
            "ให้รวมมาตรการที่เลือกพร้อมกันไม่ได้ไว้ใน lever เดียวกัน คำนวณแยกเป็นเขต (--zones) หรือเพิ่มหน่วยความจำที่อนุญาต",
            "Put measures that exclude each other on one lever, appraise zone by zone (--zones), or allow more memory.",
        ),
    )
