from __future__ import annotations

from typing import Any

import pytest
from django.template import Context
from django.test import Client, RequestFactory

from khlong.deliberation.models import Answer, Suggestion
from khlong.deliberation.queries import newer_words
from khlong.deliberation.standing import owed
from khlong.deliberation.templatetags.answers import groups_shown
from khlong.deliberation.tests.answer_makers import (
    BANK,
    SYSTEM,
    Talk,
    answered,
    say,
    talk,
    words_now,
)
from khlong.network.tests.makers import page, words
from khlong.places.models import City, Source
from khlong.strategy.actions import make_version, save_passage
from khlong.strategy.models import Language
from khlong.strategy.tests.makers import group, passage_of

NEW = BANK.replace("ตลอดแนว", "เว้นหน้าท่าเรือ 25 เมตร")


@pytest.fixture
def found(city: City, source: Source) -> Talk:
    return talk(city, source)


@pytest.fixture
def member(client_of: Any) -> Client:
    client: Client = client_of("member")
    return client


def table(found: Talk, query: str = "") -> str:
    return f"/rounds/{found.round.ref}/answers/{query}"


def form_of(said: Suggestion) -> str:
    return f"/suggestions/{said.ref}/answer/"


def sent(outcome: str = "declined", reason: str = "ที่ดินเป็นของการรถไฟ", **more: str) -> dict[str, str]:
    return {"outcome": outcome, "reason_th": reason, "base": "1", "after": "0"} | more


# --- the table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stranger", "anonymous"])
def test_only_those_who_answer_and_look_over_them_see_the_table(
    found: Talk, client_of: Any, name: str
) -> None:
    said = say(found, "ขอแก้")
    for address in (table(found), form_of(said)):
        assert client_of(name).get(address).status_code in {302, 403}
    assert client_of(name).post(form_of(said), sent()).status_code == 403
    assert client_of(name).post(table(found, "several/"), sent()).status_code in {403, 404}
    assert not Answer.objects.exists()


def test_an_observer_reads_the_table_and_finds_no_form(found: Talk, client_of: Any) -> None:
    said = say(found, "ขอเว้นหน้าท่าเรือ")
    read = page(client_of("observer"), table(found))
    assert "ขอเว้นหน้าท่าเรือ" in read
    assert form_of(said) not in read
    assert client_of("observer").get(form_of(said)).status_code == 403


def test_the_table_is_narrowed_to_what_is_owed_by_passage_and_by_voice(found: Talk, member: Client) -> None:
    done, asked, there = (
        say(found, "ตอบแล้ว"),
        say(found, "ถามไว้", voice="ask"),
        say(found, "ที่อื่น", item=found.watch),
    )
    answered(done)
    expected = {
        "": {done, asked, there},
        "?state=owed": {asked, there},
        "?state=answered": {done},
        "?state=returned": set(),
        f"?item={found.watch.ref}": {there},
        "?voice=ask": {asked},
        "?voice=ask&state=answered": set(),
        "?state=nonsense": {done, asked, there},
    }
    for query, rows in expected.items():
        read = page(member, table(found, query))
        assert {row for row in (done, asked, there) if f'id="{row.ref}"' in read} == rows, query


def test_a_group_in_which_few_spoke_cannot_be_singled_out(
    found: Talk, member: Client, city: City, source: Source
) -> None:
    many, few = group(city, source, "ชาวประมง"), group(city, source, "แรงงานข้ามชาติ")
    theirs = [say(found, f"ขอ {n}", groups=(many,)) for n in range(5)]
    hers = say(found, "ของคนเดียว", groups=(few,))
    read = page(member, table(found))
    assert f'<option value="{many.pk}"' in read
    assert f'<option value="{few.pk}"' not in read
    forced = page(member, table(found, f"?group={few.pk}"))
    assert all(f'id="{row.ref}"' in forced for row in (*theirs, hers))
    assert f'id="{hers.ref}"' not in page(member, table(found, f"?group={many.pk}"))


def test_one_person_who_speaks_often_does_not_make_a_group_large(
    found: Talk, member: Client, city: City, source: Source
) -> None:
    few = group(city, source, "แรงงานข้ามชาติ")
    for number in range(6):
        say(found, f"ขอ {number}", groups=(few,), by="หิ่งห้อย-4821")
    assert f'<option value="{few.pk}"' not in page(member, table(found))


