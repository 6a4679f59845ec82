"""Eight doubles at once: the few steps of the lattice that a compiler does not vectorise by itself.

Loops over parts of one array cannot be proved free of overlap, so the compiler guards or serialises them. These steps
are written as vectors of eight doubles, which the processor takes as one register of 512 bits or two of 256. Each is an
elementwise sum or minimum: the bits are those of the loop it stands for.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WIDE = 8
DOUBLE = ir.DoubleType()
VECTOR = ir.VectorType(DOUBLE, WIDE)


ALLOCATE: Any = cgutils.alloca_once


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
        wide = ir.Constant(VECTOR, ir.Undefined)
        for lane in range(WIDE):
            wide = builder.insert_element(wide, value, ir.Constant(ir.IntType(32), lane))
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


def _lesser(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", one, other), one, other)
