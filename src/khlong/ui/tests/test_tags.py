from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from khlong.thai.dates import Span
from khlong.ui import nav
from khlong.ui.figures import (
    FigureRow,
    MapCity,
    Moment,
    Stream,
    per_cent,
    placed,
    scale_end,
    sluice_side,
    stream_paths,
)
from khlong.ui.measure import text_width, wrap
from khlong.ui.tests.conftest import Render

EVIL = "<script>alert(1)</script>"
Get = Callable[[str], HttpRequest]

pytestmark = pytest.mark.urls("khlong.ui.tests.urls")


def threads(html: str, start: int) -> int:
    return len(re.findall(rf"M{start} [\d.]+H", html))


# --- nothing, in two kinds


def test_unpublished_and_dry_never_look_alike(render: Render) -> None:
    hatched, dry = render("{% unpublished %}"), render('{% dry "ยังไม่มีข้อค้นพบ" "ผูก" "/x/" %}')
    assert 'class="unpub"' in hatched
    assert "dry" not in hatched
    assert "href" not in hatched
    assert 'class="dry"' in dry
    assert "unpub" not in dry
    assert 'href="/x/"' in dry


def test_unpublished_names_what_it_is(render: Render) -> None:
    html = render("{% unpublished label %}", label=f"วิสัยทัศน์{EVIL}")
    assert "วิสัยทัศน์" in html
    assert "<script" not in html


def test_a_dry_stretch_without_an_address_has_no_dead_button(render: Render) -> None:
    assert "btn" not in render('{% dry "ยังไม่มีใครตอบ" "ทวงถาม" %}')


def test_a_dry_stretch_escapes_words_button_and_address(render: Render) -> None:
    html = render("{% dry w b u %}", w=EVIL, b=EVIL, u='/x/"><script>')
    assert "<script" not in html


# --- the sluice mark


@given(st.integers(0, 40))
def test_a_mark_has_as_many_threads_as_links_up_to_eight(count: int) -> None:
    assert len(sluice_side(count, dry=True).lines) == min(count, 8)


@given(st.integers(1, 40))
def test_threads_stay_within_the_mark_and_around_its_middle(count: int) -> None:
    lines = sluice_side(count, dry=False).lines
    assert all(0.8 <= y <= 25.2 for y in lines)
    assert abs(sum(lines) / len(lines) - 13) < 0.1


def test_counts_are_drawn_and_written(render: Render) -> None:
    html = render('{% sluice 4 3 "ตอน 1.2" "/p/" %}')
    assert threads(html, 26) == 4
    assert threads(html, 70) == 3
    assert ">4</text>" in html
    assert 'aria-label="ตอน 1.2 ต้นน้ำ 4 ปลายน้ำ 3"' in html
    assert 'href="/p/"' in html


def test_more_than_eight_are_written_in_full(render: Render) -> None:
    html = render('{% sluice 17 0 "" "" %}')
    assert threads(html, 26) == 8
    assert ">17</text>" in html


def test_a_side_with_nothing_is_dry_only_when_it_is_said(render: Render) -> None:
    assert "stroke-dasharray" in render('{% sluice 0 2 "" "" dry=True %}')
    assert "stroke-dasharray" not in render('{% sluice 0 2 "" "" %}')
    assert "stroke-dasharray" not in render('{% sluice 1 2 "" "" dry=True %}')


def test_an_unpublished_mark_is_hatched_and_gives_no_numbers(render: Render) -> None:
    html = render('{% sluice 4 3 "ตอน 1" "" unpublished=True %}')
    assert "<pattern" in html
    assert "<text" not in html
    assert "ต้นน้ำ" not in html
    assert "ยังไม่เผยแพร่" in html


def test_a_mark_without_an_address_is_an_image(render: Render) -> None:
    html = render('{% sluice 1 1 "ตอน 1" "" %}')
    assert 'role="img"' in html
    assert "<a " not in html


def test_a_mark_escapes_its_label(render: Render) -> None:
    assert "<script" not in render("{% sluice 1 1 l l %}", l=f'"{EVIL}')


# --- figures in rows


