"""Feeds hold what the format requires, in both languages, and nothing that is not public."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.test import Client

from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.journal.actions import publish_report, save_report, withdraw_report
from khlong.journal.models import Report
from khlong.journal.tests.makers import keep_photo, make_report, photo_of
from khlong.network.tests.makers import SYSTEM, hide, make_statement, page
from khlong.places.models import City, Source
from khlong.strategy import actions as strategy
from khlong.strategy.models import ItemKind, Plan

A = "{http://www.w3.org/2005/Atom}"
ALL = ("/feeds/reports.atom", "/feeds/phatong/reports.atom", "/feeds/changes.atom")


def fetched(client: Client, url: str) -> Element:
    response = client.get(url)
    assert response.status_code == 200
    return fromstring(response.content)


def one(parent: Element, name: str) -> str:
    (found,) = parent.findall(f"{A}{name}")
    assert found.text
    return found.text


@pytest.fixture
def report(cast: Any, city: City) -> Report:
    member = cast.actors["member"]
    photo = photo_of(keep_photo(member, city.node), "น้ำ <ขึ้น> & ลง")
    return make_report(
        city.node, 'น้ำท่วม & "ซ่อมบ้าน" <1>', member, photos=[photo], shown_agree=True, cities=[city]
    )


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("url", ALL)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_feed_has_all_that_rfc_4287_requires(client: Client, url: str, lang: str) -> None:
    address = f"{url}?lang={lang}"
    root = fetched(client, address)
    assert root.tag == f"{A}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == lang
    assert urlsplit(one(root, "id")).scheme
    assert one(root, "title")
    assert one(root, "updated") == max(one(entry, "updated") for entry in root.findall(f"{A}entry"))
    (own,) = (link for link in root.findall(f"{A}link") if link.get("rel") == "self")
    assert own.get("href", "").endswith(address)
    assert root.find(f"{A}author/{A}name") is not None
    entries = root.findall(f"{A}entry")
    assert entries
    ids = [one(entry, "id") for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        assert one(entry, "id").startswith("urn:uuid:")
        assert one(entry, "title")
        assert datetime.fromisoformat(one(entry, "updated")).tzinfo is not None
        assert len([link for link in entry.findall(f"{A}link") if link.get("rel") == "alternate"]) == 1
        for name in entry.findall(f"{A}author/{A}name"):
            assert name.text
        for category in entry.findall(f"{A}category"):
            assert category.get("term")


def test_thai_letters_and_signs_come_through_whole(client: Client, report: Report) -> None:
    response = client.get(ALL[0])
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    (entry,) = fromstring(response.content).findall(f"{A}entry")
    assert one(entry, "title") == 'น้ำท่วม & "ซ่อมบ้าน" <1>'
    assert one(entry, "summary") == "ชาวบ้านริมคลองตงขุดลอกคลองด้วยกันสองวัน"
    html = one(entry, "content")
    assert "<h2>สิ่งที่ทำ</h2>" in html
    assert 'src="http://testserver/files/' in html
    assert "น้ำ &lt;ขึ้น&gt; &amp; ลง" in html
    assert "ชาวบ้าน" in response.content.decode()


def test_letters_that_xml_cannot_hold_are_left_out(client: Client, city: City) -> None:
    make_report(city.node, "ก\x0bข\ufffe")
    (entry,) = fetched(client, ALL[0]).findall(f"{A}entry")
    assert one(entry, "title") == "กข"


def test_the_json_feed_says_the_same(client: Client, report: Report) -> None:
    response = client.get("/feeds/reports.json")
    feed = json.loads(response.content)
    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://testserver/feeds/reports.json"
    (item,) = feed["items"]
    assert item["title"] == report.name_th
    assert item["id"] == f"urn:uuid:{report.pk}"
    assert item["content_html"]
    assert item["image"].startswith("http://testserver/files/")


@pytest.mark.parametrize("url", [*ALL, "/feeds/reports.json"])
def test_no_draft_leaks_into_a_feed_whoever_asks(
    client_of: Callable[[str], Client], cast: Any, city: City, url: str
) -> None:
    member = cast.actors["member"]
    draft = make_report(city.node, "ร่างลับ", member, visibility=Visibility.MEMBERS, cities=[city])
    seen = {
        name: "ร่างลับ" in client_of(name).get(url).content.decode()
        for name in ("anonymous", "owner", "steward")
    }
    assert not any(seen.values())
    publish_report(member, draft)
    assert "ร่างลับ" in client_of("anonymous").get(url).content.decode()
    withdraw_report(member, Report.objects.get())
    assert "ร่างลับ" not in client_of("anonymous").get(url).content.decode()


def test_changes_hold_no_hidden_fact_and_no_word_of_a_plan_that_no_version_has(
    client: Client, city: City, source: Source
) -> None:
    hide(make_statement(city.node, source, "ความลับของเมือง"))
    unsaved = new_thing(Plan, Kind.PLAN, space=city.node)
    plan = strategy.save_plan(SYSTEM, unsaved, {"city": city, "name_th": "แผนน้ำท่วม", "source": source})
    strategy.add_item(SYSTEM, plan, ItemKind.STRATEGY, "จัดการน้ำ")
    strategy.make_version(SYSTEM, plan)
    strategy.publish_plan(SYSTEM, Plan.objects.get())
    strategy.add_item(SYSTEM, plan, ItemKind.STRATEGY, "ยุทธศาสตร์ที่ยังไม่มีใครเห็น")
    text = client.get("/feeds/changes.atom").content.decode()
    assert "น้ำท่วม" in text
    assert "ความลับ" not in text
    assert "ยังไม่มีใครเห็น" not in text


def test_a_feed_of_a_city_holds_its_own(client: Client, city: City, other_city: City) -> None:
    make_report(city.node, "ของพะตง", cities=[city])
    make_report(other_city.node, "ของบ่อยาง", cities=[other_city])
    titles = [
        one(entry, "title") for entry in fetched(client, "/feeds/bo-yang/reports.atom").findall(f"{A}entry")
    ]
    assert titles == ["ของบ่อยาง"]
    assert client.get("/feeds/nowhere/reports.atom").status_code == 404


def test_who_has_the_feed_is_not_sent_it_again_until_something_changes(
    client: Client, cast: Any, report: Report
) -> None:
    first = client.get(ALL[0])
    again = client.get(ALL[0], headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    save_report(cast.actors["member"], report, {"name_th": "อีกชื่อ"})
    assert client.get(ALL[0], headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_empty_feed_is_whole_too(client: Client, city: City) -> None:
    root = fetched(client, ALL[0])
    assert one(root, "updated")
    assert root.findall(f"{A}entry") == []


@pytest.mark.usefixtures("report")
def test_pages_name_their_feeds(client: Client) -> None:
    for address in ("/reports/", "/reports/A-PTG-0001/", "/reports/?city=phatong"):
        text = page(client, address)
        assert '<link rel="alternate" type="application/atom+xml"' in text
        assert 'href="/feeds/reports.atom"' in text
    assert 'href="/feeds/phatong/reports.atom"' in page(client, "/reports/?city=phatong")
    assert 'href="/feeds/reports.atom?lang=en"' in page(client, "/reports/", "en")
