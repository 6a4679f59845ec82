"""Cities, communities with their zones, canals and stations, sources; and the country's own divisions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.people.actor import ANONYMOUS, system_actor
from khlong.places import actions, panels
from khlong.places.models import (
    Authority,
    Canal,
    City,
    Community,
    District,
    Gauge,
    Group,
    Province,
    Source,
    Tambon,
    Zone,
)
from khlong.places.page import CityPage
from khlong.places.reference import load_reference
from khlong.record.models import AuditEntry
from khlong.thai.dates import Span
from khlong.ui.figures import Moment

SYSTEM = system_actor("test")


def make_canal(city: City, name: str, **values: Any) -> Canal:
    made = new_thing(Canal, Kind.CANAL, space=city.node)
    return actions.save_canal(SYSTEM, made, {"name_th": name, **values})


def make_community(city: City, source: Source, **values: Any) -> Community:
    made = new_thing(Community, Kind.COMMUNITY, space=city.node)
    return actions.save_community(
        SYSTEM, made, {"city": city, "name_th": "บ้านหลบมุม", "source": source, **values}
    )


def test_a_city_says_where_it_lies_from_its_districts(city: City) -> None:
    rows = [
        District.objects.create(code=code, name_th=th, name_en=en, province_id="90")
        for code, th, en in (("9010", "สะเดา", "Sadao"), ("9011", "หาดใหญ่", "Hat Yai"))
    ]
    kept = actions.save_city(SYSTEM, city, {}, links={"districts": rows})
    assert kept.where == "อำเภอสะเดา อำเภอหาดใหญ่ จังหวัดสงขลา"
    with override("en"):
        assert kept.where == "Sadao district, Hat Yai district, Songkhla province"


def test_a_city_is_none_of_its_authorities(city: City, source: Source) -> None:
    values = {"name_th": "เทศบาลตำบลพะตง", "kind": "subdistrict_municipality", "source": source}
    made = actions.save_authority(SYSTEM, Authority(province_id="90"), values)
    actions.save_city(SYSTEM, city, {}, links={"authorities": [made]})
    assert list(city.authorities.all()) == [made]
    assert (made.short, made.name) == ("เทศบาลตำบลพะตง", "เทศบาลตำบลพะตง")
    with pytest.raises(ValidationError):
        actions.save_authority(SYSTEM, Authority(province_id="90"), values)


def test_two_cities_have_two_addresses(city: City, other_city: City) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.save_city(SYSTEM, other_city, {"slug": "phatong"})
    assert set(caught.value.message_dict) == {"slug"}


def test_names_sort_as_a_thai_dictionary_sorts_them(city: City, source: Source) -> None:
    for name in ("แม่ทอม", "เกาะ", "กงหรา", "ขุน"):
        make_canal(city, name)
    assert [canal.name_th for canal in Canal.objects.all()] == ["กงหรา", "เกาะ", "ขุน", "แม่ทอม"]


# --- canals ----------------------------------------------------------------------------------


def test_a_canal_does_not_flow_into_itself(city: City) -> None:
    canal = make_canal(city, "คลองตง")
    with pytest.raises(ValidationError) as caught:
        actions.save_canal(SYSTEM, canal, {"flows_into": canal})
    assert set(caught.value.message_dict) == {"flows_into"}


def test_water_does_not_run_in_a_circle_however_long(city: City) -> None:
    first = below = make_canal(city, "คลอง 0")
    for number in range(1, 5):
        below = make_canal(city, f"คลอง {number}", flows_into=below)
    with pytest.raises(ValidationError) as caught:
        actions.save_canal(SYSTEM, first, {"flows_into": below})
    assert set(caught.value.message_dict) == {"flows_into"}
    assert Canal.objects.get(pk=first.pk).flows_into is None


def test_two_canals_may_meet_in_a_third(city: City) -> None:
    low = make_canal(city, "คลองอู่ตะเภา")
    for name in ("คลองตง", "คลองหวะ"):
        make_canal(city, name, flows_into=low)
    assert low.fed_by.count() == 2


def test_a_station_has_a_code_of_its_own(city: City) -> None:
    values = {"name_th": "บางศาลา", "code": "X.44"}
    actions.save_gauge(SYSTEM, new_thing(Gauge, Kind.GAUGE, space=city.node), values)
    with pytest.raises(ValidationError) as caught:
        actions.save_gauge(SYSTEM, new_thing(Gauge, Kind.GAUGE, space=city.node), values)
    assert set(caught.value.message_dict) == {"code"}


# --- zones -----------------------------------------------------------------------------------


def test_what_ends_before_it_begins_is_refused(city: City, source: Source) -> None:
    backwards = {"valid_from": Span.year(2022), "valid_to": Span.year(2021)}
    with pytest.raises(ValidationError) as caught:
        make_community(city, source, **backwards)
    assert set(caught.value.message_dict) == {"valid_to"}
    community = make_community(city, source, valid_from=Span.year(2022), valid_to=Span.from_iso("2022-06"))
    with pytest.raises(ValidationError):
        actions.save_zone(
            SYSTEM, Zone(community=community), {"name_th": "โซน 1", "source": source, **backwards}
        )


def test_a_zone_is_drawn_anew_under_the_same_name_at_another_time(city: City, source: Source) -> None:
    community = make_community(city, source)
    for year in (2020, 2022):
        values = {"name_th": "โซนตลาด", "valid_from": Span.year(year), "source": source}
        actions.save_zone(SYSTEM, Zone(community=community), values)
    with pytest.raises(ValidationError):
        actions.save_zone(SYSTEM, Zone(community=community), values)
    assert community.zones.count() == 2


def test_a_zone_is_noted_in_the_audit_of_its_city(city: City, source: Source) -> None:
    community = make_community(city, source)
    zone = actions.save_zone(SYSTEM, Zone(community=community), {"name_th": "โซน 1", "source": source})
    line = AuditEntry.objects.filter(model="places.Zone").get()
    assert (line.object_id, line.ref, line.space, line.fields) == (
        str(zone.pk),
        community.ref,
        city.pk,
        ["name_th", "source"],
    )
    actions.save_zone(SYSTEM, zone, {"name_th": "โซน 1"})
    assert AuditEntry.objects.filter(model="places.Zone").count() == 1


def test_a_group_is_named_once_in_a_city(city: City, source: Source) -> None:
    values = {"name_th": "แรงงานข้ามชาติ", "words_of_source": "แรงงานต่างด้าว", "source": source}
    actions.save_group(SYSTEM, Group(city=city), values)
    with pytest.raises(ValidationError):
        actions.save_group(SYSTEM, Group(city=city), values)


# --- sources ---------------------------------------------------------------------------------


def test_a_source_is_named_by_its_publisher_and_key(source: Source) -> None:
    assert str(source) == "สถาบันสิ่งแวดล้อมไทย (S10)"
    with override("en"):
        assert source.publisher == "Thailand Environment Institute"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.example.org/a", "example.org/a"),
        ("", ""),
        ("https://example.org/" + "x" * 60, "example.org/" + "x" * 34 + "…"),
    ],
)
def test_an_address_is_printed_without_its_scheme_and_short(url: str, host: str) -> None:
    assert Source(url=url).host == host


# --- the country's divisions -----------------------------------------------------------------


@pytest.fixture
def country(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """A country of one province, instead of the package's 8,000 rows."""
    rows = {
        "provinces": [SimpleNamespace(code="90", name_th="สงขลา", name_en="Songkhla")],
        "districts": [SimpleNamespace(code="9011", name_th="หาดใหญ่", name_en="Hat Yai", province_code="90")],
        "subdistricts": [
            SimpleNamespace(code="901118", name_th="พะตง", name_en="Phatong", district_code="9011")
        ],
    }
    monkeypatch.setattr("geothai.provinces", lambda: rows["provinces"])
    monkeypatch.setattr("geothai.districts", lambda _code: rows["districts"])
    monkeypatch.setattr("geothai.subdistricts", lambda _code: rows["subdistricts"])
    return rows


