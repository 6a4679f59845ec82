"""Somebody contributes under a name that is hers in one city, and that no reader can take back to her."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from khlong.people import keys, pseudonyms
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, account_actor, link_actor, system_actor
from khlong.people.models import Pseudonym, Subject, User
from khlong.people.pseudonyms import NoPseudonymError, contributing, identity_of, pseudonym_of, standing_of

pytestmark = pytest.mark.django_db
CITY, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def somying() -> User:
    return User.objects.create_user("somying", "สายน้ำมีชีวิต-2565")


def test_a_person_has_one_name_in_a_city_and_another_elsewhere(somying: User) -> None:
    here = contributing(account_actor(somying), CITY)
    assert contributing(account_actor(somying), CITY).label == here.label
    assert contributing(account_actor(somying), OTHER).label != here.label
    assert here.contributes
    assert here.user == somying
    word, _dash, number = here.label.partition("-")
    assert word in pseudonyms.WORDS
    assert int(number) in pseudonyms.NUMBERS


def test_a_pseudonym_holds_nothing_of_the_account_and_a_row_has_no_moment(somying: User) -> None:
    contributing(account_actor(somying), CITY)
    row = Pseudonym.objects.values().get()
    assert set(row) == {"id", "space", "name", "mark"}
    person = Subject.objects.get(account=somying)
    told = str(row)
    assert not any(
        trace in told for trace in (somying.username, str(somying.pk), str(person.pk), somying.pk.hex)
    )


def test_two_people_never_bear_one_name_even_when_it_is_drawn_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["ลำพู-1000", "ลำพู-1000", "ลำพู-1000", "จอก-2000"])
    monkeypatch.setattr(pseudonyms, "_drawn", lambda: next(drawn))
    assert pseudonym_of(keys.new_subject(), CITY) == "ลำพู-1000"
    assert pseudonym_of(keys.new_subject(), CITY) == "จอก-2000"


def test_another_key_of_pseudonyms_fits_nobody(somying: User, settings: Any) -> None:
    person = identity_of(somying)
    before = pseudonym_of(person, CITY)
    assert standing_of(person) == [(CITY, before)]
    settings.KHLONG = {**settings.KHLONG, "pseudonym_key": "q" * 40}
    assert standing_of(person) == []
    assert pseudonym_of(person, CITY) != before


def test_without_its_key_no_pseudonym_is_made_and_the_mend_is_named(tmp_path: Path, settings: Any) -> None:
    settings.PSEUDONYM_KEY_FILE = tmp_path / "none.key"
    with pytest.raises(ImproperlyConfigured, match=r"none\.key back"):
        pseudonym_of(keys.new_subject(), CITY)


def test_who_has_withdrawn_has_no_way_to_her_pseudonym_any_more(
    somying: User, django_capture_on_commit_callbacks: Any
) -> None:
    person = identity_of(somying)
    name = pseudonym_of(person, CITY)
    erased: list[Any] = []

    def eraser(gone: Subject) -> None:
        erased.extend(standing_of(gone))

    keys.on_destroyed(eraser)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            keys.destroy(person)
    finally:
        keys._erasers.remove(eraser)
    assert erased == [(CITY, name)]
    assert standing_of(person) == []
    with pytest.raises(keys.KeyGoneError):
        pseudonym_of(person, CITY)
    assert contributing(account_actor(somying), CITY).label != name


def test_the_person_of_an_account_bears_the_day_of_the_account(somying: User) -> None:
    assert identity_of(somying).made_on == timezone.localdate(somying.created_at)
    assert identity_of(somying) == identity_of(somying)
    assert Subject.objects.count() == 1


def test_who_holds_a_link_contributes_as_the_person_the_link_belongs_to() -> None:
    person, actor = keys.new_subject(space=CITY), link_actor(ANONYMOUS, "0" * 64, "a link")
    assert contributing(actor, CITY, person).label == pseudonym_of(person, CITY)
    assert contributing(actor, CITY, person).kind is ActorKind.LINK
    for nobody in (ANONYMOUS, actor):
        with pytest.raises(NoPseudonymError):
            contributing(nobody, CITY)


def test_a_scribe_and_the_programme_keep_their_own_names(somying: User) -> None:
    for actor in (
        Actor(ActorKind.SCRIBE, "somying", somying, on_behalf_of="ลำพู-1000"),
        system_actor("loader"),
    ):
        assert contributing(actor, CITY) is actor


def test_there_are_names_enough_and_each_word_once() -> None:
    assert len(set(pseudonyms.WORDS)) == len(pseudonyms.WORDS) >= 70
    assert len(pseudonyms.WORDS) * len(pseudonyms.NUMBERS) > 500_000
