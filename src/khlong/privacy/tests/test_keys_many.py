"""Keys and sealed columns of many people at once."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from khlong.people import keys, keystore
from khlong.privacy.models import Consent, ConsentText, How

pytestmark = pytest.mark.django_db


def consents(count: int) -> list[Consent]:
    people = keys.new_subjects([uuid4() for _ in range(count)], space=uuid4())
    text = ConsentText.objects.get(space=None, purpose="contact", version=1)
    return [
        Consent(subject=who, text=text, language="th", how=How.PAPER, given_on=date(2026, 1, 5))
        for who in people
    ]


def test_each_of_many_has_a_key_of_her_own() -> None:
    rows = consents(5)
    held = keystore.rings_of([row.subject_id for row in rows])
    assert len({key.key for ring in held.values() for key in ring.values()}) == len(held) == 5


def test_what_is_sealed_for_many_opens_one_by_one() -> None:
    rows = consents(3)
    keys.put_all(rows, "name", ["สมศรี", "", "ปราณี"])
    assert [keys.read(row, "name") for row in rows] == ["สมศรี", "", "ปราณี"]
    assert rows[1].name is None


def test_one_who_withdrew_among_many_is_refused() -> None:
    rows = consents(2)
    keystore.destroy([rows[1].subject_id], date(2026, 1, 6))
    with pytest.raises(keys.KeyGoneError):
        keys.put_all(rows, "name", ["สมศรี", "ปราณี"])