def test_the_countrys_divisions_are_taken_in_once(db: None, country: dict[str, list[Any]]) -> None:
    assert load_reference() == {"provinces": 1, "districts": 1, "subdistricts": 1}
    tambon = Tambon.objects.select_related("district__province").get()
    assert (tambon.name_th, tambon.district.name_th, tambon.district.province.name_en) == (
        "พะตง",
        "หาดใหญ่",
        "Songkhla",
    )
    assert tambon.sort_key
    with CaptureQueriesContext(connection) as queries:
        assert load_reference() == {"provinces": 0, "districts": 0, "subdistricts": 0}
    assert len(queries) == 3


def test_a_name_that_changed_is_changed_and_a_code_that_is_gone_stays(
    db: None, country: dict[str, list[Any]]
) -> None:
    load_reference()
    before = Tambon.objects.get().sort_key
    country["subdistricts"] = [
        SimpleNamespace(code="901118", name_th="พะตง (ใหม่)", name_en="Phatong", district_code="9011")
    ]
    country["districts"].append(
        SimpleNamespace(code="9010", name_th="สะเดา", name_en="Sadao", province_code="90")
    )
    assert load_reference() == {"provinces": 0, "districts": 1, "subdistricts": 0}
    assert Tambon.objects.get().name_th == "พะตง (ใหม่)"
    assert Tambon.objects.get().sort_key != before
    country["districts"].pop(0)
    load_reference()
    assert District.objects.count() == 2


