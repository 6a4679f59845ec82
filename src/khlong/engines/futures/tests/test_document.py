"""The figures that docs/futures.md tells are what the engine computes, and it explains every word of a model file."""

from __future__ import annotations

from pathlib import Path

import pytest

from khlong.engines.futures import direct, inquiry, packages
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.lasting import sentences
from khlong.engines.futures.model import ActKind, Model, Spread
from khlong.engines.futures.modelfile import ACT_WORDS, FREE, NEEDED, load
from khlong.engines.futures.sampling import base, draw

MODELS = Path(__file__).parents[1] / "models"
DOCUMENT = Path(__file__).parents[5] / "docs" / "futures.md"
FUTURES, SEED = 10_000, 7


def million(value: float) -> str:
    return f"{value / 1e6:,.2f}"


def by_hand() -> list[str]:
    """One house: burden, cost and total of each package, from the direct evaluator."""
    model = load(MODELS / "one-house.yaml")
    future = base(model)
    return [
        f"| {named(model, p)} | {sum(direct.burden(model, future, 0, p).values()):,.0f} "
        f"| {direct.cost(model, future, 0, p):,.0f} | {direct.total(model, future, 0, p):,.0f} |"
        for p in range(packages.count(model))
    ]


def named(model: Model, package: int) -> str:
    keys = [model.measures[m].key for m in packages.measures_in(model, package)]
    return ", ".join(f"`{key}`" for key in keys) or "–"


def of_all_packages(key: str) -> list[str]:
    """A package a line: mean burdens by group and largest regret in million baht, group domain with its error, cost."""
    model = load(MODELS / f"{key}.yaml")
    table = Engine(model).appraise(draw(model, FUTURES, SEED))
    return [
        f"| {named(model, p)} | {' | '.join(million(each) for each in table.mean[:-1, p])} "
        f"| {million(table.regret[-1, p])} | {table.domain[p]:.2%} ± {float(table.error(table.domain[p])):.2%} "
        f"| {million(table.cost[p])} |"
        for p in range(table.packages)
    ]


def told() -> list[str]:
    """The sentences that the document quotes."""
    model = load(MODELS / "wall-and-estate.yaml")
    engine, futures = Engine(model), draw(model, FUTURES, SEED)
    fails = inquiry.scenario(engine, futures, 1).words
    lasts = sentences(engine, futures, 3)["market"]
    model = load(MODELS / "who-pays.yaml")
    table = Engine(model).appraise(draw(model, FUTURES, SEED))
    worse = inquiry.worse_off(table, 2)
    return [text for each in (fails, lasts, worse) for text in (each.th, each.en)]


@pytest.fixture(scope="module")
def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def test_one_house_is_computed_as_it_is_told(document: str) -> None:
    for line in by_hand():
        assert line in document


@pytest.mark.parametrize("key", ["wall-and-estate", "who-pays"])
def test_the_tables_of_the_examples_are_what_the_engine_finds(document: str, key: str) -> None:
    for line in of_all_packages(key):
        assert line in document


def test_the_sentences_of_the_examples_are_what_the_engine_says(document: str) -> None:
    for sentence in told():
        assert sentence in document.replace("\n> ", " ")


def test_every_word_of_a_model_file_is_explained(document: str) -> None:
    acts = {word for needed, free in ACT_WORDS.values() for word in (*needed, *free)}
    for word in {*NEEDED, *FREE, *acts, *map(str, ActKind), *map(str, Spread)}:
        assert f"`{word}`" in document, word
