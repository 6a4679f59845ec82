"""Invitations by link: who makes them, who comes in with one, and every way in which one does nothing."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from khlong.network import invitations, links
from khlong.network.actions import give_role, take_role
from khlong.network.invitations import NewAccount, accept_invitation, make_invitation, withdraw_invitation
from khlong.network.models import Invitation, LinkState, Membership
from khlong.network.tests.makers import SYSTEM, page
from khlong.people import throttle
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, Role, account_actor, link_actor
from khlong.people.models import User
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

ClientOf = Callable[[str], Client]
LIST = "/cities/phatong/members/"
INVITE = f"{LIST}invite/"
PASSWORD = "ป่าพรุควนขี้เสียน-2569"
TYPED = {"username": "pranee", "display_name": "ปราณี", "password1": PASSWORD, "password2": PASSWORD}
PRANEE = NewAccount("pranee", PASSWORD)


def invite(
    city: City, role: Role = Role.MEMBER, actor: Actor = SYSTEM, **more: Any
) -> tuple[Invitation, str]:
    return make_invitation(actor, city.node, role, **more)


def holder(link: Invitation, actor: Actor = ANONYMOUS) -> Actor:
    return link_actor(actor, link.digest or "", f"invitation {link.pk}")


def opened(token: str, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.get(f"/i/{token}/")
    assert (answer.status_code, answer["Location"]) == (302, "/invited/")
    return client


def role_of(name: str, city: City) -> str | None:
    return (
        Membership.objects.filter(user__username=name, space=city.node).values_list("role", flat=True).first()
    )


def bare(html: str) -> str:
    return re.sub(r"<[^>]*>|[\s\u00a0\u200b\u2060]", "", html)


# --- making ---------------------------------------------------------------------------------


def test_the_token_is_long_and_only_its_hash_is_kept(cast: Any, city: City) -> None:
    made, token = invite(city, actor=cast.actors["owner"])
    assert len(token) >= 22
    assert made.digest == hashlib.sha256(token.encode()).hexdigest()
    row = Invitation.objects.filter(pk=made.pk).values().get()
    assert token not in str(row)
    assert token != invite(city)[1]
    assert timedelta(days=6, hours=23) < made.expires_at - timezone.now() <= timedelta(days=7)


@pytest.mark.parametrize("name", ["anonymous", "stranger", "observer", "member"])
def test_who_is_no_owner_makes_sees_and_withdraws_none(
    client_of: ClientOf, cast: Any, city: City, name: str
) -> None:
    made, _token = invite(city, note="ลุงสมาน")
    client = client_of(name)
    for role in Role:
        with pytest.raises(Refused):
            invite(city, role, cast.actors[name])
    assert client.post(INVITE, {"role": "observer", "days": "7"}).status_code == 403
    assert client.post(f"{LIST}invitations/{made.pk}/withdraw/").status_code == 403
    assert client.get(INVITE).status_code == (302 if name == "anonymous" else 403)
    assert "ลุงสมาน" not in client.get(LIST).content.decode()
    assert Invitation.objects.get().state is LinkState.WAITING


def test_an_owner_of_another_city_neither_sees_nor_withdraws_it(
    client_of: ClientOf, cast: Any, city: City, other_city: City
) -> None:
    made, _token = invite(city)
    give_role(SYSTEM, other_city.node, cast.stranger, Role.OWNER)
    client = client_of("stranger")
    assert client.post(f"/cities/bo-yang/members/invitations/{made.pk}/withdraw/").status_code == 404
    assert client.post(f"{LIST}invitations/{made.pk}/withdraw/").status_code == 403
    with pytest.raises(Refused):
        withdraw_invitation(account_actor(cast.stranger), made)


@pytest.mark.parametrize("name", ["owner", "steward"])
def test_the_page_to_print_shows_the_link_once_and_the_list_never(client_of: ClientOf, name: str) -> None:
    client = client_of(name)
    answer = client.post(INVITE, {"role": "member", "note": "ลุงสมาน", "days": "3"})
    html = answer.content.decode()
    token = re.search(r"http://testserver/i/([\w-]+)/", html)
    assert token is not None
    assert links.digest_of(token[1]) == Invitation.objects.get().digest
    assert "no-store" in answer["Cache-Control"]
    for wanted in ("เมืองพะตง", name, "<svg", "ลุงสมาน", "256"):
        assert wanted in html
    assert not re.search(r"<[^>]+\sstyle=", html)
    listed = page(client, LIST)
    assert token[1] not in listed
    assert "ลุงสมาน" in listed


@pytest.mark.parametrize("days", ["0", "31", "-1", "x", ""])
def test_a_wrong_number_of_days_is_told_at_the_field_and_the_rest_stays(
    client_of: ClientOf, days: str
) -> None:
    answer = client_of("owner").post(INVITE, {"role": "observer", "note": "ลุงสมาน", "days": days})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"days"}
    assert 'value="ลุงสมาน"' in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("days", [0, 31])
def test_the_action_itself_refuses_a_wrong_number_of_days(city: City, days: int) -> None:
    with pytest.raises(Refused):
        invite(city, days=days)


def test_too_many_waiting_invitations_are_refused_until_some_are_withdrawn(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MOST_WAITING", 1)
    first, _token = invite(city)
    with pytest.raises(Refused):
        invite(city)
    withdraw_invitation(SYSTEM, first)
    invite(city)


# --- accepting ------------------------------------------------------------------------------


def test_somebody_without_an_address_comes_in_with_a_link_and_is_signed_in(city: City) -> None:
    made, token = invite(city)
    client = opened(token)
    html = client.get("/invited/").content.decode()
    assert "เมืองพะตง" in html
    assert 'name="email"' not in html
    answer = client.post("/invited/", TYPED)
    assert (answer.status_code, answer["Location"]) == (302, city.node.get_absolute_url())
    user = auth.get_user(client)
    assert (user.username, str(user), role_of("pranee", city)) == ("pranee", "ปราณี", "member")
    made.refresh_from_db()
    assert (made.state, made.used_by) == (LinkState.USED, user)
    again = Client()
    assert again.post("/signin/", {"username": "pranee", "password": PASSWORD}).status_code == 302


def test_opening_a_link_uses_nothing_up_and_leaves_no_token_behind(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    made, token = invite(city)
    with caplog.at_level(logging.DEBUG):
        client = opened(token)
        for _time in range(3):
            answer = client.get("/invited/")
            assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert token not in answer.content.decode()
    assert token not in caplog.text
    assert token not in str(dict(client.session))
    first = Client().get(f"/i/{token}/")
    assert first["Referrer-Policy"] == "no-referrer"
    assert "no-store" in first["Cache-Control"]
    made.refresh_from_db()
    assert made.state is LinkState.WAITING


def test_a_link_is_not_accepted_by_the_address_on_the_paper(city: City) -> None:
    _made, token = invite(city)
    assert Client().post(f"/i/{token}/", TYPED).status_code == 405
    assert not User.objects.exists()


def test_a_form_without_its_token_accepts_nothing(city: City) -> None:
    _made, token = invite(city)
    strict = Client(enforce_csrf_checks=True)
    assert opened(token, strict).post("/invited/", TYPED).status_code == 403
    assert not User.objects.exists()


def test_what_was_typed_stays_but_no_password_does(city: City) -> None:
    _made, token = invite(city)
    client = opened(token)
    answer = client.post("/invited/", TYPED | {"password2": "อื่น"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"password2"}
    html = answer.content.decode()
    assert 'value="pranee"' in html
    assert 'value="ปราณี"' in html
    assert PASSWORD not in html
    assert client.post("/invited/", TYPED).status_code == 302


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"username": "owner"}, "username"),
        ({"username": "OWNER"}, "username"),
        ({"username": "system"}, "username"),
        ({"username": "สอง คำ"}, "username"),
        ({"username": ""}, "username"),
        ({"password1": "สั้น", "password2": "สั้น"}, "password1"),
        ({"password1": "password", "password2": "password"}, "password1"),
        ({"password1": "pranee2569", "password2": "pranee2569", "username": "pranee256"}, "password1"),
    ],
)
def test_what_cannot_be_an_account_is_told_at_its_field_and_uses_nothing_up(
    cast: Any, city: City, more: dict[str, str], field: str
) -> None:
    made, token = invite(city)
    before = (User.objects.count(), Membership.objects.count(), AuditEntry.objects.count())
    answer = opened(token).post("/invited/", TYPED | more)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert (User.objects.count(), Membership.objects.count(), AuditEntry.objects.count()) == before
    made.refresh_from_db()
    assert made.state is LinkState.WAITING


def test_a_name_taken_while_somebody_typed_is_told_at_the_name(city: City) -> None:
    made, _token = invite(city)
    User.objects.create_user("pranee")
    with pytest.raises(ValidationError) as found:
        accept_invitation(holder(made), made, PRANEE)
    assert set(found.value.message_dict) == {"username"}


def test_somebody_signed_in_accepts_with_her_own_account(client_of: ClientOf, cast: Any, city: City) -> None:
    _made, token = invite(city)
    client = opened(token, client_of("stranger"))
    html = client.get("/invited/").content.decode()
    assert 'name="password1"' not in html
    before = User.objects.count()
    assert client.post("/invited/", TYPED).status_code == 302
    assert role_of("stranger", city) == "member"
    assert User.objects.count() == before


def test_who_signs_in_on_the_way_keeps_the_link(cast: Any, city: City) -> None:
    cast.stranger.set_password(PASSWORD)
    cast.stranger.save()
    _made, token = invite(city)
    client = opened(token)
    assert "/signin/?next=/invited/" in client.get("/invited/").content.decode()
    answer = client.post(
        "/signin/?next=/invited/", {"username": "stranger", "password": PASSWORD, "next": "/invited/"}
    )
    assert answer["Location"] == "/invited/"
    assert client.post("/invited/").status_code == 302
    assert role_of("stranger", city) == "member"


def test_a_stronger_role_takes_the_place_of_a_weaker_one(cast: Any, city: City) -> None:
    made, _token = invite(city, Role.OWNER)
    accept_invitation(holder(made, cast.actors["observer"]), made)
    assert role_of("observer", city) == "owner"


@pytest.mark.parametrize(
    ("name", "role"), [("owner", Role.MEMBER), ("member", Role.MEMBER), ("member", Role.OBSERVER)]
)
def test_nobody_is_made_less_by_a_link_and_it_stays_for_somebody_else(
    client_of: ClientOf, cast: Any, city: City, name: str, role: Role
) -> None:
    made, token = invite(city, role)
    standing = role_of(name, city)
    client = opened(token, client_of(name))
    assert client.get("/invited/").status_code == 410
    assert client.post("/invited/").status_code == 410
    with pytest.raises(Refused):
        accept_invitation(holder(made, cast.actors[name]), made)
    assert role_of(name, city) == standing
    assert opened(token).post("/invited/", TYPED).status_code == 302


def test_an_observer_who_came_by_a_link_writes_nothing(city: City) -> None:
    _made, token = invite(city, Role.OBSERVER)
    client = opened(token)
    client.post("/invited/", TYPED)
    assert client.get("/facts/add/?about=C-PTG").status_code == 403
    assert client.get(LIST).status_code == 403


# --- links that do nothing ------------------------------------------------------------------


def spoil(how: str, made: Invitation) -> None:
    if how == "used":
        accept_invitation(holder(made), made, PRANEE)
    elif how == "withdrawn":
        withdraw_invitation(SYSTEM, made)
    else:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("how", ["used", "withdrawn", "expired"])
def test_a_link_that_no_longer_holds_says_why_and_whom_to_ask(cast: Any, city: City, how: str) -> None:
    made, token = invite(city, actor=cast.actors["owner"])
    spoil(how, made)
    before = (User.objects.count(), Membership.objects.count())
    client = opened(token)
    for answer in (client.get("/invited/"), client.post("/invited/", TYPED | {"username": "second"})):
        assert answer.status_code == 410
        text = answer.content.decode()
        assert "เมืองพะตง" in text
        assert "owner" in text
        assert bare(str(invitations.no_longer(LinkState(how)))) in bare(text)
    with pytest.raises(Refused):
        accept_invitation(holder(made), made, NewAccount("third", PASSWORD))
    assert (User.objects.count(), Membership.objects.count()) == before


def test_a_link_dies_with_the_right_of_who_made_it(cast: Any, city: City) -> None:
    made, token = invite(city, actor=cast.actors["owner"])
    give_role(SYSTEM, city.node, cast.member, Role.OWNER)
    take_role(SYSTEM, Membership.objects.get(user=cast.owner))
    assert opened(token).get("/invited/").status_code == 410
    with pytest.raises(Refused):
        accept_invitation(holder(made), made, PRANEE)


def test_a_link_of_a_closed_account_does_not_hold(cast: Any, city: City) -> None:
    made, _token = invite(city, actor=cast.actors["owner"])
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    with pytest.raises(Refused):
        accept_invitation(holder(made), made, PRANEE)


def test_forged_and_unknown_links_and_no_link_at_all_get_one_answer(city: City) -> None:
    made, token = invite(city)
    forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), "x", made.digest or "", "ก" * 300]
    answers = [opened(text).get("/invited/") for text in forged] + [Client().get("/invited/")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({bare(answer.content.decode()) for answer in answers}) == 1
    assert {opened(text).post("/invited/", TYPED).status_code for text in forged} == {404}
    assert not User.objects.exists()


def test_the_link_of_one_invitation_opens_no_other(city: City) -> None:
    first, _token = invite(city, Role.OBSERVER)
    second, _token = invite(city, Role.OWNER)
    with pytest.raises(Refused):
        accept_invitation(holder(first), second, PRANEE)
    assert not User.objects.exists()


def test_an_actor_without_a_link_holds_no_link_that_has_none(city: City) -> None:
    made, _token = invite(city)
    Invitation.objects.update(digest=None)
    with pytest.raises(Refused):
        accept_invitation(ANONYMOUS, made, PRANEE)


def test_who_tries_many_links_must_wait_even_with_a_good_one(city: City) -> None:
    _made, token = invite(city)
    for number in range(throttle.LINKS_PER_ADDRESS):
        assert opened(f"guess{number}").get("/invited/").status_code == 404
    assert opened(token).get("/invited/").status_code == 429
    assert opened(token).post("/invited/", TYPED).status_code == 429
    elsewhere = Client(REMOTE_ADDR="10.0.0.7")
    assert opened(token, elsewhere).get("/invited/").status_code == 200


def test_a_good_link_opened_often_makes_nobody_wait(city: City) -> None:
    _made, token = invite(city)
    client = opened(token)
    for _time in range(throttle.LINKS_PER_ADDRESS + 1):
        assert client.get("/invited/").status_code == 200


# --- once -----------------------------------------------------------------------------------


def test_of_two_with_one_link_the_second_is_refused_and_leaves_nothing(city: City) -> None:
    stale, token = invite(city)
    first, second = opened(token), opened(token)
    assert second.get("/invited/").status_code == 200
    assert first.post("/invited/", TYPED).status_code == 302
    assert second.post("/invited/", TYPED | {"username": "second"}).status_code == 410
    with pytest.raises(Refused):
        accept_invitation(holder(stale), stale, NewAccount("third", PASSWORD))
    assert list(User.objects.values_list("username", flat=True)) == ["pranee"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time by itself")
@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins(city: City) -> None:
    made, _token = invite(city)
    start, outcomes = threading.Barrier(2), []

    def come(name: str) -> None:
        start.wait()
        try:
            accept_invitation(holder(made), made, NewAccount(name, PASSWORD))
            outcomes.append("in")
        except Refused:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=come, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["in", "refused"]
    assert User.objects.count() == Membership.objects.count() == 1


# --- withdrawing and the record -------------------------------------------------------------


def test_a_used_invitation_is_not_withdrawn_and_one_is_withdrawn_once(cast: Any, city: City) -> None:
    made, _token = invite(city)
    withdraw_invitation(cast.actors["owner"], made)
    withdraw_invitation(cast.actors["owner"], made)
    assert AuditEntry.objects.filter(action="network.invitation.withdraw").count() == 1
    used, _token = invite(city)
    accept_invitation(holder(used), used, PRANEE)
    with pytest.raises(Refused):
        withdraw_invitation(cast.actors["owner"], used)
    assert role_of("pranee", city) == "member"


def test_the_list_says_what_became_of_each(client_of: ClientOf, cast: Any, city: City) -> None:
    for note in ("คนรอ", "คนใช้", "คนหมด", "คนถอน"):
        invite(city, note=note)
    rows = {row.note: row for row in Invitation.objects.all()}
    accept_invitation(holder(rows["คนใช้"]), rows["คนใช้"], PRANEE)
    withdraw_invitation(SYSTEM, rows["คนถอน"])
    Invitation.objects.filter(note="คนหมด").update(expires_at=timezone.now())
    text = page(client_of("owner"), LIST, "en")
    for note, state in (
        ("คนรอ", "waiting"),
        ("คนใช้", "used by pranee"),
        ("คนหมด", "expired"),
        ("คนถอน", "withdrawn"),
    ):
        part = text[text.index(note) :].partition("</tr>")[0]
        assert state in part
        assert ("/withdraw/" in part) is (note == "คนรอ")


def test_withdrawing_by_the_button_is_told(client_of: ClientOf, city: City) -> None:
    made, token = invite(city)
    client = client_of("owner")
    assert client.get(f"{LIST}invitations/{made.pk}/withdraw/").status_code == 405
    assert client.post(f"{LIST}invitations/{made.pk}/withdraw/")["Location"] == LIST
    assert opened(token).get("/invited/").status_code == 410


def test_the_audit_names_the_link_the_fields_and_no_value(city: City) -> None:
    made, token = invite(city, note="ลุงสมาน")
    opened(token).post("/invited/", TYPED)
    entries = AuditEntry.objects.filter(action="network.invitation.accept")
    assert {entry.model: entry.fields for entry in entries} == {
        "people.User": ["username"],
        "network.Membership": ["role"],
        "network.Invitation": ["used_at", "used_by"],
    }
    assert {(entry.actor_kind, entry.actor) for entry in entries} == {("link", f"invitation {made.pk}")}
    assert {(entry.space, entry.ref) for entry in entries} == {(city.node.pk, "C-PTG")}
    everything = str(list(AuditEntry.objects.values()))
    for value in ("pranee", "ปราณี", "ลุงสมาน", token, made.digest or "?", PASSWORD):
        assert value not in everything


def test_an_account_that_accepts_stands_in_the_audit_by_its_name(cast: Any, city: City) -> None:
    made, _token = invite(city)
    accept_invitation(holder(made, cast.actors["stranger"]), made)
    found = set(
        AuditEntry.objects.filter(action="network.invitation.accept").values_list("actor_kind", "actor")
    )
    assert found == {("account", "stranger")}
    assert holder(made).kind is ActorKind.LINK


def test_who_is_not_signed_in_needs_an_account_to_come_in(city: City) -> None:
    made, _token = invite(city)
    with pytest.raises(ValueError, match="new account"):
        accept_invitation(holder(made), made)


def test_the_list_stays_within_its_questions_however_many_there_are(
    client_of: ClientOf, city: City, django_assert_max_num_queries: Any
) -> None:
    for _time in range(5):
        invite(city)
    client = client_of("owner")
    with django_assert_max_num_queries(9):
        page(client, LIST)
