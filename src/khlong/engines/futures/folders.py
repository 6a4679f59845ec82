"""Folders of results: tables as CSV or Parquet, whole or not at all."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from khlong.engines.futures.errors import FuturesError, ModelError, Words
from khlong.engines.futures.filewords import of_system

FORMS = ("csv", "parquet")
AT_ONCE = 20_000  # rows that become a part of a Parquet file together
Row = dict[str, Any]


def write_csv(rows: Iterator[Row], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        first = next(rows, None)
        if first is None:
            return
        writer = csv.DictWriter(handle, list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def write_parquet(rows: Iterator[Row], path: Path) -> None:
    import pyarrow as arrow
    from pyarrow import parquet

    first = arrow.Table.from_pylist(list(islice(rows, AT_ONCE)))
    with parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        while some := list(islice(rows, AT_ONCE)):
            writer.write_table(arrow.Table.from_pylist(some, schema=first.schema))


def write_rows(rows: Iterator[Row], path: Path) -> None:
    {".csv": write_csv, ".parquet": write_parquet}[path.suffix](rows, path)


def whole_or_not(out: Path, fill: Callable[[Path], None]) -> None:
    """A folder that appears when everything in it is written.

    Raises
    ------
    FuturesError
        The folder holds something already, or cannot be written.
    """
    refuse_full(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise cannot_write(out, error) from error
    try:
        fill(unfinished)
        unfinished.chmod(0o755)
        if out.exists():
            out.rmdir()
        unfinished.replace(out)
    except OSError as error:
        raise cannot_write(out, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def refuse_full(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FuturesError(
            "out",
            Words(f"ใน {out} มีของอยู่แล้ว", f"{out} holds something already."),
            Words(
                "ให้เลือกโฟลเดอร์ใหม่ ผลเดิมจะไม่ถูกเขียนทับ",
                "Choose a new folder; earlier results are not overwritten.",
            ),
        )


def cannot_write(out: Path, error: OSError) -> FuturesError:
    return FuturesError(
        "out",
        Words(
            f"เขียนที่ {out} ไม่ได้ ({of_system(error).th})", f"{out} cannot be written ({of_system(error).en})."
        ),
        Words("ให้เลือกโฟลเดอร์อื่น", "Choose another folder."),
    )


def refuse_request(out: Path | None, form: str) -> None:
    """What is wrong with the request itself, before anything is computed."""
    if form not in FORMS:
        raise ModelError(
            "form", Words(f"ไม่รู้จัก {form}", f"{form} is not known."), Words("csv, parquet", "csv, parquet")
        )
    if out is not None:
        refuse_full(out)
