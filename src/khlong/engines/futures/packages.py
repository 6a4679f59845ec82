"""Packages: which measures a number stands for.

A package is a number in mixed radix over the levers of a model, lever 0 fastest. A lever of one measure is a toggle; a
lever of j measures that exclude each other has j + 1 levels, of which level 0 does nothing. With toggles alone bit m of
the number says whether measure m is in. Package 0 does nothing at all and takes away even what exists today; the base
package is what exists today.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from khlong.engines.futures.errors import ModelError, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from khlong.engines.futures.model import Model


def radices(model: Model) -> tuple[int, ...]:
    """How many levels each lever has, level 0 counted."""
    return tuple(len(lever) + 1 for lever in model.levers)


def count(model: Model) -> int:
    """How many packages there are: `2^n` for n toggles."""
    return prod(radices(model))


def measures_in(model: Model, package: int) -> tuple[int, ...]:
    """The numbers of the measures in a package, rising.

    Raises
    ------
    ModelError
        There is no package of this number.
    """
    if not 0 <= package < count(model):
        raise ModelError(
            "package",
            Words(f"ไม่มีชุดมาตรการหมายเลข {package}", f"There is no package {package}."),
            Words(f"ให้เลือกหมายเลข 0 ถึง {count(model) - 1}", f"Choose one from 0 to {count(model) - 1}."),
        )
    found = []
    for lever in model.levers:
        package, level = divmod(package, len(lever) + 1)
        if level:
            found.append(lever[level - 1])
    return tuple(sorted(found))


def package_of(model: Model, measures: Iterable[int]) -> int:
    """The number of the package that holds these measures and no others.

    Raises
    ------
    ModelError
        Two of them exclude each other, or one of them does not exist.
    """
    wanted, package, place = set(measures), 0, 1
    for lever in model.levers:
        chosen = [level for level, measure in enumerate(lever, start=1) if measure in wanted]
        if len(chosen) > 1:
            raise exclusive(model, lever[chosen[0] - 1], lever[chosen[1] - 1])
        package += place * sum(chosen)
        place *= len(lever) + 1
        wanted.difference_update(lever)
    if wanted:
        raise ModelError(
            "package",
            Words(f"ไม่มีมาตรการลำดับที่ {min(wanted)}", f"There is no measure number {min(wanted)}."),
            Words(
                f"แบบจำลองนี้มี {len(model.measures)} มาตรการ", f"The model has {len(model.measures)} measures."
            ),
        )
    return package


def base(model: Model) -> int:
    """The package of all measures that exist today."""
    return package_of(model, (number for number, each in enumerate(model.measures) if each.existing))


def exclusive(model: Model, one: int, other: int) -> ModelError:
    first, second = model.measures[one].key, model.measures[other].key
    return ModelError(
        f"measures[{other}]",
        Words(
            f"มาตรการ {first} กับ {second} เลือกพร้อมกันไม่ได้",
            f"Measures {first} and {second} exclude each other.",
        ),
        Words("ให้เหลือเพียงมาตรการเดียวจากกลุ่มนี้", "Keep one of the two."),
    )
