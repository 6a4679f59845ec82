"""The words of the training city: whole sentences for its story, and pieces for a city of any size."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("texts")
PLACES = ("market", "mouth", "railway", "ice", "temple", "fields", "orchard", "hill")
"""The communities of the training city, as its texts call them."""


@cache
def words(name: str) -> Any:
    """What stands in one of the files of words."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def measure_words() -> dict[str, str]:
    """The Thai words of each part of the plan by its key."""
    return {part["key"]: part["th"] for chapter in words("plan")["strategies"] for part in chapter["parts"]}


def zone_names(place: str) -> list[tuple[str, str]]:
    """The zones of a community, in Thai and in English."""
    return list(words("more")["zones"][place].items())
