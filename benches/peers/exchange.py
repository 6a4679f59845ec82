"""A case as files for another program, and our own answers to it.

What one future makes of the hazard, the values and the curves is written out, since other programs have no such thing;
what the measures do with them is left to the other program. NPZ for arrays, JSON for the rest::

    event, place            the stored cells                     frequency_t   by event, at knot t
    water_t                 intensity by cell, float             value_l_t     by place, of layer l
    curve_key_x, _y         nodes of a curve                     mask_m_a      places of act a of measure m
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import direct
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.inquiry import burdens, paths
from khlong.engines.futures.sampling import base

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from khlong.engines.futures.model import Floats, Model

    Answers = dict[str, dict[str, list[float]]]

FIELDS = ("by", "to", "level", "share", "most", "fades_from", "gone_at", "order")


@dataclass(frozen=True)
class Case:
    """A model of toggles with one hazard, and the packages that are asked about, as keys of measures."""

    model: Model
    packages: Mapping[str, tuple[str, ...]]

    def number(self, name: str) -> int:
        inside = self.packages[name]
        return sum(1 << n for n, measure in enumerate(self.model.measures) if measure.key in inside)


def write(case: Case, folder: Path) -> Path:
    """The best-estimate future of a case, in a folder."""
    model, futures = case.model, base(case.model)
    hazard, knots = model.hazards[0], range(len(model.years))
    frequency = direct.event_frequencies(model, futures, 0)[hazard.key]
    arrays: dict[str, np.ndarray] = {"event": hazard.event, "place": hazard.place}
    for t in knots:
        arrays[f"frequency_{t}"] = frequency[t]
        arrays[f"water_{t}"] = direct.intensity(model, futures, 0, t, hazard)
        for number, layer in enumerate(model.layers):
            arrays[f"value_{number}_{t}"] = layer.value * futures.driver(layer.key)[0, t]
    for curve in model.curves:
        arrays[f"curve_{curve.key}_x"] = curve.intensity
        arrays[f"curve_{curve.key}_y"] = direct.bent(curve, float(futures.curve_position[0]))
    acts = {}
    for m, measure in enumerate(model.measures):
        acts[measure.key] = [
            {"kind": str(act.kind), "mask": f"mask_{m}_{a}", "strength": futures.strength(m)[0].tolist()}
            | {name: getattr(act, name) for name in FIELDS}
            for a, act in enumerate(measure.acts)
        ]
        arrays |= {f"mask_{m}_{a}": act.places for a, act in enumerate(measure.acts)}
    np.savez(folder / "case.npz", **arrays)  # type: ignore[arg-type]
    told = {
        "events": len(hazard.frequency),
        "knots": len(model.years),
        "layers": [[each.group, each.kind, each.curve] for each in model.layers],
        "measures": acts,
        "packages": {name: list(keys) for name, keys in case.packages.items()},
    }
    (folder / "case.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def ours(case: Case) -> tuple[Answers, Answers, float]:
    """Expected annual impact by package, channel and knot: directly, from the engine, and how much its burdens
    differ from the discounted mean of its own knots, relatively."""
    model, futures = case.model, base(case.model)
    engine, numbers = Engine(model), [case.number(name) for name in case.packages]
    plain: Answers = {
        name: {word(key): path.tolist() for key, path in direct.expected(model, futures, 0, number).items()}
        for name, number in zip(case.packages, numbers, strict=True)
    }
    by_knot = paths(engine, futures, numbers)[:, :, 0, :]
    folded = burdens(engine, futures, numbers)[:, :, 0]
    off = float(np.max(np.abs(by_knot @ futures.knot_weights[0] / folded - 1)))
    fast: Answers = {
        name: {word(key): by_knot[p, c].tolist() for c, key in enumerate(model.channels)}
        for p, name in enumerate(case.packages)
    }
    return plain, fast, off


def word(channel: tuple[str, str]) -> str:
    return f"{channel[0]}/{channel[1]}"


def largest_difference(one: Answers, other: Answers) -> float:
    """The largest relative difference between two sets of answers, over packages, channels and knots."""

    def flat(answers: Answers) -> Floats:
        return np.array([answers[name][key] for name in sorted(one) for key in sorted(one[name])])

    return float(np.max(np.abs(flat(one) / flat(other) - 1)))
