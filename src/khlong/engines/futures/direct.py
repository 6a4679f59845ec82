"""The direct evaluator: slow, and obviously right.

It does what the order of composition in `model` says, line by line, with one stored cell of an event at a time in plain
numpy, for one package in one future. The fast engine must agree with it to 1e-9 relative; nothing of the fast engine
is used here, and nothing here is used by it.

Symbols: event e, place z, knot t, future w, package S, channel c = (group, kind).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.model import SHAPE_ACTS, ActKind
from khlong.engines.futures.packages import measures_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from khlong.engines.futures.model import Act, Curve, Floats, Hazard, Layer, Model
    from khlong.engines.futures.sampling import Futures

    Channel = tuple[str, str]
    Doing = list[tuple[Act, float]]


def expected(model: Model, futures: Futures, w: int, package: int) -> dict[Channel, Floats]:
    r"""Expected annual impact by channel and knot.

    .. math:: EAI_c(S,w,t) = \sum_e \phi(w,t) \lambda_e \sum_z L_{cez}(S,w,t)

    Returns
    -------
    dict of channel to (K,) array, in the unit of the kind per year.
    """
    found = {channel: np.zeros(len(model.years)) for channel in model.channels}
    frequencies = event_frequencies(model, futures, w)
    for hazard, by_channel in event_losses(model, futures, w, package).items():
        for channel, losses in by_channel.items():
            found[channel] += (frequencies[hazard] * losses).sum(axis=1)
    return found


def burden(model: Model, futures: Futures, w: int, package: int) -> dict[Channel, float]:
    """`f_c(S,w) = sum_t a_t(w) EAI_c(S,w,t)`: expected annual impact, discounted mean over the years."""
    weights = futures.knot_weights[w]
    return {channel: float(weights @ path) for channel, path in expected(model, futures, w, package).items()}


def cost(model: Model, futures: Futures, w: int, package: int) -> float:
    """`sum_m cf_m(w) (cost_m + upkeep_m A(w))` over the measures of the package, in the money of the model."""
    annuity = float(futures.annuity[w])
    return sum(
        float(futures.cost_factor(m)[w]) * (model.measures[m].cost + model.measures[m].upkeep * annuity)
        for m in measures_in(model, package)
    )


def total(model: Model, futures: Futures, w: int, package: int) -> float:
    """`cost + A(w) sum_c omega_g price_k f_c`: one view beside the burdens of the groups, not instead of them."""
    price = {kind.key: kind.price for kind in model.kinds}
    paid = sum(
        model.weights.get(group, 1.0) * price[kind] * each
        for (group, kind), each in burden(model, futures, w, package).items()
    )
    return cost(model, futures, w, package) + float(futures.annuity[w]) * paid


def event_frequencies(model: Model, futures: Futures, w: int) -> dict[str, Floats]:
    """How often each event happens per year, by hazard: `phi(w,t) lam_e`. (K, E)"""
    return {each.key: futures.phi(each.key)[w][:, None] * each.frequency[None, :] for each in model.hazards}


def event_losses(model: Model, futures: Futures, w: int, package: int) -> dict[str, dict[Channel, Floats]]:
    """What each event does, by hazard and channel, at each knot. (K, E) each"""
    inside = measures_in(model, package)
    found: dict[str, dict[Channel, Floats]] = {}
    for hazard in model.hazards:
        by_channel = found[hazard.key] = {}
        shape = (len(model.years), len(hazard.frequency))
        for layer in (each for each in model.layers if each.hazard == hazard.key):
            losses = by_channel.setdefault((layer.group, layer.kind), np.zeros(shape))
            for t in range(len(model.years)):
                cells = cell_losses(model, futures, w, t, layer, hazard, inside)
                losses[t] += np.bincount(hazard.event, weights=cells, minlength=shape[1])
    return found


def cell_losses(
    model: Model, futures: Futures, w: int, t: int, layer: Layer, hazard: Hazard, inside: tuple[int, ...]
) -> Floats:
    """The loss of one layer in each stored cell of its hazard, at one knot of one future."""
    place = hazard.place
    acts = list(doing(model, futures, w, t, layer, inside))
    y = intensity(model, futures, w, t, hazard)
    value = layer.value[place] * futures.driver(layer.key)[w, t]
    factor = np.ones(len(place))
    for act, strength in acts:
        here = act.places[place]
        if act.kind in SHAPE_ACTS:
            y = np.where(here, shaped(act, strength, y), y)
        elif act.kind is ActKind.EXPOSURE:
            value = np.where(here, value * max(0.0, 1 - act.by * strength), value)
        elif act.kind is ActKind.VULNERABILITY:
            factor = np.where(here, factor * max(0.0, 1 - act.by * strength), factor)
    curve = next(each for each in model.curves if each.key == layer.curve)
    share = damage(curve, float(futures.curve_position[w]), y) * factor
    for act, strength in acts:
        if act.kind is ActKind.TRANSFER:
            paid = np.minimum(np.maximum(share - act.attach, 0), act.cover * strength)
            share = np.where(act.places[place], share - paid, share)
    losses: Floats = value * share
    return losses


def doing(
    model: Model, futures: Futures, w: int, t: int, layer: Layer, inside: tuple[int, ...]
) -> Iterator[tuple[Act, float]]:
    """The acts of a package that concern a layer, with their strength, in the order in which they come.

    By `Act.order`, then by the measures' order; sorting is stable.
    """
    pairs = [
        (act, float(futures.strength(m)[w, t]))
        for m in inside
        for act in model.measures[m].acts
        if concerns(act, layer)
    ]
    return iter(sorted(pairs, key=lambda pair: pair[0].order))


def concerns(act: Act, layer: Layer) -> bool:
    """Whether an act is for the group, kind and hazard of a layer; what it leaves empty it does not ask."""
    return (
        (not act.groups or layer.group in act.groups)
        and (not act.kinds or layer.kind in act.kinds)
        and (not act.hazard or layer.hazard == act.hazard)
    )


def intensity(model: Model, futures: Futures, w: int, t: int, hazard: Hazard) -> Floats:
    """`y = alpha(w,t) I + sum_d raise_d(w,t)` in each stored cell, before any measure."""
    y: Floats = float(futures.alpha(hazard.key)[w, t]) * hazard.intensity.astype(np.float64)
    for rise in model.rises:
        if rise.hazard == hazard.key:
            y = y + np.where(rise.places[hazard.place], futures.rise(rise.key)[w, t], 0.0)
    return y


def shaped(act: Act, strength: float, y: Floats) -> Floats:
    """What a hazard act leaves of intensity y; the formulas stand in `model`.

    Examples
    --------
    >>> from khlong.engines.futures.model import Act, ActKind
    >>> wall = Act(ActKind.PROTECT, np.ones(1, bool), hazard="flood", level=500.0)
    >>> shaped(wall, 1.0, np.array([-200.0, 300.0, 500.0, 501.0])).tolist()
    [-200.0, 0.0, 0.0, 501.0]
    """
    if act.kind is ActKind.SHIFT:
        return y - act.by * strength
    if act.kind is ActKind.SCALE:
        return np.where(y > 0, y * max(0.0, 1 - strength * (1 - act.to)), y)
    if act.kind is ActKind.PROTECT:
        return np.where(y > act.level * strength, y, np.minimum(y, 0.0))
    taken = np.minimum(
        min(1.0, act.share * strength) * (np.minimum(y, act.fades_from) if act.gone_at else y),
        act.most * strength,
    )
    if act.gone_at:
        taken = taken * np.clip((act.gone_at - y) / (act.gone_at - act.fades_from), 0, 1)
    return np.where(y > 0, y - taken, y)


def bent(curve: Curve, position: float) -> Floats:
    """The shares of a curve at its nodes in a future with curve position q: clipped, then made monotone."""
    moved = np.clip(curve.share + position * curve.spread, 0.0, np.max(curve.share))
    return np.maximum.accumulate(moved)


def damage(curve: Curve, position: float, y: Floats) -> Floats:
    """The share of value lost at intensity y: linear between nodes, flat beyond, a step taken just above it.

    Examples
    --------
    >>> from khlong.engines.futures.model import Curve
    >>> knee = Curve("knee", np.array([0.0, 100.0, 100.0, 300.0]), np.array([0.0, 0.0, 0.5, 1.0]), np.zeros(4))
    >>> damage(knee, 0.0, np.array([-50.0, 100.0, 100.0001, 200.0, 900.0])).round(4).tolist()
    [0.0, 0.0, 0.5, 0.75, 1.0]
    """
    nodes, shares = curve.intensity, bent(curve, position)
    upper = np.searchsorted(nodes, y, side="left")
    before, after = np.clip(upper - 1, 0, None), np.clip(upper, None, len(nodes) - 1)
    width = nodes[after] - nodes[before]
    along = np.divide(y - nodes[before], width, out=np.zeros(len(y)), where=width > 0)
    between = shares[before] + along * (shares[after] - shares[before])
    return np.where(upper == 0, 0.0, np.where(upper == len(nodes), shares[-1], between))
