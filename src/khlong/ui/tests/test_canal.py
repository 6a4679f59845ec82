from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.ui.canal import Canal, Link, Stage, State, Strand, canal_of, runs, slots, stretches, table
from khlong.ui.drawing import Drawing, Lane, Words, lanes_per_picture, tall, wide
from khlong.ui.tests.conftest import Render

WORDS = Words(dry="แห้ง", unpublished="ยังไม่เผยแพร่")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

counts = st.lists(st.integers(0, 240), min_size=1, max_size=6)


def canal_from(*strands: list[int], label: str = "สาย") -> Canal:
    length = max(map(len, strands))
    stages = tuple(Stage(f"ชั้น {i}", 3, unit="ข้อ") for i in range(length + 1))
    rows = tuple(
        Strand(f"{label}{n}", tuple(Link(i, i + 1, count) for i, count in enumerate(row)))
        for n, row in enumerate(strands)
    )
    return Canal("คลอง", stages, rows)


canals = st.lists(counts, min_size=1, max_size=6).map(lambda rows: canal_from(*rows))


def all_drawings(canal: Canal) -> list[Drawing]:
    return [wide(canal, WORDS), *tall(canal, WORDS)]


def numbers_in(drawing: Drawing) -> list[float]:
    found: list[float] = []
    for part in fields(drawing):
        value = getattr(drawing, part.name)
        if isinstance(value, list) and value and isinstance(value[0], str):
            found += [float(number) for path in value for number in NUMBER.findall(path)]
    return [*found, drawing.width, drawing.height, drawing.pitch, drawing.stroke]


@given(st.integers(0, 300))
def test_there_are_as_many_places_as_threads(threads: int) -> None:
    assert len(slots(threads)) == threads


@given(st.integers(1, 300))
def test_fewer_threads_keep_places_that_more_threads_have_too(threads: int) -> None:
    assert set(slots(threads - 1)) < set(slots(threads))


@given(st.integers(0, 60))
def test_the_width_of_a_stretch_is_its_number_of_links_times_the_pitch(count: int) -> None:
    canal = canal_from([count])
    lane = Lane(tuple(stretches(canal, canal.strands[0])), (0.0, 0.0), 28.0, 2.7)
    low, high = lane.edges(0)
    if count:
        assert math.isclose(high - low, count * 2.7)
    else:
        assert lane.parts[0].state == "dry"


@given(st.integers(1, 500), st.integers(1, 500))
def test_more_links_are_never_drawn_narrower(a: int, b: int) -> None:
    canal = canal_from([min(a, b), max(a, b)])
    few, many = stretches(canal, canal.strands[0])
    assert few.threads <= many.threads


@given(st.integers(1, 500))
def test_a_single_link_is_never_lost_to_the_scale(count: int) -> None:
    canal = canal_from([count, 1])
    assert stretches(canal, canal.strands[0])[1].threads == 1


def test_up_to_sixty_links_one_thread_is_one_link() -> None:
    assert canal_from([60, 3]).per == 1
    assert canal_from([61, 3]).per == 5


@given(counts)
def test_every_stretch_holds_as_many_thread_courses_as_threads(row: list[int]) -> None:
    canal = canal_from(row)
    parts = stretches(canal, canal.strands[0])
    for index, part in enumerate(parts):
        crossing = [
            slot
            for slot in slots(max(p.threads for p in parts))
            if any(first <= index < last for first, last in runs(parts, slot))
        ]
        assert len(crossing) == part.threads


@settings(deadline=None)
@given(canals)
def test_a_drawing_holds_finite_numbers_only(canal: Canal) -> None:
    for drawing in all_drawings(canal):
        assert all(math.isfinite(number) for number in numbers_in(drawing))
        assert not re.search(r"nan|inf|e[+-]", " ".join([*drawing.threads, *drawing.banks, *drawing.beds]))


@settings(deadline=None)
@given(canals)
def test_what_is_drawn_stays_within_the_picture(canal: Canal) -> None:
    picture = wide(canal, WORDS)
    for path in [*picture.threads, *picture.banks, *picture.beds]:
        numbers = [float(number) for number in NUMBER.findall(path)]
        assert all(0 <= y <= picture.height for y in numbers[1::2])
        assert all(0 <= x <= picture.width for x in numbers[0::2])


@settings(deadline=None)
@given(canals)
def test_strands_do_not_run_into_one_another_on_a_phone(canal: Canal) -> None:
    for drawing in tall(canal, WORDS):
        reach = [float(n) for path in drawing.threads for n in NUMBER.findall(path)[0::2]]
        assert all(90 <= x <= drawing.width for x in reach)


@settings(deadline=None)
@given(canals)
def test_every_strand_has_a_place_on_a_phone(canal: Canal) -> None:
    groups = lanes_per_picture(canal)
    assert [place for group in groups for place, _ in group] == list(range(len(canal.strands)))


@settings(deadline=None)
@given(counts)
def test_every_number_of_links_is_written_in_the_wide_picture(row: list[int]) -> None:
    written = [word.text for word in wide(canal_from(row), WORDS).words if word.css == "m"]
    assert [f"{count:,}" for count in row if count] == [text for text in written if text != "3 ข้อ"]


