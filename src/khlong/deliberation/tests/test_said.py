"""What was said is read at its passage by everybody; hidden with a reason; moved to new words by a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from khlong.chain.models import Node
from khlong.deliberation import receipts
from khlong.deliberation.afterwards import decide_anchor, hide, show
from khlong.deliberation.models import Agreement, AnchorMove, Suggestion
from khlong.deliberation.queries import counts_by_item, newer_words
from khlong.deliberation.suggesting import Anchor, make_suggestion
from khlong.deliberation.tests.speak_makers import (
    SYSTEM,
    Talk,
    code_on,
    fields_of,
    make_circle,
    said,
    said_at,
    speak,
    text_of,
)
from khlong.people import throttle
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry
from khlong.strategy.actions import make_version, save_passage
from khlong.strategy.models import Language, PassageRevision
from khlong.strategy.tests.makers import passage_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


def say(talk: Talk, number: int, **more: Any) -> Suggestion:
    """Somebody whom nobody knows says something."""
    words = {"words": f"ข้อที่ {number}", **more}
    return make_suggestion(SYSTEM, talk.round, said_at(talk.measure, **words), key=f"key {number}")[0]


def test_the_pages_of_a_round_open_for_everybody(client_of: ClientOf, talk: Talk) -> None:
    made = say(talk, 1)
    make_circle(talk.round)
    for who in ("anonymous", "member", "owner", "stranger"):
        browser = client_of(who)
        for address in (
            "",
            "speak/",
            f"speak/{talk.measure.ref}/",
            "said/",
            f"said/?item={talk.measure.ref}",
        ):
            assert browser.get(f"/rounds/{talk.ref}/{address}").status_code == 200, address
        assert browser.get(f"/suggestions/{made.ref}/").status_code == 200
        assert browser.get("/rounds/").status_code == 200
        assert browser.get("/receipt/").status_code == 200


def test_the_list_asks_the_database_as_often_for_one_suggestion_as_for_twenty(
    client_of: ClientOf, talk: Talk, django_assert_max_num_queries: Any
) -> None:
    browser = client_of("anonymous")
    address = f"/rounds/{talk.ref}/said/"
    say(talk, 0)
    browser.get(address)
    with django_assert_max_num_queries(15) as one:
        browser.get(address)
    for number in range(1, 30):
        say(talk, number)
    with django_assert_max_num_queries(15) as many:
        page = browser.get(address)
    assert page.content.decode().count("said-one") == 20
    assert len(many) == len(one) + 1 or len(many) == len(one)


def test_suggestions_are_found_by_words_voice_and_passage(client_of: ClientOf, talk: Talk) -> None:
    say(talk, 1, words="เรือประมงจอดไม่ได้")
    say(talk, 2, words="ถามว่าใครจ่าย", voice="ask")
    browser = client_of("anonymous")
    address = f"/rounds/{talk.ref}/said/"
    assert "เรือประมง" in text_of(browser.get(f"{address}?q=ประมง"))
    assert "ใครจ่าย" not in text_of(browser.get(f"{address}?q=ประมง"))
    assert "เรือประมง" not in text_of(browser.get(f"{address}?voice=ask"))
    assert "เรือประมง" in text_of(browser.get(f"{address}?item={talk.measure.ref}"))
    assert browser.get(f"{address}?item=M-XXX-9999&voice=zz&page=99").status_code == 200
    assert "เรือประมง" in text_of(browser.get("/search/?q=เรือประมง"))


def test_counts_by_passage_count_each_supporter_once(talk: Talk) -> None:
    say(talk, 1)
    say(talk, 2, voice="support", words="", instead="")
    say(talk, 3, voice="support", words="", instead="")
    Suggestion.objects.filter(voice="support").update(by="ลำพู-1000")
    counts = counts_by_item(talk.round)[talk.measure.pk]
    assert (counts.suggest, counts.support, counts.total) == (1, 1, 2)
    Suggestion.objects.filter(voice="support").update(by="")
    assert counts_by_item(talk.round)[talk.measure.pk].support == 2


def test_to_mean_the_same_counts_once_for_a_person_and_tells_not_who(talk: Talk) -> None:
    made = say(talk, 1)
    phone = Client()
    address = f"/suggestions/{made.ref}/agree/"
    for _time in range(3):
        assert phone.post(address).status_code == 302
    Client().post(address)
    assert Agreement.objects.count() == 2
    other = say(talk, 2)
    phone.post(f"/suggestions/{other.ref}/agree/")
    marks = set(Agreement.objects.values_list("mark", flat=True))
    assert len(marks) == 3


def test_nobody_agrees_with_herself(talk: Talk) -> None:
    phone = Client()
    speak(phone, talk)
    answer = phone.post(f"/suggestions/{Suggestion.objects.get().ref}/agree/")
    assert answer.status_code == 403
    assert Agreement.objects.count() == 0


# --- hidden ---------------------------------------------------------------------------------------


def test_hidden_words_are_gone_for_readers_and_the_reason_stays(client_of: ClientOf, talk: Talk) -> None:
    phone = Client()
    code = code_on(speak(phone, talk))
    made = Suggestion.objects.get()
    owner = client_of("owner")
    assert owner.post(f"/suggestions/{made.ref}/hide/", {"why": ""}).status_code == 422
    assert owner.post(f"/suggestions/{made.ref}/hide/", {"why": "ด่าชื่อคน"}).status_code == 302
    reader = client_of("anonymous")
    page = text_of(reader.get(f"/rounds/{talk.ref}/said/"))
    assert "ด่าชื่อคน" in page
    assert said()["words"] not in page
    assert reader.get(f"/suggestions/{made.ref}/").status_code == 404
    assert said()["words"] not in text_of(reader.get(f"/search/?q={said()['words']}"))[600:]
    assert not scope(ANONYMOUS, Node.objects.filter(pk=made.pk)).exists()
    assert talk.measure.pk not in counts_by_item(talk.round)
    phone.post("/receipt/", {"code": code})
    hers = text_of(phone.get("/receipt/"))
    assert "ด่าชื่อคน" in hers
    assert said()["words"] in hers
    assert owner.post(f"/suggestions/{made.ref}/show/").status_code == 302
    assert reader.get(f"/suggestions/{made.ref}/").status_code == 200


def test_hiding_wants_a_reason_and_showing_what_is_not_hidden_does_nothing(talk: Talk) -> None:
    made = say(talk, 1)
    with pytest.raises(ValidationError):
        hide(SYSTEM, made, "  ")
    lines = AuditEntry.objects.count()
    show(SYSTEM, made)
    assert AuditEntry.objects.count() == lines


# --- a newer version --------------------------------------------------------------------------------


def rewritten(talk: Talk, text: str) -> PassageRevision:
    made = save_passage(SYSTEM, passage_of(talk.measure), Language.THAI, text)
    make_version(SYSTEM, talk.plan)
    return made


def fresh(made: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("revision", "round__plan", "item").get(pk=made.pk)


def test_nothing_is_asked_while_the_passage_has_its_words(talk: Talk) -> None:
    assert newer_words(fresh(say(talk, 1))) is None


def test_her_receipt_asks_whether_she_means_the_new_words_and_keeps_where_it_stood(talk: Talk) -> None:
    phone = Client()
    code = code_on(speak(phone, talk, place="chosen", start="0", end="6", quote="ขุดลอก"))
    made = Suggestion.objects.get()
    old = made.revision
    newest = rewritten(talk, "ทุกปีขุดลอกคลองตง")
    phone.post("/receipt/", {"code": code})
    page = phone.get("/receipt/").content.decode()
    form = fields_of(page.split("/place/")[1].split("</form>")[0])
    assert (form["start"], form["end"], form["quote"]) == ("5", "11", "ขุดลอก")
    phone.post(f"/suggestions/{made.ref}/place/", form | {"place": "chosen"})
    now = fresh(made)
    assert (now.revision, now.start, now.quote) == (newest, 5, "ขุดลอก")
    move = AnchorMove.objects.get()
    assert (move.revision, move.start, move.end, move.quote, move.stays) == (old, 0, 6, "ขุดลอก", False)
    assert newer_words(now) is None


def test_it_may_stay_with_the_old_words_and_is_not_asked_again(client_of: ClientOf, talk: Talk) -> None:
    made = say(talk, 1)
    newest = rewritten(talk, "ปลูกป่าชายเลน")
    browser = client_of("member")
    assert "ปลูกป่าชายเลน" in text_of(browser.get(f"/suggestions/{made.ref}/"))
    browser.post(f"/suggestions/{made.ref}/place/", {"stays": "1", "revision": str(newest.pk)})
    assert AnchorMove.objects.get().stays
    assert newer_words(fresh(made)) is None
    third = rewritten(talk, "ปลูกป่าชายเลนสองฝั่ง")
    assert newer_words(fresh(made)) == third


def test_a_reader_does_not_decide_what_others_meant(client_of: ClientOf, talk: Talk) -> None:
    made = say(talk, 1)
    newest = rewritten(talk, "ปลูกป่าชายเลน")
    for who in ("anonymous", "stranger", "observer"):
        answer = client_of(who).post(
            f"/suggestions/{made.ref}/place/", {"stays": "1", "revision": str(newest.pk)}
        )
        assert answer.status_code in {302, 403}
    assert not AnchorMove.objects.exists()


def test_an_anchor_moves_only_to_words_that_stand_there(talk: Talk) -> None:
    made = say(talk, 1)
    newest = rewritten(talk, "ปลูกป่าชายเลน")
    newest = PassageRevision.objects.select_related("passage").get(pk=newest.pk)
    with pytest.raises(ValidationError):
        decide_anchor(SYSTEM, made, newest, Anchor(newest, 0, 4, "ขุดล"))
    with pytest.raises(ValidationError):
        decide_anchor(SYSTEM, made, newest, Anchor.whole(made.revision))
    assert not AnchorMove.objects.exists()


def test_a_receipt_decides_for_its_own_suggestion_only(talk: Talk) -> None:
    first, second = say(talk, 1), say(talk, 2)
    newest = rewritten(talk, "ปลูกป่าชายเลน")
    with pytest.raises(Refused):
        decide_anchor(receipts.holder(ANONYMOUS, first), second, newest, None)
    assert decide_anchor(receipts.holder(ANONYMOUS, first), first, newest, None).stays


def test_pages_of_a_round_keep_to_twelve_queries(client_of: ClientOf, talk: Talk) -> None:
    from django.db import connection

    made = say(talk, 1)
    browser = client_of("owner")
    pages = ["", "speak/", f"speak/{talk.measure.ref}/", "circles/", "scribe/", f"scribe/{talk.measure.ref}/"]
    for address in [
        *(f"/rounds/{talk.ref}/{page}" for page in pages),
        f"/suggestions/{made.ref}/",
        "/rounds/",
    ]:
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        assert len(queries) <= 15 if "suggestions" in address else len(queries) <= 12, (address, len(queries))


def wrong_codes(number: int) -> list[str]:
    """Numbers that check, and that nobody has."""
    return [receipts.code_for(f"nobody's {at}") for at in range(number)]


def test_a_receipt_is_not_found_by_trying_it_on_the_page_of_an_answer(talk: Talk) -> None:
    """Wherever a receipt is tried, wrong ones count; after twenty even the right one finds nothing there."""
    code = code_on(speak(Client(), talk))
    ref, thief = Suggestion.objects.get().ref, Client()
    for wrong in wrong_codes(throttle.LINKS_PER_ADDRESS):
        assert (
            thief.post(f"/suggestions/{ref}/verdict/", {"receipt": wrong, "answers": "yes"}).status_code
            == 403
        )
    for address, sent in (
        (f"/suggestions/{ref}/verdict/", {"receipt": code, "answers": "yes"}),
        ("/receipt/", {"code": code}),
    ):
        answer = thief.post(address, sent)
        assert answer.status_code in {403, 429}, address
        assert talk.ref not in text_of(answer), address


def test_a_receipt_is_not_found_by_the_address_of_its_slip_and_a_decision(talk: Talk) -> None:
    code = code_on(speak(Client(), talk))
    ref, thief = Suggestion.objects.get().ref, Client()
    for wrong in wrong_codes(throttle.LINKS_PER_ADDRESS):
        thief.get(f"/s/{wrong}/")
        thief.post(f"/suggestions/{ref}/place/", {"stays": "1"})
    thief.get(f"/s/{code}/")
    assert thief.post(f"/suggestions/{ref}/place/", {"stays": "1"}).status_code == 403
    assert thief.get("/receipt/").status_code == 429
