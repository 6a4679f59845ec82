from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.journal.actions import save_topic
from khlong.journal.models import Topic
from khlong.journal.queries import counted_topics
from khlong.network.models import Programme
from khlong.network.tests.makers import SYSTEM, hide, make_figure, make_statement, page
from khlong.people.actor import ANONYMOUS
from khlong.people.models import User
from khlong.places.models import City, Source

LIST = "/topics/"


def make_topic(space: Node, name: str, order: int = 0, **more: Any) -> Topic:
    values = {"name_th": name, "order": order} | more
    return save_topic(SYSTEM, new_thing(Topic, Kind.TOPIC, space=space), values)


@pytest.fixture
def topic(programme: Programme) -> Topic:
    return make_topic(programme.node, "รถเติมสุขอำเภอนาทวี", 2, name_en="Rot Toem Suk, Na Thawi")


def test_topics_stand_in_their_order_and_a_stub_is_hatched(
    client: Client, topic: Topic, programme: Programme, source: Source
) -> None:
    first = make_topic(programme.node, "ฮ เรื่องแรก", 1)
    make_statement(first.node, source, "เริ่มเดินรถแล้ว")
    text = page(client, LIST)
    assert text.index("เรื่องแรก") < text.index("นาทวี")
    assert "ข้อเท็จจริง 1 ข้อ" in text
    assert text.count('class="unpub"') == 1
    assert "1 fact" in page(client, LIST, "en")


def test_an_empty_list_says_so(client: Client, programme: Programme) -> None:
    assert "ยังไม่มีเรื่องในระบบ" in page(client, LIST)


def test_a_count_holds_only_what_the_reader_may_see(
    cast: Any, programme: Programme, city: City, source: Source
) -> None:
    found = make_topic(city.node, "เรื่องของเมือง")
    make_statement(found.node, source, "เผยแพร่แล้ว")
    hide(make_statement(found.node, source, "ยังไม่เผยแพร่"))
    known = {}
    for name, actor in cast.actors.items():
        rows: Any = counted_topics(actor)
        known[name] = rows.get().known
    seen = {"anonymous": 1, "stranger": 1, "observer": 2, "member": 2, "owner": 2, "steward": 2, "system": 2}
    assert known == seen


def test_a_stub_says_in_words_that_nothing_more_is_published(client: Client, topic: Topic) -> None:
    text = page(client, topic.get_absolute_url())
    assert "งานนี้เผยแพร่เพียงชื่อ" in text
    assert '<p class="unpub' in text


def test_the_page_shows_statements_figures_and_their_sources(
    client: Client, topic: Topic, source: Source
) -> None:
    fact = make_statement(topic.node, source, "รถออกทุกวันราชการ", "ride")
    make_figure(topic.node, source, 13, "seats")
    make_figure(topic.node, source, 2095, "visits")
    make_figure(topic.node, source, 2179, "visits")
    text = page(client, topic.get_absolute_url())
    assert "งานนี้เผยแพร่เพียงชื่อ" not in text
    assert f'href="{fact.get_absolute_url()}"' in text
    assert "13 คน" in text
    assert text.count('class="tbl stack dots"') == 1
    assert text.count('href="/sources/S10/"') == 4
    english = page(client, topic.get_absolute_url(), "en")
    assert "Rot Toem Suk, Na Thawi" in english
    assert "our translation" in english


def test_a_topic_that_does_not_exist_or_is_hidden_is_not_found(
    client_of: Callable[[str], Client], city: City, topic: Topic
) -> None:
    hidden = make_topic(city.node, "ในร่าง")
    hide(hidden)
    page(client_of("anonymous"), "/topics/J-SCS-9999/", status=404)
    for name, status in {"anonymous": 404, "stranger": 404, "observer": 200}.items():
        page(client_of(name), hidden.get_absolute_url(), status=status)
        assert ("ในร่าง" in page(client_of(name), LIST)) is (status == 200)


def values(**more: Any) -> dict[str, Any]:
    return {"name_th": "ปรับสภาพบ้าน", "order": 3} | more


def test_topics_are_added_and_edited_only_by_who_writes_there(
    client_of: Callable[[str], Client], topic: Topic, coordinator: User
) -> None:
    edit = f"{topic.get_absolute_url()}edit/"
    for name in ("observer", "member", "stranger"):
        assert client_of(name).post(f"{LIST}add/", values()).status_code == 403
        page(client_of(name), edit, status=403)
        assert edit not in page(client_of(name), topic.get_absolute_url())
    assert client_of("anonymous").get(edit).headers["Location"].startswith("/signin/")
    client = Client()
    client.force_login(coordinator)
    assert edit in page(client, topic.get_absolute_url())
    assert 'value="3"' in page(client, f"{LIST}add/")
    assert client.post(f"{LIST}add/", values()).status_code == 302
    assert client.post(edit, values(order=9, base=1)).status_code == 302
    topic.refresh_from_db()
    assert (topic.order, topic.name_th) == (9, "ปรับสภาพบ้าน")
    assert Topic.objects.count() == 2


def test_a_refused_form_keeps_what_was_typed(client_of: Callable[[str], Client], topic: Topic) -> None:
    typed = values(name_th="", name_en="Home adaptation", order="หนึ่ง")
    answer = client_of("steward").post(f"{LIST}add/", typed)
    assert answer.status_code == 422
    assert 'value="Home adaptation"' in answer.content.decode()
    assert 'value="หนึ่ง"' in answer.content.decode()
    assert Topic.objects.count() == 1


def test_a_second_saver_sees_both_texts(client_of: Callable[[str], Client], topic: Topic) -> None:
    url, client = f"{topic.get_absolute_url()}edit/", client_of("steward")
    assert client.post(url, values(name_th="ชื่อของคนแรก", base=1)).status_code == 302
    late = client.post(url, values(name_th="ชื่อของคนที่สอง", base=1))
    assert late.status_code == 409
    assert "ชื่อของคนแรก" in late.content.decode()
    assert "ชื่อของคนที่สอง" in late.content.decode()
    assert "ประวัติการแก้ไข 2 ครั้ง" in page(client, topic.get_absolute_url())


def test_the_pages_ask_at_most_twelve_questions_of_the_database(
    client_of: Callable[[str], Client],
    topic: Topic,
    programme: Programme,
    source: Source,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(4):
        make_statement(topic.node, source, f"เรื่อง {number}")
        make_figure(topic.node, source, number)
        make_topic(programme.node, f"เรื่องที่ {number}")
    client = client_of("member")
    for url in (LIST, topic.get_absolute_url()):
        with django_assert_max_num_queries(12):
            page(client, url)
    assert counted_topics(ANONYMOUS).count() == 5
