"""Eight doubles at once: the steps of the lattice and of the look-ups that a compiler does not vectorise by itself.

Loops over parts of one array cannot be proved free of overlap, so the compiler guards or serialises them. These steps
are written as vectors of eight doubles, which the processor takes as one register of 512 bits or two of 256. What is
done to a lane is what the loop it stands for does to an element, in the same order, so that the bits are the same.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

# ruff: noqa: PLR0913, PLR0917

WIDE = 8
DOUBLE = ir.DoubleType()
VECTOR = ir.VectorType(DOUBLE, WIDE)
WHOLES = ir.VectorType(ir.IntType(64), WIDE)


ALLOCATE: Any = cgutils.alloca_once
UNPACK: Any = cgutils.unpack_tuple


def typed(function: Any) -> Any:
    """An intrinsic of the compiler, which knows no static types."""
    make: Any = intrinsic
    return make(function)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    """Where element `at` of a contiguous array is, as a pointer to eight doubles."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), VECTOR.as_pointer())


def _load(builder: Any, pointer: Any) -> Any:
    return builder.load(pointer, align=8, typ=VECTOR)


@typed
def butterfly(typing: Any, row: Any, at: Any, stride: Any) -> Any:
    """Three levers at once: of the eight vectors from `at`, `stride` apart, each becomes the sum of its subsets."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, first, step = arguments
        places = [
            builder.add(first, builder.mul(step, ir.Constant(step.type, number))) for number in range(WIDE)
        ]
        pointers = [_pointer(context, builder, signature.args[0], array, place) for place in places]
        values = [_load(builder, pointer) for pointer in pointers]
        for bit in (1, 2, 4):
            for number in range(WIDE):
                if number & bit:
                    values[number] = builder.fadd(values[number], values[number ^ bit])
        for value, pointer in zip(values[1:], pointers[1:], strict=True):
            builder.store(value, pointer, align=8)
        return context.get_dummy_value()

    return types.void(row, types.int64, types.int64), generate


@typed
def add_wide(typing: Any, row: Any, to: Any, source: Any) -> Any:
    """`row[to : to + 8] += row[source : source + 8]`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, there, here = arguments
        target = _pointer(context, builder, signature.args[0], array, there)
        other = _load(builder, _pointer(context, builder, signature.args[0], array, here))
        builder.store(builder.fadd(_load(builder, target), other), target, align=8)
        return context.get_dummy_value()

    return types.void(row, types.int64, types.int64), generate


@typed
def spread_wide(typing: Any, row: Any, at: Any, much: Any, masks: Any, which: Any) -> Any:
    """`row[at : at + 8] += much * masks[which]`; masks (.., 8)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, place, value, lanes, number = arguments
        target = _pointer(context, builder, signature.args[0], array, place)
        start = builder.mul(number, ir.Constant(number.type, WIDE))
        mask = _load(builder, _pointer(context, builder, signature.args[3], lanes, start))
        wide = _splat(builder, value)
        builder.store(builder.fadd(_load(builder, target), builder.fmul(wide, mask)), target, align=8)
        return context.get_dummy_value()

    return types.void(row, types.int64, types.float64, masks, types.int64), generate


@typed
def least_wide(typing: Any, row: Any, count: Any) -> Any:
    """The least of the first `count` elements, a multiple of 16."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, count = arguments
        kind, row_type = count.type, signature.args[0]
        offsets = (0, WIDE)
        found = [ALLOCATE(builder, VECTOR) for _ in offsets]
        for each, offset in zip(found, offsets, strict=True):
            first = _pointer(context, builder, row_type, array, ir.Constant(kind, offset))
            builder.store(_load(builder, first), each, align=64)
        turns = builder.udiv(count, ir.Constant(kind, len(offsets) * WIDE))
        with cgutils.for_range(builder, turns) as loop:
            start = builder.mul(loop.index, ir.Constant(kind, len(offsets) * WIDE))
            for each, offset in zip(found, offsets, strict=True):
                place = builder.add(start, ir.Constant(kind, offset))
                value = _load(builder, _pointer(context, builder, row_type, array, place))
                builder.store(
                    _lesser(builder, value, builder.load(each, align=64, typ=VECTOR)), each, align=64
                )
        both = _lesser(builder, *(builder.load(each, align=64, typ=VECTOR) for each in found))
        lanes = [builder.extract_element(both, ir.Constant(ir.IntType(32), lane)) for lane in range(WIDE)]
        while len(lanes) > 1:
            lanes = [_lesser(builder, one, other) for one, other in zip(lanes[::2], lanes[1::2], strict=True)]
        return lanes[0]

    return types.float64(row, types.int64), generate


