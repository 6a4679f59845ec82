"""Damage curves: published ones for Asia with their doubt, one's own, and a curve in one future.

The published doubt is large: at half a metre the Asian curve for houses stands at 0.33 with a standard deviation of
0.25. A curve is therefore a dimension of the futures: at position q each node stands at
`clip(share + q * spread, 0, most)`, made monotone by a running maximum. A position of -1 to 1, spread evenly, covers
about what one standard deviation covers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import refusals as ask
from khlong.engines.futures.check import check_curve
from khlong.engines.futures.model import Curve, Dimension, Name, Spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.model import Floats

JRC_SOURCE = (
    "Huizinga, de Moel, Szewczyk 2017, Global flood depth-damage functions, EUR 28552 EN, JRC105688, "
    "doi:10.2760/16510, Asia; means to three places; standard deviations as coded in os-climate/physrisk, "
    "read November 2026"
)
JRC_DEPTHS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)  # metres
JRC_SHARES = {
    "residential": (0.0, 0.327, 0.494, 0.617, 0.721, 0.870, 0.931, 0.984, 1.0),
    "commercial": (0.0, 0.377, 0.538, 0.659, 0.763, 0.883, 0.942, 0.981, 1.0),
    "industrial": (0.0, 0.283, 0.482, 0.629, 0.717, 0.857, 0.909, 0.955, 1.0),
    "transport": (0.0, 0.358, 0.572, 0.733, 0.847, 1.0, 1.0, 1.0, 1.0),
    "infrastructure": (0.0, 0.214, 0.373, 0.604, 0.710, 0.808, 0.887, 0.969, 1.0),
    "agriculture": (0.0, 0.135, 0.370, 0.524, 0.558, 0.660, 0.834, 0.988, 1.0),
}
JRC_SPREADS = {
    "residential": (0.0, 0.252, 0.215, 0.214, 0.207, 0.168, 0.125, 0.048, 0.0),
    "commercial": (0.0, 0.240, 0.241, 0.244, 0.250, 0.172, 0.112, 0.053, 0.0),
    "industrial": (0.0, 0.243, 0.296, 0.301, 0.269, 0.234, 0.159, 0.079, 0.0),
}


def jrc_asia(sector: str, *, steps: float = 1000.0, spread_of: str = "") -> Curve:
    """The JRC curve of a sector for Asia, in steps of a metre (1000: millimetres).

    Parameters
    ----------
    sector : residential, commercial, industrial, transport, infrastructure or agriculture.
    spread_of : borrow the doubt of another sector, which is then said in the source. For transport, infrastructure and
        agriculture no standard deviation was found, and without one they would look certain.

    Raises
    ------
    ModelError
        There is no such sector, or the one to borrow from has no published doubt.

    Examples
    --------
    >>> jrc_asia("residential").share[:3].tolist()
    [0.0, 0.327, 0.494]
    """
    ask.known("sector", sector, JRC_SHARES)
    if spread_of:
        ask.known("spread_of", spread_of, JRC_SPREADS)
    shares = np.array(JRC_SHARES[sector])
    spread = np.array(JRC_SPREADS.get(spread_of or sector, (0.0,) * len(shares)))
    spread = np.where(shares < 1, spread, 0.0)
    source = JRC_SOURCE + (f"; spread borrowed from {spread_of}" if spread_of else "")
    if sector not in JRC_SPREADS and not spread_of:
        source += "; no spread was found for this sector"
    return Curve(f"jrc-asia-{sector}", np.array(JRC_DEPTHS) * steps, shares, spread, source)


def own(
    key: str,
    intensity: Sequence[float] | Floats,
    share: Sequence[float] | Floats,
    spread: Sequence[float] | Floats | None = None,
    *,
    source: str = "",
) -> Curve:
    """One's own curve from its nodes; two nodes at one intensity are a step.

    Raises
    ------
    ModelError
        It falls, is negative, has damage at its beginning, exceeds the whole, or has numbers missing.
    """
    nodes = np.asarray(intensity, np.float64)
    doubt = np.zeros(len(nodes)) if spread is None else np.asarray(spread, np.float64)
    curve = Curve(key, nodes, np.asarray(share, np.float64), doubt, source)
    check_curve(key, curve)
    return curve


def above(key: str, at: float, share: float = 1.0, *, source: str = "") -> Curve:
    """Nothing up to an intensity, a share of it all above: people whose street is under water, days too hot to work.

    Examples
    --------
    >>> above("cut off", 300).intensity.tolist(), above("cut off", 300).share.tolist()
    ([0.0, 300.0, 300.0], [0.0, 0.0, 1.0])
    >>> above("wet", 0).intensity.tolist()
    [0.0, 0.0]
    """
    if at > 0:
        return own(key, [0, at, at], [0, 0, share], source=source)
    return own(key, [at, at], [0, share], source=source)


def product(key: str, degree: Curve, affected: Curve) -> Curve:
    """A curve from mean damage degree and percentage of assets affected, if one of them is a constant share.

    Other programs keep the two apart and multiply them, which is quadratic between nodes unless the affected share is
    constant above zero; only that case is a piecewise-linear curve and is taken.

    Raises
    ------
    ModelError
        The affected share is not constant above zero.
    """
    above_zero = affected.share[affected.intensity > 0]
    if len(set(above_zero.tolist())) != 1:
        raise ask.refused(
            f"{key}.affected",
            ("ส่วนที่ได้รับผลกระทบไม่คงที่", "The affected share is not constant above zero."),
            ("ให้คูณสองเส้นเองแล้วใส่จุดให้ถี่พอ", "Multiply the two yourself, with nodes close enough."),
        )
    factor = float(above_zero[0])
    return replace(degree, key=key, share=degree.share * factor, spread=degree.spread * factor)


def at_position(curve: Curve, position: float) -> Curve:
    """The curve as it stands in a future with curve position q, without further doubt.

    Examples
    --------
    >>> at_position(jrc_asia("residential"), 1.0).share[:4].round(3).tolist()
    [0.0, 0.579, 0.709, 0.831]
    """
    moved = np.clip(curve.share + position * curve.spread, 0.0, np.max(curve.share))
    return replace(curve, share=np.maximum.accumulate(moved), spread=np.zeros(len(curve.share)))


def position(key: str = "curve", *, reach: float = 1.0) -> Dimension:
    """Curve positions spread evenly from -reach to reach standard deviations; the base is the published curve."""
    name = Name("ตำแหน่งของเส้นความเสียหาย", "position of the damage curve")
    return Dimension(key, name, "sd", Spread.UNIFORM, -reach, reach, 0.0, source=JRC_SOURCE)
