"""Measures that never meet, appraised apart: the same as the whole lattice, at a fraction of its size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from khlong.engines.futures import shortlist
from khlong.engines.futures.appraise import Engine, appraise
from khlong.engines.futures.errors import CancelledError, ModelError, TooLargeError
from khlong.engines.futures.model import Act, ActKind, Measure, Model, Name
from khlong.engines.futures.packages import count, package_of
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.tests.models import random_model
from khlong.engines.futures.zones import appraise_zones, zones

PLACES = 6


def split_model(seed: int, zones_of: tuple[tuple[int, ...], ...], each: int) -> Model:
    """A random model whose measures are new: `each` shifts and factors for every group of places."""
    model = random_model(seed, places=PLACES, hazards=1)
    rng, measures = np.random.default_rng(seed), []
    hazard = model.layers[0].hazard
    for number, places in enumerate(zones_of):
        mask = np.isin(np.arange(len(model.places)), places)
        for one in range(each):
            shift = Act(ActKind.SHIFT, mask, hazard=hazard, by=float(rng.uniform(20, 300)))
            factor = Act(ActKind.VULNERABILITY, mask, by=float(rng.uniform(0.05, 0.5)))
            key = f"z{number}m{one}"
            cost = float(rng.uniform(1e3, 1e5))
            measures.append(
                Measure(
                    key,
                    Name(key, key),
                    (shift, factor),
                    np.ones(len(model.years)),
                    cost=cost,
                    upkeep=cost / 50,
                )
            )
    value = np.full(len(model.places), 1e5)
    layers = tuple(replace(layer, value=value) for layer in model.layers)
    return replace(model, measures=tuple(measures), layers=layers)


TWO = ((0, 1, 2), (3, 4, 5))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_zones_together_are_the_whole_lattice(seed: int) -> None:
    model = split_model(seed, TWO, 3)
    assert zones(model) == ((0, 1, 2), (3, 4, 5))
    futures = draw(model, 300, seed)
    whole, apart = appraise(model, futures), appraise_zones(model, futures)
    total = whole.number()
    best = apart.measures(apart.best_on_average())
    assert package_of(model, best) == int(whole.mean[total].argmin())
    for measures in ((), (0,), (1, 4), best, tuple(range(6))):
        package, choice = package_of(model, measures), apart.choice(measures)
        assert apart.measures(choice) == tuple(sorted(measures))
        np.testing.assert_allclose(apart.burdens(choice).mean(axis=1), whole.mean[:-1, package], rtol=1e-9)
        assert apart.totals(choice).mean() == pytest.approx(whole.mean[total, package], rel=1e-9)
        assert apart.regret(choice) == pytest.approx(whole.regret[total, package], rel=1e-6, abs=1e-3)
        assert apart.domain(choice)[0] == pytest.approx(whole.domain[package], abs=1.01 / 300)


def test_measures_that_meet_in_one_place_are_one_zone() -> None:
    assert zones(split_model(1, ((0, 1, 2), (2, 3)), 2)) == ((0, 1, 2, 3),)


def test_a_measure_that_touches_nothing_of_value_is_a_zone_of_its_own() -> None:
    model = split_model(1, TWO, 1)
    dry = tuple(
        replace(layer, value=np.where(np.arange(PLACES) < 3, layer.value, 0.0)) for layer in model.layers
    )
    assert zones(replace(model, layers=dry)) == ((0,), (1,))


def test_twenty_four_measures_in_three_zones_are_appraised_where_one_lattice_is_refused() -> None:
    model = split_model(2, ((0, 1), (2, 3), (4, 5)), 8)
    futures = draw(model, 100, 1)
    assert count(model) == 2**24
    with pytest.raises(TooLargeError):
        appraise(model, futures)
    apart = appraise_zones(model, futures)
    assert [part.table.packages for part in apart.parts] == [256, 256, 256]
    best = apart.best_on_average()
    assert apart.totals(best).mean() <= apart.totals((0, 0, 0)).mean()
    assert np.all(apart.least() <= apart.totals(best) * (1 + 1e-9))


def test_the_parts_are_the_direct_sums_of_a_shortlist() -> None:
    model = split_model(3, TWO, 2)
    futures = draw(model, 50, 1)
    apart = appraise_zones(model, futures)
    engine = Engine(model)
    package = package_of(model, (0, 3))
    np.testing.assert_allclose(
        apart.burdens(apart.choice((0, 3))), shortlist.values(engine, futures, (package,))[:, 0], rtol=1e-9
    )


def test_progress_goes_over_all_zones_and_it_can_be_stopped() -> None:
    model = split_model(1, TWO, 2)
    futures = draw(model, 600, 1)
    seen: list[tuple[int, int]] = []
    appraise_zones(model, futures, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (1200, 1200)
    assert seen == sorted(seen)
    with pytest.raises(CancelledError):
        appraise_zones(model, futures, cancelled=lambda: True)


def test_a_measure_that_does_not_exist_is_refused() -> None:
    model = split_model(1, TWO, 1)
    with pytest.raises(ModelError, match="no measure"):
        appraise_zones(model, draw(model, 10, 1)).choice((7,))