@typed
def gather_wide(
    typing: Any, statistics: Any, column: Any, rows: Any, at: Any, fours: Any, best: Any, first: Any
) -> Any:
    """Eight packages of `4 * fours` futures into their statistics, which stay in registers meanwhile.

    `statistics` (5, P) from `column` on: sum, squares, least, most, regret; `rows` (F, packages) from `at` on; `best`
    from `first` on. The order of additions is that of `lattice.gather`, four futures at a time.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, column, rows, at, fours, best, first = arguments
        kinds = signature.args
        places = [_row_pointer(context, builder, kinds[0], table, number, column) for number in range(5)]
        held = [ALLOCATE(builder, VECTOR) for _ in places]
        for place, each in zip(places, held, strict=True):
            builder.store(_load(builder, place), each, align=64)
        four = ir.Constant(fours.type, 4)
        with cgutils.for_range(builder, fours) as loop:
            start = builder.mul(loop.index, four)
            futures = [builder.add(start, ir.Constant(start.type, number)) for number in range(4)]
            values = [
                _load(builder, _row_pointer(context, builder, kinds[2], rows, each, at)) for each in futures
            ]
            least = [
                _splat(builder, _one(context, builder, kinds[5], best, builder.add(first, each)))
                for each in futures
            ]
            now = [builder.load(each, align=64, typ=VECTOR) for each in held]
            for place, value in zip(held, _gathered(builder, now, values, least), strict=True):
                builder.store(value, place, align=64)
        for place, each in zip(places, held, strict=True):
            builder.store(builder.load(each, align=64, typ=VECTOR), place, align=8)
        return context.get_dummy_value()

    given = (statistics, types.int64, rows, types.int64, types.int64, best, types.int64)
    return types.void(*given), generate


def _gathered(builder: Any, now: list[Any], values: list[Any], least: list[Any]) -> list[Any]:
    """Sum, squares, least, most and regret after four more values."""
    total, squares, low, high, regret = now
    second = [builder.fmul(each, each) for each in values]
    both = [[builder.fadd(one, other) for one, other in (each[:2], each[2:])] for each in (values, second)]
    total = builder.fadd(total, builder.fadd(*both[0]))
    squares = builder.fadd(squares, builder.fadd(*both[1]))
    for value, best in zip(values, least, strict=True):
        low = _lesser(builder, value, low)
        high = _greater(builder, value, high)
        regret = _greater(builder, builder.fsub(value, best), regret)
    return [total, squares, low, high, regret]


@typed
def mark_wide(
    typing: Any,
    bits: Any,
    word: Any,
    column: Any,
    rows: Any,
    at: Any,
    fours: Any,
    limits: Any,
    first: Any,
    bit: Any,
) -> Any:
    """Bits `bit`, `bit + 1`, ... of eight packages where they are above the limits of `4 * fours` futures.

    `bits` (words, packages), `rows` (F, packages), `limits` from `first` on.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, word, column, rows, at, fours, limits, first, bit = arguments
        kinds = signature.args
        place = _row_pointer(context, builder, kinds[0], table, word, column, WHOLES)
        held = ALLOCATE(builder, WHOLES)
        builder.store(builder.load(place, align=8, typ=WHOLES), held, align=64)
        four = ir.Constant(fours.type, 4)
        with cgutils.for_range(builder, fours) as loop:
            start = builder.mul(loop.index, four)
            found = builder.load(held, align=64, typ=WHOLES)
            for number in range(4):
                future = builder.add(start, ir.Constant(start.type, number))
                value = _load(builder, _row_pointer(context, builder, kinds[3], rows, future, at))
                limit = _splat(builder, _one(context, builder, kinds[6], limits, builder.add(first, future)))
                one = builder.shl(ir.Constant(bit.type, 1), builder.add(bit, future))
                wide = _splat(builder, one, WHOLES)
                above = builder.fcmp_ordered(">", value, limit)
                found = builder.or_(found, builder.select(above, wide, ir.Constant(WHOLES, None)))
            builder.store(found, held, align=64)
        builder.store(builder.load(held, align=64, typ=WHOLES), place, align=8)
        return context.get_dummy_value()

    given = (bits, types.int64, types.int64, rows, types.int64, types.int64, limits, types.int64, types.int64)
    return types.void(*given), generate