ROWS = [
    FigureRow(33, "คน", "ศูนย์ภาวะวิกฤต", when=Span.from_iso("2025-11-26")),
    FigureRow(145, "คน", f"ผู้รายงาน{EVIL}", "ภาคใต้", low=110, high=160, mark="ประมาณ", url="/f/"),
    FigureRow(None, "คน", "คณะทำงาน", when_text="ปลาย พ.ย. 2568"),
]


def test_the_scale_is_in_words_and_every_value_has_reporter_scope_and_time(render: Render) -> None:
    html = render('{% dots rows "ผู้เสียชีวิต" %}', rows=ROWS)
    assert "0 ถึง 160 คน" in html
    assert html.count("<tr>") == 4
    assert "ไม่ระบุขอบเขต" in html
    assert "26 พ.ย. 2568" in html
    assert "ไม่ระบุวันที่" in html
    assert ">ปลาย <" in html


def test_a_value_that_is_not_published_is_hatched_and_has_no_dot(render: Render) -> None:
    html = render("{% dots rows %}", rows=ROWS)
    assert html.count("<circle") == 2
    assert html.count('class="unpub"') == 1


def test_a_reported_range_is_drawn_and_said(render: Render) -> None:
    html = render("{% dots rows %}", rows=ROWS)
    assert html.count("<rect") == 1
    assert "อยู่ระหว่าง 110 ถึง 160" in html


def test_figures_escape_what_reporters_are_called(render: Render) -> None:
    assert "<script" not in render("{% dots rows c %}", rows=ROWS, c=EVIL)


def test_no_rows_make_an_empty_table(render: Render) -> None:
    assert "<tbody></tbody>" in render("{% dots rows %}", rows=[])


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=8))
def test_the_scale_holds_every_value_and_is_not_ten_times_too_long(values: list[Decimal]) -> None:
    rows = [FigureRow(value, "คน", "") for value in values]
    end = scale_end(rows)
    assert max(values) <= end
    assert max(values) == 0 or end <= max(values) * 2
    assert all(0 <= (per_cent(value, end) or 0) <= 100 for value in values)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_larger_value_never_stands_left_of_a_smaller_one(a: int, b: int) -> None:
    end = scale_end([FigureRow(a, "", ""), FigureRow(b, "", "")])
    low, high = per_cent(min(a, b), end), per_cent(max(a, b), end)
    assert low is not None
    assert high is not None
    assert low <= high


# --- streams, map, timeline, kinds, progress


@given(st.integers(1, 12))
def test_every_group_has_as_many_threads_as_the_others(count: int) -> None:
    paths = stream_paths(count)
    assert len(paths) == 5 * count
    ends = [float(path.split()[-1]) for path in paths]
    assert all(0 <= end <= 100 for end in ends)
    assert ends == sorted(ends)


def test_streams_name_every_group_and_escape(render: Render) -> None:
    html = render("{% streams g t %}", g=[Stream("คนต่างถิ่น", "ไม่ทราบจำนวน"), EVIL], t=EVIL)
    assert html.count("<li>") == 2
    assert html.count("<path") == 10
    assert "<script" not in html


def test_no_groups_draw_nothing(render: Render) -> None:
    assert render('{% streams g "บ้านเดียวกัน" %}', g=[]).strip() == ""


def test_the_map_marks_by_form_and_lists_every_city(render: Render) -> None:
    cities = [
        MapCity("la-ngu", "ละงู", "/c/la-ngu/", True),
        MapCity("khuan-lang", "ควนลัง", "/c/kl/"),
        MapCity("new-town", f"ใหม่{EVIL}", "/c/new/"),
    ]
    html = render("{% schema_map c %}", c=cities)
    assert "<title" in html
    assert "<desc" in html
    assert html.count('href="/c/la-ngu/"') == 2
    assert html.count('href="/c/new/"') == 1
    assert 'fill="url(#' in html
    assert "<script" not in html


def test_a_city_is_placed_by_its_slug_or_by_what_it_brings() -> None:
    marks = placed([MapCity("bo-yang", "บ่อยาง"), MapCity("x", "x", x=3, y=4), MapCity("unknown", "u")])
    assert [(mark.x, mark.y) for mark in marks] == [(398, 288), (3, 4)]