def test_a_thread_that_ends_at_a_gate_is_marked_there_and_one_that_goes_on_is_not() -> None:
    picture = wide(canal_from([3, 1]), WORDS)
    assert len(picture.ends) == 2
    assert wide(canal_from([2, 2]), WORDS).ends == []


def test_no_link_is_dry_and_an_unpublished_stage_hatches_both_its_sides() -> None:
    stages = (Stage("ก"), Stage("ข", state="unpublished"), Stage("ค"), Stage("ง"))
    canal = canal_of(stages, [Link(0, 1, 4), Link(1, 2, 2)])
    states = [part.state for part in stretches(canal, canal.strands[0])]
    assert states == ["unpublished", "unpublished", "dry"]


@pytest.mark.parametrize("state", ["water", "dry", "unpublished"])
def test_a_state_that_is_given_stands(state: State) -> None:
    canal = canal_of((Stage("ก"), Stage("ข")), [Link(0, 1, 4, state=state)])
    assert stretches(canal, canal.strands[0])[0].state == state


def test_dry_and_unpublished_stretches_have_a_width_that_is_no_count() -> None:
    few = canal_of((Stage("ก"), Stage("ข")), [Link(0, 1, 1, state="unpublished")])
    many = canal_of((Stage("ก"), Stage("ข")), [Link(0, 1, 50, state="unpublished")])
    assert wide(few, WORDS).hatches == wide(many, WORDS).hatches


def test_a_dark_drop_runs_the_whole_way() -> None:
    strand = Strand("น้ำท่วม", (Link(0, 1, 3), Link(1, 2, 2)), drop=True)
    picture = wide(Canal("", (Stage("ก"), Stage("ข"), Stage("ค")), (strand,)), WORDS)
    assert len(picture.drops) == 1
    assert picture.drops[0].count("C") == 2


@pytest.mark.parametrize("link", [Link(0, 2, 1), Link(2, 3, 1), Link(0, 1, -1), Link(-1, 0, 1)])
def test_a_link_that_skips_a_stage_or_counts_below_nought_is_refused(link: Link) -> None:
    with pytest.raises(ValueError, match="stretch"):
        canal_of((Stage("ก"), Stage("ข"), Stage("ค")), [link])


def test_one_stage_is_no_canal() -> None:
    with pytest.raises(ValueError, match="two stages"):
        canal_of((Stage("ก"),), [])


def test_the_table_has_a_row_per_strand_and_a_column_per_stretch() -> None:
    columns, rows = table(canal_from([3, 0], [1, 2]))
    assert len(columns) == 2
    assert [[cell.link.count for cell in row.cells] for row in rows] == [[3, 0], [1, 2]]


def test_the_same_picture_has_the_same_key_and_another_one_another() -> None:
    assert canal_from([3]).key == canal_from([3]).key != canal_from([4]).key


def shown(render: Render, canal: Any) -> str:
    return render("{% canal c %}", c=canal)


def test_the_table_under_the_picture_says_the_same(render: Render) -> None:
    html = shown(render, canal_from([34, 0], [5, 2]))
    body = html.split("<tbody>")[1]
    assert body.count("<tr>") == 2
    assert ">34<" in body
    assert "0 แห้ง" in body


def test_labels_are_escaped_in_picture_and_table(render: Render) -> None:
    evil = "<script>alert(1)</script>"
    stages = (Stage(evil, 1, unit=evil), Stage("ข"))
    canal = Canal(
        evil, stages, (Strand(evil, (Link(0, 1, 0, missing=evil, mend=evil, url="/x"),), evil),), evil
    )
    html = shown(render, canal)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 5


def test_a_dry_stretch_offers_what_to_do_in_picture_and_table(render: Render) -> None:
    link = Link(0, 1, 0, missing="ไม่มีหลักฐาน", mend="เพิ่มหลักฐาน", url="/add/")
    html = shown(render, canal_of((Stage("ก"), Stage("ข")), [link]))
    assert html.count('href="/add/"') == 2


def test_the_scale_is_said_only_when_a_thread_is_more_than_one_link(render: Render) -> None:
    assert "หนึ่งเส้นเท่ากับ 5" in shown(render, canal_from([61]))
    assert "หนึ่งเส้นเท่ากับ" not in shown(render, canal_from([60]))


def test_a_picture_with_links_is_a_group_and_one_without_is_an_image(render: Render) -> None:
    linked = canal_of((Stage("ก", url="/a/"), Stage("ข")), [Link(0, 1, 2)])
    assert 'role="group"' in shown(render, linked)
    assert 'role="img"' in shown(render, canal_from([2]))


def test_a_strand_whose_name_does_not_fit_a_phone_bears_a_number_that_is_explained(render: Render) -> None:
    html = shown(render, canal_from([3], [4], [5], label="การบริหารจัดการน้ำทั้งลุ่มน้ำอย่างมีส่วนร่วม"))
    assert "<b>1</b>" in html
    assert "<b>3</b>" in html


def test_no_strand_makes_an_empty_table_and_no_picture(render: Render) -> None:
    html = shown(render, Canal("คลอง", (Stage("ก"), Stage("ข")), ()))
    assert "<svg" not in html
    assert "<table" in html