@typed
def add_between(
    typing: Any, out: Any, row: Any, lane: Any, table: Any, node: Any, part: Any, much: Any
) -> Any:
    """`out[row] += much * (table[node] + part * (table[node + 1] - table[node]))`, eight lanes from `lane` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out, row, lane, table, node, part, much = arguments
        place = _row_pointer(context, builder, signature.args[0], out, row, lane)
        here, following = _two_nodes(context, builder, signature.args[3], table, node, lane)
        rise = builder.fmul(_splat(builder, part), builder.fsub(following, here))
        more = builder.fmul(_splat(builder, much), builder.fadd(here, rise))
        builder.store(builder.fadd(_load(builder, place), more), place, align=8)
        return context.get_dummy_value()

    given = (out, types.int64, types.int64, table, types.int64, types.float64, types.float64)
    return types.void(*given), generate


@typed
def add_step(typing: Any, out: Any, row: Any, lane: Any, table: Any, node: Any, much: Any) -> Any:
    """`out[row] += much * (table[node] - table[node + 1])`, eight lanes from `lane` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out, row, lane, table, node, much = arguments
        place = _row_pointer(context, builder, signature.args[0], out, row, lane)
        here, following = _two_nodes(context, builder, signature.args[3], table, node, lane)
        more = builder.fmul(_splat(builder, much), builder.fsub(here, following))
        builder.store(builder.fadd(_load(builder, place), more), place, align=8)
        return context.get_dummy_value()

    return types.void(out, types.int64, types.int64, table, types.int64, types.float64), generate


def _two_nodes(context: Any, builder: Any, kind: Any, table: Any, node: Any, lane: Any) -> tuple[Any, Any]:
    following = builder.add(node, ir.Constant(node.type, 1))
    here, there = (_row_pointer(context, builder, kind, table, each, lane) for each in (node, following))
    return _load(builder, here), _load(builder, there)


def _row_pointer(
    context: Any, builder: Any, array_type: Any, array: Any, row: Any, column: Any, vector: Any = VECTOR
) -> Any:
    """Where eight elements of a row of a two-dimensional array begin; its columns lie side by side."""
    made = context.make_array(array_type)(context, builder, array)
    step = UNPACK(builder, made.strides)[0]
    row = ir.Constant(step.type, row) if isinstance(row, int) else row
    data = builder.bitcast(made.data, ir.IntType(8).as_pointer())
    begin = builder.gep(data, [builder.mul(row, step)])
    first = builder.gep(builder.bitcast(begin, vector.element.as_pointer()), [column])
    return builder.bitcast(first, vector.as_pointer())


def _one(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    """One element of a contiguous array."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.load(builder.gep(data, [at]))


def _splat(builder: Any, value: Any, vector: Any = VECTOR) -> Any:
    wide = ir.Constant(vector, ir.Undefined)
    for lane in range(WIDE):
        wide = builder.insert_element(wide, value, ir.Constant(ir.IntType(32), lane))
    return wide


def _greater(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", one, other), one, other)


def _lesser(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", one, other), one, other)
