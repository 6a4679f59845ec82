"""A scribe enters what was said aloud or written on paper, and hands out the receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khlong.deliberation import receipts
from khlong.deliberation.models import Origin, Suggestion
from khlong.deliberation.suggesting import sheet_key
from khlong.deliberation.tests.speak_makers import Talk, code_on, fields_of, said, text_of
from khlong.people import keys
from khlong.people.actor import system_actor
from khlong.people.models import EndedKey
from khlong.privacy.actions import withdraw_consent
from khlong.privacy.sittings import begin_sitting, hold
from khlong.privacy.tests.makers import agreed
from khlong.record.models import AuditEntry
from khlong.strategy.models import PassageRevision
from khlong.thai.dates import format_date

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


def at(talk: Talk) -> str:
    return f"/rounds/{talk.ref}/scribe/{talk.measure.ref}/"


def sheet(**more: str) -> dict[str, str]:
    day = format_date(timezone.localdate(), "th")
    paper = {"origin": "paper", "sheet": "12", "site": "ศาลาหมู่ 3", "day": day, "consent": "on"}
    return said() | paper | more


def enter(browser: Client, talk: Talk, **more: str) -> Any:
    page = browser.get(at(talk)).content.decode()
    letter = fields_of(page) | sheet(**more)
    return browser.post(at(talk), {name: value for name, value in letter.items() if value != "-"})


def test_a_sheet_is_entered_with_place_day_and_the_words_of_consent(client_of: ClientOf, talk: Talk) -> None:
    answer = enter(client_of("member"), talk)
    code = code_on(answer)
    made = Suggestion.objects.get()
    assert (made.origin, made.sheet, made.site) == (Origin.PAPER, "12", "ศาลาหมู่ 3")
    assert (made.by, made.scribe, made.consent.purpose) == ("", "member", "plan")  # type: ignore[union-attr]
    assert made.receipt == receipts.digest_of(code)
    line = AuditEntry.objects.get(action="deliberation.suggestion.note")
    assert (line.actor, line.on_behalf_of) == ("member", "")


def test_passages_are_listed_in_the_readers_language_and_what_is_thai_alone_says_so(
    client_of: ClientOf, talk: Talk
) -> None:
    entry = talk.version.entries.select_related("revision__passage", "translation").get(item=talk.measure)
    english = PassageRevision(
        passage=entry.revision.passage, lang="en", text="Dig the canal", number=1, made_from=entry.revision
    )
    english.save()
    talk.version.entries.filter(pk=entry.pk).update(translation=english)
    alone = talk.version.entries.filter(translation=None)[0].revision.text
    browser, address = client_of("member"), f"/rounds/{talk.ref}/scribe/"
    english_page = browser.get(address, headers={"accept-language": "en"}).content.decode()
    assert "Dig the canal" in english_page
    assert 'lang="th"' not in english_page.partition("Dig the canal")[0].rpartition("<th ")[2]
    assert re.search(f'<span lang="th">{re.escape(alone[:6])}', english_page)
    assert "Dig the canal" not in browser.get(address, headers={"accept-language": "th"}).content.decode()


def test_the_receipt_of_a_sheet_is_the_one_on_its_slip(client_of: ClientOf, talk: Talk) -> None:
    code = code_on(enter(client_of("member"), talk))
    assert code == receipts.code_for(sheet_key(talk.round.pk, talk.measure.pk, "12"))


def test_place_and_day_stay_for_the_next_sheet_and_its_number_counts_on(
    client_of: ClientOf, talk: Talk
) -> None:
    browser = client_of("member")
    page = enter(browser, talk, sheet="ก-009").content.decode()
    again = page.split('href="' + at(talk) + "?")[1].split('"')[0].replace("&amp;", "&")
    form = browser.get(f"{at(talk)}?{again}").content.decode()
    assert 'value="ศาลาหมู่ 3"' in form
    assert 'value="ก-010"' in form


def test_a_sheet_that_was_entered_at_this_passage_before_is_asked_about(
    client_of: ClientOf, talk: Talk
) -> None:
    browser = client_of("member")
    enter(browser, talk)
    answer = enter(browser, talk, words="คนละใบ")
    assert answer.status_code == 409
    words = text_of(answer)
    assert "12-2" in words
    assert Suggestion.objects.get().ref in answer.content.decode()
    assert "คนละใบ" in words
    assert Suggestion.objects.count() == 1
    assert enter(browser, talk, words="คนละใบ", sheet="12-2").status_code == 200
    assert "12-3" in text_of(enter(browser, talk, words="อีกใบ"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"consent": "-"}, "id_consent"),
        ({"site": ""}, "id_site"),
        ({"sheet": ""}, "id_sheet"),
        ({"day": "เมื่อวาน"}, "id_day"),
        ({"day": "1 ม.ค. 2600"}, "id_day"),
    ],
)
def test_what_is_missing_on_a_sheet_is_named_at_its_field(
    client_of: ClientOf, talk: Talk, typed: dict[str, str], field: str
) -> None:
    answer = enter(client_of("member"), talk, **typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()
    assert Suggestion.objects.count() == 0


def test_what_was_said_before_the_last_day_is_in_time_whenever_it_is_entered(
    client_of: ClientOf, talk: Talk
) -> None:
    today = timezone.localdate()
    type(talk.round).objects.update(opens_on=today - timedelta(days=30), closes_on=today - timedelta(days=5))
    browser = client_of("member")
    enter(browser, talk, day=format_date(today - timedelta(days=9), "th"))
    enter(browser, talk, day=format_date(today - timedelta(days=2), "th"), sheet="13")
    assert [made.in_time for made in Suggestion.objects.order_by("said_on")] == [True, False]


def test_in_a_sitting_words_stand_under_the_pseudonym_of_the_person(
    client_of: ClientOf, talk: Talk, cast: Any, city: Any
) -> None:
    browser = client_of("member")
    consent = agreed(city, purpose="plan")
    pseudonym = begin_sitting(cast.actors["member"], consent)
    request = type("Request", (), {"session": browser.session})()
    hold(request, consent, pseudonym)
    request.session.save()
    enter(browser, talk, origin="spoken", sheet="")
    made = Suggestion.objects.get()
    assert (made.by, made.scribe, made.origin) == (pseudonym, "member", Origin.SPOKEN)


def test_who_takes_the_plan_back_takes_her_suggestions_back_and_no_older_copy_brings_them(
    client_of: ClientOf, talk: Talk, cast: Any, city: Any, django_capture_on_commit_callbacks: Any
) -> None:
    browser = client_of("member")
    consent = agreed(city, purpose="plan")
    agreed(city, subject=consent.subject)
    request = type("Request", (), {"session": browser.session})()
    hold(request, consent, begin_sitting(cast.actors["member"], consent))
    request.session.save()
    enter(browser, talk, origin="spoken", sheet="")
    older = Suggestion.objects.get()
    assert older.words
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_consent(system_actor("test"), consent)
    assert (Suggestion.objects.get().words, Suggestion.objects.get().by) == ("", "")
    EndedKey.objects.all().delete()
    older.save()
    assert keys.sweep() == 1
    made = Suggestion.objects.get()
    assert (made.words, made.by, made.site) == ("", "", "")


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_only_the_working_group_enters_and_prints(client_of: ClientOf, talk: Talk, who: str) -> None:
    browser = client_of(who)
    sheets = f"/rounds/{talk.ref}/sheets/{talk.measure.ref}.pdf?number=1&begin=1"
    for address in (f"/rounds/{talk.ref}/scribe/", at(talk), sheets):
        assert browser.get(address).status_code in {302, 403}
    assert browser.post(at(talk), sheet()).status_code in {302, 403}
    assert Suggestion.objects.count() == 0


def test_sheets_of_paper_bear_the_words_their_numbers_and_receipts(client_of: ClientOf, talk: Talk) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    answer = client_of("member").get(f"/rounds/{talk.ref}/sheets/{talk.measure.ref}.pdf?number=2&begin=7")
    assert answer.headers["Content-Type"] == "application/pdf"
    texts = [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(BytesIO(answer.content))]
    pages = ["".join(text.split()) for text in texts]
    assert len(pages) == 2
    for number, page in zip("78", pages, strict=True):
        assert receipts.code_for(sheet_key(talk.round.pk, talk.measure.pk, number)) in page
        assert f"ใบที่{number}" in page


def test_too_many_sheets_at_once_are_refused_in_words(client_of: ClientOf, talk: Talk) -> None:
    answer = client_of("member").get(f"/rounds/{talk.ref}/sheets/{talk.measure.ref}.pdf?number=1000&begin=1")
    assert answer.status_code == 422
    assert "100" in text_of(answer)
