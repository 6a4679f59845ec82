"""What was sealed when each person had one key: it is read, sealed again by purpose, and gone when it is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from khlong.__main__ import main
from khlong.people import keys, keystore
from khlong.people.keystore import NAMES, OLD, Master
from khlong.people.models import EndedKey, Pseudonym, Subject
from khlong.people.pseudonyms import pseudonym_of, standing_of
from khlong.people.sealing import new_key, seal_bytes
from khlong.people.tests.old_store import write_old
from khlong.privacy import jobs
from khlong.privacy.actions import note_request, withdraw_consent
from khlong.privacy.models import Consent, Identity, PersonRequest, RequestKind
from khlong.privacy.tests.makers import NAME, SYSTEM, WITNESS, agreed, words

pytestmark = pytest.mark.django_db
SECRET = "old-" * 12
ASKED = "ขอแก้ชื่อ"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_STORE, settings.MASTER_KEY_FILE = tmp_path / "keys.sqlite3", tmp_path / "master.key"
    (tmp_path / "master.key").touch(mode=0o600)
    (tmp_path / "master.key").write_text(SECRET)
    return Path(settings.KEY_STORE)


@pytest.fixture
def somsri(city: Any, store: Path) -> Subject:
    """Somebody of whom something was sealed before each purpose had its key: two consents and a request."""
    subject, key = Subject(pk=uuid4(), space=city.pk, made_on=timezone.localdate()), new_key()
    write_old(store, {subject.pk: key, uuid4(): new_key()}, uuid4(), Master.of(SECRET))
    subject.save(force_insert=True)

    def sealed(text: str, column: str) -> bytes:
        return seal_bytes(key, text.encode(), f"{subject.pk}:{column}")

    for purpose in ("plan", "contact"):
        made = Consent(subject=subject, text=words(purpose), language="th", how="paper")
        made.name, made.given_on = sealed(NAME, "privacy_consent.name"), timezone.localdate()
        made.witness = sealed(WITNESS, "privacy_consent.witness")
        made.save(force_insert=True)
    asked = PersonRequest(subject=subject, kind=RequestKind.CORRECT, identity=Identity.CARD)
    asked.asked_on, asked.words = timezone.localdate(), sealed(ASKED, "privacy_personrequest.words")
    asked.save(force_insert=True)
    return subject


def of(purpose: str) -> Consent:
    return Consent.objects.get(text__purpose=purpose)


def purposes(subject: Subject) -> list[str]:
    return sorted(key.purpose for key in keystore.rings_of([subject.pk]).get(subject.pk, {}).values())


def take_back(purpose: str, run: Any) -> None:
    with run(execute=True):
        withdraw_consent(SYSTEM, of(purpose))


def sealed_values() -> list[bytes]:
    rows = [
        *Consent.objects.values_list("name", "witness"),
        *PersonRequest.objects.values_list("words", "answer"),
    ]
    return [bytes(value) for row in rows for value in row if value is not None]


def test_what_one_key_sealed_is_read_and_what_is_written_now_is_under_the_key_of_its_purpose(
    city: Any, somsri: Subject
) -> None:
    assert keys.read_all([of("plan")], "name", "witness") == [{"name": NAME, "witness": WITNESS}]
    assert keys.read(PersonRequest.objects.get(), "words") == ASKED
    note_request(SYSTEM, somsri, RequestKind.OBJECT, Identity.CARD, "ไม่เห็นด้วย")
    agreed(city, purpose="pass_on", subject=somsri, explicit=True)
    assert purposes(somsri) == ["", OLD, "pass_on"]


def test_everything_is_sealed_again_once_and_reads_as_before(somsri: Subject) -> None:
    before = sealed_values()
    assert keys.reseal() == len(before) == 5
    after = sealed_values()
    assert {value[:1] for value in before} == {b"\x01"}
    assert {value[:1] for value in after} == {b"\x02"}
    assert purposes(somsri) == ["", "contact", OLD, "plan"]
    assert keys.read_all([of("plan")], "name", "witness") == [{"name": NAME, "witness": WITNESS}]
    assert keys.read(PersonRequest.objects.get(), "words") == ASKED
    assert keys.reseal() == 0
    assert sealed_values() == after


def test_what_no_key_opens_is_left_alone_by_sealing_again(somsri: Subject, city: Any) -> None:
    stranger = Subject.objects.create(space=city.pk, made_on=timezone.localdate())
    Consent.objects.filter(pk=of("contact").pk).update(subject=stranger)
    assert keys.reseal() == 3
    assert bytes(of("contact").name)[:1] == b"\x01"


def test_the_worker_does_it_once_a_day_and_a_command_at_once(
    somsri: Subject, capsys: pytest.CaptureFixture[str]
) -> None:
    class NoStep:
        def advance(self) -> None: ...

    assert jobs.remove_what_is_over(NoStep())["resealed"] == 5  # type: ignore[arg-type]
    assert main(["privacy", "reseal"]) == 0
    assert "0 values sealed again" in capsys.readouterr().out


@pytest.mark.parametrize("again", [True, False], ids=["sealed again", "not yet"])
def test_with_the_first_purpose_the_old_key_goes_and_what_remains_is_read(
    somsri: Subject, again: bool, django_capture_on_commit_callbacks: Any
) -> None:
    if again:
        keys.reseal()
    name = pseudonym_of(somsri, somsri.space or UUID(int=0))
    take_back("contact", django_capture_on_commit_callbacks)
    assert purposes(somsri) == ["", NAMES, "plan"]
    assert not keystore.rings_of([somsri.pk])[somsri.pk].keys() & {somsri.pk}
    assert of("contact").name is None
    assert keys.read_all([of("plan")], "name", "witness") == [{"name": NAME, "witness": WITNESS}]
    assert keys.read(PersonRequest.objects.get(), "words") == ASKED
    assert pseudonym_of(somsri, somsri.space or UUID(int=0)) == name, "she is known under the same name"
    assert standing_of(somsri) == [(somsri.space, name)]
    assert Pseudonym.objects.count() == 1
    take_back("plan", django_capture_on_commit_callbacks)
    assert purposes(somsri) == []


def test_a_stop_before_the_old_key_is_gone_is_mended_at_the_next_start(somsri: Subject) -> None:
    withdraw_consent(SYSTEM, of("contact"))
    assert OLD in purposes(somsri)
    assert keys.sweep() == 1
    assert purposes(somsri) == ["", NAMES, "plan"]
    assert keys.read(of("plan"), "name") == NAME


def test_a_copy_from_before_loses_what_remains_of_who_took_something_back_and_says_so(
    somsri: Subject, django_capture_on_commit_callbacks: Any
) -> None:
    older = list(Consent.objects.all())
    take_back("contact", django_capture_on_commit_callbacks)
    EndedKey.objects.all().delete()
    for row in older:
        row.save()
    lost: list[Subject] = []
    assert keys.sweep(lost.append) == 1
    assert lost == [somsri]
    assert (of("plan").name, of("plan").withdrawn_on) == (None, None)
    assert (of("contact").name, of("contact").withdrawn_on) == (None, timezone.localdate())
    assert keys.sweep(lost.append) == 0


def test_a_copy_from_after_sealing_again_keeps_what_remains(
    somsri: Subject, django_capture_on_commit_callbacks: Any
) -> None:
    keys.reseal()
    older = list(Consent.objects.all())
    take_back("contact", django_capture_on_commit_callbacks)
    EndedKey.objects.all().delete()
    for row in older:
        row.save()
    lost: list[Subject] = []
    assert keys.sweep(lost.append) == 1
    assert lost == []
    assert keys.read(of("plan"), "name") == NAME
    assert of("contact").name is None
