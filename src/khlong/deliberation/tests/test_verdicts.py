from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from khlong.chain.gaps import missing_at
from khlong.chain.models import Node
from khlong.deliberation import receipts
from khlong.deliberation.models import Suggestion, Verdict
from khlong.deliberation.standing import returned
from khlong.deliberation.tests.answer_makers import SYSTEM, Talk, answered, say, talk
from khlong.deliberation.verdicts import judge
from khlong.deliberation.waits import answers_owed, own_returned, own_rounds, sent_back
from khlong.network.tests.makers import page, words
from khlong.people.actor import ANONYMOUS, Actor
from khlong.people.pseudonyms import contributing
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry, Contribution, OutboxFact

CODE = receipts.code_for("a paper sheet")


@pytest.fixture
def found(city: City, source: Source) -> Talk:
    return talk(city, source)


def with_receipt(suggestion: Suggestion) -> Actor:
    return receipts.holder(ANONYMOUS, suggestion)


def mine(found: Talk, cast: Any, name: str = "stranger") -> tuple[Suggestion, Actor]:
    """Something that a person said under her pseudonym, and herself under it."""
    actor = contributing(cast.actors[name], found.city.pk)
    return say(found, "ขอเว้นหน้าท่าเรือ", by=actor.label), actor


# --- who says it ---------------------------------------------------------------------------------------


def test_who_shows_the_receipt_says_whether_the_answer_answers(found: Talk) -> None:
    said = say(found, "ขอแก้")
    made = judge(with_receipt(said), answered(said), True)
    assert (made.answers, made.words) == (True, "")


def test_who_suggested_under_a_pseudonym_says_it_under_the_same(found: Talk, cast: Any) -> None:
    said, actor = mine(found, cast)
    assert judge(actor, answered(said), False, "ยังไม่บอกว่าเมื่อไร").words == "ยังไม่บอกว่าเมื่อไร"


@pytest.mark.parametrize("name", ["owner", "member", "observer", "stranger", "steward", "anonymous"])
def test_nobody_says_it_for_her(found: Talk, cast: Any, name: str) -> None:
    said = say(found, "ขอแก้", by="หิ่งห้อย-4821")
    answer = answered(said)
    with pytest.raises(Refused):
        judge(cast.actors[name], answer, True)
    assert not Verdict.objects.exists()


def test_the_receipt_of_another_suggestion_says_nothing_of_this_one(found: Talk) -> None:
    said, other = say(found, "ขอแก้"), say(found, "ของคนอื่น")
    with pytest.raises(Refused):
        judge(with_receipt(other), answered(said), True)


def test_what_she_says_stands_in_no_audit_with_a_name_or_a_moment(found: Talk, cast: Any) -> None:
    said, actor = mine(found, cast)
    judge(actor, answered(said), False, "คำที่บอกว่าเป็นใคร")
    assert not AuditEntry.objects.filter(action="deliberation.answer.judge").exists()
    line = Contribution.objects.get(action="deliberation.answer.judge")
    assert (line.actor, line.ref) == (said.by, said.ref)
    assert OutboxFact.objects.get(name="deliberation.answer.judged").data == {"answers": False}


# --- what follows --------------------------------------------------------------------------------------


def test_a_no_with_words_comes_back_and_a_no_without_or_a_yes_does_not(found: Talk) -> None:
    back, plain, content = (say(found, text) for text in ("ก", "ข", "ค"))
    judge(with_receipt(back), answered(back), False, "ยังไม่บอกว่าเมื่อไร")
    judge(with_receipt(plain), answered(plain), False)
    judge(with_receipt(content), answered(content), True, "คำที่ไม่ต้องส่งกลับ")
    assert list(returned()) == [back]
    assert Verdict.objects.get(answer__suggestion=content).words == ""


def test_a_further_answer_takes_it_off_the_list_and_may_be_judged_anew(found: Talk) -> None:
    said = say(found, "ขอแก้")
    first = answered(said)
    judge(with_receipt(said), first, False, "ไม่ตรง")
    second = answered(said, "part")
    assert (second.number, returned().exists()) == (2, False)
    with pytest.raises(Refused):
        judge(with_receipt(said), first, True)
    assert judge(with_receipt(said), second, True).answers


def test_she_may_change_her_mind_until_then_and_saying_it_twice_is_once(found: Talk) -> None:
    said = say(found, "ขอแก้")
    answer = answered(said)
    judge(with_receipt(said), answer, False, "ไม่ตรง")
    judge(with_receipt(said), answer, False, "ไม่ตรง")
    assert Contribution.objects.filter(action="deliberation.answer.judge").count() == 1
    judge(with_receipt(said), answer, True)
    assert not returned().exists()


