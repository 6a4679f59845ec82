"""The form of rows that both databases share: a JSON list a line, the same bytes for the same values."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

Convert = Callable[[Any], Any]
SUM = 1 << 128
_FRACTION = re.compile(r"\.(\d{1,6})")
_ZONE = re.compile(r"(\+00(:00)?|Z)$")


@dataclass(frozen=True)
class Column:
    """A column and its kind: text, int, float, bool, uuid, date, time, datetime, json, decimal, bytes, duration."""

    name: str
    kind: str


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def line(values: Sequence[Any]) -> bytes:
    """One row as it is kept."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def weigh(line_: bytes) -> int:
    """What one row adds to the sum of its table: 128 bits of its SHA-256. The order of rows does not matter."""
    return int.from_bytes(hashlib.sha256(line_).digest()[:16])


# --- from a database to the shared form ---------------------------------------------------------------


def from_sqlite(kind: str) -> Convert | None:
    """How a value read from SQLite becomes one of the shared form; None when it is one already."""
    return _FROM_SQLITE.get(kind)


def from_postgresql(kind: str) -> Convert | None:
    """How the text that COPY gives becomes a value of the shared form; None when it is one already."""
    return _FROM_POSTGRESQL.get(kind)


def _six_digits(text: str) -> str:
    """2026-11-22 16:00:00.12+00 as 2026-11-22 16:00:00.120000: universal time, six digits or none."""
    text = _ZONE.sub("", str(text).replace("T", " "))
    found = _FRACTION.search(text)
    if not found:
        return text
    digits = found[1].ljust(6, "0")
    return text[: found.start()] + ("" if digits == "000000" else f".{digits}")


def _json(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _decimal(value: Any) -> str:
    plain = format(Decimal(str(value)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_FROM_SQLITE: dict[str, Convert] = {
    "bool": bool,
    "uuid": _dashed,
    "time": _six_digits,
    "datetime": _six_digits,
    "json": _json,
    "decimal": _decimal,
    "float": float,
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_FROM_POSTGRESQL: dict[str, Convert] = {
    "bool": lambda text: text == "t",
    "int": int,
    "float": float,
    "time": _six_digits,
    "datetime": _six_digits,
    "json": _json,
    "decimal": _decimal,
    "bytes": lambda text: base64.b64encode(bytes.fromhex(text[2:])).decode(),
    "duration": int,
}


# --- from the shared form to a database ----------------------------------------------------------------


def to_sqlite(kind: str) -> Convert | None:
    return _TO_SQLITE.get(kind)


def to_postgresql(kind: str) -> Convert | None:
    """How a value becomes the text that COPY takes."""
    return _TO_POSTGRESQL.get(kind, str)


_TO_SQLITE: dict[str, Convert] = {
    "bool": int,
    "uuid": lambda text: text.replace("-", ""),
    "bytes": base64.b64decode,
}
_TO_POSTGRESQL: dict[str, Convert] = {
    "text": str,
    "bool": lambda value: "t" if value else "f",
    "time": str,
    "datetime": lambda text: f"{text}+00",
    "float": repr,
    "bytes": lambda text: "\\x" + base64.b64decode(text).hex(),
    "duration": lambda micros: f"{timedelta(microseconds=micros) // timedelta(microseconds=1)} microseconds",
}


def converted(rows: Iterable[Sequence[Any]], ways: Sequence[Convert | None]) -> Iterable[list[Any]]:
    """Rows with each value converted; what is nothing stays nothing."""
    wanted = [(at, way) for at, way in enumerate(ways) if way is not None]
    for row in rows:
        values = list(row)
        for at, way in wanted:
            if values[at] is not None:
                values[at] = way(values[at])
        yield values
