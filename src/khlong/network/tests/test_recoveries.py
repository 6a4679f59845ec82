"""Letting somebody in again: one owner for those of the own city, two people for everybody who may do more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from khlong.network.actions import give_role, take_role
from khlong.network.models import LinkState, Membership, Recovery
from khlong.network.recoveries import (
    approve_recovery,
    make_recovery,
    stop_recovery,
    use_recovery,
    why_not,
)
from khlong.network.tests.makers import SYSTEM, page, words
from khlong.people import notices, second, throttle
from khlong.people.actor import ANONYMOUS, Actor, Role, account_actor, link_actor
from khlong.people.models import User
from khlong.people.proofs import Identity, Passkey
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

ClientOf = Callable[[str], Client]
LIST = "/cities/phatong/members/"
OLD, NEW = "สายน้ำมีชีวิต-2565", "ธรรมนูญสายคลอง-2566"
TYPED = {"password1": NEW, "password2": NEW}


@pytest.fixture
def second_owner(cast: Any, city: City) -> User:
    user = User.objects.create_user("second-owner")
    give_role(SYSTEM, city.node, user, Role.OWNER)
    return user


def role_in(city: City, user: User) -> Membership:
    return Membership.objects.get(space=city.node, user=user)


def a_way(city: City, person: User, maker: Actor = SYSTEM, **more: Any) -> tuple[Recovery, str]:
    return make_recovery(maker, role_in(city, person), **more)


def use(link: Recovery, actor: Actor = ANONYMOUS, password: str = NEW) -> User:
    return use_recovery(link_actor(actor, link.digest or "", f"recovery {link.pk}"), link, password)


def again(link: Recovery) -> Recovery:
    return Recovery.objects.get(pk=link.pk)


def opened(token: str, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.get(f"/b/{token}/")
    assert (answer.status_code, answer["Location"]) == (302, "/recover/")
    return client


def signs_in(name: str, password: str) -> bool:
    return Client().post("/signin/", {"username": name, "password": password}).status_code == 302


def with_factors(user: User) -> None:
    """An app, a passkey and another provider."""
    second.begin(user)
    user.authenticator.confirmed_at = timezone.now()
    user.authenticator.save()
    Passkey.objects.create(user=user, name="x", credential_id=str(user.pk), credential=b"x")
    Identity.objects.create(user=user, provider="line", mark=str(user.pk), subject=b"x")


# --- one owner for those of the own city --------------------------------------------------------


def test_an_owner_lets_a_member_in_again_by_a_paper(client_of: ClientOf, cast: Any, city: City) -> None:
    cast.member.set_password(OLD)
    cast.member.save()
    elsewhere = Client()
    elsewhere.post("/signin/", {"username": "member", "password": OLD})
    path = f"{LIST}{role_in(city, cast.member).pk}/recover/"
    assert path in page(client_of("owner"), LIST)
    slip = client_of("owner").post(path, {"make": "1"})
    token = re.search(r"http://testserver/b/([\w-]+)/", slip.content.decode())
    assert token is not None
    assert "no-store" in slip["Cache-Control"]
    assert token[1] not in str(list(Recovery.objects.values()))
    client = opened(token[1])
    assert "member" in words(client, "/recover/")
    assert client.post("/recover/", TYPED)["Location"] == "/signin/"
    assert signs_in("member", NEW)
    assert not signs_in("member", OLD)
    assert not auth.get_user(elsewhere).is_authenticated
    assert again(Recovery.objects.get()).state is LinkState.USED


def test_it_holds_for_a_day_and_opening_it_uses_nothing_up(cast: Any, city: City) -> None:
    link, token = a_way(city, cast.member, cast.actors["owner"])
    assert timedelta(hours=23) < link.expires_at - timezone.now() <= timedelta(hours=24)
    for _time in range(2):
        assert opened(token).get("/recover/").status_code == 200


@pytest.mark.parametrize("name", ["stranger", "observer", "member"])
def test_who_is_no_owner_lets_nobody_in(client_of: ClientOf, cast: Any, city: City, name: str) -> None:
    with pytest.raises(Refused):
        a_way(city, cast.observer, cast.actors[name])
    path = f"{LIST}{role_in(city, cast.observer).pk}/recover/"
    assert client_of(name).post(path, {"make": "1"}).status_code == 403
    assert not Recovery.objects.exists()


@pytest.mark.parametrize("name", ["owner", "steward"])
def test_nobody_makes_a_way_back_for_oneself(client_of: ClientOf, cast: Any, city: City, name: str) -> None:
    give_role(SYSTEM, city.node, cast.steward, Role.OWNER)
    person = getattr(cast, name)
    with pytest.raises(Refused):
        a_way(city, person, account_actor(person))
    path = f"{LIST}{role_in(city, person).pk}/recover/"
    assert path not in page(client_of(name), LIST)
    assert client_of(name).get(path).status_code == 403


def test_an_owner_is_let_in_by_another_owner_and_by_a_steward(
    cast: Any, city: City, second_owner: User
) -> None:
    for maker in (account_actor(second_owner), cast.actors["steward"]):
        link, _token = a_way(city, cast.owner, maker)
        assert why_not(link) is None
        assert use(link) == cast.owner


def test_a_newer_link_makes_the_one_before_worthless(cast: Any, city: City) -> None:
    first, _token = a_way(city, cast.member)
    a_way(city, cast.member)
    assert again(first).state is LinkState.WITHDRAWN
    with pytest.raises(Refused):
        use(first)


# --- the second factor --------------------------------------------------------------------------


def test_without_the_tick_the_second_factor_stays_and_is_asked_for(cast: Any, city: City) -> None:
    with_factors(cast.member)
    link, _token = a_way(city, cast.member, cast.actors["owner"])
    use(link)
    answer = Client().post("/signin/", {"username": "member", "password": NEW})
    assert answer["Location"] == "/signin/code/"
    assert cast.member.passkeys.count() == cast.member.identities.count() == 1


def test_with_the_tick_it_goes_only_after_a_day_in_which_the_person_may_object(
    client_of: ClientOf, cast: Any, city: City
) -> None:
    with_factors(cast.member)
    link, token = a_way(city, cast.member, cast.actors["owner"], drop_factors=True)
    with pytest.raises(Refused):
        use(link)
    assert opened(token).get("/recover/").status_code == 410
    member = client_of("member")
    assert f"/recoveries/{link.pk}/" in page(member, "/account/")
    Recovery.objects.update(opens_at=timezone.now())
    assert why_not(again(link)) is None
    assert member.post(f"/recoveries/{link.pk}/stop/").status_code == 302
    with pytest.raises(Refused):
        use(again(link))
    assert second.is_on(cast.member)


def test_after_the_wait_all_factors_are_gone(cast: Any, city: City) -> None:
    with_factors(cast.member)
    link, _token = a_way(city, cast.member, cast.actors["owner"], drop_factors=True)
    Recovery.objects.update(opens_at=timezone.now())
    use(again(link))
    assert not second.has_factors(cast.member)
    assert signs_in("member", NEW)


def test_a_second_owner_shortens_the_wait_and_the_maker_does_not(
    cast: Any, city: City, second_owner: User
) -> None:
    with_factors(cast.member)
    link, _token = a_way(city, cast.member, cast.actors["owner"], drop_factors=True)
    for actor in (cast.actors["owner"], cast.actors["member"], cast.actors["stranger"]):
        with pytest.raises(Refused):
            approve_recovery(actor, link)
    approve_recovery(account_actor(second_owner), link)
    use(again(link))
    assert not second.has_factors(cast.member)


def test_a_tick_for_somebody_who_has_only_a_password_makes_nobody_wait(cast: Any, city: City) -> None:
    link, _token = a_way(city, cast.member, cast.actors["owner"], drop_factors=True)
    assert why_not(link) is None
    assert not link.drops_factors


# --- accounts that may do more than the city gives -----------------------------------------------


def test_an_owner_alone_does_not_get_at_somebody_of_another_city(
    cast: Any, city: City, other_city: City, second_owner: User
) -> None:
    give_role(SYSTEM, city.node, cast.stranger, Role.OBSERVER)
    theirs = User.objects.create_user("owner-there")
    give_role(SYSTEM, other_city.node, theirs, Role.OWNER)
    link, _token = a_way(city, cast.stranger, cast.actors["owner"])
    for actor in (cast.actors["owner"], account_actor(second_owner), cast.actors["stranger"]):
        with pytest.raises(Refused):
            approve_recovery(actor, link)
    with pytest.raises(Refused):
        use(link)
    approve_recovery(account_actor(theirs), link)
    assert use(again(link)) == cast.stranger
    seen = AuditEntry.objects.filter(action__startswith="network.recovery", space=other_city.node.pk)
    assert set(seen.values_list("action", flat=True)) == {
        "network.recovery.make",
        "network.recovery.approve",
        "network.recovery.use",
    }


def test_giving_a_steward_a_role_gets_nobody_at_the_account(
    cast: Any, city: City, second_owner: User
) -> None:
    give_role(cast.actors["owner"], city.node, cast.steward, Role.OBSERVER)
    link, _token = a_way(city, cast.steward, cast.actors["owner"])
    for actor in (cast.actors["owner"], account_actor(second_owner), cast.actors["steward"]):
        with pytest.raises(Refused):
            approve_recovery(actor, link)
    with pytest.raises(Refused):
        use(link)
    other = User.objects.create_user("other-steward", is_steward=True)
    approve_recovery(account_actor(other), link)
    assert use(again(link)) == cast.steward


def test_who_becomes_more_after_the_link_was_made_is_guarded_too(
    cast: Any, city: City, other_city: City
) -> None:
    link, _token = a_way(city, cast.member, cast.actors["owner"])
    assert why_not(link) is None
    give_role(SYSTEM, other_city.node, cast.member, Role.MEMBER)
    with pytest.raises(Refused):
        use(link)


def test_an_approval_ends_with_the_role_of_who_gave_it(cast: Any, city: City, other_city: City) -> None:
    give_role(SYSTEM, city.node, cast.stranger, Role.OBSERVER)
    theirs, more = (User.objects.create_user(name) for name in ("owner-there", "owner-too"))
    for user in (theirs, more):
        give_role(SYSTEM, other_city.node, user, Role.OWNER)
    link, _token = a_way(city, cast.stranger, cast.actors["owner"])
    approve_recovery(account_actor(theirs), link)
    take_role(SYSTEM, role_in(other_city, theirs))
    assert why_not(again(link)) is not None


def test_the_link_ends_with_the_role_of_who_made_it_and_of_whom_it_is_for(
    cast: Any, city: City, second_owner: User
) -> None:
    link, _token = a_way(city, cast.member, account_actor(second_owner))
    take_role(SYSTEM, role_in(city, second_owner))
    assert why_not(again(link)) is not None
    link, _token = a_way(city, cast.member, cast.actors["owner"])
    take_role(SYSTEM, role_in(city, cast.member))
    assert why_not(again(link)) is not None


def test_the_second_person_finds_it_among_what_waits_and_decides_by_a_button(
    client_of: ClientOf, cast: Any, city: City
) -> None:
    give_role(SYSTEM, city.node, cast.stranger, Role.OBSERVER)
    link, _token = a_way(city, cast.stranger, cast.actors["owner"])
    steward, path = client_of("steward"), f"/recoveries/{link.pk}/"
    assert path in page(steward, "/waits/")
    assert f"{path}approve/" in page(steward, path)
    assert f"{path}approve/" not in page(client_of("owner"), path)
    assert steward.get(f"{path}approve/").status_code == 405
    assert steward.post(f"{path}approve/")["Location"] == path
    assert path not in page(steward, "/waits/")
    assert f"{path}approve/" not in page(steward, path)
    page(client_of("observer"), path, status=404)
    assert client_of("anonymous").get(path)["Location"].startswith("/signin/")


# --- links that do nothing ------------------------------------------------------------------------


def test_a_used_an_expired_and_a_stopped_link_say_so_and_whom_to_ask(cast: Any, city: City) -> None:
    used, used_token = a_way(city, cast.member, cast.actors["owner"])
    use(used)
    late, late_token = a_way(city, cast.observer, cast.actors["owner"])
    Recovery.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    told = []
    for token in (used_token, late_token):
        answer = opened(token).get("/recover/")
        assert answer.status_code == 410
        told.append(str(answer.context["refusal"]))
    stopped, stopped_token = a_way(city, cast.observer, cast.actors["owner"])
    stop_recovery(cast.actors["owner"], stopped)
    told.append(str(opened(stopped_token).get("/recover/").context["refusal"]))
    assert len(set(told)) == 3
    assert opened(used_token).post("/recover/", TYPED).status_code == 410


def test_a_forged_link_is_unknown_and_many_of_them_must_wait(db: None) -> None:
    client = opened("forged")
    answers = [client.get("/recover/").status_code for _time in range(throttle.LINKS_PER_ADDRESS + 1)]
    assert answers == [404] * throttle.LINKS_PER_ADDRESS + [429]
    assert Client().get("/recover/").status_code in {404, 429}


def test_an_invitation_is_no_way_back_and_the_other_way_round(cast: Any, city: City) -> None:
    _link, token = a_way(city, cast.member)
    client = Client()
    client.get(f"/i/{token}/")
    assert client.get("/invited/").status_code == 404
    assert client.get("/recover/").status_code == 404


def test_a_link_that_was_forwarded_is_not_for_the_account_that_is_signed_in(
    client_of: ClientOf, cast: Any, city: City
) -> None:
    _link, token = a_way(city, cast.member)
    assert opened(token, client_of("observer")).post("/recover/", TYPED).status_code == 410
    assert opened(token, client_of("member")).post("/recover/", TYPED).status_code == 302


def test_a_password_that_is_too_easy_is_told_at_its_field_and_the_link_stays(cast: Any, city: City) -> None:
    link, token = a_way(city, cast.member)
    answer = opened(token).post("/recover/", {"password1": "12345678", "password2": "12345678"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"password1"}
    with pytest.raises(ValidationError):
        use(link, password="12345678")
    assert again(link).state is LinkState.WAITING


def test_a_closed_account_stays_closed(cast: Any, city: City) -> None:
    link, _token = a_way(city, cast.member)
    User.objects.filter(pk=cast.member.pk).update(is_active=False)
    with pytest.raises(Refused):
        use(again(link))
    cast.member.refresh_from_db()
    with pytest.raises(Refused):
        a_way(city, cast.member)


# --- who is told ------------------------------------------------------------------------------------


def test_the_audit_names_who_did_what_and_no_value(cast: Any, city: City) -> None:
    link, token = a_way(city, cast.member, cast.actors["owner"])
    use(link)
    rows = AuditEntry.objects.filter(action__startswith="network.recovery")
    assert set(rows.values_list("action", "actor", "space")) == {
        ("network.recovery.make", "owner", city.node.pk),
        ("network.recovery.use", f"recovery {link.pk}", city.node.pk),
    }
    assert token not in str(list(AuditEntry.objects.values()))
    assert NEW not in str(list(AuditEntry.objects.values()))


def test_the_person_is_written_to_when_there_is_an_address_and_a_server(
    cast: Any,
    city: City,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("khlong.people.mail._send", lambda to, _subject, text: sent.append((to, text)))
    monkeypatch.setattr("threading.Thread.start", lambda thread: thread._target(*thread._args))
    User.objects.filter(pk=cast.member.pk).update(email="member@example.org")
    for host in ("", "mail.example.org"):
        settings.KHLONG = {**settings.KHLONG, "email.host": host, "address": "https://khlong.example.org"}
        with django_capture_on_commit_callbacks(execute=True):
            a_way(city, cast.member, cast.actors["owner"])
    assert [to for to, _text in sent] == ["member@example.org"]
    assert str(notices.WORDS["recovery.make"]) in sent[0][1]


def test_somebody_in_two_cities_keeps_both_roles_through_it(cast: Any, city: City, other_city: City) -> None:
    give_role(SYSTEM, city.node, cast.stranger, Role.OBSERVER)
    link, _token = a_way(city, cast.stranger, cast.actors["owner"])
    approve_recovery(cast.actors["steward"], link)
    use(again(link))
    roles = Membership.objects.filter(user=cast.stranger).values_list("space__ref", "role")
    assert set(roles) == {("C-PTG", "observer"), ("C-BYG", "member")}
