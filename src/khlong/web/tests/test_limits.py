"""What the public or a member could flood the house with is bounded, for each of them by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.network.invitations import make_invitation
from khlong.network.models import Invitation
from khlong.people import actions as people
from khlong.people.actor import Actor, Role
from khlong.people.models import User
from khlong.places.actions import save_source
from khlong.places.models import City, Source
from khlong.record.errors import Refused, TooMany
from khlong.record.limits import DOCUMENTS
from khlong.record.models import ActionUse, AuditEntry

MANY = 100_000


def used_up() -> None:
    """As if whoever did something before had done it very often since."""
    assert ActionUse.objects.update(used=MANY) > 0


def add_source(actor: Actor, key: str) -> Source:
    return save_source(actor, Source(key=key), {"publisher_th": "กรมชลประทาน"})


def test_a_member_who_floods_is_stopped_with_nothing_written_and_others_are_not(cast: Any) -> None:
    member, owner = cast.actors["member"], cast.actors["owner"]
    add_source(member, "S20")
    used_up()
    lines = AuditEntry.objects.count()
    with pytest.raises(TooMany):
        add_source(member, "S21")
    assert not Source.objects.filter(key="S21").exists()
    assert AuditEntry.objects.count() == lines
    add_source(owner, "S22")
    make_invitation(cast.actors["owner"], City.objects.get(slug="phatong").node, Role.MEMBER)


def test_the_loader_has_no_limit(cast: Any) -> None:
    for number in range(3):
        add_source(cast.actors["system"], f"S3{number}")
    assert ActionUse.objects.count() == 0


def test_who_may_not_is_told_so_and_not_that_it_was_too_often(cast: Any, city: City) -> None:
    make_invitation(cast.actors["owner"], city.node, Role.MEMBER)
    used_up()
    with pytest.raises(TooMany):
        make_invitation(cast.actors["owner"], city.node, Role.MEMBER)
    with pytest.raises(Refused) as refusal:
        make_invitation(cast.actors["member"], city.node, Role.MEMBER)
    assert not isinstance(refusal.value, TooMany)


def test_a_page_that_was_sent_too_often_says_when_to_come_back_and_keeps_nothing(
    cast: Any, city: City, client_of: Callable[[str], Client]
) -> None:
    client = client_of("owner")
    values = {"role": "observer", "days": "7", "note": ""}
    assert client.post(f"/cities/{city.slug}/members/invite/", values).status_code in {200, 302}
    made = Invitation.objects.count()
    assert made == 1
    used_up()
    answer = client.post(f"/cities/{city.slug}/members/invite/", values)
    assert answer.status_code in {422, 429}
    assert Invitation.objects.count() == made


def test_a_password_cannot_be_changed_all_day_long(db: None) -> None:
    user = User.objects.create_user("somying", "สายน้ำมีชีวิต-2565")
    for number in range(10):
        people.change_password(user, f"สายน้ำมีชีวิต-{number}-คลอง")
    with pytest.raises(TooMany):
        people.change_password(user, "สายน้ำมีชีวิต-11-คลอง")
    user.refresh_from_db()
    assert user.check_password("สายน้ำมีชีวิต-9-คลอง")


def test_documents_for_the_public_are_bounded_by_address_and_for_members_they_are_not(
    cast: Any, city: City, client_of: Callable[[str], Client]
) -> None:
    path = f"/cities/{city.slug}/sheet.docx"
    visitor = Client(REMOTE_ADDR="10.0.0.7")
    assert visitor.get(path).status_code == 200
    used_up()
    refused = visitor.get(path)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= DOCUMENTS.per.total_seconds()
    assert Client(REMOTE_ADDR="10.0.0.8").get(path).status_code == 200
    assert client_of("observer").get(path).status_code == 200