def test_a_timeline_keeps_order_says_undated_and_escapes(render: Render) -> None:
    moments = [
        Moment(Span.from_iso("2022"), "สอง", EVIL, "/s/"),
        Moment(None, EVIL),
        Moment(None, "ค", when_text="ปลายปี"),
    ]
    html = render("{% timeline m %}", m=moments)
    assert html.index("พ.ศ. 2565") < html.index("ไม่ระบุวันที่") < html.index("ปลายปี")
    assert html.count('class="undated"') == 1
    assert "<script" not in html


@pytest.mark.parametrize("kind", ["structural", "ecosystem", "hybrid", "social", "institutional"])
def test_every_kind_has_a_name_and_a_form_of_its_own(kind: str, render: Render) -> None:
    html = render("{% kind k %}", k=kind)
    others = {"structural", "ecosystem", "hybrid", "social", "institutional"} - {kind}
    shape = re.search(r"<svg.*</svg>", html, re.DOTALL)
    assert shape
    assert all(shape[0] not in render("{% kind k %}", k=other) for other in others)
    assert re.search("[ก-๙]", html)


def test_the_mix_has_one_glyph_per_measure_and_a_number_for_many(render: Render) -> None:
    html = render("{% mix c %}", c={"social": 4, "ecosystem": 14, "hybrid": 0})
    assert html.count("<li>") == 2
    assert html.count("<g transform") == 4 + 12
    assert ">14</text>" in html


def test_progress_stays_between_nought_and_a_hundred(render: Render) -> None:
    assert 'value="100"' in render("{% progress 140 %}")
    assert 'value="0"' in render("{% progress n %}", n=-3)


# --- pages


def test_pages_keep_the_query_and_are_escaped(render: Render, get: Get) -> None:
    request = get("/?q=น้ำ&page=2&x=%22%3E%3Cscript%3E")
    html = render("{% pagination p %}", p=Paginator(range(95), 10).get_page(2), request=request)
    assert "q=%E0%B8%99" in html
    assert "page=3" in html
    assert "<script" not in html
    assert html.count('aria-current="page"') == 1


def test_a_single_page_needs_no_pager(render: Render) -> None:
    assert render("{% pagination p %}", p=Paginator(range(5), 10).get_page(1)).strip() == ""


# --- navigation and account


@pytest.mark.usefixtures("empty_nav")
def test_the_navigation_is_in_order_and_knows_where_one_is(render: Render, get: Get) -> None:
    nav.register("เมือง", "places:cities", 20)
    nav.register("หน้าแรก", "home", 10, match="exact")
    html = render("{% main_nav %}", request=get("/cities/phatong/"))
    assert html.index("หน้าแรก") < html.index("เมือง")
    assert html.count("aria-current") == 1
    assert 'href="/cities/" aria-current="true"' in html
    assert 'href="/" aria-current="page"' in render("{% main_nav %}", request=get("/"))


@pytest.mark.usefixtures("empty_nav")
def test_a_page_may_say_where_it_belongs(render: Render, get: Get) -> None:
    nav.register("เมือง", "places:cities", 20)
    html = render('{% main_nav current="places:cities" %}', request=get("/elsewhere/"))
    assert 'aria-current="true"' in html


@pytest.mark.usefixtures("empty_nav")
def test_a_place_that_is_not_there_or_not_for_this_reader_is_left_out(render: Render, get: Get) -> None:
    nav.register("ไม่มี", "nowhere:at-all", 1)
    nav.register("รอฉันอยู่", "home", 2, shown=lambda request: "me" in request.GET)
    assert render("{% main_nav %}", request=get("/")).strip() == ""
    assert "รอฉันอยู่" in render("{% main_nav %}", request=get("/?me=1"))


@pytest.mark.usefixtures("empty_nav")
def test_labels_in_the_navigation_are_escaped(render: Render, get: Get) -> None:
    nav.register(EVIL, "home", 1)
    assert "<script" not in render("{% main_nav %}", request=get("/"))


def shape(*labels: str) -> str:
    return nav.shape([nav.Item(label, "/", "") for label in labels])


THAI = ("โครงการ", "เมือง", "ข้อค้นพบ", "เหตุการณ์", "ยุทธศาสตร์", "ข้อเสนอ", "โครงการนำร่อง", "รายงาน", "สายคลอง")
ENGLISH = (
    "Programme",
    "Cities",
    "Findings",
    "Events",
    "Strategies",
    "Proposals",
    "Pilots",
    "Reports",
    "Canals",
)


