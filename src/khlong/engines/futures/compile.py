"""From a model to classes: what is hit alike and helped alike is counted once.

Two pieces of exposure are of one class when they have the same group, kind, hazard, curve and driver, and when the same
acts of measures and the same rises of the water reach them. A class then needs one stop-loss row (`tables`), one chain
of transforms for each subset of the *shape* acts that reach it, and one factor for each subset of its exposure and
vulnerability acts. Its value in a package S depends only on the part of S that reaches it, so it is computed for those
few local packages and spread over all packages by a subset-sum transform (`lattice`). A class that a transfer reaches
has the factors of vulnerability inside its chain, because finance comes last and is not linear.

The result is flat arrays that compiled loops read (`stagea`); nothing in it depends on futures, weights or thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import tables
from khlong.engines.futures.errors import TooLargeError, Words
from khlong.engines.futures.kernels import CURVE, ECOSYSTEM, FACTOR, PROTECT, SCALE, SHIFT, TRANSFER
from khlong.engines.futures.model import SHAPE_ACTS, ActKind
from khlong.engines.futures.vectors import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Act, Curve, Floats, Integers, Layer, Mask, Model

    LeverSet = tuple[tuple[int, int], ...]
    Hit = tuple["Part", Floats, int]
    Wholes = NDArray[np.int64]

PARAMETERS = 4
MOST_TOGETHER = 256
"""Rows of results (knots x classes x chains) of classes that run together, so that they stay near."""
CODES = {
    ActKind.SHIFT: SHIFT,
    ActKind.SCALE: SCALE,
    ActKind.PROTECT: PROTECT,
    ActKind.ECOSYSTEM: ECOSYSTEM,
    ActKind.TRANSFER: TRANSFER,
    ActKind.VULNERABILITY: FACTOR,
    ActKind.EXPOSURE: FACTOR,
}
BENDS = {SHIFT: 0, SCALE: 1, PROTECT: 2, ECOSYSTEM: 4, TRANSFER: 2, FACTOR: 0}
(TABLE, NODES, LOW, ALPHA, PHI, DRIVER, CURVE_AT, CURVE_NODES, RISES, RISES_END) = range(10)
(CHAINS, CHAIN_COUNT, FACTORS, FACTOR_COUNT, LOCAL, LOCAL_COUNT, LEVERS, LEVERS_END, FINANCED) = range(10, 19)
(CHAIN_LEVERS, CHAIN_LEVERS_END, APART) = range(19, 22)
COLUMNS = 22
"""What stands in which column of `Compiled.classes`."""


@dataclass(frozen=True)
class Reach:
    """One act that reaches a class: whose it is, which level of which lever, and its place in the order."""

    measure: int
    number: int
    lever: int
    level: int
    act: Act

    @property
    def rank(self) -> tuple[int, int, int]:
        return (self.act.order, self.measure, self.number)


@dataclass(frozen=True)
class Part:
    """One class: what it is and what reaches it."""

    channel: int
    layer: Layer
    rises: tuple[int, ...]
    acts: tuple[Reach, ...]
    row: int

    @property
    def financed(self) -> bool:
        return any(each.act.kind is ActKind.TRANSFER for each in self.acts)


@dataclass(frozen=True)
class Inputs:
    """Which row of the packed numbers by future holds what (`stagea.pack`)."""

    alpha: dict[str, int] = field(default_factory=dict)
    phi: dict[str, int] = field(default_factory=dict)
    rises: tuple[int, ...] = ()
    drivers: dict[str, tuple[int, str]] = field(default_factory=dict)
    strengths: tuple[int, ...] = ()
    rows: int = 0


@dataclass(frozen=True)
class Compiled:
    """What stage A runs on.

    Attributes
    ----------
    tables : the stop-loss rows of each bundle side by side, bundle after bundle.
    classes : (C, COLUMNS) integers, see the names of the columns.
    chain_start : where each chain begins in `links`; one more than there are chains.
    links : (L, 3) kind, row of the strength, row of `numbers`; read from the last transform to the first.
    factor_parent, factor_start : each local factor is its parent times the acts `factor_items` between its starts.
    shape_of, factor_of, target : by local package, which chain, which factor, which coefficient.
    radix : levels of the levers of each bundle's chains, and of the local levers of each class that is not `APART`.
    sets : the coefficients: channel and set of (lever, level), sorted by channel.
    bends : rows that the longest chain may need.
    bundles : where each run of classes with common chains begins; one more than there are.
    widest : most chains, factors, local packages of a class, and chains times classes of a bundle.
    """

    model: Model
    parts: tuple[Part, ...]
    inputs: Inputs
    tables: Floats
    nodes: Floats
    curves: tuple[Curve, ...]
    curve_at: dict[str, int]
    classes: Wholes
    rise_rows: Wholes
    chain_start: Wholes
    links: Wholes
    numbers: Floats
    factor_parent: Wholes
    factor_start: Wholes
    factor_items: Wholes
    shape_of: Wholes
    factor_of: Wholes
    target: Wholes
    radix: Wholes
    sets: tuple[tuple[int, LeverSet], ...]
    set_start: tuple[int, ...]
    bends: int
    bundles: Wholes
    widest: tuple[int, ...]

    @property
    def radices(self) -> tuple[int, ...]:
        return tuple(len(lever) + 1 for lever in self.model.levers)

    @property
    def packages(self) -> int:
        return prod(self.radices)


def compiled(model: Model, threads: int = 1, room: float = float("inf")) -> Compiled:
    """Classes, stop-loss rows and programs of a model; needs no futures.

    Raises
    ------
    TooLargeError
        The rows would take more than `room` bytes; said before they are filled.
    """
    parts, groups = classes_of(model)
    refuse_rows(model, groups, room)
    filled = tables.fill(groups, threads)
    hit = [
        (part, filled[group][row], tables.reach(groups[group].hazard)[0])
        for part, (group, row) in zip(parts, _rows(groups), strict=True)
        if filled[group][row].any()
    ]
    writer, offset = Writer(model, input_rows(model)), 0
    rows: list[Floats] = []
    for members in bundles(hit, len(model.years)):
        chains, shape_of = writer.begin([part for part, _, _ in members])
        for part, row, low in members:
            writer.add(part, [offset, len(row), low], chains, shape_of)
        rows.append(side_by_side([row for _, row, _ in members]).ravel())
        offset += rows[-1].size
    flat = np.concatenate(rows) if rows else np.zeros(2)
    return writer.done(flat)


COPIES = 3
"""The rows as they are filled, side by side in bundles, and all bundles in one."""


def refuse_rows(model: Model, groups: list[tables.Rows], room: float) -> None:
    """The stop-loss rows before they are filled: classes times steps of intensity."""
    by_hazard: dict[str, tuple[int, int]] = {}
    for group in groups:
        rows, _ = by_hazard.get(group.hazard.key, (0, 0))
        by_hazard[group.hazard.key] = rows + group.rows, tables.reach(group.hazard)[1]
    size = COPIES * 8 * sum(rows * nodes for rows, nodes in by_hazard.values())
    if size <= room:
        return
    key = max(by_hazard, key=lambda each: prod(by_hazard[each]))
    rows, nodes = by_hazard[key]
    number = [each.key for each in model.hazards].index(key)
    raise TooLargeError(
        f"hazards[{number}]",
        Words(
            f"ความแรงของ {key} กระจายกว้าง {nodes:,} ขั้น กับสิ่งที่เสียหายได้ {rows:,} แบบ ต้องใช้หน่วยความจำ "
            f"{size / 1e9:,.1f} GB แต่ใช้ได้ {room / 1e9:,.1f} GB",
            f"{nodes:,} steps of intensity of {key} and {rows:,} classes of exposure need {size / 1e9:,.1f} GB of "
            f"memory; there are {room / 1e9:,.1f} GB.",
        ),
        Words(
            "ตรวจว่ามีค่าใดใส่หน่วยผิดหรือไม่ (เช่น เมตรกับมิลลิเมตร) หรือรวมพื้นที่ที่มาตรการทำเหมือนกันเข้าด้วยกัน",
            "Look for an intensity in the wrong unit (metres for mm), or join places that measures treat alike.",
        ),
    )


def side_by_side(rows: list[Floats]) -> Floats:
    """Stop-loss rows of one hazard as columns, and empty ones up to a multiple of `WIDE`: (nodes, lanes)."""
    found = np.zeros((len(rows[0]), _lanes(len(rows))))
    found[:, : len(rows)] = np.transpose(rows)
    return found


def _lanes(members: int) -> int:
    return -(-members // WIDE) * WIDE


def _rows(groups: Iterable[tables.Rows]) -> Iterator[tuple[int, int]]:
    for number, group in enumerate(groups):
        for row in range(group.rows):
            yield number, row


def bundles(hit: list[Hit], knots: int) -> Iterator[list[Hit]]:
    """Classes that stand behind the same works, together, so that a chain is run once for all of them.

    No more together than `MOST_TOGETHER` rows of results allow.
    """
    found: dict[object, list[Hit]] = {}
    for each in hit:
        part = each[0]
        inside = [(act.measure, act.number) for act in part.acts if is_inside(part, act)]
        key = (part.layer.hazard, part.layer.curve, part.rises, part.financed, tuple(inside))
        found.setdefault(key, []).append(each)
    for members in found.values():
        inside_of = tuple(act for act in members[0][0].acts if is_inside(members[0][0], act))
        chains = prod(len(levels) + 1 for levels in local_levers(inside_of)[1])
        most = max(1, MOST_TOGETHER // (knots * chains))
        for start in range(0, len(members), most):
            yield members[start : start + most]


def is_inside(part: Part, each: Reach) -> bool:
    """Whether an act stands in the chain: what bends, and what stands between the curve and a transfer."""
    kind = each.act.kind
    vulnerable = kind is ActKind.VULNERABILITY and part.financed
    return kind in SHAPE_ACTS or kind is ActKind.TRANSFER or vulnerable


def reaching(model: Model, layer: Layer) -> list[Reach]:
    """All acts that concern a layer somewhere, in the order of composition."""
    found = []
    for lever, measures in enumerate(model.levers):
        for level, measure in enumerate(measures, start=1):
            for number, act in enumerate(model.measures[measure].acts):
                if _concerns(act, layer):
                    found.append(Reach(measure, number, lever, level, act))
    return sorted(found, key=lambda each: each.rank)


def _concerns(act: Act, layer: Layer) -> bool:
    return (
        (not act.groups or layer.group in act.groups)
        and (not act.kinds or layer.kind in act.kinds)
        and (not act.hazard or act.hazard == layer.hazard)
    )


def signatures(masks: list[Mask], wanted: Mask) -> tuple[Mask, Integers]:
    """The different columns of a stack of masks over places: (kinds, masks) and, by place, which kind (-1: none)."""
    which = np.full(wanted.shape, -1, np.int32)
    here = np.flatnonzero(wanted)
    stack = np.stack([mask[here] for mask in masks]) if masks else np.zeros((1, here.size), bool)
    packed = np.ascontiguousarray(np.packbits(stack, axis=0).T)
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    which[here] = inverse
    return stack[:, first].T, which


def classes_of(model: Model) -> tuple[tuple[Part, ...], list[tables.Rows]]:
    """The classes, and which places make the row of each."""
    hazards = {each.key: each for each in model.hazards}
    channels = {channel: number for number, channel in enumerate(model.channels)}
    parts: list[Part] = []
    groups: list[tables.Rows] = []
    for layer, value in merged(model):
        acts = reaching(model, layer)
        rises = [number for number, rise in enumerate(model.rises) if rise.hazard == layer.hazard]
        masks = [model.rises[number].places for number in rises] + [each.act.places for each in acts]
        kinds, which = signatures(masks, value != 0)
        for row, kind in enumerate(kinds):
            mine = tuple(number for number, there in zip(rises, kind, strict=False) if there)
            theirs = tuple(each for each, there in zip(acts, kind[len(rises) :], strict=False) if there)
            channel = channels[layer.group, layer.kind]
            parts.append(Part(channel, layer, mine, theirs, row))
        groups.append(tables.Rows(hazards[layer.hazard], which, value, len(kinds)))
    return tuple(parts), groups


def merged(model: Model) -> list[tuple[Layer, Floats]]:
    """Layers of one group, kind, hazard, curve and driver as one, their values added."""
    found: dict[tuple[str, ...], tuple[Layer, Floats]] = {}
    for layer in model.layers:
        key = (layer.group, layer.kind, layer.hazard, layer.curve, layer.driver)
        value = np.asarray(layer.value, np.float64)
        found[key] = (found[key][0], found[key][1] + value) if key in found else (layer, value)
    return list(found.values())


def input_rows(model: Model) -> Inputs:
    """Where each number by future and knot stands."""
    hazards, drivers = [each.key for each in model.hazards], {each.driver: each.key for each in model.layers}
    first = 2 * len(hazards)
    second = first + len(model.rises)
    third = second + len(drivers)
    return Inputs(
        {key: number for number, key in enumerate(hazards)},
        {key: len(hazards) + number for number, key in enumerate(hazards)},
        tuple(range(first, second)),
        {driver: (second + number, layer) for number, (driver, layer) in enumerate(drivers.items())},
        tuple(range(third, third + len(model.measures))),
        third + len(model.measures),
    )


class Writer:
    """Writes the programs of the classes into flat arrays."""

    def __init__(self, model: Model, inputs: Inputs) -> None:
        self.model, self.inputs = model, inputs
        self.rows: list[list[int]] = []
        self.rises: list[int] = []
        self.chains, self.starts = [0], [0]
        self.links: list[tuple[int, int, int]] = []
        self.items: list[tuple[int, int, int]] = []
        self.numbers: list[tuple[float, ...]] = []
        self.parents: list[int] = []
        self.shape_of: list[int] = []
        self.factor_of: list[int] = []
        self.targets: list[tuple[int, LeverSet]] = []
        self.radix: list[int] = []
        self.written: dict[tuple[int, int], int] = {}
        self.curves: dict[str, tuple[int, Curve]] = {}
        self.nodes = 0
        self.bends = 1
        self.widest = [1, 1, 1, 1]
        self.starts_of_bundles = [0]
        self.parts: list[Part] = []
        self.chain_levers = [0, 0]

    def begin(self, members: list[Part]) -> tuple[tuple[int, int], dict[frozenset[int], int]]:
        """The chains of some classes that share them: the first and how many, and which belongs to what."""
        part = members[0]
        inside = [each for each in part.acts if is_inside(part, each)]
        first = len(self.chains) - 1
        levels = local_levers(tuple(inside))[1]
        shape_of = self.add_chains(inside, levels, part.financed, self.curve(part.layer.curve)[1])
        self.chain_levers = self.add_radix(levels)
        count = len(self.chains) - 1 - first
        self.starts_of_bundles.append(self.starts_of_bundles[-1] + len(members))
        self.widest[3] = max(self.widest[3], len(members) * count)
        return (first, count), shape_of

    def add(
        self, part: Part, table: list[int], chains: tuple[int, int], shape_of: dict[frozenset[int], int]
    ) -> None:
        """One class: its columns, factors and local packages."""
        self.parts.append(part)
        outside = [each for each in part.acts if not is_inside(part, each)]
        levers, levels = local_levers(part.acts)
        hazard, driver = part.layer.hazard, self.inputs.drivers[part.layer.driver][0]
        row = [*table, self.inputs.alpha[hazard], self.inputs.phi[hazard], driver]
        row += [*self.curve(part.layer.curve), len(self.rises), len(self.rises) + len(part.rises), *chains]
        self.rises += [self.inputs.rises[number] for number in part.rises]
        factors, local = len(self.parents), len(self.shape_of)
        factor_of = self.add_factors(outside, levels)
        self.add_local(part.channel, levers, levels, shape_of, factor_of)
        row += [factors, len(self.parents) - factors, local, len(self.shape_of) - local]
        shaping = {each.lever for each in part.acts if is_inside(part, each)}
        apart = shaping.isdisjoint(each.lever for each in outside)
        row += [*self.add_radix([] if apart else levels), int(part.financed), *self.chain_levers, int(apart)]
        self.rows.append(row)
        counts = (row[CHAIN_COUNT], row[FACTOR_COUNT], row[LOCAL_COUNT], 0)
        self.widest = [max(pair) for pair in zip(self.widest, counts, strict=True)]

    def add_radix(self, levels: list[list[int]]) -> list[int]:
        """Where the number of levels of each of these levers stands: first and end."""
        first = len(self.radix)
        self.radix += [len(each) + 1 for each in levels]
        return [first, len(self.radix)]

    def curve(self, key: str) -> tuple[int, int]:
        if key not in self.curves:
            curve = next(each for each in self.model.curves if each.key == key)
            self.curves[key] = (self.nodes, curve)
            self.nodes += len(curve.intensity)
        start, curve = self.curves[key]
        return start, len(curve.intensity)

    def add_chains(
        self, acts: list[Reach], levels: list[list[int]], financed: bool, nodes: int
    ) -> dict[frozenset[int], int]:
        """One chain for each choice among the measures whose acts stand inside; by the set of those measures."""
        found: dict[frozenset[int], int] = {}
        for chosen in choices(acts, levels):
            mine = [each for each in acts if each.measure in chosen]
            shapes = [each for each in mine if each.act.kind in SHAPE_ACTS]
            finance = [each for each in mine if each.act.kind is ActKind.TRANSFER]
            factors = [each for each in mine if each.act.kind is ActKind.VULNERABILITY]
            links = [self.link(each) for each in finance[::-1] + factors]
            links += [(CURVE, 0, 0)] if financed else []
            links += [self.link(each) for each in shapes[::-1]]
            found[chosen] = len(found)
            self.links += links
            self.chains.append(len(self.links))
            self.bends = max(self.bends, 1 + nodes + sum(BENDS.get(kind, 0) for kind, _, _ in links))
        return found

    def link(self, each: Reach) -> tuple[int, int, int]:
        key = (each.measure, each.number)
        if key not in self.written:
            self.written[key] = len(self.numbers)
            self.numbers.append(numbers_of(each.act))
        return (CODES[each.act.kind], self.inputs.strengths[each.measure], self.written[key])

    def add_factors(self, acts: list[Reach], levels: list[list[int]]) -> dict[frozenset[int], int]:
        """One factor for each choice among the measures whose acts multiply: the parent's times the last measure's."""
        found: dict[frozenset[int], int] = {}
        for chosen in choices(acts, levels):
            last = next((number for lever in levels[::-1] for number in lever if number in chosen), -1)
            mine = [each for each in acts if each.measure == last]
            self.parents.append(found.get(chosen - {last}, 0))
            found[chosen] = len(found)
            self.items += [self.link(each) for each in mine]
            self.starts.append(len(self.items))
        return found

    def add_local(
        self,
        channel: int,
        levers: list[int],
        levels: list[list[int]],
        shape_of: dict[frozenset[int], int],
        factor_of: dict[frozenset[int], int],
    ) -> None:
        """For each local package (first lever fastest): its chain, its factor and its coefficient."""
        shaping, multiplying = frozenset().union(*shape_of), frozenset().union(*factor_of)
        options = [
            [(), *(((lever, self.model.levers[lever].index(number) + 1, number),) for number in each)]
            for lever, each in zip(levers, levels, strict=True)
        ]
        for choice in product(*options[::-1]):
            taken = [item for each in choice[::-1] for item in each]
            chosen = frozenset(number for _, _, number in taken)
            self.shape_of.append(shape_of[chosen & shaping])
            self.factor_of.append(factor_of[chosen & multiplying])
            self.targets.append((channel, tuple((lever, level) for lever, level, _ in taken)))

    def done(self, flat: Floats) -> Compiled:
        count = len(self.model.channels)
        sets = tuple(sorted(set(self.targets) | {(channel, ()) for channel in range(count)}))
        number = {each: place for place, each in enumerate(sets)}
        nodes = [each.intensity for _, each in self.curves.values()]
        return Compiled(
            model=self.model,
            parts=tuple(self.parts),
            bundles=_whole(self.starts_of_bundles),
            inputs=self.inputs,
            tables=flat,
            nodes=np.concatenate(nodes).astype(np.float64) if nodes else np.zeros(0),
            curves=tuple(each for _, each in self.curves.values()),
            curve_at={key: start for key, (start, _) in self.curves.items()},
            classes=_whole(self.rows).reshape(-1, COLUMNS),
            rise_rows=_whole(self.rises),
            chain_start=_whole(self.chains),
            links=_whole(self.links).reshape(-1, 3),
            numbers=np.array(self.numbers, np.float64).reshape(-1, PARAMETERS),
            factor_parent=_whole(self.parents),
            factor_start=_whole(self.starts),
            factor_items=_whole(self.items).reshape(-1, 3),
            shape_of=_whole(self.shape_of),
            factor_of=_whole(self.factor_of),
            target=_whole([number[each] for each in self.targets]),
            radix=_whole(self.radix),
            sets=sets,
            set_start=tuple(sum(channel < each for channel, _ in sets) for each in range(count + 1)),
            bends=self.bends,
            widest=tuple(self.widest),
        )


def _whole(values: object) -> Wholes:
    return np.array(values, np.int64)


def local_levers(acts: tuple[Reach, ...]) -> tuple[list[int], list[list[int]]]:
    """The levers that reach a class, rising, and for each the measures of it that do."""
    levers = sorted({each.lever for each in acts})
    return levers, [sorted({each.measure for each in acts if each.lever == lever}) for lever in levers]


def choices(acts: list[Reach], levels: list[list[int]]) -> Iterator[frozenset[int]]:
    """All sets of the acts' measures with at most one of each lever; a set comes after all its subsets.

    Measures of a lever exclude each other.
    """
    there = {each.measure for each in acts}
    options = [[-1, *(number for number in lever if number in there)] for lever in levels]
    for choice in product(*options[::-1]):
        yield frozenset(number for number in choice if number >= 0)


def numbers_of(act: Act) -> tuple[float, ...]:
    """The parameters of an act as the loops read them."""
    by_kind = {
        ActKind.SHIFT: (act.by, 0.0, 0.0, 0.0),
        ActKind.SCALE: (act.to, 0.0, 0.0, 0.0),
        ActKind.PROTECT: (act.level, 0.0, 0.0, 0.0),
        ActKind.ECOSYSTEM: (act.share, act.most, act.fades_from, act.gone_at),
        ActKind.TRANSFER: (act.attach, act.cover, 0.0, 0.0),
    }
    return by_kind.get(act.kind, (act.by, 0.0, 0.0, 0.0))
