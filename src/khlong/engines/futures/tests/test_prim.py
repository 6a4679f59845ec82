"""Scenario discovery: the two published cases, and what must hold of every box."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.engines.futures import prim
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import Dimension, Name, Spread
from khlong.engines.futures.tests.lake import demo

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats, Mask

DATA = Path(__file__).parent / "data"
LAKE: dict[str, Any] = json.loads((DATA / "lake_reference.json").read_text(encoding="utf-8"))
NOTHING = Dimension("", Name("", ""), "", Spread.UNIFORM, 0, 1, 0)


@pytest.fixture(scope="module")
def biofuel() -> tuple[list[str], Floats, Mask]:
    """The 882 cases of Bryant & Lempert 2010; see data/NOTICE."""
    with (DATA / "bryant_lempert_2010.csv").open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    table = np.array(rows, float)
    return head[:-1], table[:, :-1], table[:, -1] > 0


@pytest.fixture(scope="module")
def lake() -> tuple[Floats, Mask]:
    x, outcomes = demo(1000, 5, 2017)
    return x, outcomes[:, 0] < 0.8


def test_the_box_of_bryant_and_lempert(biofuel: tuple[list[str], Floats, Mask]) -> None:
    """B. P. Bryant, R. J. Lempert, 2010, doi:10.1016/j.techfore.2009.08.002; box 21 with slices of a tenth (case 4)."""
    names, x, failed = biofuel
    assert (len(failed), int(failed.sum())) == (882, 89)
    box = prim.peel(x, failed, slices=0.1).boxes[21]
    assert box.coverage == pytest.approx(0.752809, abs=5e-7)
    assert box.density == pytest.approx(0.770115, abs=5e-7)
    assert box.mass == pytest.approx(0.098639, abs=5e-7)
    limits = {names[each]: (box.low[each], box.high[each]) for each in box.dimensions}
    assert limits == {
        "Total biomass": pytest.approx((450, 755.8), abs=5e-3),
        "Demand elasticity": pytest.approx((-0.422, -0.202)),
        "Biomass backstop price": pytest.approx((150.05, 199.6), abs=5e-3),
        "Cellulosic cost": pytest.approx((72.65, 133.7), abs=5e-3),
    }


def test_the_last_box_of_bryant_and_lempert_holds_only_failures(
    biofuel: tuple[list[str], Floats, Mask],
) -> None:
    """The same: box 27, coverage .505618, density 1, six dimensions; and the whole trajectory has 28 boxes."""
    _, x, failed = biofuel
    boxes = prim.peel(x, failed, slices=0.1).boxes
    assert len(boxes) == 28
    assert boxes[27].coverage == pytest.approx(0.505618, abs=5e-7)
    assert boxes[27].density == 1
    assert len(boxes[27].dimensions) == 6


def test_the_chosen_box_has_the_most_coverage_among_the_dense(
    biofuel: tuple[list[str], Floats, Mask],
) -> None:
    _, x, failed = biofuel
    found = prim.peel(x, failed, slices=0.1)
    assert found.choose(0.8) is found.boxes[22]
    assert found.choose(0.75) is found.boxes[21]


def test_quasi_p_of_the_biofuel_box_are_those_of_the_workbench(
    biofuel: tuple[list[str], Floats, Mask],
) -> None:
    """ema_workbench 2.5.3 on box 21: cellulosic cost .157, biomass 4.7e-6, elasticity 1.2e-16, backstop 3.5e-11."""
    names, x, failed = biofuel
    found = prim.quasi_p(x, failed, prim.peel(x, failed, slices=0.1).boxes[21])
    assert found[names.index("Cellulosic cost"), 0] == pytest.approx(0.15741333528927326, rel=1e-9)
    assert found[names.index("Total biomass"), 1] == pytest.approx(4.716968553178767e-06, rel=1e-9)
    assert found[names.index("Demand elasticity"), 0] == pytest.approx(1.1849299115762208e-16, rel=1e-6)
    assert found[names.index("Biomass backstop price"), 0] == pytest.approx(3.51511253026305e-11, rel=1e-9)
    assert np.isfinite(found).sum() == 4


def test_a_limit_that_could_be_chance_is_left_out(biofuel: tuple[list[str], Floats, Mask]) -> None:
    """Bryant & Lempert drop cellulosic cost by its quasi-p: three dimensions tell the story."""
    names, x, failed = biofuel
    box = prim.simplify(x, failed, prim.peel(x, failed, slices=0.1).boxes[21])
    assert [names[each] for each in box.dimensions] == [
        "Total biomass",
        "Demand elasticity",
        "Biomass backstop price",
    ]
    assert box.count == box.holds(x).sum()
    assert box.failures == failed[box.holds(x)].sum()


@pytest.mark.parametrize(("slices", "key"), [(0.05, "boxes_05"), (0.1, "boxes_10")])
def test_every_step_in_the_lake_is_that_of_the_workbench(
    lake: tuple[Floats, Mask], slices: float, key: str
) -> None:
    """Kwakkel 2017, doi:10.1016/j.envsoft.2017.06.054: the lake demo drawn anew, each future under four policies (so
    every value comes four times), against the trajectories of ema_workbench 2.5.3, limits to the last digit."""
    x, found = lake
    assert found.sum() == LAKE["failures"]
    assert [_row(each) for each in prim.peel(x, found, slices=slices).boxes] == LAKE[key]


def test_the_second_box_in_the_lake_is_that_of_the_workbench(lake: tuple[Floats, Mask]) -> None:
    x, found = lake
    first = prim.peel(x, found, slices=0.1).boxes[-1]
    second = prim.peel(x, found, slices=0.1, remaining=~first.holds(x))
    assert [_row(each) for each in second.boxes] == LAKE["boxes_10_second"]


def test_a_fresh_draw_of_the_lake_tells_the_published_story(lake: tuple[Floats, Mask]) -> None:
    """Kwakkel 2017, box 28 of the published demo: coverage .666, density .965, mass .231, b .337 to .45, q 2.80 to
    4.50 (case 5). Its 4,000 points are others than ours, so figures agree as samples of one lake do."""
    x, found = lake
    box = prim.peel(x, found).boxes[28]
    assert box.dimensions.tolist() == [0, 1]
    assert box.mass == pytest.approx(0.231, abs=1e-3)
    assert box.coverage == pytest.approx(0.666, abs=0.04)
    assert box.density == pytest.approx(0.965, abs=0.04)
    assert (box.low[0], box.high[0]) == pytest.approx((0.337308, 0.449665), abs=0.03)
    assert (box.low[1], box.high[1]) == pytest.approx((2.799336, 4.499187), abs=0.3)


def test_the_two_that_matter_are_found_among_thirty_dimensions() -> None:
    x = np.random.default_rng(1).random((10_000, 30))
    failed = (x[:, 3] > 0.7) & (x[:, 7] < 0.6)
    assert prim.peel(x, failed).choose().dimensions.tolist() == [3, 7]


def test_one_box_after_the_other_explains_two_ways_to_fail() -> None:
    x = np.random.default_rng(5).random((4000, 4))
    failed = ((x[:, 0] > 0.8) & (x[:, 1] > 0.4)) | (x[:, 2] < 0.15)
    boxes = prim.discover(x, failed)
    assert sorted(tuple(each.dimensions.tolist()) for each in boxes) == [(0, 1), (2,)]
    assert sum(each.coverage for each in boxes) > 0.8


def test_pasting_gives_back_what_peeling_took_too_much() -> None:
    """One wide first slice off x takes failures that a paste brings back once y is known to divide."""
    x = np.random.default_rng(3).random((3000, 2))
    failed = (x[:, 0] > 0.35) & (x[:, 1] > 0.6)
    boxes = prim.peel(x, failed, slices=0.5, paste=0.05, mass=0.01).boxes
    counts = [each.count for each in boxes]
    assert counts != sorted(counts, reverse=True) or boxes[-1].density == 1
    for box in boxes:
        assert box.count == box.holds(x).sum()


def test_nothing_to_find_is_one_box_without_limits() -> None:
    x = np.random.default_rng(0).random((200, 3))
    for failed in (np.zeros(200, bool), np.ones(200, bool)):
        found = prim.peel(x, failed)
        assert len(found.boxes) == 1
        assert len(found.choose().dimensions) == 0
    assert prim.discover(x, np.zeros(200, bool)) == []


def test_a_dimension_that_never_moves_is_never_restricted() -> None:
    x = np.random.default_rng(0).random((500, 2))
    x[:, 0] = 7
    assert prim.peel(x, x[:, 1] > 0.5).choose().dimensions.tolist() == [1]


def test_equal_values_are_never_torn_apart() -> None:
    x = np.repeat(np.arange(10.0), 30)[:, None]
    box = prim.peel(x, x[:, 0] > 6).choose()
    assert box.low[0] == 6.5
    assert box.count == 90


@pytest.mark.parametrize(
    ("x", "failed", "more"),
    [
        (np.zeros((3, 1)), np.zeros(2, bool), {}),
        (np.array([[1.0], [np.nan]]), np.zeros(2, bool), {}),
        (np.zeros((2, 1)), np.zeros(2, bool), {"slices": 0.0}),
        (np.zeros((2, 1)), np.zeros(2, bool), {"paste": 0.7}),
    ],
)
def test_what_cannot_be_searched_is_refused_in_both_languages(
    x: Floats, failed: Mask, more: dict[str, float]
) -> None:
    with pytest.raises(ModelError) as refused:
        prim.peel(x, failed, **more)  # type: ignore[arg-type]
    assert refused.value.in_words("th") != refused.value.in_words("en")


def test_the_sentence_says_when_it_fails_in_thai_and_english() -> None:
    rain = Dimension("rain", Name("ฝนที่หนักขึ้น", "a rise of rain"), "share", Spread.UNIFORM, 0, 1, 0)
    sea = Dimension("sea", Name("ระดับน้ำทะเลที่สูงขึ้น", "a sea level rise"), "m", Spread.UNIFORM, 0, 1, 0)
    new = Dimension("new", Name("สัดส่วนคนมาใหม่", "a share of newcomers"), "share", Spread.UNIFORM, 0, 1, 0)
    box = prim.Box(
        low=np.array([0.28, 0.2, 0.3]),
        high=np.array([0.6, 0.5, 0.9]),
        is_low=np.array([True, True, True]),
        is_high=np.array([False, True, False]),
        count=1000,
        failures=770,
        all_count=10_000,
        all_failures=1000,
    )
    said = prim.sentence(box, [rain, sea, new])
    assert said.en == (
        "It fails mainly in futures with a rise of rain above 28 %, a sea level rise between 0.2 m and 0.5 m and a "
        "share of newcomers above 30 %: 77 % of all failures lie there, and 77 % of these futures fail (770 of 1,000; "
        "10,000 futures in all)."
    )
    assert said.th == (
        "ชุดมาตรการนี้มักรับไม่ไหวในอนาคตที่ฝนที่หนักขึ้นเกินร้อยละ 28 ระดับน้ำทะเลที่สูงขึ้นอยู่ระหว่าง 0.2 เมตร ถึง 0.5 เมตร "
        "และสัดส่วนคนมาใหม่เกินร้อยละ 30 โดยร้อยละ 77 ของกรณีที่รับไม่ไหวทั้งหมดอยู่ในกลุ่มนี้ และอนาคตในกลุ่มนี้รับไม่ไหวร้อยละ 77 "
        "(770 จาก 1,000 อนาคต จากทั้งหมด 10,000 อนาคต)"
    )
    for_older = prim.sentence(box, [rain, sea, new], Name("ผู้สูงอายุ", "older people"))
    assert for_older.en.startswith("For older people it fails mainly in futures with")
    assert for_older.th.startswith("สำหรับผู้สูงอายุ ชุดมาตรการนี้มักรับไม่ไหว")


def test_the_sentence_of_a_package_that_fails_never_or_anywhere_or_everywhere() -> None:
    none = np.array([False])
    never = prim.Box(np.zeros(1), np.ones(1), none, none, 10_000, 0, 10_000, 0)
    anywhere = prim.Box(np.zeros(1), np.ones(1), none, none, 10_000, 4000, 10_000, 4000)
    assert prim.sentence(never, [NOTHING]).en == "It holds in all 10,000 futures."
    assert "10,000" in prim.sentence(never, [NOTHING]).th
    assert prim.sentence(anywhere, [NOTHING]).en.startswith("It fails in 4,000 of 10,000 futures")
    assert "4,000 จาก 10,000" in prim.sentence(anywhere, [NOTHING]).th
    everywhere = prim.Box(np.zeros(1), np.ones(1), none, none, 10_000, 10_000, 10_000, 10_000)
    assert prim.sentence(everywhere, [NOTHING]).en == "It fails in all 10,000 futures."
    assert prim.sentence(everywhere, [NOTHING]).th == "ชุดมาตรการนี้รับไม่ไหวในทั้ง 10,000 อนาคตที่เป็นไปได้"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 400), st.integers(1, 5), st.sampled_from([0, 3, 20]))
def test_every_box_counts_what_it_holds(seed: int, count: int, dims: int, ties: int) -> None:
    """With many equal values and with none: n and k are those of the limits, and densities rise step by step."""
    random = np.random.default_rng(seed)
    x = random.random((count, dims)) if not ties else random.integers(0, ties, (count, dims)).astype(float)
    failed = random.random(count) < 0.3 * (1 + (x[:, 0] > np.median(x[:, 0])))
    boxes = prim.peel(x, failed).boxes
    for box in boxes:
        inside = box.holds(x)
        assert box.count == inside.sum()
        assert box.failures == failed[inside].sum()
    densities = [each.density for each in boxes]
    assert densities == sorted(densities)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_stretching_a_dimension_stretches_the_box(seed: int) -> None:
    x = np.random.default_rng(seed).random((300, 3))
    failed = x[:, 0] + x[:, 2] > 1.2
    plain, wide = (prim.peel(each, failed).choose() for each in (x, 4 * x))
    assert wide.low == pytest.approx(4 * plain.low)
    assert wide.count == plain.count


def _row(box: prim.Box) -> list[float]:
    return [box.count, box.failures, *box.low.tolist(), *box.high.tolist()]
