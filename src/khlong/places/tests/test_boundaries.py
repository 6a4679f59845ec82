"""Official boundaries come in whole, in degrees, under the country's codes, or not at all and with reasons."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from khlong.__main__ import main
from khlong.people.actor import account_actor, system_actor
from khlong.people.models import User
from khlong.places import boundaries, geojson
from khlong.places.actions import save_source
from khlong.places.models import Boundary, District, Province, Source, Tambon
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

SYSTEM = system_actor("test")
ROOT = Path(__file__).resolve().parents[4]
DATA = Path(os.environ.get("OPEN_DATA") or ROOT.parent / "shared" / "data")
Feature = dict[str, Any]
SQUARE = [[100.0, 6.5], [100.2, 6.5], [100.2, 6.7], [100.0, 6.7], [100.0, 6.5]]
BESIDE = [[100.2, 6.5], [100.4, 6.5], [100.4, 6.7], [100.2, 6.7], [100.2, 6.5]]
NAMES = {"901118": "พะตง", "901102": "ควนลัง", "901007": "ปาดังเบซาร์"}


def feature(code: Any = "901118", *rings: Any, **more: Any) -> Feature:
    shape = {"type": "Polygon", "coordinates": list(rings) or [SQUARE]}
    properties = {"tambon_code": code, "name_th": NAMES.get(str(code), "ตำบล")}
    return {"type": "Feature", "properties": properties | more, "geometry": shape}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def country(db: None) -> None:
    province = Province.objects.create(code="90", name_th="สงขลา")
    for code, name in NAMES.items():
        district, _made = District.objects.get_or_create(code=code[:4], province=province, name_th="อำเภอ")
        Tambon.objects.create(code=code, district=district, name_th=name)


@pytest.fixture
def official(source: Source) -> Source:
    return save_source(SYSTEM, source, {"licence": "CC BY-IGO"})


@pytest.fixture
def bring(official: Source, country: None, tmp_path: Path, capsys: Any) -> Callable[..., tuple[int, str]]:
    """bring(file's bytes, *options): the exit code and all that was said."""

    def run(data: bytes, *options: str) -> tuple[int, str]:
        path = tmp_path / "tambon.geojson"
        path.write_bytes(data)
        code = main(["places", "import", str(path), "--source", official.key, *options])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


# --- what comes in -------------------------------------------------------------------------------


def test_a_file_comes_in_whole_and_is_kept_with_its_source_and_its_digest(
    bring: Any, official: Source
) -> None:
    assert bring(collection(feature(), feature("901102", BESIDE)))[0] == 0
    first, second = Boundary.objects.order_by("pk")
    assert (first.code, second.code, first.source) == ("901102", "901118", official)
    assert first.digest != second.digest
    assert {tuple(point) for point in second.shape[0][0]} == set(map(tuple, SQUARE))
    assert (100.0 < second.lon < 100.2, 6.5 < second.lat < 6.7) == (True, True)


def test_the_same_file_again_changes_nothing_and_one_moved_point_changes_one(bring: Any) -> None:
    bring(collection(feature(), feature("901102", BESIDE)))
    before = AuditEntry.objects.count()
    assert "2 the same as before" in bring(collection(feature(), feature("901102", BESIDE)))[1]
    assert AuditEntry.objects.count() == before
    moved = [*BESIDE[:1], [100.41, 6.5], *BESIDE[2:]]
    assert "0 added, 1 changed, 1 the same" in bring(collection(feature(), feature("901102", moved)))[1]
    assert list(AuditEntry.objects.order_by("-id").values_list("ref", "action")[:1]) == [
        ("901102", "places.boundaries.import")
    ]


def test_a_dry_run_says_all_and_keeps_nothing(bring: Any) -> None:
    code, told = bring(collection(feature()), "--dry-run")
    assert (code, "1 boundaries" in told, "nothing was kept" in told) == (0, True, True)
    assert not Boundary.objects.exists()


def test_neighbours_are_simplified_along_one_line(bring: Any) -> None:
    wavy = [[100.2 + (0.0001 if n % 2 else 0), round(6.5 + n * 0.002, 4)] for n in range(101)]
    left = [[100.0, 6.5], *wavy, [100.0, 6.7], [100.0, 6.5]]
    right = [[100.4, 6.5], [100.4, 6.7], *reversed(wavy), [100.4, 6.5]]
    assert bring(collection(feature("901118", left), feature("901102", right)))[0] == 0
    one, other = ({tuple(p) for p in row.shape[0][0]} for row in Boundary.objects.order_by("-pk"))
    shared = {point for point in one & other if 100.19 < point[0] < 100.21}
    assert {(100.2, 6.5), (100.2, 6.7)} <= shared
    assert len(shared) < 20
    assert all(point in other for point in one if 100.19 < point[0] < 100.21)


@pytest.mark.parametrize(
    ("properties", "options"),
    [
        ({"ADM3_PCODE": "TH901118"}, ()),
        ({"code": 901118}, ()),
        ({"TAMBON_IDN": 901118.0}, ()),
        ({"geocode": "901118", "code": "7"}, ("--code", "geocode")),
    ],
)
def test_codes_are_found_where_official_files_have_them(bring: Any, properties: Any, options: Any) -> None:
    one = feature()
    one["properties"] = properties
    assert bring(collection(one), *options)[0] == 0
    assert Boundary.objects.get().code == "901118"


def test_provinces_and_districts_have_boundaries_too(bring: Any) -> None:
    assert bring(collection(feature("90")))[0] == 0
    assert bring(collection(feature("9011")))[0] == 0
    assert set(Boundary.objects.values_list("pk", flat=True)) == {"90", "9011"}


# --- what does not -------------------------------------------------------------------------------

FIGURE_OF_EIGHT = [[100.0, 6.5], [100.2, 6.7], [100.2, 6.5], [100.0, 6.7], [100.0, 6.5]]
FAR_HOLE = [[100.5, 6.5], [100.6, 6.5], [100.6, 6.6], [100.5, 6.5]]
UTM = [[660000, 720000], [661000, 720000], [661000, 721000], [660000, 720000]]
ROWS: list[tuple[str, Feature, list[str]]] = [
    ("not closed", feature("901118", SQUARE[:-1]), ["not closed", "Repeat the first point"]),
    ("three points", feature("901118", [*SQUARE[:2], SQUARE[0]]), ["3 points", "at least 4"]),
    ("crossing", feature("901118", FIGURE_OF_EIGHT), ["crosses itself at 100.1, 6.6", "GIS"]),
    ("hole outside", feature("901118", SQUARE, FAR_HOLE), ["hole lies outside the outline at 100.5, 6.5"]),
    ("a text for a point", feature("901118", [["x", 6], *SQUARE]), ["not a pair of numbers"]),
    (
        "no polygon",
        {**feature(), "geometry": {"type": "Point", "coordinates": [100, 7]}},
        ["a Point; a boundary"],
    ),
    ("nothing", {**feature(), "geometry": None}, ["geometry is nothing"]),
    ("empty", {**feature(), "geometry": {"type": "Polygon", "coordinates": []}}, ["empty"]),
    ("no feature", {"type": "Polygon"}, ["not a Feature"]),
    ("metres", feature("901118", UTM), ["metres of UTM zone 47N", "ogr2ogr", "EPSG:32647"]),
    ("exchanged", feature("901118", [p[::-1] for p in SQUARE]), ["exchanged", "longitude first"]),
    ("Malaysia", feature("901118", [[101, 4], [102, 4], [102, 5], [101, 4]]), ["outside Thailand at 101, 4"]),
    ("no code", {**feature(), "properties": {"name": "พะตง"}}, ["no code", "--code NAME"]),
    ("another code", feature("TH-90-11"), ["no code of TIS 1099"]),
    (
        "unknown",
        feature("901199", name_th="พะตง"),
        ["no subdistrict with the code 901199", "พะตง has the code 901118"],
    ),
    ("elsewhere", feature(province_code="93"), ["901118 does not lie in 93", "province_code"]),
]


@pytest.mark.parametrize(("name", "wrong", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_a_wrong_row_is_named_with_its_number_and_the_mend_and_nothing_is_kept(
    bring: Any, name: str, wrong: Feature, words: list[str]
) -> None:
    code, told = bring(collection(feature("901102", BESIDE), wrong))
    assert code == 1
    assert "feature 2" in told
    assert "feature 1" not in told
    assert all(word in told for word in words), told
    assert "1 features are wrong; nothing was kept" in told
    assert not Boundary.objects.exists()


def test_every_wrong_row_is_told_at_once_in_the_order_of_the_file(bring: Any) -> None:
    _code, told = bring(
        collection(feature("999999"), feature("901118", SQUARE[:-1]), feature("901102", FIGURE_OF_EIGHT))
    )
    assert [line.split(" (")[0] for line in told.splitlines()[:3]] == ["feature 1", "feature 2", "feature 3"]
    assert "3 features are wrong" in told


def test_a_code_twice_and_two_levels_in_one_file_are_refused(bring: Any) -> None:
    assert "901118 stands already at feature 1" in bring(collection(feature(), feature("901118", BESIDE)))[1]
    assert "9011 is a district" in bring(collection(feature(), feature("9011", BESIDE)))[1]
    assert not Boundary.objects.exists()


FILES: list[tuple[bytes, str]] = [
    (b"", "not JSON"),
    (b"{", "line 1, column 2"),
    (b"\xff\xfe", "not UTF-8"),
    (b"PK\x03\x04", "zip file"),
    (b"[]", "not a GeoJSON FeatureCollection"),
    (b'{"type": "Topology"}', "TopoJSON"),
    (collection(), "no features"),
    (collection(feature(), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::32647"}}), "UTM zone 47N"),
    (collection(feature(), crs={"properties": {"name": "EPSG:3857"}}), "not degrees of WGS 84"),
    (b"[" * 200_000, "nested too deeply"),
]


@pytest.mark.parametrize(("data", "words"), FILES, ids=[words for _data, words in FILES])
def test_a_file_that_is_none_is_refused_in_words(bring: Any, data: bytes, words: str) -> None:
    code, told = bring(data)
    assert (code, words in told, "Traceback" in told) == (2, True, False), told


def test_degrees_may_be_named(bring: Any) -> None:
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        assert bring(collection(feature(), crs={"type": "name", "properties": {"name": name}}))[0] == 0


def test_a_file_too_large_is_not_even_read(bring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "MOST_BYTES", 100)
    code, told = bring(collection(feature()))
    assert (code, "at most 100" in told) == (2, True)
    monkeypatch.setattr(geojson, "MOST_FEATURES", 1)
    with pytest.raises(geojson.Refusal, match="bytes"):
        geojson.read(b" " * 101)


def test_a_source_without_date_or_licence_is_no_source_of_boundaries(
    bring: Any, official: Source, country: None
) -> None:
    save_source(SYSTEM, official, {"licence": ""})
    assert "has no licence" in bring(collection(feature()))[1]
    save_source(SYSTEM, official, {"date": None})
    assert "has no date and no licence" in bring(collection(feature()))[1]
    assert main(["places", "import", "nowhere.geojson", "--source", "S404"]) == 2


def test_a_file_that_is_not_there_is_named(official: Source, capsys: Any) -> None:
    assert main(["places", "import", "/nowhere.geojson", "--source", official.key]) == 2
    assert "/nowhere.geojson cannot be read" in capsys.readouterr().err


def test_only_a_steward_brings_boundaries_in(official: Source) -> None:
    steward = account_actor(User.objects.create_user("steward", is_steward=True))
    shape = boundaries.Shape("901118", [], "0" * 64, 0, 0, 100.0, 6.0)
    with pytest.raises(Refused):
        boundaries.import_boundaries(account_actor(User.objects.create_user("other")), official, [shape])
    assert boundaries.import_boundaries(steward, official, [shape]).added == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(geometry=json_values, properties=json_values)
def test_whatever_a_file_holds_is_answered_in_words(geometry: Any, properties: Any) -> None:
    odd = {"type": "Feature", "properties": properties, "geometry": geometry}
    shaped = {**odd, "geometry": {"type": "MultiPolygon", "coordinates": geometry}}
    rows, problems = geojson.read(collection(odd, shaped, feature()))
    assert [row.number for row in rows] == [3]
    assert {problem.number for problem in problems} == {1, 2}


# --- real files ----------------------------------------------------------------------------------

FOLDER = DATA / "boundaries"


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"there is no folder of open data at {FOLDER}")
@pytest.mark.parametrize(("name", "count"), [("tambon_90_91_93_simplified", 228), ("six_cities_tambon", 6)])
def test_real_boundaries_come_in_whole(official: Source, name: str, count: int, capsys: Any) -> None:
    from khlong.places.reference import load_reference

    load_reference()
    assert main(["places", "import", str(FOLDER / f"{name}.geojson"), "--source", official.key]) == 0
    assert f"{count} added" in capsys.readouterr().out
    inner = Boundary.objects.get(pk="901118")
    assert (100.4 < inner.lon < 100.6, 6.7 < inner.lat < 6.9) == (True, True)
