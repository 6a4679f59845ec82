from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from khlong.adoption import actions, replies, waits
from khlong.adoption.models import Proposal, ReplyLink, Step
from khlong.adoption.tests.makers import SYSTEM, fresh, step
from khlong.network.actions import give_role, take_role
from khlong.network.links import new_token
from khlong.network.models import Membership
from khlong.people.actor import ANONYMOUS, Actor, Role, link_actor
from khlong.record.errors import Refused
from khlong.record.filed import File
from khlong.record.limits import Limit


@pytest.fixture
def link(proposal: Proposal) -> ReplyLink:
    step(proposal, "submitted", letter_no="สค 12/2569")
    return replies.make_reply_link(SYSTEM, fresh(proposal), "สำนักปลัด")[0]


def official(link: ReplyLink) -> Actor:
    return link_actor(ANONYMOUS, str(link.digest), link.label)


def test_an_officials_words_are_informal_and_move_nothing_until_a_paper_is_attached(
    link: ReplyLink, proposal: Proposal
) -> None:
    made = replies.answer(official(link), link, {"state": "committee", "note": "ผ่านแล้ว"})
    assert made.is_informal
    assert made.by_official
    assert fresh(proposal).state == "submitted"
    actions.save_step(SYSTEM, Step.objects.get(pk=made.pk), {"letter_no": "สข 52301/77"})
    assert not Step.objects.get(pk=made.pk).is_informal
    assert fresh(proposal).state == "committee"


def test_an_answer_waits_for_those_who_write_in_the_city_until_a_step_follows_it(
    link: ReplyLink, proposal: Proposal, cast: Any
) -> None:
    member = cast.actors["member"]
    assert not list(waits.answers(member))
    replies.answer(official(link), link, {"note": "ขอแผนที่แนวคลองด้วย"})
    replies.answer(official(link), link, {"note": "ได้แผนที่แล้ว"})
    (wait,) = waits.answers(member)
    assert "เทศบาลตำบลพะตง" in str(wait.title)
    assert wait.url == fresh(proposal).get_absolute_url()
    assert not list(waits.answers(cast.actors["stranger"]))
    assert not list(waits.answers(cast.actors["observer"]))
    step(proposal, "committee", note="บรรจุเข้าวาระ")
    assert not list(waits.answers(member))


def test_an_answer_nobody_followed_up_stops_waiting_after_a_month(link: ReplyLink, cast: Any) -> None:
    made = replies.answer(official(link), link, {"note": "รับทราบ"})
    Step.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=31))
    assert not list(waits.answers(cast.actors["member"]))


@pytest.mark.parametrize(
    "paper", [{"letter_no": "สข 52301/77"}, {"resolution": "ประชุม คกก.พัฒนาฯ ครั้งที่ 2/2569"}]
)
def test_a_letter_number_or_a_resolution_makes_an_answer_formal(
    link: ReplyLink, proposal: Proposal, paper: dict[str, str]
) -> None:
    made = replies.answer(official(link), link, {"state": "support_draft", **paper})
    assert not made.is_informal
    assert fresh(proposal).state == "support_draft"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "note"),
        ({"state": "evaluated"}, "state"),
        ({"state": "draft"}, "state"),
        ({"state": "merged"}, "other"),
        ({"state": "declined"}, "note"),
    ],
)
def test_an_answer_says_something_and_a_refusal_says_why(link: ReplyLink, values: Any, field: str) -> None:
    with pytest.raises(ValidationError) as error:
        replies.answer(official(link), link, values)
    assert field in error.value.message_dict
    assert not Step.objects.filter(by_official=True).exists()


def test_a_link_that_is_over_or_withdrawn_answers_nothing(link: ReplyLink) -> None:
    replies.withdraw_reply_link(SYSTEM, link)
    with pytest.raises(Refused, match="withdrawn"):
        replies.answer(official(link), link, {"note": "รับทราบ"})
    ReplyLink.objects.update(withdrawn_at=None, expires_at=timezone.now() - timedelta(days=1))
    with pytest.raises(Refused, match="expired"):
        replies.answer(official(link), link, {"note": "รับทราบ"})


def test_a_link_dies_with_the_right_of_who_made_it(proposal: Proposal, cast: Any) -> None:
    made, _token = replies.make_reply_link(cast.actors["member"], fresh(proposal), "กองช่าง")
    replies.answer(official(made), made, {"note": "รับทราบ"})
    take_role(SYSTEM, Membership.objects.get(user=cast.member))
    with pytest.raises(Refused, match="no longer works on the proposal"):
        replies.answer(official(made), made, {"note": "รับทราบอีก"})
    give_role(SYSTEM, proposal.city.node, cast.member, Role.MEMBER)
    replies.answer(official(made), made, {"note": "รับทราบอีก"})
    assert ReplyLink.objects.get(pk=made.pk).answers == 2


def test_a_link_holds_for_some_days_and_names_an_office(proposal: Proposal) -> None:
    for days in (0, 93):
        with pytest.raises(Refused, match="from 1 to 92 days"):
            replies.make_reply_link(SYSTEM, proposal, "กองช่าง", days=days)
    with pytest.raises(Refused, match="which office"):
        replies.make_reply_link(SYSTEM, proposal, "  ")
    assert not ReplyLink.objects.exists()


def test_of_a_token_only_its_digest_is_kept(proposal: Proposal) -> None:
    made, token = replies.make_reply_link(SYSTEM, proposal, "กองช่าง")
    row = ReplyLink.objects.filter(pk=made.pk).values().get()
    assert token not in map(str, row.values())


def test_an_office_that_sent_very_much_leaves_no_further_file(
    link: ReplyLink, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is kept before the answer is looked at, so the bound stands before the file."""
    monkeypatch.setattr(replies, "UPLOADING", Limit(2, per=timedelta(hours=1)))
    token, digest = new_token()
    ReplyLink.objects.filter(pk=link.pk).update(digest=digest)
    client.get(f"/proposals/answer/{token}/")
    client.post("/proposals/answer/", {"begin": "1"})
    kept = []
    for _time in range(4):
        paper = SimpleUploadedFile("letter.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n")
        kept.append(client.post("/proposals/answer/", {"state": "evaluated", "upload": paper}).status_code)
    assert kept == [422, 422, 429, 429]
    assert File.objects.count() <= 2
