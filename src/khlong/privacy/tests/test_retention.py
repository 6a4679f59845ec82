"""What is over goes by itself, once, and only its counts are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from khlong.__main__ import main
from khlong.people.models import Attempt
from khlong.privacy import actions, registries
from khlong.privacy.models import Consent, PersonRequest, RetentionRun
from khlong.privacy.tests.makers import SYSTEM, agreed
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def over(city: Any) -> None:
    """One consent past its months, one request answered long ago, two wrong passwords of yesterday."""
    agreed(city, day=date(2020, 1, 31))
    request = actions.note_request(SYSTEM, agreed(city).subject, "correct", "card", "ช่วยแก้")
    actions.answer_request(SYSTEM, request, "แก้แล้ว")
    PersonRequest.objects.update(answered_on=timezone.localdate() - timedelta(days=400))
    Attempt.objects.bulk_create([Attempt(key="a"), Attempt(key="b")])
    Attempt.objects.update(at=timezone.now() - timedelta(days=1))


EXPECTED = {"privacy.consent": 1, "privacy.request": 1, "people.attempt": 2}


def test_what_is_over_goes_and_its_counts_stand_in_the_audit(over: None) -> None:
    run = actions.apply_retention(SYSTEM)
    assert run.counts == EXPECTED
    assert Consent.objects.filter(withdrawn_on=None).count() == 1
    assert PersonRequest.objects.get().words is None
    assert not Attempt.objects.exists()
    line = AuditEntry.objects.get(action="privacy.retention.apply")
    assert line.fields == ["people.attempt: 2", "privacy.consent: 1", "privacy.request: 1"]


def test_when_nothing_is_over_nothing_is_noted(over: None) -> None:
    actions.apply_retention(SYSTEM)
    before = AuditEntry.objects.count()
    assert actions.apply_retention(SYSTEM).counts == {}
    assert AuditEntry.objects.count() == before
    assert RetentionRun.objects.count() == 1


def test_a_dry_run_of_the_command_counts_and_removes_nothing(
    over: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["privacy", "retention", "--dry-run"]) == 0
    told = capsys.readouterr().out.split()
    assert [(told[at + 1], int(told[at])) for at in range(0, len(told), 2) if told[at] != "0"] == list(
        EXPECTED.items()
    )
    assert Attempt.objects.count() == 2
    assert main(["privacy", "retention"]) == 0
    assert "2 people.attempt" in capsys.readouterr().out
    assert main(["privacy", "retention"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"


def test_only_stewards_remove_what_is_over(cast: Any, over: None) -> None:
    with pytest.raises(Refused):
        actions.apply_retention(cast.actors["owner"])
    assert Attempt.objects.count() == 2


def test_every_period_says_how_long_why_and_whether_the_rule_was_confirmed() -> None:
    for period in registries.periods():
        assert str(period.why), period.key
        assert period.mark in {registries.CONFIRMED, registries.UNCONFIRMED}


def test_two_periods_of_one_name_are_a_fault_of_the_programme() -> None:
    with pytest.raises(RuntimeError, match="two periods"):
        registries.retention(registries.periods()[0])