@pytest.mark.parametrize("words", [THAI, ENGLISH], ids=["th", "en"])
@pytest.mark.parametrize(("many", "columns"), [(6, "c3"), (7, "c4"), (8, "c4")])
def test_places_stand_on_a_phone_in_even_columns_and_none_alone_in_the_last_line(
    words: tuple[str, ...], many: int, columns: str
) -> None:
    assert shape(*words[:many]).split()[0] == columns


def test_few_places_need_no_columns_and_what_no_columns_hold_scrolls() -> None:
    assert shape("เมือง", "โครงการ", "คลอง") == ""
    assert shape(*["แผนยุทธศาสตร์และแผนปฏิบัติการของเมือง"] * 6) == "many long"
    assert shape(*THAI).split()[0] in {"c5", "c3"}


def with_user(request: HttpRequest, **user: Any) -> HttpRequest:
    class Person(SimpleNamespace):
        def __str__(self) -> str:
            return str(self.name)

    request.user = Person(**user)  # type: ignore[assignment]
    return request


def test_a_visitor_is_offered_to_sign_in_and_the_other_language(render: Render, get: Get) -> None:
    html = render("{% account %}", request=get("/cities/?q=1"), csrf_token="t")
    assert 'href="/people/in/"' in html
    assert 'name="next" value="/cities/?q=1"' in html
    assert 'value="en"' in html
    assert 'lang="en">English</button>' in html
    assert 'name="csrfmiddlewaretoken"' in html


@pytest.mark.usefixtures("english")
def test_an_english_page_offers_thai_in_thai(render: Render, get: Get) -> None:
    assert 'lang="th">ไทย</button>' in render("{% account %}", request=get("/"))


def test_somebody_signed_in_sees_a_name_and_signs_out_by_a_form(render: Render, get: Get) -> None:
    request = with_user(get("/"), is_authenticated=True, name=f"ป้าสมใจ{EVIL}")
    html = render("{% account %}", request=request, csrf_token="t")
    assert "ป้าสมใจ" in html
    assert "<script" not in html
    assert '<form method="post" action="/people/out/">' in html
    assert "/people/in/" not in html


def test_somebody_unknown_is_a_visitor(render: Render, get: Get) -> None:
    html = render("{% account %}", request=with_user(get("/"), is_authenticated=False, name=""))
    assert "/people/in/" in html


@pytest.mark.urls("khlong.ui.tests.urls_bare")
def test_without_people_and_languages_nothing_is_offered(render: Render, get: Get) -> None:
    html = render("{% account %}", request=get("/"))
    assert "<form" not in html
    assert "<a " not in html


# --- labels in pictures


def test_marks_above_a_letter_take_no_room() -> None:
    assert text_width("น้ำ") == text_width("นำ")


@given(st.text(alphabet="กขคงน้ำท่วมบ้าน เabc", min_size=1, max_size=60), st.integers(40, 200))
def test_breaking_a_label_loses_nothing_but_spaces(text: str, width: int) -> None:
    assert "".join(wrap(text, width)).replace(" ", "") == text.replace(" ", "")


def test_a_label_that_fits_is_not_broken() -> None:
    assert wrap("ข้อค้นพบ", 170) == ["ข้อค้นพบ"]


def test_a_long_label_breaks_between_words() -> None:
    lines = wrap("การบริหารจัดการน้ำทั้งลุ่มน้ำอย่างมีส่วนร่วม", 150)
    assert len(lines) > 1
    assert all(text_width(line) <= 150 for line in lines)


def test_a_comma_stays_with_the_word_before_it() -> None:
    lines = wrap("What a household said, Temple Landing", 140, 14)
    assert len(lines) > 1
    assert not any(line.startswith(",") for line in lines)


def test_a_moment_late_in_the_evening_of_greenwich_is_the_next_day_here(render: Render) -> None:
    moment = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    with override("en"):
        assert "23" in render('{{ moment|day:"short" }}', moment=moment)


def test_a_year_is_told_in_the_readers_era(render: Render) -> None:
    with override("th"):
        assert render("{{ 2569|era }}") == "2569"
    with override("en"):
        assert render("{{ 2569|era }}") == "2026"
        assert render("{{ none|era }}") == ""
