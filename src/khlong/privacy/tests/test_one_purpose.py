"""Taking back one purpose of several: its key goes, and what is kept for the others is read as before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from khlong.people import keys, keystore
from khlong.people.models import EndedKey, Subject
from khlong.people.sealing import SealBrokenError, open_bytes
from khlong.privacy import actions, registries
from khlong.privacy.actions import Said, give_consent, withdraw_consent
from khlong.privacy.models import Consent, Purpose
from khlong.privacy.tests.makers import NAME, SYSTEM, WITNESS, agreed, words

pytestmark = pytest.mark.django_db
TOLD = "ยายนวล บ้านริมคลอง"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_STORE = tmp_path / "keys.sqlite3"
    return Path(settings.KEY_STORE)


@pytest.fixture
def plan(city: Any) -> Consent:
    """Somebody agreed to the plan."""
    return agreed(city, purpose="plan", how="spoken", witness=WITNESS)


@pytest.fixture
def contact(city: Any, plan: Consent) -> Consent:
    """She agreed to being told as well."""
    return agreed(city, name=TOLD, subject=plan.subject)


def purposes(subject: Subject) -> list[str]:
    """For what the store holds a key of hers."""
    return sorted(key.purpose for key in keystore.rings_of([subject.pk]).get(subject.pk, {}).values())


def take_back(consent: Consent, run: Any, **more: Any) -> None:
    with run(execute=True):
        withdraw_consent(SYSTEM, consent, **more)
    consent.refresh_from_db()


def as_in_an_older_copy(*consents: Consent) -> None:
    """Put the database back to where these consents stood, as a restore does."""
    EndedKey.objects.all().delete()
    for consent in consents:
        values = {"name": consent.name, "witness": consent.witness, "withdrawn_on": None}
        Consent.objects.filter(pk=consent.pk).update(**values)


def test_each_purpose_has_a_key_of_its_own(plan: Consent, contact: Consent) -> None:
    assert purposes(plan.subject) == ["", "contact", "plan"]


def test_the_key_of_what_is_taken_back_goes_and_opens_nothing_any_more(
    plan: Consent, contact: Consent, store: Path, django_capture_on_commit_callbacks: Any
) -> None:
    taken_back = Consent.objects.get(pk=contact.pk)
    with keystore.opened() as file:
        row = file.execute("SELECT wrapped FROM data_key WHERE purpose = 'contact'").fetchone()
    assert row[0] in store.read_bytes()
    take_back(contact, django_capture_on_commit_callbacks)
    assert purposes(plan.subject) == ["", "plan"]
    assert row[0] not in store.read_bytes()
    assert keys.read_all([plan], "name", "witness") == [{"name": NAME, "witness": WITNESS}]
    with pytest.raises(keys.KeyGoneError):
        keys.read(taken_back, "name")
    for key in keystore.rings_of([plan.subject_id])[plan.subject_id].values():
        with pytest.raises(SealBrokenError):
            open_bytes(key.key, bytes(taken_back.name)[17:], f"{plan.subject_id}:privacy_consent.name")


def test_who_agrees_again_gets_another_key(
    city: Any, plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    taken_back = Consent.objects.get(pk=contact.pk)
    take_back(contact, django_capture_on_commit_callbacks)
    again = agreed(city, name=TOLD, subject=plan.subject)
    assert keys.read(again, "name") == TOLD
    with pytest.raises(keys.KeyGoneError):
        keys.read(taken_back, "name")
    assert keys.sweep() == 0
    assert keys.read(again, "name") == TOLD


def test_a_stop_between_the_record_and_the_key_is_mended_at_the_next_start(
    plan: Consent, contact: Consent
) -> None:
    withdraw_consent(SYSTEM, contact)
    assert purposes(plan.subject) == ["", "contact", "plan"]
    assert keys.sweep() == 1
    assert purposes(plan.subject) == ["", "plan"]
    assert keys.sweep() == 0
    assert keys.read(plan, "name") == NAME


def test_what_is_written_between_a_stop_and_the_next_start_is_not_under_the_key_that_goes(
    city: Any, plan: Consent, contact: Consent
) -> None:
    withdraw_consent(SYSTEM, contact)
    again = agreed(city, name=TOLD, subject=plan.subject)
    keys.sweep()
    assert keys.read(again, "name") == TOLD
    assert purposes(plan.subject) == ["", "contact", "plan"]


def test_an_older_copy_brings_back_what_remains_and_not_what_was_taken_back(
    plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    older, seen = Consent.objects.get(pk=contact.pk), []
    take_back(contact, django_capture_on_commit_callbacks)
    as_in_an_older_copy(older)

    def eraser(subject: Subject, purpose: str | None) -> None:
        seen.append((subject, purpose))

    registries.on_withdrawal(eraser)
    try:
        assert keys.sweep() == 1
    finally:
        registries._erasers.remove(eraser)
    assert seen == [(plan.subject, "contact")], "every room erases again"
    contact.refresh_from_db()
    assert (contact.name, contact.withdrawn_on) == (None, timezone.localdate())
    plan.refresh_from_db()
    assert (keys.read(plan, "name"), plan.withdrawn_on) == (NAME, None)
    assert keys.sweep() == 0


def test_a_copy_from_after_she_agreed_again_keeps_that(
    city: Any, plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    take_back(contact, django_capture_on_commit_callbacks)
    again = agreed(city, name=TOLD, subject=plan.subject)
    assert EndedKey.objects.count() == 1
    assert keys.sweep() == 0
    assert keys.read(again, "name") == TOLD


def test_what_was_agreed_to_without_anything_sealed_does_not_come_back_either(
    cast: Any, city: Any, django_capture_on_commit_callbacks: Any
) -> None:
    actor = cast.actors["stranger"]
    made = give_consent(actor, words(), city.pk, Said())
    give_consent(actor, words("plan"), city.pk, Said(), made.subject)
    take_back(made, django_capture_on_commit_callbacks)
    as_in_an_older_copy(made)
    assert keys.sweep() == 1
    assert [row.text.purpose for row in Consent.objects.filter(withdrawn_on=None)] == ["plan"]


def test_a_room_that_cannot_erase_leaves_key_and_consent(
    plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    def fails(_subject: Subject, _purpose: str | None) -> None:
        raise RuntimeError("cannot")

    registries.on_withdrawal(fails)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            take_back(contact, django_capture_on_commit_callbacks)
    finally:
        registries._erasers.remove(fails)
    assert keys.sweep() == 0
    assert keys.read(Consent.objects.get(pk=contact.pk), "name") == TOLD


def test_what_a_room_forgot_to_erase_is_emptied_all_the_same(plan: Consent, contact: Consent) -> None:
    kept = registries._erasers[:]
    registries._erasers.clear()
    try:
        keys.end(contact.subject, Purpose.CONTACT)
    finally:
        registries._erasers[:] = kept
    contact.refresh_from_db()
    assert contact.name is None
    assert keys.read(Consent.objects.get(pk=plan.pk), "name") == NAME


def test_everything_taken_back_afterwards_leaves_no_key_and_no_note_of_single_ones(
    plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    take_back(contact, django_capture_on_commit_callbacks)
    take_back(plan, django_capture_on_commit_callbacks)
    assert plan.subject.destroyed_on is not None
    assert purposes(plan.subject) == []
    assert keystore.ended() == {}
    assert not EndedKey.objects.exists()
    assert keys.sweep() == 0


def test_of_one_who_takes_back_a_purpose_nobody_else_loses_anything(
    city: Any, plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    other = agreed(city)
    take_back(contact, django_capture_on_commit_callbacks)
    assert keys.read(other, "name") == NAME


def test_what_is_told_to_who_asks_is_without_it(
    plan: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    take_back(contact, django_capture_on_commit_callbacks)
    told = [value for kept in registries.kept_of(plan.subject) for _label, value in kept.values]
    assert NAME in told
    assert TOLD not in told
    with override("en"):
        titles = sorted(str(kept.title) for kept in registries.kept_of(plan.subject))
    assert titles == ["Consent", "Consent, taken back or over"]


# --- newer words for the same purpose -----------------------------------------------------


@pytest.fixture
def newer(city: Any, plan: Consent) -> Consent:
    """She agreed to the next words for the plan as well."""
    text = actions.publish_text(SYSTEM, None, Purpose.PLAN, {"th": "ใหม่"}, sensitive=False)
    said = Said(how="paper", name=TOLD, site="x", day=date(2026, 2, 1))  # type: ignore[arg-type]
    return give_consent(SYSTEM, text, city.pk, said, plan.subject)


def test_taking_a_purpose_back_ends_every_consent_to_it(
    plan: Consent, newer: Consent, contact: Consent, django_capture_on_commit_callbacks: Any
) -> None:
    take_back(plan, django_capture_on_commit_callbacks)
    standing = Consent.objects.filter(withdrawn_on=None)
    assert list(standing) == [contact]
    assert purposes(plan.subject) == ["", "contact"]
    assert not Consent.objects.exclude(pk=contact.pk).exclude(name=None).exists()


def test_when_the_time_of_older_words_is_over_newer_ones_hold_and_nothing_is_erased(
    city: Any, contact: Consent, newer: Consent, plan: Consent
) -> None:
    Consent.objects.filter(pk=plan.pk).update(given_on=date(2024, 1, 5))
    seen: list[str | None] = []

    def eraser(_subject: Subject, purpose: str | None) -> None:
        seen.append(purpose)

    registries.on_withdrawal(eraser)
    try:
        run = actions.apply_retention(SYSTEM)
    finally:
        registries._erasers.remove(eraser)
    assert (run.counts["privacy.consent"], seen) == (1, [])
    plan.refresh_from_db()
    assert (plan.name, plan.withdrawn_on) == (None, timezone.localdate())
    assert keys.read(Consent.objects.get(pk=newer.pk), "name") == TOLD
