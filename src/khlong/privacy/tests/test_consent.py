"""Consent is given for one purpose with the words that were shown, and taken back as easily."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from khlong.people import keys, keystore
from khlong.people.actor import ANONYMOUS
from khlong.people.models import BlindIndex, Subject
from khlong.privacy import actions, registries
from khlong.privacy.actions import Said, give_consent, withdraw_consent, withdraw_everything
from khlong.privacy.models import Consent, ConsentText, How, Purpose
from khlong.privacy.tests.makers import NAME, SYSTEM, WITNESS, agreed, on_paper, words
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_somebody_with_an_account_agrees_by_her_own_hand(cast: Any, city: Any) -> None:
    actor = cast.actors["stranger"]
    made = give_consent(actor, words(), city.pk, Said())
    assert (made.how, made.language, made.subject.account, made.space_id) == (
        "own",
        "th",
        cast.stranger,
        city.pk,
    )
    assert give_consent(actor, words(), city.pk, Said()) == made
    other = give_consent(actor, words("plan"), city.pk, Said())
    assert other.subject == made.subject
    assert Subject.objects.count() == 1


def test_by_own_hand_nobody_agrees_for_somebody_else(cast: Any, city: Any) -> None:
    made = give_consent(cast.actors["stranger"], words(), city.pk, Said())
    with pytest.raises(Refused, match="only the person herself"):
        give_consent(cast.actors["owner"], words("plan"), city.pk, Said(), made.subject)
    with pytest.raises(Refused, match="agrees there herself"):
        give_consent(cast.actors["owner"], words("plan"), city.pk, on_paper(), made.subject)
    with pytest.raises(Refused):
        give_consent(ANONYMOUS, words(), city.pk, Said())


def test_sensitive_data_need_a_mark_of_their_own(cast: Any, city: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        give_consent(cast.actors["stranger"], words("help"), city.pk, Said())
    assert set(refused.value.message_dict) == {"explicit"}
    assert not Consent.objects.exists()
    assert give_consent(cast.actors["stranger"], words("help"), city.pk, Said(explicit=True)).explicit


def test_on_paper_the_name_the_place_and_the_day_belong_to_it(cast: Any, city: Any) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    for said, missing in (
        (Said(how=How.PAPER), {"name", "site", "day"}),
        (on_paper(day=tomorrow, how=How.SPOKEN), {"day", "witness"}),
        (on_paper(how=How.GUARDIAN, language="my"), {"witness", "language"}),
    ):
        with pytest.raises(ValidationError) as refused:
            give_consent(cast.actors["member"], words(), city.pk, said)
        assert set(refused.value.message_dict) == missing
    assert not Subject.objects.exists()


def test_names_are_sealed_and_stand_nowhere_in_the_audit(cast: Any, city: Any) -> None:
    made = agreed(city, cast.actors["member"], how=How.SPOKEN, witness=WITNESS)
    assert keys.read_all([made], "name", "witness") == [{"name": NAME, "witness": WITNESS}]
    assert made.noted_by == "member"
    assert list(keys.found("name", NAME, city.pk)) == [made.subject]
    line = AuditEntry.objects.get(action="privacy.consent.give")
    assert (line.actor, line.space, line.fields) == ("member", city.pk, ["how", "text"])
    assert NAME not in str(list(AuditEntry.objects.values()))


def test_words_of_one_city_hold_in_no_other(city: Any, other_city: Any) -> None:
    text = actions.publish_text(SYSTEM, other_city.pk, Purpose.PLAN, {"th": "ยินยอม"}, sensitive=False)
    with pytest.raises(Refused, match="another city"):
        give_consent(SYSTEM, text, city.pk, on_paper())


def test_words_are_never_changed_only_followed_by_others(city: Any) -> None:
    made = agreed(city)
    following = actions.publish_text(SYSTEM, None, Purpose.CONTACT, {"th": "ใหม่", "en": " "}, sensitive=False)
    assert (following.version, following.words) == (2, {"th": "ใหม่"})
    made.refresh_from_db()
    assert made.text.version == 1
    with pytest.raises(TypeError, match="never changed"):
        made.text.save()


@pytest.mark.parametrize(
    ("words_", "months", "field"), [({"en": "x"}, 24, "words"), ({"th": "ก"}, 0, "months")]
)
def test_words_without_thai_or_without_an_end_are_refused(
    words_: dict[str, str], months: int, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.publish_text(SYSTEM, None, Purpose.PLAN, words_, sensitive=False, months=months)
    assert set(refused.value.message_dict) == {field}


def test_the_first_words_are_drafts_and_name_the_keeper(city: Any) -> None:
    for text in ConsentText.objects.filter(space=None):
        assert text.is_draft
        assert text.sensitive == text.words["th"].startswith("ข้าพเจ้ายินยอมโดยชัดแจ้ง")
        for language in ("th", "en"):
            shown = text.in_words(language, city.name)
            assert city.name in shown
            assert "{" not in shown


# --- taking back ----------------------------------------------------------------------------


def test_taking_the_last_consent_back_destroys_the_key_and_leaves_a_row_without_a_person(
    cast: Any, city: Any, django_capture_on_commit_callbacks: Any
) -> None:
    made = agreed(city, cast.actors["member"], how=How.SPOKEN, witness=WITNESS)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_consent(cast.actors["owner"], made)
    made.refresh_from_db()
    assert (made.name, made.witness) == (None, None)
    assert made.withdrawn_on == made.subject.destroyed_on == timezone.localdate()
    assert not BlindIndex.objects.exists()
    assert made.subject.pk not in keystore.holds()
    fields = AuditEntry.objects.filter(object_id__in=[made.pk, made.subject.pk]).values_list(
        "action", "fields"
    )
    assert ("privacy.consent.withdraw", ["destroyed_on"]) in [tuple(row) for row in fields]


def test_taking_one_of_two_back_erases_only_what_was_kept_for_it(city: Any) -> None:
    seen: list[tuple[Subject, str | None]] = []

    def eraser(subject: Subject, purpose: str | None) -> None:
        seen.append((subject, purpose))

    made = agreed(city)
    kept = agreed(city, purpose="plan", subject=made.subject)
    registries.on_withdrawal(eraser)
    try:
        withdraw_consent(SYSTEM, made)
        assert seen == [(made.subject, "contact")]
        assert keys.read(kept, "name") == NAME
        withdraw_consent(SYSTEM, kept)
        assert seen[1:] == [(made.subject, None)]
    finally:
        registries._erasers.remove(eraser)


def test_everything_is_taken_back_at_once_by_the_person_herself(cast: Any, city: Any) -> None:
    actor = cast.actors["stranger"]
    made = give_consent(actor, words(), city.pk, Said())
    give_consent(actor, words("plan"), city.pk, Said())
    withdraw_everything(actor, made.subject)
    assert not Consent.objects.filter(withdrawn_on=None).exists()
    assert Subject.objects.get().account is None
    again = give_consent(actor, words(), city.pk, Said())
    assert again.subject != made.subject


def test_what_is_gone_is_gone_and_taking_it_back_again_does_nothing(city: Any) -> None:
    made = agreed(city)
    withdraw_everything(SYSTEM, made.subject)
    before = AuditEntry.objects.count()
    withdraw_everything(SYSTEM, made.subject)
    withdraw_consent(SYSTEM, made)
    assert AuditEntry.objects.count() == before


def test_when_one_room_cannot_erase_nothing_is_taken_back_and_the_key_stays(city: Any) -> None:
    made = agreed(city)

    def fails(_subject: Subject, _purpose: str | None) -> None:
        raise RuntimeError("cannot")

    registries.on_withdrawal(fails)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            withdraw_consent(SYSTEM, made)
    finally:
        registries._erasers.remove(fails)
    assert keys.read(Consent.objects.get(), "name") == NAME


def test_a_consent_ends_by_itself_after_the_months_of_its_words(city: Any) -> None:
    made = agreed(city, day=date(2024, 1, 31))
    assert made.ends_on == date(2026, 1, 28)
    kept = agreed(city)
    run = actions.apply_retention(SYSTEM)
    assert run.counts["privacy.consent"] == 1
    made.refresh_from_db()
    kept.refresh_from_db()
    assert made.withdrawn_on is not None
    assert kept.withdrawn_on is None
