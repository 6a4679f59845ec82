"""The letter on what waits: when its hour comes, once, in the reader's language, and ended with one press."""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from khlong.people.actor import Actor, account_actor, system_actor
from khlong.people.models import User
from khlong.record import digest, mail, waits
from khlong.record.errors import Refused
from khlong.record.jobs import enqueue, work_off
from khlong.record.models import AuditEntry, Digest
from khlong.record.waits import Wait

BANGKOK = ZoneInfo("Asia/Bangkok")
SYSTEM = system_actor("test")
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=BANGKOK)


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", email="somying@example.org")


@pytest.fixture(autouse=True)
def one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Wait(
        "โทรหา <ผู้ใหญ่บ้าน>",
        "/tasks/1/",
        date(2026, 11, 1),
        date(2026, 11, 20),
        "งาน",
        "เมืองพะตง",
        is_example=True,
    )
    monkeypatch.setattr(waits, "_providers", [])
    waits.waits(lambda actor: [task])


@pytest.fixture(autouse=True)
def post_office(settings: Any) -> None:
    post = {"email.host": "mail.example.org", "email.sender": "Khlong <khlong@example.org>"}
    settings.KHLONG = dict(settings.KHLONG) | post | {"address": "https://khlong.example.org"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def wanted(user: User, every: str = "day", hour: int = 8, language: str = "th") -> Digest:
    """The wish as it stands on a day on which nothing has been sent yet."""
    made = digest.set_digest(account_actor(user), user, every, hour, language)
    Digest.objects.filter(pk=made.pk).update(period="")
    return Digest.objects.get(pk=made.pk)


def outcomes(now: datetime) -> list[str]:
    return [sent.outcome for sent in digest.send_due(now)]


@pytest.mark.parametrize(
    ("every", "now", "comes"),
    [
        ("day", MONDAY.replace(hour=7, minute=59), False),
        ("day", MONDAY.replace(hour=8, minute=0), True),
        ("day", MONDAY.replace(hour=23), True),
        ("week", MONDAY.replace(hour=7), False),
        ("week", MONDAY, True),
        ("week", MONDAY.replace(day=25, hour=1), True),
        ("never", MONDAY, False),
    ],
)
def test_it_comes_when_its_hour_has_come(somying: User, every: str, now: datetime, comes: bool) -> None:
    wanted(somying, every)
    assert [row.pk for row in digest.due(now)] == ([somying.pk] if comes else [])


def test_it_comes_once_a_day_and_again_the_next(somying: User) -> None:
    wanted(somying)
    assert outcomes(MONDAY) == ["sent"]
    assert outcomes(MONDAY.replace(hour=20)) == []
    assert outcomes(MONDAY.replace(day=24)) == ["sent"]
    assert len(outbox.outbox) == 2


def test_a_weekly_one_comes_once_a_week(somying: User) -> None:
    wanted(somying, "week")
    assert outcomes(MONDAY) == ["sent"]
    assert outcomes(MONDAY.replace(day=29)) == []
    assert outcomes(MONDAY.replace(day=30)) == ["sent"]


def test_two_senders_at_once_send_one_letter(somying: User) -> None:
    row = wanted(somying)
    with mail.carrier() as carrier:
        first, second = digest._send(carrier, row, MONDAY), digest._send(carrier, row, MONDAY)
    assert (first.outcome, second.outcome) == ("sent", "sent by another")
    assert len(outbox.outbox) == 1


def test_one_who_sets_it_after_the_hour_waits_for_the_next_day(
    somying: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localtime", lambda value=None: value or MONDAY)
    digest.set_digest(account_actor(somying), somying, "day", 8, "th")
    assert digest.due(MONDAY) == []
    assert len(digest.due(MONDAY.replace(day=24))) == 1


def test_nothing_is_sent_when_nothing_waits(somying: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "_providers", [])
    wanted(somying)
    assert outcomes(MONDAY) == ["nothing waits"]
    assert outbox.outbox == []


def test_a_closed_account_and_one_without_an_address_get_none(somying: User) -> None:
    wanted(somying)
    User.objects.filter(pk=somying.pk).update(is_active=False)
    assert digest.due(MONDAY) == []
    User.objects.filter(pk=somying.pk).update(is_active=True, email="")
    assert digest.due(MONDAY) == []


def test_a_server_that_does_not_answer_uses_up_nobodys_day(
    somying: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted(somying)

    def dead() -> Any:
        raise mail.NotReached("refused")

    with monkeypatch.context() as patch:
        patch.setattr(mail, "carrier", dead)
        with pytest.raises(mail.NotReached):
            digest.send_due(MONDAY)
    assert outcomes(MONDAY) == ["sent"]


def test_a_port_on_which_nobody_listens_is_not_reached(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(mail.NotReached), mail.carrier():
        pass


def test_a_refused_letter_is_told_and_the_others_go(somying: User, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted(somying)
    wanted(User.objects.create_user("prasert", email="prasert@example.org"))
    honest = mail.carrier

    class Choosy:
        def __init__(self, inner: mail.Carrier) -> None:
            self.inner = inner

        def send(self, letter: mail.Letter) -> None:
            if letter.to == "somying@example.org":
                raise OSError("mailbox full")
            self.inner.send(letter)

    @contextlib.contextmanager
    def choosy() -> Any:
        with honest() as inner:
            yield Choosy(inner)

    monkeypatch.setattr(mail, "carrier", choosy)
    assert sorted(outcomes(MONDAY)) == ["refused by the server: OSError", "sent"]
    assert [message.to for message in outbox.outbox] == [["prasert@example.org"]]


def test_a_dry_run_sends_nothing_and_uses_nothing_up(somying: User) -> None:
    wanted(somying)
    assert [(s.username, s.number, s.outcome) for s in digest.send_due(MONDAY, dry_run=True)] == [
        ("somying", 1, "would be sent")
    ]
    assert outbox.outbox == []
    assert outcomes(MONDAY) == ["sent"]


def test_the_job_of_every_half_hour_sends_what_is_due_and_names_nobody(
    somying: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localtime", lambda value=None: value or MONDAY)
    wanted(somying)
    made = enqueue(SYSTEM, "record.digest.send")
    work_off()
    made.refresh_from_db()
    assert (made.state, made.result) == ("done", {"sent": 1})
    assert len(outbox.outbox) == 1


# --- the letter --------------------------------------------------------------------------------------


def the_letter(user: User, language: str = "th") -> Any:
    wanted(user, language=language)
    digest.send_due(MONDAY)
    return outbox.outbox[0]


def test_a_thai_letter_has_thai_words_and_the_buddhist_era(somying: User) -> None:
    message = the_letter(somying)
    html = message.alternatives[0][0]
    assert message.subject == "คลอง: มี 1 เรื่องรอคุณอยู่"
    for text in (message.body, html):
        assert "23 พฤศจิกายน 2569" in re.sub(r"<[^>]+>", "", text)
        assert "เลยกำหนด 3 วัน" in text
        assert "เมืองพะตง (ข้อมูลตัวอย่าง)" in text
        assert "https://khlong.example.org/tasks/1/" in text
    assert "โทรหา <ผู้ใหญ่บ้าน>" in message.body
    assert "โทรหา &lt;ผู้ใหญ่บ้าน&gt;" in html


def test_an_english_letter_has_english_words_and_the_common_era(somying: User) -> None:
    message = the_letter(somying, "en")
    assert message.subject == "Khlong: 1 thing waits for you"
    assert "23 November 2026" in message.body
    assert "3 days late" in message.body
    assert '<html lang="en">' in message.alternatives[0][0]


def test_a_letter_names_nobody_and_goes_to_one_address(somying: User) -> None:
    somying.display_name = "สมหญิง ใจดี"
    somying.save()
    message = the_letter(somying)
    assert (message.to, message.cc, message.bcc) == (["somying@example.org"], [], [])
    assert "สมหญิง" not in message.body + message.alternatives[0][0]
    assert "somying" not in message.body + message.alternatives[0][0]


def test_a_long_list_is_cut_and_says_how_much_more_there_is(
    somying: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "_providers", [])
    waits.waits(lambda actor: [Wait(f"เรื่อง {n:03d}", "/x/", date(2026, 1, 1)) for n in range(45)])
    assert "และอีก 5 เรื่องในหน้าเว็บ" in the_letter(somying).body


# --- stopping ----------------------------------------------------------------------------------------


def test_the_link_in_the_head_of_a_letter_ends_them_without_signing_in_and_without_a_token_of_a_form(
    somying: User,
) -> None:
    message = the_letter(somying)
    stop = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in message.body
    client, path = Client(enforce_csrf_checks=True), stop.removeprefix("https://khlong.example.org")
    assert client.get(path).status_code == 200
    assert Digest.objects.get(user=somying).every == "day"
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Digest.objects.get(user=somying).every == "never"
    assert client.post(path).status_code == 200
    assert AuditEntry.objects.filter(action="record.digest.stop").count() == 1
    assert outcomes(MONDAY.replace(day=24)) == []


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 32 + ".abc", "a.b.c"])
def test_a_forged_link_ends_nothing(somying: User, token: str) -> None:
    wanted(somying)
    assert Client().post(f"/waits/stop/{token}/").status_code == 404
    assert Digest.objects.get(user=somying).every == "day"


def test_a_link_ends_the_letters_of_one_account_only(somying: User) -> None:
    other = wanted(User.objects.create_user("prasert", email="prasert@example.org"))
    digest.stop(wanted(somying))
    other.refresh_from_db()
    assert other.every == "day"


# --- the page ----------------------------------------------------------------------------------------


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_somebody_sets_her_own_letter_on_a_page(somying: User) -> None:
    client = client_of(somying)
    response = client.post("/waits/letter/", {"every": "week", "hour": "6"})
    assert response["Location"] == "/account/"
    row = Digest.objects.get(user=somying)
    assert (row.every, row.hour, row.language) == ("week", 6, "th")
    html = client.get("/account/").content.decode()
    assert "ส่งอีเมลทุกวันจันทร์ เวลา 06:00 น." in re.sub(r"<[^>]+>", "", html)


def test_without_an_address_it_is_refused_with_the_mend_and_what_was_chosen_stays(db: None) -> None:
    client = client_of(User.objects.create_user("prasert"))
    response = client.post("/waits/letter/", {"every": "day", "hour": "17"})
    assert response.status_code == 422
    html = response.content.decode()
    assert "บัญชีของคุณยังไม่มีอีเมล กรอกที่หน้าบัญชีผู้ใช้ก่อน" in re.sub(r"<[^>]+>", "", html)
    assert '<option value="17" selected' in html
    assert not Digest.objects.exists()


@pytest.mark.parametrize("missing", ["email.host", "address"])
def test_the_pages_say_when_no_e_mail_is_set_up(somying: User, settings: Any, missing: str) -> None:
    settings.KHLONG = settings.KHLONG | {missing: ""}
    client = client_of(somying)
    for path in ("/waits/letter/", "/account/"):
        assert "ระบบนี้ยังส่งอีเมลไม่ได้" in re.sub(r"<[^>]+>", "", client.get(path).content.decode())
    wanted(somying)
    assert digest.send_due(MONDAY) == []


def test_the_page_is_for_those_who_are_signed_in(db: None, client: Client) -> None:
    assert client.get("/waits/letter/")["Location"] == "/signin/?next=/waits/letter/"


@pytest.mark.parametrize("typed", [{"every": "hourly", "hour": "8"}, {"every": "day", "hour": "24"}, {}])
def test_what_nobody_could_choose_is_refused(somying: User, typed: dict[str, str]) -> None:
    assert client_of(somying).post("/waits/letter/", typed).status_code == 422
    assert not Digest.objects.exists()


def test_nobody_sets_the_letter_of_another(somying: User) -> None:
    other: Actor = account_actor(User.objects.create_user("prasert"))
    with pytest.raises(Refused):
        digest.set_digest(other, somying, "never", 8, "th")
    with pytest.raises(ValidationError):
        digest.set_digest(other, other.user, "day", 8, "th")  # type: ignore[arg-type]


def test_the_command_says_what_it_would_do_and_what_it_did(
    somying: User, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from khlong.__main__ import main

    monkeypatch.setattr(timezone, "localtime", lambda value=None: value or MONDAY)
    wanted(somying)
    assert main(["digest", "--dry-run"]) == 0
    assert main(["digest"]) == 0
    assert main(["digest"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "somying\t1\twould be sent",
        "somying\t1\tsent",
        "nobody's hour has come",
    ]
    settings.KHLONG = settings.KHLONG | {"email.host": ""}
    assert main(["digest"]) == 2
    assert "KHLONG_EMAIL_HOST" in capsys.readouterr().err