# --- a city's page ---------------------------------------------------------------------------


def test_other_rooms_put_panels_moments_and_gaps_on_a_citys_page(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Moment(when=Span.year(2022), text="ร่างแผน", source="", source_url="")
    early = Moment(when=Span.year(2010), text="น้ำท่วม", source="", source_url="")
    undated = Moment(when=None, text="ไม่รู้", source="", source_url="")
    monkeypatch.setattr(panels, "_panels", [])
    panels.for_city(lambda actor, of: [panels.Panel("main", "b.html", order=60, moments=(undated, late))])
    panels.for_city(
        lambda actor, of: [panels.Panel("main", "a.html", order=10, moments=(early,), missing=("แผน",))]
    )
    panels.for_city(lambda actor, of: [panels.Panel("main", missing=("ผล",), order=99)])
    page = CityPage(ANONYMOUS, city)
    assert [panel.template for panel in page.main] == ["a.html", "b.html"]
    assert [moment.text for moment in page.timeline] == ["น้ำท่วม", "ร่างแผน", "ไม่รู้"]
    assert page.missing[:2] == ["แผน", "ผล"]
    assert page.face == page.after_face == []


def test_a_line_of_a_city_holds_what_all_rooms_say_of_it(
    city: City, other_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "_rows", [])
    panels.for_rows(lambda actor, cities: {city.pk: {"vision": "ก"}})
    panels.for_rows(lambda actor, cities: {row.pk: {"number": 1} for row in cities})
    assert panels.of_rows(ANONYMOUS, [city, other_city]) == {
        city.pk: {"vision": "ก", "number": 1},
        other_city.pk: {"number": 1},
    }


def test_groups_are_shown_equally_wide_since_nobody_published_their_number(
    city: City, source: Source
) -> None:
    for order, name in enumerate(("คนดั้งเดิม", "แรงงานข้ามชาติ")):
        actions.save_group(SYSTEM, Group(city=city), {"name_th": name, "source": source, "order": order})
    streams = CityPage(ANONYMOUS, city).streams
    assert [stream.name for stream in streams] == ["คนดั้งเดิม", "แรงงานข้ามชาติ"]
    assert len({stream.note for stream in streams}) == 1


def test_a_province_is_no_thing_of_the_chain() -> None:
    assert not hasattr(Province(), "node")


def test_a_city_names_its_authorities_by_the_names_they_have_now(city: City, source: Source) -> None:
    values = {"name_th": "เทศบาลตำบลพะตง", "kind": "subdistrict_municipality", "source": source}
    made = actions.save_authority(SYSTEM, Authority(province_id="90"), values)
    actions.save_city(SYSTEM, city, {}, links={"authorities": [made]})
    actions.save_authority(SYSTEM, made, {"short_th": "ทต.พะตง"})
    assert City.objects.get(pk=city.pk).joins_th == "ทต.พะตง"
