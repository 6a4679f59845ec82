"""The questions that every number, key and mask of a model is asked; each refusal is one sentence with its mend.

Fields are paths in the model file, such as `measures[2].acts[0].by`. Positions in a list count from 0, as in the file.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures.errors import ModelError, Words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from khlong.engines.futures.model import Floats, Mask


def refused(field: str, wrong: tuple[str, str], mend: tuple[str, str]) -> ModelError:
    """A refusal from two pairs of (Thai, English)."""
    return ModelError(field, Words(*wrong), Words(*mend))


def unit(field: str, text: str) -> None:
    if not text.strip():
        raise refused(
            field,
            ("ไม่ได้ระบุหน่วย", "The unit is missing."),
            ("ให้เขียนหน่วย เช่น mm หรือ THB", "Write the unit, for example mm or THB."),
        )


def unique(field: str, keys: Iterable[str]) -> None:
    """Keys are there and differ."""
    seen: set[str] = set()
    for number, key in enumerate(keys):
        if not key:
            raise refused(
                f"{field}[{number}].key",
                ("ไม่ได้ตั้งรหัส", "The key is missing."),
                ("ให้ตั้งรหัสสั้น ๆ ที่ไม่ซ้ำ", "Give it a short key of its own."),
            )
        if key in seen:
            raise refused(
                f"{field}[{number}].key",
                (f"รหัส {key} ซ้ำกัน", f"The key {key} occurs twice."),
                ("ให้ตั้งรหัสใหม่ให้ไม่ซ้ำ", "Give each its own key."),
            )
        seen.add(key)


def known(field: str, key: str, keys: Collection[str]) -> None:
    """The key names something that is there."""
    if key not in keys:
        there = ", ".join(sorted(keys)) or "-"
        raise refused(
            field,
            (f"ไม่มี {key or '(ว่าง)'} ในแบบจำลอง", f"There is no {key or '(empty)'} in the model."),
            (f"ให้เลือกจาก {there}", f"Choose from {there}."),
        )


def named(field: str, key: str, keys: Collection[str]) -> None:
    """The key is empty, or names something that is there."""
    if key:
        known(field, key, keys)


def length(field: str, array: Sequence[float] | NDArray[np.generic], wanted: int) -> None:
    found = len(array) if np.ndim(array) == 1 else -1
    if found != wanted:
        raise refused(
            field,
            (
                f"มีค่า {max(found, 0)} ค่า แต่ต้องมี {wanted} ค่า",
                f"It has {max(found, 0)} values where {wanted} belong.",
            ),
            ("ให้ใส่ค่าให้ครบตามจำนวน", "Give exactly that many, in one list."),
        )


def finite(field: str, values: float | Sequence[float] | Floats) -> None:
    """No NaN and no infinity."""
    good = np.isfinite(np.atleast_1d(np.asarray(values, np.float64)))
    if not good.all():
        at = int(np.argmin(good))
        place = f"[{at}]" if np.ndim(values) else ""
        raise refused(
            field + place,
            ("ค่าว่างหรือไม่ใช่จำนวน", "The value is missing or not a finite number."),
            ("ให้ใส่ตัวเลข", "Give a number."),
        )


def at_least(field: str, values: float | Sequence[float] | Floats, least: float) -> None:
    """Finite and not below `least`."""
    finite(field, values)
    many = np.atleast_1d(np.asarray(values, np.float64))
    if (many < least).any():
        at = int(np.argmax(many < least))
        place = f"[{at}]" if np.ndim(values) else ""
        raise refused(
            field + place,
            (f"ค่า {many[at]:g} น้อยกว่า {least:g}", f"The value {many[at]:g} is below {least:g}."),
            (f"ให้ใส่ค่าตั้งแต่ {least:g} ขึ้นไป", f"Give a value of {least:g} or more."),
        )


def at_most(field: str, values: float | Sequence[float] | Floats, most: float) -> None:
    """Finite and not above `most`."""
    finite(field, values)
    many = np.atleast_1d(np.asarray(values, np.float64))
    if (many > most).any():
        at = int(np.argmax(many > most))
        place = f"[{at}]" if np.ndim(values) else ""
        raise refused(
            field + place,
            (f"ค่า {many[at]:g} มากกว่า {most:g}", f"The value {many[at]:g} is above {most:g}."),
            (f"ให้ใส่ค่าไม่เกิน {most:g}", f"Give a value of {most:g} or less."),
        )


def rising(field: str, values: Sequence[float] | Floats, *, strictly: bool) -> None:
    """Each value is above the one before it, or at least not below."""
    many = np.asarray(values, np.float64)
    steps = np.diff(many)
    wrong = steps <= 0 if strictly else steps < 0
    if wrong.any():
        at = int(np.argmax(wrong)) + 1
        raise refused(
            f"{field}[{at}]",
            (
                f"ค่า {many[at]:g} อยู่หลัง {many[at - 1]:g} ซึ่งผิดลำดับ",
                f"The value {many[at]:g} after {many[at - 1]:g} is out of order.",
            ),
            ("ให้เรียงจากน้อยไปมาก", "Sort the values from small to large."),
        )


def mask(field: str, places: Mask, count: int) -> None:
    """A mask over all places that holds at least one."""
    length(field, places, count)
    if places.dtype != np.bool_:
        raise refused(
            field,
            ("ต้องเป็นค่าใช่หรือไม่ใช่ของแต่ละพื้นที่", "The mask is not made of yes and no."),
            ("ให้ระบุรายชื่อพื้นที่", "Name the places."),
        )
    if not places.any():
        raise refused(field, *NOTHING)


NOTHING = (
    ("ไม่ครอบคลุมสิ่งใดเลย", "It touches nothing."),
    (
        "ให้เลือกพื้นที่ กลุ่ม และประเภทที่มีทั้งภัยและสิ่งที่เสียหายได้",
        "Choose places, groups and kinds where the hazard comes and something can be lost.",
    ),
)


def number_or_unknown(field: str, value: float, least: float) -> None:
    """NaN says unknown; else a number of `least` or more."""
    if isfinite(value):
        at_least(field, value, least)
    elif value in {float("inf"), float("-inf")}:
        finite(field, value)
