"""Pages of goals, measures and indicators, and the forms that change them, for everybody who may meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from khlong.chain.actions import keep_node, link, make_node
from khlong.chain.models import Edge, EdgeKind, Kind
from khlong.network.models import Programme
from khlong.places.models import City, Source
from khlong.strategy import values
from khlong.strategy.actions import make_version, save_passage
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.measures import detail_of, save_measure
from khlong.strategy.models import Indicator, Item, Language, MeasureDetail, Plan
from khlong.strategy.tests.makers import (
    SYSTEM,
    group,
    make_finding,
    make_plan,
    measure_of,
    passage_of,
    whole_plan,
)
from khlong.strategy.tests.test_views import shows
from khlong.strategy.values import Point

ClientOf = Callable[[str], Client]
EVERYBODY = ("anonymous", "observer", "member", "owner", "stranger", "steward")
WRITERS = ("member", "owner", "steward")


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    return made


@pytest.fixture
def measure(plan: Plan) -> Item:
    return measure_of(plan)


@pytest.fixture
def indicator(measure: Item) -> Indicator:
    said = {
        "name_th": "ชั่วโมงที่น้ำขัง",
        "unit_th": "ชั่วโมง",
        "city": measure.plan.city,
        "item": measure,
        "baseline": Decimal(19),
        "baseline_year": 2568,
        "target": Decimal(6),
        "target_year": 2573,
    }
    assert measure.node.space is not None
    return save_indicator(SYSTEM, new_indicator(measure.node.space, measure), said)


def path(item: Any, *more: str) -> str:
    return "/".join(["/parts", item.ref, *more, ""])


def test_the_page_of_a_measure_is_read_by_everybody_in_both_languages(
    measure: Item, indicator: Indicator, client_of: ClientOf
) -> None:
    save_measure(SYSTEM, detail_of(measure), {"kind": "ecosystem", "loses": "แผงค้า 4 แผง"})
    for name in EVERYBODY:
        for lang in ("th", "en"):
            client = client_of(name)
            client.cookies["khlong_language"] = lang
            response = client.get(path(measure))
            assert response.status_code == 200
            for words in ("ขุดลอกคลองตง", "แผงค้า 4 แผง", "ชั่วโมงที่น้ำขัง", measure.ref):
                assert shows(response, words), (name, lang, words)
            assert (f'/parts/{measure.ref}/measure/"' in response.content.decode()) is (name in WRITERS)


def test_years_and_words_of_a_measure_stand_as_the_reader_reads(measure: Item, client: Client) -> None:
    """English counts in the Common Era, and says of Thai words that they are Thai."""
    said = {"kind": "ecosystem", "system": "ระบายน้ำ", "from_year": 2570, "to_year": 2571}
    save_measure(SYSTEM, detail_of(measure), said)
    assert shows(client.get(path(measure)), "ปี พ.ศ. 2570–2571")
    client.cookies["khlong_language"] = "en"
    page = client.get(path(measure))
    assert shows(page, "Years (Common Era) 2027–2028")
    assert re.search(r'<span lang="th"[^>]*>ระบายน้ำ', page.content.decode())


def test_a_goal_has_a_page_and_a_strategy_stands_in_the_book(plan: Plan, client: Client) -> None:
    assert client.get(path(measure_of(plan, "ตลาดไม่ท่วม"))).status_code == 200
    strategy = measure_of(plan, "จัดการน้ำร่วมกัน")
    assert client.get(path(strategy))["Location"].endswith(f"#{strategy.ref}")


def test_words_that_no_version_holds_yet_are_for_the_working_group(
    plan: Plan, measure: Item, client_of: ClientOf
) -> None:
    save_passage(SYSTEM, passage_of(measure), Language.THAI, "ขุดลอกคลองตงทั้งสาย")
    assert not shows(client_of("member").get(path(measure)), "ขุดลอกคลองตงทั้งสาย")
    make_version(SYSTEM, plan)
    page = client_of("anonymous").get(path(measure))
    assert shows(page, "ขุดลอกคลองตงทั้งสาย")
    assert [row.versions for row in page.context["page"].wordings] == [(2,), (1,)]


def test_a_real_city_that_published_nothing_is_hatched_and_an_example_says_not_said(
    measure: Item, city: City, source: Source, client: Client
) -> None:
    client.cookies["khlong_language"] = "en"
    page = client.get(path(measure))
    assert "unpub" in page.content.decode()
    assert shows(page, "Details of the measure: not published")
    assert not shows(page, "Not said")
    measure.node.is_example = True
    measure.node.save()
    page = Client().get(path(measure), headers={"accept-language": "en"})
    assert 'class="unpub"' not in page.content.decode()


# --- what a measure is ----------------------------------------------------------------------------


def test_the_form_of_a_measure_is_for_the_working_group(measure: Item, client_of: ClientOf) -> None:
    for name in EVERYBODY:
        expected = 200 if name in WRITERS else 302 if name == "anonymous" else 403
        assert client_of(name).get(path(measure, "measure")).status_code == expected, name


def test_a_measure_is_described_with_its_findings_and_its_cost_in_baht(
    measure: Item, city: City, source: Source, client_of: ClientOf
) -> None:
    one, two = make_finding(city), make_finding(city, "ท่อต่ำกว่าคลอง")
    people = group(city, source, "คนหลังตลาด")
    page = client_of("member").get(f"{path(measure, 'measure')}?finding={one.ref}")
    assert page.context["form"].initial["findings"] == [one.pk]
    assert shows(page, two.ref), "findings that nothing answers yet are offered"
    sent = {
        "findings": [str(one.pk)],
        "more_findings": two.ref.lower(),
        "kind": "ecosystem",
        "groups": [str(people.pk)],
        "from_year": "๒๕๖๙",
        "cost_satang": "1.85 ล้านบาท",
        "cost_note": "ราคากลาง",
        "base": "0",
        "why": "เวที 3",
    }
    assert client_of("member").post(path(measure, "measure"), sent)["Location"] == path(measure)
    detail = MeasureDetail.objects.get(pk=measure.pk)
    assert (detail.cost_satang, detail.from_year, detail.kind) == (185_000_000, 2569, "ecosystem")
    assert list(detail.groups.all()) == [people]
    assert set(Edge.objects.filter(down=measure.pk).values_list("up", flat=True)) == {one.pk, two.pk}
    history = client_of("anonymous").get(path(measure, "measure", "history"))
    for words in ("1,850,000", "เวที 3", "member"):
        assert shows(history, words), words


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"more_findings": "F-PTG-0999"}, "more_findings"),
        ({"more_findings": "เรื่องน้ำ"}, "more_findings"),
        ({"cost_satang": "มากมาย"}, "cost_satang"),
        ({"cost_satang": "100"}, "cost_note"),
        ({"from_year": "2026"}, "from_year"),
    ],
)
def test_a_form_that_cannot_stand_keeps_what_was_typed(
    measure: Item, client_of: ClientOf, change: dict[str, str], field: str
) -> None:
    sent = {"gains": "คนหลังตลาด", "base": "0"} | change
    page = client_of("member").post(path(measure, "measure"), sent)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert shows(page, "คนหลังตลาด")
    assert not MeasureDetail.objects.exists()


def test_a_finding_of_another_city_is_not_found_by_its_reference(
    measure: Item, other_city: City, client_of: ClientOf
) -> None:
    theirs = make_finding(other_city)
    page = client_of("member").post(path(measure, "measure"), {"more_findings": theirs.ref, "base": "0"})
    assert page.status_code == 422
    assert client_of("member").get(f"{path(measure, 'measure')}?finding={theirs.ref}").status_code == 200
    assert not Edge.objects.exists()


def test_the_second_saver_of_a_measure_sees_both_and_may_save_then(
    measure: Item, client_of: ClientOf
) -> None:
    first, second = client_of("owner"), client_of("member")
    assert first.post(path(measure, "measure"), {"landowner": "กรมเจ้าท่า", "base": "0"}).status_code == 302
    page = second.post(path(measure, "measure"), {"landowner": "เทศบาล", "base": "0", "gains": "ทุกคน"})
    assert page.status_code == 409
    for words in ("กรมเจ้าท่า", "เทศบาล", "ทุกคน"):
        assert shows(page, words), words
    sent = {"landowner": "ทั้งสอง", "gains": "ทุกคน", "base": str(page.context["form"]["base"].value())}
    assert second.post(path(measure, "measure"), sent).status_code == 302
    assert MeasureDetail.objects.get(pk=measure.pk).landowner == "ทั้งสอง"


def test_a_measure_is_added_from_a_finding_and_described_next(
    plan: Plan, city: City, client_of: ClientOf
) -> None:
    finding = make_finding(city)
    url = f"/cities/phatong/strategy/add/?finding={finding.ref}&kind=measure"
    page = client_of("member").get(url)
    assert shows(page, finding.title_th)
    assert page.context["form"]["kind"].value() == "measure"
    answer = client_of("member").post(url, {"kind": "measure", "text_th": "ปลูกไม้ชายคลอง"})
    made = measure_of(plan, "ปลูกไม้ชายคลอง")
    assert answer["Location"] == path(made, "measure")
    assert Edge.objects.get(down=made.pk).up_id == finding.pk


def test_a_measure_is_not_added_from_a_finding_of_another_city(
    plan: Plan, other_city: City, client_of: ClientOf
) -> None:
    url = f"/cities/phatong/strategy/add/?finding={make_finding(other_city).ref}&kind=measure"
    assert client_of("member").get(url).status_code == 404


def test_leaving_out_what_others_rest_on_asks_for_a_reason(measure: Item, client_of: ClientOf) -> None:
    pilot = keep_node(make_node(Kind.PILOT, space=measure.node.space, title_th="เปิดทางน้ำ 120 เมตร"))
    link(SYSTEM, measure.node, pilot, EdgeKind.LEADS_TO)
    client = client_of("member")
    asked = client.post(path(measure, "remove"))
    assert asked.status_code == 409
    assert shows(asked, "เปิดทางน้ำ 120 เมตร")
    assert client.post(path(measure, "remove"), {"why": ""}).status_code == 422
    assert not Item.objects.get(pk=measure.pk).removed
    assert client.post(path(measure, "remove"), {"why": "ทำแล้ว"}).status_code == 302
    assert Item.objects.get(pk=measure.pk).removed
    assert measure.node.revisions.latest("number").why == "ทำแล้ว"


# --- indicators -----------------------------------------------------------------------------------


@pytest.fixture
def kept_values(monkeypatch: pytest.MonkeyPatch, indicator: Indicator) -> None:
    points = [
        Point(date(2026, month, 1), date(2026, month, 28), Decimal(value), f"V-PTG-000{month}", "/r/V/")
        for month, value in ((2, 15), (6, 7))
    ]
    monkeypatch.setattr(values, "_series", [lambda _actor, _keys: {indicator.pk: points}])
    monkeypatch.setattr(values, "_enters", [lambda node: f"/enter/?indicator={node.ref}"])


def test_an_indicator_shows_its_way_in_words_in_a_plot_and_in_a_table(
    indicator: Indicator, kept_values: None, client_of: ClientOf
) -> None:
    client = client_of("member")
    client.cookies["khlong_language"] = "en"
    page = client.get(f"/indicators/{indicator.ref}/")
    html = page.content.decode()
    assert shows(page, "From 19 ชั่วโมง in 2025 CE to 6 ชั่วโมง by 2030 CE.")
    assert shows(page, "92 per cent of the way")
    assert html.count("<circle") == 3
    assert 'href="/r/V/"' in html
    assert f"/enter/?indicator={indicator.ref}" in html
    assert (
        f"/enter/?indicator={indicator.ref}"
        not in Client().get(f"/indicators/{indicator.ref}/").content.decode()
    )


def test_an_indicator_is_added_to_a_measure_and_follows_it(measure: Item, client_of: ClientOf) -> None:
    url = f"/cities/phatong/indicators/add/?measure={measure.ref}"
    page = client_of("member").get(url)
    assert page.context["form"]["item"].value() == measure.pk
    sent = {
        "name_th": "บ้านที่ได้คำเตือน",
        "unit_th": "หลัง",
        "item": str(measure.pk),
        "baseline": "๐",
        "baseline_year": "2568",
    }
    answer = client_of("member").post(url, sent)
    made = Indicator.objects.get(name_th="บ้านที่ได้คำเตือน")
    assert answer["Location"] == f"/indicators/{made.ref}/"
    assert (made.baseline, made.node.visibility) == (Decimal(0), "public")
    assert Edge.objects.get(down=made.pk).up_id == measure.pk


def test_an_indicator_without_a_unit_is_refused_and_what_was_typed_stays(
    measure: Item, client_of: ClientOf
) -> None:
    page = client_of("member").post(
        "/cities/phatong/indicators/add/", {"name_th": "บ้านที่ได้คำเตือน", "baseline": "1"}
    )
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"unit_th"}
    assert shows(page, "บ้านที่ได้คำเตือน")
    page = client_of("member").post(
        "/cities/phatong/indicators/add/", {"name_th": "ก", "unit_th": "หลัง", "baseline": "1"}
    )
    assert set(page.context["form"].errors) == {"baseline_year"}


def test_an_indicator_is_edited_with_its_base(indicator: Indicator, client_of: ClientOf) -> None:
    url = f"/indicators/{indicator.ref}/edit/"
    for name in ("observer", "stranger"):
        assert client_of(name).get(url).status_code == 403
    sent = {"name_th": "ชั่วโมงน้ำขัง", "unit_th": "ชั่วโมง", "base": "1"}
    assert client_of("member").post(url, sent).status_code == 302
    assert client_of("member").post(url, sent | {"unit_th": "นาที"}).status_code == 409
    assert client_of("member").get(url).status_code == 200


def test_the_list_of_indicators_is_paged_and_asks_no_more_for_more(
    indicator: Indicator, kept_values: None, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        said = {"name_th": f"ตัวชี้วัด {number:02d}", "unit_th": "ครั้ง", "city": indicator.city}
        assert indicator.node.space is not None
        save_indicator(SYSTEM, new_indicator(indicator.node.space), said)
    with django_assert_max_num_queries(12):
        page = client.get("/cities/phatong/indicators/")
    assert len(page.context["page_obj"]) == 20
    with django_assert_max_num_queries(12):
        client.get(f"/indicators/{indicator.ref}/")
    with django_assert_max_num_queries(12):
        client.get(path(indicator.item))


def test_a_programme_has_indicators_of_its_own(
    programme: Programme, coordinator: Any, client_of: ClientOf
) -> None:
    client = Client()
    client.force_login(coordinator)
    url = "/programme/success/indicators/"
    assert client.post(f"{url}add/", {"name_th": "เมืองที่มีแผน", "unit_th": "เมือง"}).status_code == 302
    assert client_of("member").post(f"{url}add/", {"name_th": "x", "unit_th": "x"}).status_code == 403
    assert shows(client_of("anonymous").get(url), "เมืองที่มีแผน")
    made = Indicator.objects.get()
    assert client_of("anonymous").get(f"/indicators/{made.ref}/").status_code == 200


def test_what_is_not_there_or_not_shown_is_not_found(
    plan: Plan, city: City, source: Source, client_of: ClientOf
) -> None:
    draft = make_plan(city, source)
    hidden = save_indicator(
        SYSTEM, new_indicator(city.node), {"name_th": "ลับ", "unit_th": "ครั้ง", "city": city}
    )
    hidden.node.visibility = "members"
    hidden.node.save()
    for name, expected in (("anonymous", 404), ("stranger", 404), ("observer", 200)):
        assert client_of(name).get(f"/indicators/{hidden.ref}/").status_code == expected
        assert shows(client_of(name).get("/cities/phatong/indicators/"), "ลับ") is (expected == 200)
    assert draft.pk
    for url in ("/indicators/I-PTG-0999/", "/cities/nowhere/indicators/", "/parts/M-PTG-0999/measure/"):
        assert client_of("steward").get(url).status_code == 404
