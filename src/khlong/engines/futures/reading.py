"""Reading a document with the place in hand: whatever is wrong is said with its path and its mend.

A `Place` is a value of a YAML document and the path that leads there (`measures[2].acts[0].by`). Nothing is
guessed: a word too many, a word missing, a number without its unit are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from khlong.engines.futures.errors import ModelError, Words

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
QUANTITY = re.compile(rf"\s*({NUMBER.pattern})\s*(\S.*?)?\s*", re.ASCII)
STEPS = {
    "mm": {"mm": 1.0, "cm": 10.0, "m": 1000.0, "มม.": 1.0, "ซม.": 10.0, "ม.": 1000.0},
    "0.01 degC": {"0.01 degC": 1.0, "degC": 100.0, "°C": 100.0},
}
"""Units a person may write, as steps of the unit in which a hazard is stored."""


def refuse(path: str, wrong: tuple[str, str], mend: tuple[str, str]) -> ModelError:
    """The error to raise: what is wrong and how to mend it, each as (Thai, English)."""
    return ModelError(path, Words(*wrong), Words(*mend))


def known(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "-"


@dataclass(frozen=True)
class Place:
    """A value and where it stands."""

    value: Any
    path: str = ""

    def under(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    # --- mappings -----------------------------------------------------------------------------

    def mapping(self, needed: Collection[str], free: Collection[str] = ()) -> dict[str, Place]:
        """The parts by name; all of `needed`, nothing but `needed` and `free`."""
        if not isinstance(self.value, Mapping):
            raise refuse(
                self.path,
                ("ตรงนี้ต้องเป็นชุดของชื่อกับค่า", "here a mapping of names to values is wanted."),
                (
                    f"เขียนเป็นบรรทัด ชื่อ: ค่า โดยมี {known(needed)}",
                    f"Write lines of `name: value`, with {known(needed)}.",
                ),
            )
        allowed = {*needed, *free}
        for name in self.value:
            if name not in allowed:
                raise refuse(
                    self.under(str(name)),
                    ("ไม่รู้จักชื่อนี้", "this name is not known here."),
                    (f"ใช้ได้: {known(allowed)}", f"Known are: {known(allowed)}."),
                )
        for name in needed:
            if self.value.get(name) is None:
                raise refuse(
                    self.under(name),
                    ("ยังไม่ได้เขียน", "this is missing."),
                    (f"เพิ่มบรรทัด {name}:", f"Add a line `{name}:`."),
                )
        return {
            name: Place(value, self.under(name)) for name, value in self.value.items() if value is not None
        }

    def keyed(self) -> Iterator[tuple[str, Place]]:
        """Free names with their values: `{p1: 300, p2: 0}`."""
        if not isinstance(self.value, Mapping):
            raise refuse(
                self.path,
                ("ตรงนี้ต้องเป็นชุดของชื่อกับค่า", "here a mapping of names to values is wanted."),
                ("เขียนเช่น {p1: 300, p2: 0}", "Write for example `{p1: 300, p2: 0}`."),
            )
        for name, value in self.value.items():
            yield str(name), Place(value, self.under(str(name)))

    # --- lists --------------------------------------------------------------------------------

    def items(self) -> Iterator[Place]:
        if not isinstance(self.value, list):
            raise refuse(
                self.path,
                ("ตรงนี้ต้องเป็นรายการ", "here a list is wanted."),
                ("เริ่มแต่ละบรรทัดด้วย - หรือเขียนใน [ ]", "Begin each line with `-`, or write it in `[ ]`."),
            )
        for number, value in enumerate(self.value):
            yield Place(value, f"{self.path}[{number}]")

    def numbers(self) -> tuple[float, ...]:
        return tuple(place.number() for place in self.items())

    def words(self) -> tuple[str, ...]:
        return tuple(place.text() for place in self.items())

    # --- single values ------------------------------------------------------------------------

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise refuse(
                self.path,
                (f"ตรงนี้ต้องเป็นข้อความ ไม่ใช่ {self.value!r}", f"here words are wanted, not {self.value!r}."),
                ("เขียนเป็นข้อความ ถ้าจำเป็นให้ใส่เครื่องหมายคำพูด", "Write words, in quotation marks where needed."),
            )
        return self.value.strip()

    def key(self) -> str:
        """A short name that others refer to: a letter, then letters, digits, hyphens."""
        text = self.text()
        if not KEY.fullmatch(text):
            raise refuse(
                self.path,
                (f"{text!r} ใช้เป็นชื่ออ้างอิงไม่ได้", f"{text!r} cannot be a key."),
                (
                    "ใช้ตัวอักษรอังกฤษ ตัวเลข และขีด เริ่มด้วยตัวอักษร",
                    "Use letters, digits and hyphens, a letter first.",
                ),
            )
        return text

    def number(self) -> float:
        """A number; `61e6` is one too, which YAML itself takes for a word."""
        if isinstance(self.value, str) and NUMBER.fullmatch(self.value):
            return self._finite(float(self.value))
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or math.isnan(self.value):
            raise refuse(
                self.path,
                (f"ตรงนี้ต้องเป็นตัวเลข ไม่ใช่ {self.value!r}", f"here a number is wanted, not {self.value!r}."),
                ("เขียนตัวเลขอารบิก ไม่มีเครื่องหมายจุลภาค", "Write digits, without commas."),
            )
        return self._finite(float(self.value))

    def _finite(self, number: float) -> float:
        if math.isinf(number):
            raise refuse(
                self.path,
                ("ตัวเลขนี้ใหญ่เกินกว่าจะคิดได้", "this number is endless."),
                (
                    "เขียนตัวเลขที่มีจริง ถ้าไม่มีขีดจำกัดให้ลบบรรทัดนี้",
                    "Write a finite one; where there is no limit, leave the line out.",
                ),
            )
        return number

    def whole(self) -> int:
        number = self.number()
        if number != int(number):
            raise refuse(
                self.path,
                (f"ตรงนี้ต้องเป็นจำนวนเต็ม ไม่ใช่ {number}", f"here a whole number is wanted, not {number}."),
                ("ตัดเศษทิ้ง", "Leave the fraction out."),
            )
        return int(number)

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            raise refuse(
                self.path,
                (
                    f"ตรงนี้ต้องเป็น yes หรือ no ไม่ใช่ {self.value!r}",
                    f"here yes or no is wanted, not {self.value!r}.",
                ),
                ("เขียน yes หรือ no", "Write yes or no."),
            )
        return self.value

    def choice(self, names: Collection[str]) -> str:
        text = self.text()
        if text not in names:
            raise refuse(
                self.path,
                (f"ไม่รู้จัก {text!r}", f"{text!r} is not known."),
                (f"เลือกจาก {known(names)}", f"Choose from {known(names)}."),
            )
        return text

    def quantity(self, unit: str) -> float:
        """A number with its unit (`30 cm`), in steps of `unit`; a bare number is refused, for nobody knows of what."""
        steps = STEPS.get(unit, {unit: 1.0})
        found = QUANTITY.fullmatch(str(self.value)) if isinstance(self.value, str | int | float) else None
        if isinstance(self.value, bool) or found is None:
            raise refuse(
                self.path,
                (f"อ่าน {self.value!r} เป็นปริมาณไม่ได้", f"{self.value!r} is no quantity."),
                (
                    f"เขียนตัวเลขแล้วตามด้วยหน่วย ({known(steps)})",
                    f"Write a number and its unit ({known(steps)}).",
                ),
            )
        written = (found[2] or "").strip()
        if written not in steps:
            raise refuse(
                self.path,
                (f"{self.value!r} ไม่มีหน่วย", f"{self.value!r} has no unit.")
                if not written
                else (f"ไม่รู้จักหน่วย {written!r}", f"the unit {written!r} is not known here."),
                (f"ใส่หน่วยเป็น {known(steps)}", f"Give the unit as one of {known(steps)}."),
            )
        return self._finite(float(found[1]) * steps[written])