@pytest.mark.parametrize("number", [10, 30])
def test_the_table_asks_for_as_much_however_long_it_is(
    found: Talk, member: Client, number: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(number):
        said = say(found, f"ขอ {at}")
        if at % 2:
            answered(said)
    with django_assert_max_num_queries(12):
        page(member, table(found))


# --- one answer ----------------------------------------------------------------------------------------


def test_the_form_proposes_the_passage_with_the_suggested_words(found: Talk, member: Client) -> None:
    said = say(found, instead="เว้นหน้าท่าเรือ 25 เมตร", quote="ตลอดแนว")
    read = page(member, form_of(said))
    assert NEW in read
    assert "<del>ตลอดแนว</del>" in read


def test_where_the_words_were_changed_the_form_proposes_what_stands_and_says_so(
    found: Talk, member: Client
) -> None:
    said = say(found, instead="เว้นหน้าท่าเรือ", quote="ตลอดแนว")
    now = BANK.replace("ตลอดแนว", "ช่วงหน้าวัด")
    save_passage(SYSTEM, passage_of(found.bank), Language.THAI, now)
    read = words(member, form_of(said))
    assert now in read
    assert "ถูกแก้หลังจากที่ผู้เสนออ่าน" in read


def test_fetched_into_the_table_the_form_comes_without_a_page_around_it(found: Talk, member: Client) -> None:
    answer = member.get(form_of(say(found, "ขอแก้")), headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "reason_th" in answer.content.decode()


def test_an_answer_is_saved_and_leads_back_to_the_table_as_it_was(found: Talk, member: Client) -> None:
    said = say(found, instead="เว้นหน้าท่าเรือ 25 เมตร", quote="ตลอดแนว")
    reply = member.post(form_of(said), sent("accepted", text=NEW, back="state=owed&page=1"))
    assert reply.status_code == 302
    assert reply.headers["Location"] == table(found, f"?state=owed&page=1#{said.ref}")
    assert words_now(found.bank) == NEW
    read = page(member, table(found, "?state=answered"))
    assert "<ins>เว้นหน้าท่าเรือ 25 เมตร</ins>" in read


def test_the_way_back_leads_to_no_other_house(found: Talk, member: Client) -> None:
    said = say(found, "ขอแก้")
    reply = member.post(form_of(said), sent(back="//evil.example/?x=1"))
    assert reply.headers["Location"].startswith(f"/rounds/{found.round.ref}/answers/?")


def test_saved_and_on_leads_to_the_next_that_is_owed_an_answer(found: Talk, member: Client) -> None:
    first, second = say(found, "ก"), say(found, "ข")
    reply = member.post(form_of(first), sent(next="1"))
    assert reply.headers["Location"].startswith(form_of(second))
    last = member.post(form_of(second), sent(next="1"))
    assert last.headers["Location"].startswith(table(found))


def test_without_a_reason_the_form_comes_back_with_what_was_typed(found: Talk, member: Client) -> None:
    said = say(found, instead="เว้น", quote="ตลอดแนว")
    reply = member.post(form_of(said), sent("accepted", "", text="ข้อความที่พิมพ์ไว้"))
    assert reply.status_code == 422
    read = reply.content.decode()
    assert "ข้อความที่พิมพ์ไว้" in read
    assert "เขียนเหตุผลเป็นภาษาไทย" in read
    assert words_now(found.bank) == BANK


def test_a_changed_passage_is_shown_beside_what_was_typed_and_saved_at_the_second_try(
    found: Talk, member: Client
) -> None:
    said = say(found, instead="เว้น", quote="ตลอดแนว")
    save_passage(SYSTEM, passage_of(found.bank), Language.THAI, "คำของคนอื่น", base=1)
    reply = member.post(form_of(said), sent("accepted", text="คำของฉัน"))
    assert reply.status_code == 409
    read = reply.content.decode()
    for expected in ("คำของคนอื่น", "คำของฉัน", BANK, 'name="base" value="2"'):
        assert expected in read, expected
    assert member.post(form_of(said), sent("accepted", text="คำของเรา", base="2")).status_code == 302
    assert words_now(found.bank) == "คำของเรา"


def test_somebody_elses_answer_is_shown_before_a_further_one_is_saved(found: Talk, member: Client) -> None:
    said = say(found, "ขอแก้")
    answered(said, reason="เหตุผลของคนอื่น")
    reply = member.post(form_of(said), sent("declined", "เหตุผลของฉัน"))
    assert reply.status_code == 409
    assert "เหตุผลของคนอื่น" in reply.content.decode()
    assert "เหตุผลของฉัน" in reply.content.decode()
    assert said.answers.count() == 1


@pytest.mark.parametrize("typed", ["S-PTG-99999999", "อะไรก็ไม่รู้", "D-PTG-0001"])
def test_a_reference_that_is_no_suggestion_of_the_plan_is_named_with_the_mend(
    found: Talk, member: Client, typed: str
) -> None:
    reply = member.post(form_of(say(found, "ขอแก้")), sent("merged", with_other=typed))
    assert reply.status_code == 422
    assert typed[:30] in reply.content.decode()


def test_what_one_is_merged_with_is_named_by_its_reference(found: Talk, member: Client) -> None:
    said, other = say(found, "ก"), say(found, "ข")
    assert member.post(form_of(said), sent("merged", with_other=other.ref.lower())).status_code == 302
    assert Answer.objects.get().with_other == other


# --- several at once -----------------------------------------------------------------------------------


def several(*ticks: str, **more: Any) -> dict[str, Any]:
    return sent("declined", "ไม่มีงบปีนี้") | {"chosen": list(ticks), "back": "state=owed"} | more


def test_ticked_suggestions_get_one_answer_that_says_it_is_shared(found: Talk, member: Client) -> None:
    one, two, left = (say(found, text) for text in ("ก", "ข", "ค"))
    reply = member.post(table(found, "several/"), several(f"{one.ref}.0", f"{two.ref}.0"))
    assert reply.headers["Location"] == table(found, "?state=owed")
    assert list(owed()) == [left]
    assert "เหตุผลร่วม: ข้อเสนอแนะ 2 ข้อ" in words(member, table(found))


def test_a_refused_shared_answer_keeps_ticks_and_words(found: Talk, member: Client) -> None:
    one, other = say(found, "ก"), say(found, "ข")
    reply = member.post(table(found, "several/"), several(f"{one.ref}.0", outcome="merged"))
    assert reply.status_code == 422
    read = reply.content.decode()
    assert f'value="{one.ref}.0" checked' in read
    assert f'value="{other.ref}.0" checked' not in read
    assert "ไม่มีงบปีนี้" in read
    assert member.post(table(found, "several/"), several()).status_code == 422
    assert not Answer.objects.exists()


def test_when_one_of_them_was_answered_meanwhile_nothing_is_saved(found: Talk, member: Client) -> None:
    one, two = say(found, "ก"), say(found, "ข")
    answered(two)
    reply = member.post(table(found, "several/"), several(f"{one.ref}.0", f"{two.ref}.0"))
    assert reply.status_code == 409
    assert one.answers.count() == 0


def test_ticks_of_another_rounds_suggestions_and_broken_ones_are_passed_over(
    found: Talk, member: Client, other_city: City, source: Source
) -> None:
    theirs = say(talk(other_city, source), "ของเมืองอื่น")
    reply = member.post(table(found, "several/"), several(f"{theirs.ref}.0", "nonsense", "S-PTG-1.x"))
    assert reply.status_code == 422
    assert not Answer.objects.exists()


def test_the_page_of_several_is_only_posted_to(found: Talk, member: Client) -> None:
    assert member.get(table(found, "several/")).status_code == 405


def test_a_group_is_named_beside_a_suggestion_only_where_enough_of_it_spoke(
    found: Talk, city: City, source: Source
) -> None:
    many, few = group(city, source, "ชาวประมง"), group(city, source, "แรงงานข้ามชาติ")
    theirs = [say(found, f"ขอ {n}", groups=(many,)) for n in range(5)]
    hers = say(found, "ของคนเดียว", groups=(few, many))
    context = Context({"request": RequestFactory().get("/")})
    assert groups_shown(context, theirs[0]) == [many]
    assert groups_shown(context, hers) == [many]


def test_what_an_answer_to_her_changed_is_not_asked_of_her_but_what_comes_after_it(
    found: Talk, member: Client
) -> None:
    said = say(found, "ขอแก้", quote="ตลอดแนว", instead="เว้นหน้าท่าเรือ 25 เมตร")
    member.post(form_of(said), sent("accepted", text=NEW))
    make_version(SYSTEM, found.plan)
    fresh = Suggestion.objects.select_related("revision", "round__plan", "item").get(pk=said.pk)
    assert Answer.objects.get().changed is not None
    assert newer_words(fresh) is None
    later = save_passage(SYSTEM, passage_of(found.bank), Language.THAI, NEW + " ทั้งสองฝั่ง")
    make_version(SYSTEM, found.plan)
    assert newer_words(fresh) == later


def test_nothing_is_answered_together_where_the_list_is_empty(found: Talk, member: Client) -> None:
    say(found, "ขอแก้")
    assert 'id="several"' in member.get(table(found, "?state=owed")).content.decode()
    answered(Suggestion.objects.get())
    assert 'id="several"' not in member.get(table(found, "?state=owed")).content.decode()
