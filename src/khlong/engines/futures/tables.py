"""Stop-loss tables: all events and places of a class in one row, exact at any intensity.

For a class c of exposure (what is hit alike and helped alike),

.. math:: C_c(t) = \\sum_{e,z \\in c} \\lambda_e V_z (I_{ez} - t)^+

at whole t. Between whole numbers C is exactly linear, because every intensity is whole; below the first node it goes
on with the slope of the whole class, above the last it is zero. The tail weight `Q(t) = sum lam V [I > t]` is the
difference of two neighbours, so it needs no table of its own. (R. Kaas, M. Goovaerts, J. Dhaene, M. Denuit, 2008,
Modern Actuarial Risk Theory, doi:10.1007/978-3-540-70998-5.)
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.kernels import scatter, stop_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Curve, Floats, Hazard, Integers


@dataclass(frozen=True)
class Rows:
    """A set of rows of one hazard that are filled together: which row each place belongs to (-1: none), its value."""

    hazard: Hazard
    row_of: Integers
    value: Floats
    rows: int


def reach(hazard: Hazard) -> tuple[int, int]:
    """First node and number of nodes: one below the lowest intensity to one above the highest.

    Examples
    --------
    >>> from khlong.engines.futures.model import Hazard, Name
    >>> one = np.zeros(1, np.int32)
    >>> reach(Hazard("h", Name("", ""), "mm", one, one, np.array([500], np.int32), np.ones(1), "events"))
    (499, 3)
    """
    if hazard.intensity.size == 0:
        return 0, 2
    low = int(np.min(hazard.intensity)) - 1
    return low, int(np.max(hazard.intensity)) + 2 - low


def fill(groups: Sequence[Rows], threads: int = 1) -> list[Floats]:
    """The stop-loss rows of each group of rows: one (rows, nodes) array each."""

    def make(group: Rows) -> Floats:
        low, nodes = reach(group.hazard)
        table = np.zeros((group.rows, nodes))
        hazard = group.hazard
        scatter(
            hazard.event,
            hazard.place,
            hazard.intensity,
            hazard.frequency,
            group.row_of,
            group.value,
            low,
            table,
        )
        stop_loss(table)
        return table

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(make, groups))


def stop_loss_at(table: Floats, low: int, t: float) -> float:
    """C(t) of one row, as the look-ups of the engine read it.

    Examples
    --------
    >>> row = np.array([3.5, 1.5, 0.0, 0.0])  # lam V = 0.5 at I = 1 and 1.5 at I = 2, nodes 0..3
    >>> stop_loss_at(row, 0, 1.5), stop_loss_at(row, 0, -1.0), stop_loss_at(row, 0, 9.0)
    (0.75, 5.5, 0.0)
    """
    u = min(t - low, float(table.size - 1))
    i = min(int(max(u, 0.0)), table.size - 2)
    return float(table[i] + (u - i) * (table[i + 1] - table[i]))


def node_shares(curve: Curve, position: Floats) -> Floats:
    """Shares of a curve's nodes at positions q of futures, `clip(share + q spread, 0, most)`, made monotone. (J, N)"""
    most = float(np.max(curve.share))
    moved = np.clip(curve.share[:, None] + position[None, :] * curve.spread[:, None], 0.0, most)
    shares: Floats = np.maximum.accumulate(moved, axis=0)
    shares[0] = 0.0
    return np.ascontiguousarray(shares)