def test_a_round_waits_for_those_who_answer_until_two_weeks_after_it_closes(found: Talk, cast: Any) -> None:
    say(found, "ก")
    say(found, "ข")
    member = cast.actors["member"]
    (wait,) = answers_owed(member)
    assert "2" in str(wait.title)
    assert wait.due is not None
    assert (wait.due - found.round.closes_on).days == 14
    assert wait.url.endswith("?state=owed")
    assert own_rounds(member).count() == 1
    for name in ("observer", "stranger"):
        assert not list(answers_owed(cast.actors[name]))


def test_an_answer_that_does_not_answer_waits_too(found: Talk, cast: Any) -> None:
    said = say(found, "ขอเว้นหน้าท่าเรือ")
    judge(with_receipt(said), answered(said), False, "ไม่ตรง")
    member = cast.actors["member"]
    (wait,) = sent_back(member)
    assert said.ref in wait.url
    assert own_returned(member).count() == 1
    assert not list(answers_owed(member))


def test_a_suggestion_without_an_answer_is_a_dry_stretch_that_leads_to_its_form(found: Talk) -> None:
    said = say(found, "ขอแก้")
    node = Node.objects.get(pk=said.pk)
    (gap,) = [one.gap for one in missing_at(node, SYSTEM)[0] if one.gap.key == "suggestion.no_answer"]
    assert gap.mend(node) == f"/suggestions/{said.ref}/answer/"
    answered(said)
    assert not [one for one in missing_at(node, SYSTEM)[0] if one.gap.key == "suggestion.no_answer"]


# --- the pages -----------------------------------------------------------------------------------------


def test_my_suggestions_are_those_of_my_pseudonyms_and_nobody_elses(
    found: Talk, cast: Any, client_of: Any
) -> None:
    said, _actor = mine(found, cast)
    other = say(found, "ของคนอื่น", by="หิ่งห้อย-4821")
    answered(said, reason="เพราะเรือกลับลำไม่ได้")
    read = words(client_of("stranger"), "/suggestions/mine/")
    assert said.ref in read
    assert "เพราะเรือกลับลำไม่ได้" in read
    assert other.ref not in read
    assert said.ref not in words(client_of("owner"), "/suggestions/mine/")


def test_who_is_not_signed_in_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/suggestions/mine/").status_code == 302


def test_signed_in_she_sends_an_answer_back(found: Talk, cast: Any, client_of: Any) -> None:
    said, _actor = mine(found, cast)
    answered(said)
    address = f"/suggestions/{said.ref}/verdict/"
    sent = client_of("stranger").post(address, {"answers": "no", "words": "ยังไม่บอกว่าเมื่อไร"})
    assert (sent.status_code, sent.headers["Location"]) == (302, "/suggestions/mine/")
    assert Verdict.objects.get().words == "ยังไม่บอกว่าเมื่อไร"
    assert client_of("member").post(address, {"answers": "yes"}).status_code == 403


def test_with_the_digits_of_her_receipt_she_says_it_without_an_account(found: Talk, client: Client) -> None:
    said = say(found, "ขอแก้", code=CODE)
    answered(said)
    address = f"/suggestions/{said.ref}/verdict/"
    assert client.post(address, {"answers": "yes"}).status_code == 403
    assert client.post(address, {"answers": "yes", "receipt": "1" * 12}).status_code == 403
    assert client.post(address, {"answers": "yes", "receipt": receipts.shown(CODE)}).status_code == 302
    assert Verdict.objects.get().answers


def test_a_form_without_a_choice_comes_back_with_what_was_typed(found: Talk, client: Client) -> None:
    said = say(found, "ขอแก้", code=CODE)
    answered(said)
    sent = client.post(f"/suggestions/{said.ref}/verdict/", {"words": "พิมพ์ไว้แล้ว", "receipt": CODE})
    assert sent.status_code == 422
    assert "พิมพ์ไว้แล้ว" in sent.content.decode()
    assert not Verdict.objects.exists()


def test_nothing_is_judged_before_there_is_an_answer(found: Talk, client: Client) -> None:
    said = say(found, "ขอแก้", code=CODE)
    sent = client.post(f"/suggestions/{said.ref}/verdict/", {"answers": "yes", "receipt": CODE})
    assert sent.status_code == 403


def test_no_page_says_who_she_is(found: Talk, cast: Any, client_of: Any) -> None:
    said, _actor = mine(found, cast)
    answered(said)
    assert "stranger" not in page(client_of("owner"), f"/rounds/{found.round.ref}/answers/")
