"""Somebody without an account reads a plan on her phone, says something at some of its words, and gets a receipt."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khlong.chain.models import Edge
from khlong.deliberation import circles, receipts
from khlong.deliberation.models import Origin, Suggestion, Voice
from khlong.deliberation.rounds import save_round
from khlong.deliberation.suggesting import LATE_DAYS
from khlong.deliberation.tests.speak_makers import (
    SYSTEM,
    Talk,
    code_on,
    fields_of,
    make_circle,
    open_round,
    said,
    speak,
    text_of,
)
from khlong.record.models import AuditEntry, Contribution, OutboxFact
from khlong.strategy.actions import make_version, save_passage
from khlong.strategy.models import Language
from khlong.strategy.tests.makers import group, passage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Client:
    return Client(headers={"accept-language": "th"})


def test_the_reading_page_shows_every_passage_with_a_way_to_speak(phone: Client, talk: Talk) -> None:
    page = phone.get(f"/rounds/{talk.ref}/speak/").content.decode()
    assert page.count("พูดตรงนี้") >= 6
    assert "ขุดลอกคลองตง" in page
    assert talk.at in page


def test_without_a_programme_in_the_browser_a_phrase_or_single_words_are_chosen_from_lists(
    phone: Client, talk: Talk
) -> None:
    page = phone.get(talk.at).content.decode()
    assert "1. ขุด" in page
    first = re.search(r'<option value="(\d+)">\d+\. คลอง</option>', page) or re.search(
        r'<option value="(\d+)">\d+\. คลองตง</option>', page
    )
    assert first
    answer = speak(phone, talk, place="between", first=first[1], last=first[1])
    assert answer.status_code == 200
    made = Suggestion.objects.get()
    assert made.quote.startswith("คลอง")
    assert made.revision.text[made.start : made.end] == made.quote


def test_words_that_were_marked_are_kept_with_their_code_points_and_quote(phone: Client, talk: Talk) -> None:
    text = passage_of(talk.measure).revisions.get().text
    quote = text[3:7]
    code_on(speak(phone, talk, place="chosen", start="3", end="7", quote=quote))
    made = Suggestion.objects.get()
    assert (made.start, made.end, made.quote, made.item) == (3, 7, quote, talk.measure)


def test_words_marked_on_the_page_of_the_whole_plan_are_chosen_already(phone: Client, talk: Talk) -> None:
    page = phone.get(f"{talk.at}?start=0&end=4").content.decode()
    assert re.search(r'value="chosen"[^>]*checked', page)
    assert fields_of(page)["quote"] == passage_of(talk.measure).revisions.get().text[:4]
    for wrong in ("start=9&end=4", "start=x&end=4", "start=0&end=99999", "start=-1&end=4"):
        assert fields_of(phone.get(f"{talk.at}?{wrong}").content.decode())["quote"] == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"voice": "suggest", "instead": "", "words": ""}, "ควรเป็น"),
        ({"voice": "ask", "words": " "}, "คำของคุณเอง"),
        ({"place": "chosen", "quote": ""}, "ยังไม่ได้"),
        ({"place": "chosen", "start": "2", "end": "5", "quote": "ไม่มีคำนี้"}, "เลือกคำอีกครั้ง"),
        ({"place": "between"}, "คำแรกและคำสุดท้าย"),
        ({"place": "between", "first": "2", "last": "0"}, "เลือกใหม่ให้คำแรกมาก่อน"),
        ({"language": "xx"}, "xx"),
        ({"words": "ก" * 4001}, "4000"),
    ],
)
def test_what_cannot_stand_is_named_at_its_field_and_all_that_was_typed_is_kept(
    phone: Client, talk: Talk, typed: dict[str, str], words: str
) -> None:
    answer = speak(phone, talk, **{"words": "น้ำเข้าบ้านสามครั้ง", **typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert 'class="errors"' in page
    assert Suggestion.objects.count() == 0
    if "words" not in typed:
        assert "น้ำเข้าบ้านสามครั้ง" in page


def test_the_same_words_sent_twice_on_a_bad_line_are_one_suggestion_with_one_receipt(
    phone: Client, talk: Talk
) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    codes = {code_on(phone.post(talk.at, letter)) for _time in range(3)}
    assert len(codes) == 1
    assert Suggestion.objects.count() == 1
    assert Contribution.objects.filter(action="deliberation.suggestion.make").count() == 1


def test_other_words_under_the_key_of_earlier_ones_are_never_swallowed(phone: Client, talk: Talk) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    phone.post(talk.at, letter)
    answer = phone.post(talk.at, letter | {"words": "อย่างอื่น"})
    assert answer.status_code == 422
    assert "อย่างอื่น" in answer.content.decode()
    assert Suggestion.objects.count() == 1


def test_of_the_receipt_only_the_digest_is_kept(phone: Client, talk: Talk) -> None:
    code = code_on(speak(phone, talk))
    made = Suggestion.objects.get()
    assert made.receipt == receipts.digest_of(code)
    assert code not in str(Suggestion.objects.values().get())
    assert code not in str(phone.session.items())


def test_a_support_is_counted_once_for_a_person(phone: Client, talk: Talk) -> None:
    assert speak(phone, talk, voice="support", instead="", words="").status_code == 200
    again = speak(phone, talk, voice="support", instead="", words="")
    assert again.status_code == 422
    assert "นับคนละหนึ่งครั้ง" in again.content.decode()
    assert speak(Client(), talk, voice="support", instead="", words="").status_code == 200
    assert Suggestion.objects.filter(voice=Voice.SUPPORT).count() == 2


def test_a_measure_leads_to_what_was_said_of_it_and_another_part_does_not(phone: Client, talk: Talk) -> None:
    speak(phone, talk)
    edge = Edge.objects.get(up=talk.measure.pk)
    assert edge.down_id == Suggestion.objects.get().pk
    assert edge.kind == "leads_to"


def test_groups_are_said_only_if_she_likes(phone: Client, talk: Talk, city: Any, source: Any) -> None:
    mine = group(city, source, "ประมงพื้นบ้าน")
    speak(phone, talk)
    assert not Suggestion.objects.get().groups.exists()
    speak(phone, talk, groups=str(mine.pk), words="อีกข้อ")
    assert list(Suggestion.objects.get(words="อีกข้อ").groups.all()) == [mine]


def test_languages_of_the_neighbours_are_taken(phone: Client, talk: Talk) -> None:
    for language, words in (("my", "ရေကြီးတယ်"), ("ms", "banjir"), ("km", "ទឹកជំនន់"), ("lo", "ນ້ຳຖ້ວມ")):
        assert speak(phone, talk, language=language, words=words).status_code == 200
    assert set(Suggestion.objects.values_list("language", flat=True)) == {"my", "ms", "km", "lo"}


# --- dates ---------------------------------------------------------------------------------------


def moved(talk: Talk, opens: int, closes: int) -> None:
    today = timezone.localdate()
    values = {"opens_on": today + timedelta(days=opens), "closes_on": today + timedelta(days=closes)}
    save_round(SYSTEM, type(talk.round).objects.get(pk=talk.round.pk), values)


def test_before_its_first_day_a_round_is_read_and_takes_no_words(phone: Client, talk: Talk) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    moved(talk, 3, 9)
    assert "ยังไม่เริ่ม" in phone.get(f"/rounds/{talk.ref}/speak/").content.decode()
    answer = phone.post(talk.at, letter)
    assert answer.status_code == 422
    assert "ยังไม่เริ่ม" in answer.content.decode()


def test_words_that_waited_for_a_connection_come_late_and_are_marked_so(phone: Client, talk: Talk) -> None:
    moved(talk, -20, -1)
    answer = speak(phone, talk)
    assert "มาหลังปิดรอบ" in answer.content.decode()
    assert not Suggestion.objects.get().in_time


def test_long_after_its_end_a_round_takes_no_words(phone: Client, talk: Talk) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    moved(talk, -60, -LATE_DAYS - 1)
    answer = phone.post(talk.at, letter)
    assert answer.status_code == 422
    assert said()["words"] in answer.content.decode()
    assert Suggestion.objects.count() == 0


# --- the passage changes under a suggestion --------------------------------------------------------


def next_version(talk: Talk, text: str) -> None:
    save_passage(SYSTEM, passage_of(talk.measure), Language.THAI, text)
    version = make_version(SYSTEM, talk.plan)
    save_round(SYSTEM, type(talk.round).objects.get(pk=talk.round.pk), {"version": version})


def test_when_the_words_changed_while_she_wrote_she_is_asked_which_ones_she_means(
    phone: Client, talk: Talk
) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said(
        place="chosen", start="0", end="6", quote="ขุดลอก"
    )
    next_version(talk, "ทุกปีขุดลอกคลองตงและคลองสาขา")
    answer = phone.post(talk.at, letter)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert said()["words"] in page
    assert "ทุกปีขุดลอกคลองตงและคลองสาขา" in page
    assert Suggestion.objects.count() == 0
    fresh = fields_of(page.split("data-draft")[1].split("</form>")[0])
    assert (fresh["start"], fresh["end"], fresh["quote"]) == ("5", "11", "ขุดลอก")
    new = phone.post(talk.at, letter | {name: fresh[name] for name in ("start", "end", "quote", "revision")})
    code_on(new)
    made = Suggestion.objects.get()
    assert (made.start, made.quote) == (5, "ขุดลอก")


def test_she_may_mean_the_old_words_on_purpose(phone: Client, talk: Talk) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    old = passage_of(talk.measure).revisions.get()
    next_version(talk, "ปลูกป่าชายเลน")
    assert phone.post(talk.at, letter).status_code == 409
    code_on(phone.post(talk.at, letter | {"keep_old": "1"}))
    assert Suggestion.objects.get().revision == old


# --- links ----------------------------------------------------------------------------------------------


def test_the_link_of_a_circle_leads_to_the_plan_and_what_is_said_counts_for_the_circle(
    phone: Client, talk: Talk
) -> None:
    circle, token = make_circle(talk.round)
    opened = phone.get(f"/k/{token}/")
    assert opened.status_code == 302
    assert token not in opened.headers["Location"]
    assert phone.get("/circle/").headers["Location"] == f"/rounds/{talk.ref}/speak/"
    speak(phone, talk)
    assert Suggestion.objects.get().circle == circle


def test_in_a_round_for_circles_only_who_holds_a_link_speaks(phone: Client, talk: Talk) -> None:
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    save_round(SYSTEM, talk.round, {"open_to_all": False})
    assert "ลิงก์ของวง" in phone.get(f"/rounds/{talk.ref}/speak/").content.decode()
    assert phone.post(talk.at, letter).status_code == 422
    assert Suggestion.objects.count() == 0
    _circle, token = make_circle(talk.round)
    phone.get(f"/k/{token}/")
    phone.get("/circle/")
    assert phone.post(talk.at, letter).status_code == 200


def test_a_forged_link_a_withdrawn_one_and_one_of_another_round_do_not_speak(
    phone: Client, talk: Talk
) -> None:
    phone.get("/k/made-up/")
    assert phone.get("/circle/").status_code == 404
    circle, token = make_circle(talk.round)
    circles.withdraw_link(SYSTEM, circle)
    phone.get(f"/k/{token}/")
    answer = phone.get("/circle/")
    assert answer.status_code == 410
    assert "เพิกถอน" in answer.content.decode()
    other = open_round(talk.plan, talk.version, name_th="รอบสอง", open_to_all=False)
    _circle, token = make_circle(talk.round, "กลุ่มสตรี")
    phone.get(f"/k/{token}/")
    phone.get("/circle/")
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    assert phone.post(f"/rounds/{other.ref}/speak/{talk.measure.ref}/", letter).status_code == 422


def test_a_link_that_was_withdrawn_while_she_wrote_loses_nothing(phone: Client, talk: Talk) -> None:
    save_round(SYSTEM, talk.round, {"open_to_all": False})
    circle, token = make_circle(talk.round)
    phone.get(f"/k/{token}/")
    phone.get("/circle/")
    letter = fields_of(phone.get(talk.at).content.decode()) | said()
    circles.withdraw_link(SYSTEM, circle)
    answer = phone.post(talk.at, letter)
    assert answer.status_code == 422
    assert said()["words"] in answer.content.decode()


def test_a_link_for_one_person_that_was_passed_on_reads_and_says_why_it_does_not_speak(
    phone: Client, talk: Talk
) -> None:
    _circle, token = make_circle(talk.round, "นางสาวหนึ่ง", binds=True)
    phone.get(f"/k/{token}/")
    phone.get("/circle/")
    assert speak(phone, talk).status_code == 200
    assert speak(phone, talk, words="อีกข้อ").status_code == 200
    other = Client()
    other.get(f"/k/{token}/")
    refused = other.get("/circle/")
    assert refused.status_code == 410
    assert "คนเดียว" in refused.content.decode()
    assert f"/rounds/{talk.ref}/speak/" in refused.content.decode()
    assert other.get(f"/rounds/{talk.ref}/speak/").status_code == 200
    assert Suggestion.objects.count() == 2


# --- receipts ---------------------------------------------------------------------------------------------


def test_with_her_digits_she_sees_what_became_of_it(phone: Client, talk: Talk) -> None:
    code = code_on(speak(phone, talk))
    other = Client()
    typed = other.post("/receipt/", {"code": f"{code[:4]}-{code[4:8]} {code[8:]}"})
    assert typed.status_code == 302
    assert code not in typed.headers["Location"]
    page = other.get("/receipt/").content.decode()
    assert said()["words"] in text_of(other.get("/receipt/"))
    assert Suggestion.objects.get().ref in page


def test_the_qr_code_of_a_receipt_opens_it_and_leaves_nothing_in_the_address(
    phone: Client, talk: Talk
) -> None:
    code = code_on(speak(phone, talk))
    other = Client()
    opened = other.get(f"/s/{code}/")
    assert opened.headers["Location"] == "/receipt/"
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert said()["words"] in text_of(other.get("/receipt/"))
    assert code not in str(list(other.session.items()))


@pytest.mark.parametrize(("typed", "words"), [("123", "12 หลัก"), ("1111 1111 1112", "ผิดหนึ่งตัว"), ("", "กรอก")])
def test_a_receipt_that_cannot_be_one_is_refused_with_the_mend(
    phone: Client, talk: Talk, typed: str, words: str
) -> None:
    answer = phone.post("/receipt/", {"code": typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_guesses_receipts_has_to_wait(phone: Client, talk: Talk) -> None:
    for number in range(20):
        code = receipts.code_for(f"guess {number}")
        assert phone.post("/receipt/", {"code": code}).status_code == 422
    assert phone.post("/receipt/", {"code": receipts.code_for("guess 21")}).status_code == 429


def test_thai_digits_are_read_and_every_single_slip_of_a_digit_is_noticed() -> None:
    code = receipts.code_for("a")
    thai = code.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert receipts.read(thai) == code
    for at in range(12):
        for digit in "0123456789":
            wrong = code[:at] + digit + code[at + 1 :]
            assert (receipts.check_digit(wrong) == "0") is (wrong == code)
    for at in range(11):
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert (receipts.check_digit(swapped) == "0") is (swapped == code)


def test_the_audit_of_what_she_said_holds_no_words_and_no_moment(phone: Client, talk: Talk) -> None:
    before = AuditEntry.objects.count()
    speak(phone, talk)
    line = Contribution.objects.get(action="deliberation.suggestion.make")
    assert line.fields == ["groups", "instead", "voice", "words"]
    assert line.actor == Suggestion.objects.get().by != ""
    assert AuditEntry.objects.count() == before
    assert not OutboxFact.objects.filter(model="deliberation.Suggestion").exists()
    assert Suggestion.objects.get().origin == Origin.SCREEN


def test_without_a_pseudonym_nothing_tells_which_words_come_from_one_person(
    phone: Client, talk: Talk
) -> None:
    speak(phone, talk, nameless="on")
    speak(phone, talk, nameless="on", words="อีกข้อ")
    assert set(Suggestion.objects.values_list("by", flat=True)) == {""}
    assert set(Contribution.objects.values_list("actor", flat=True)) == {""}
