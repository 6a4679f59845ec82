"""Maps in true positions: the lake is water, the cities stand where they are, and no other host is asked."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from khlong.people.actor import system_actor
from khlong.places.actions import save_city
from khlong.places.atlas import LETTER, SOUTH, Frame, around, atlas, waters
from khlong.places.boundaries import Shape, import_boundaries
from khlong.places.models import City, Province, Source, Tambon
from khlong.places.outlines import Outline, key_of, outlines
from khlong.places.reference import load_reference
from khlong.ui.measure import text_width

SYSTEM = system_actor("test")
SIX = {
    "โตนดด้วน": (100.0185, 7.7149, "phatthalung"),
    "บ่อยาง": (100.5943, 7.2009, "songkhla"),
    "ควนลัง": (100.4122, 6.9764, "songkhla"),
    "พะตง": (100.52, 6.8373, "songkhla"),
    "ปาดังเบซาร์": (100.2685, 6.7351, "songkhla"),
    "ละงู": (99.778, 6.944, "satun"),
}
IN_THE_LAKE = [(100.25, 7.65), (100.37, 7.42), (100.5, 7.19)]
AT_SEA = [(101.0, 7.6), (99.5, 6.75)]


def inside(point: tuple[float, float], outline: Outline) -> bool:
    """Whether a point lies in an outline, counted by the lines that a ray crosses."""
    lon, lat = point
    crossed = 0
    for ring in outline.rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
                crossed += 1
    return crossed % 2 == 1


def where(point: tuple[float, float]) -> set[str]:
    return {one.key for one in outlines() if inside(point, one)}


# --- the ground ----------------------------------------------------------------------------------


def test_every_province_of_the_country_has_its_outline(db: None) -> None:
    load_reference()
    known = {one.key for one in outlines() if not one.abroad}
    assert {key_of(name) for name in Province.objects.values_list("name_en", flat=True)} <= known


@pytest.mark.parametrize("name", SIX)
def test_each_of_the_six_cities_stands_in_its_province(name: str) -> None:
    lon, lat, province = SIX[name]
    assert where((lon, lat)) == {province}


@pytest.mark.parametrize("point", IN_THE_LAKE + AT_SEA)
def test_the_lake_and_the_sea_are_no_land(point: tuple[float, float]) -> None:
    assert where(point) == set()


def test_beyond_the_border_there_is_land() -> None:
    (state,) = (one for one in outlines() if one.key == "kedah")
    assert state.abroad
    assert where((100.5, 6.1)) == {"kedah"}


# --- the picture ---------------------------------------------------------------------------------


def test_north_is_up_and_a_degree_is_as_long_in_both_directions_as_on_the_ground() -> None:
    frame = Frame((100.0, 7.0, 101.0, 8.0), width=100)
    (x, y), (east, south) = frame.at(100.0, 8.0), frame.at(101.0, 7.0)
    assert (x, y, round(east)) == (0.0, 0.0, 100)
    assert 0.98 < (east / south) / 0.9914 < 1.02
    assert frame.height == pytest.approx(south, abs=0.1)


def test_a_path_is_closed_and_what_is_smaller_than_the_picture_shows_is_left_out() -> None:
    frame = Frame((100.0, 7.0, 101.0, 8.0), width=100)
    square = [(100.0, 8.0), (101.0, 8.0), (101.0, 7.0), (100.0, 7.0), (100.0, 8.0)]
    speck = [(100.5, 7.5), (100.5001, 7.5), (100.5, 7.5001), (100.5, 7.5)]
    assert re.fullmatch(r"M0 0l100 0 0 [\d.]+ -100 0 0 -[\d.]+z", frame.path([square]))
    assert frame.path([speck]) == ""


@pytest.fixture
def six(source: Source) -> list[City]:
    return [
        City(slug=f"c{n}", name_th=f"เมือง{name}", lon=SIX[name][0], lat=SIX[name][1])
        for n, name in enumerate(SIX)
    ]


def test_names_keep_apart_and_inside_the_picture(six: list[City]) -> None:
    made = atlas(Frame(SOUTH), {}, cities=[(city, True) for city in six])
    assert [mark.city.short for mark in made.marks] == list(SIX)
    for mark in made.marks:
        assert 0 < mark.x < made.width
        assert 0 < mark.y < made.height
    for one, other in combinations(made.marks, 2):
        beside = max(one.x, other.x) > min(name_end(one), name_end(other))
        assert beside or abs(one.y - other.y) > 18, (one.city.name_th, other.city.name_th)


def name_end(mark: Any) -> float:
    return float(mark.label_x + text_width(mark.city.short) * LETTER)


def test_a_name_near_the_right_edge_stands_on_the_left() -> None:
    edge = City(slug="e", name_th="เมืองริมขอบ", lon=101.2, lat=7.0)
    (mark,) = atlas(Frame(SOUTH), {}, cities=[(edge, None)]).marks
    assert (mark.anchor, mark.label_x < mark.x) == ("end", True)


def test_a_city_without_a_position_is_not_placed_anywhere() -> None:
    assert atlas(Frame(SOUTH), {}, cities=[(City(slug="n", name_th="เมือง"), True)]).marks == []


def test_provinces_of_the_programme_are_named_and_told_apart() -> None:
    made = atlas(Frame(SOUTH), {"satun": "สตูล"})
    assert [p.name for p in made.provinces if p.kind == "ours"] == ["สตูล"]
    assert {p.kind for p in made.provinces} == {"ours", "land", "abroad"}
    assert {p.kind for p in atlas(Frame(SOUTH), {}, alone=True).provinces} == {"land"}


def test_a_frame_around_a_province_holds_all_of_it() -> None:
    (satun,) = (one for one in outlines() if one.key == "satun")
    frame = around([satun.box])
    west, south, east, north = satun.box
    assert frame.box[0] < west < east < frame.box[2]
    assert frame.box[1] < south < north < frame.box[3]


def test_the_lake_is_named_from_within() -> None:
    lake = waters(Frame(SOUTH))[0]
    assert where((100.27, 7.58)) == set()
    assert lake.leader.startswith("M")


# --- pages ---------------------------------------------------------------------------------------


@pytest.fixture
def placed(city: City, source: Source) -> City:
    load_reference()
    tambon = Tambon.objects.get(code="901118")
    return save_city(SYSTEM, city, {"lon": 100.52, "lat": 6.8373}, links={"tambons": [tambon]})


def test_the_map_page_links_each_placed_city_and_lists_the_others(
    placed: City, other_city: City, client: Client
) -> None:
    html = client.get(reverse("places:map")).content.decode()
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert f'href="{reverse("places:city", args=[placed.slug])}"' in svg
    assert reverse("places:city", args=[other_city.slug]) not in svg
    assert reverse("places:city", args=[other_city.slug]) in html
    assert "MIT" in html


def test_an_official_boundary_is_drawn_with_its_source_and_licence(
    placed: City, source: Source, client: Client
) -> None:
    for address in (reverse("places:map"), reverse("places:city", args=[placed.slug])):
        assert 'class="area"' not in client.get(address).content.decode()
    ring = [[100.4, 6.7], [100.6, 6.7], [100.6, 6.9], [100.4, 6.7]]
    import_boundaries(SYSTEM, source, [Shape("901118", [[ring]], "0" * 64, 4, 4, 100.5, 6.8)])
    for address in (reverse("places:map"), reverse("places:city", args=[placed.slug])):
        html = client.get(address).content.decode()
        assert 'class="area"' in html
        assert reverse("places:source", args=[source.key]) in html
        assert f">{source.licence}<" in html


def test_a_city_page_shows_no_map_where_no_position_is_known(city: City, client: Client) -> None:
    assert "atlas" not in client.get(reverse("places:city", args=[city.slug])).content.decode()


def test_the_mark_on_a_citys_own_map_claims_nothing_about_its_vision(placed: City, client: Client) -> None:
    html = client.get(reverse("places:city", args=[placed.slug])).content.decode()
    assert f"<title>{placed.name}</title>" in html


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [(100.5, None, "lat"), (None, 7.0, "lat"), (6.9, 100.5, "lon"), (0.0, 0.0, "lon")],
)
def test_a_position_is_whole_and_in_the_country(city: City, lon: Any, lat: Any, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        save_city(SYSTEM, city, {"lon": lon, "lat": lat})
    assert field in refused.value.message_dict


# --- a map of streets ----------------------------------------------------------------------------


@pytest.fixture
def streets(monkeypatch: pytest.MonkeyPatch) -> str:
    values = {
        **dict(django_settings.KHLONG),
        "tiles.url": "https://{s}.tile.example.org/{z}/{x}/{y}.png",
        "tiles.attribution": "© Example",
    }
    monkeypatch.setattr(django_settings, "KHLONG", values)
    return "https://*.tile.example.org"


def image_sources(response: Any) -> str:
    policy = str(response.headers["Content-Security-Policy"])
    return next(part for part in policy.split("; ") if part.startswith("img-src"))


def test_no_other_host_is_named_anywhere_unless_somebody_set_one_up(placed: City, client: Client) -> None:
    response = client.get(reverse("places:map"))
    assert image_sources(response) == "img-src 'self' data:"
    assert "leaflet" not in response.content.decode()
    assert "map.js" not in response.content.decode()


def test_the_policy_opens_for_the_host_of_the_tiles_on_the_map_page_only(
    placed: City, client: Client, streets: str
) -> None:
    response = client.get(reverse("places:map"))
    assert image_sources(response) == f"img-src 'self' data: {streets}"
    assert "script-src 'self' 'nonce-" in response.headers["Content-Security-Policy"]
    assert "© Example" in response.content.decode()
    assert '<script src="' in response.content.decode()
    other = client.get(reverse("places:city", args=[placed.slug]))
    assert image_sources(other) == "img-src 'self' data:"
    assert "leaflet" not in other.content.decode()
