"""./khlong example: the training city from a seed number."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from khlong.record.errors import CommandRefused, Refused


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    example = commands.add_parser("example", help="make the training city; the same seed makes the same city")
    example.add_argument("--households", type=int, default=240, help="how many households (240)")
    example.add_argument("--seed", type=int, default=7, help="the number it grows from (7)")
    example.add_argument(
        "--day", type=date.fromisoformat, default=None, help="its today, as 2026-11-22 (today)"
    )
    example.add_argument("--json", action="store_true")
    example.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make it, and say what was made."""
    from khlong.people.actor import system_actor
    from khlong.training.make import make_city, rows_of, unmake
    from khlong.training.making import MAKER

    told = _telling(rows_of(max(0, options.households)))
    try:
        made = make_city(
            system_actor(MAKER), number=options.households, seed=options.seed, day=options.day, told=told
        )
    except Refused as refused:
        raise CommandRefused(str(refused)) from refused
    except KeyboardInterrupt:
        print("taking away what was made", file=sys.stderr)
        unmake()
        raise
    found = asdict(made)
    print(
        json.dumps(found)
        if options.json
        else "ok: " + ", ".join(f"{value} {name}" for name, value in found.items())
    )
    return 0


def _telling(total: int) -> Callable[[str, int], None]:
    """Say each stage as it begins, and every thousand rows how many there are."""
    said: dict[str, Any] = {"stage": "", "rows": 0, "next": 1000}

    def told(stage: str, more: int) -> None:
        said["rows"] += more
        if stage != said["stage"] or said["rows"] >= said["next"]:
            said["stage"], said["next"] = stage, said["rows"] + 1000
            print(f"{stage} {said['rows']}/{total}", file=sys.stderr)

    return told
