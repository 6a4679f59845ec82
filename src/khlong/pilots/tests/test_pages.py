"""Pilots in the browser: forms that keep what was typed, receipts that stay within, sums that everybody reads."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from openpyxl import load_workbook

from khlong.chain.models import Kind, Visibility
from khlong.network.models import Meeting
from khlong.network.tests.makers import make_meeting, page
from khlong.paper.docx import to_docx
from khlong.paper.tests.fits import broken_headings, broken_in_sheets
from khlong.paper.xlsx import to_xlsx
from khlong.people.actor import ANONYMOUS, Bounds, token_actor
from khlong.people.models import User
from khlong.pilots import hand_over
from khlong.pilots.models import Change, Expense, HandOver, MoneyLine, Pilot, PilotActivity, Value, WorkStep
from khlong.pilots.money import approve_expense
from khlong.pilots.papers import Papers
from khlong.pilots.tests.makers import (
    SYSTEM,
    make_activity,
    make_expense,
    make_indicator,
    make_line,
    make_pilot,
    make_receipt,
    make_step,
    make_value,
)
from khlong.places.models import City, Source
from khlong.record import store
from khlong.record.errors import FileRefused, Refused
from khlong.record.filed import File
from khlong.record.jobs import cancel, work_off
from khlong.record.models import Job, JobState
from khlong.record.tests import drawn
from khlong.strategy.faces import tell
from khlong.strategy.models import Indicator, Item, ItemKind
from khlong.strategy.tests.makers import whole_plan

ClientOf = Callable[[str], Client]


@pytest.fixture
def pilot(city: City, cast: Any) -> Pilot:
    return make_pilot(city)


@pytest.fixture
def meeting(city: City, source: Source) -> Meeting:
    return make_meeting(city.node, source, "2026-02-02")


def to(name: str, *args: Any) -> str:
    return reverse(f"pilots:{name}", args=args)


def second_client(name: str, cast: Any) -> Client:
    client = Client()
    client.force_login(getattr(cast, name))
    return client


# --- pilots ----------------------------------------------------------------------------------------


def test_a_pilot_begins_with_the_measure_that_the_address_names(
    city: City, source: Source, client_of: ClientOf
) -> None:
    whole_plan(city, source)
    measure = Item.objects.filter(kind=ItemKind.MEASURE).select_related("node").order_by("node__ref")[0]
    client, address = client_of("member"), f"{to('add_pilot', city.slug)}?measure={measure.ref}"
    shown = client.get(address).content.decode()
    assert re.search(rf'value="{measure.pk}"[^>]*checked', shown)
    assert measure.title in shown
    typed = {"name_th": "เวรเฝ้าระวัง", "aim_th": "ขนของทัน", "state": "planned", "measures": [str(measure.pk)]}
    response = client.post(address, typed | {"starts_on": "5 ม.ค. 2569", "ends_on": "31 ธ.ค. 2569"})
    made = Pilot.objects.get()
    assert response["Location"] == made.get_absolute_url() == "/pilots/L-PTG-0001/"
    assert (made.starts_on, made.node.visibility) == (date(2026, 1, 5), Visibility.MEMBERS)
    assert made.node.upstream.get().up_id == measure.pk
    assert client_of("anonymous").get(made.get_absolute_url()).status_code == 404
    client.post(to("publish_pilot", made.ref))
    assert client_of("anonymous").get(made.get_absolute_url()).status_code == 200


def test_a_measure_of_another_city_is_said_to_be_one(
    city: City, other_city: City, source: Source, client_of: ClientOf
) -> None:
    whole_plan(other_city, source)
    theirs = Item.objects.filter(kind=ItemKind.MEASURE).select_related("node")[0]
    theirs.node.visibility = Visibility.PUBLIC
    theirs.node.save()
    shown = client_of("member").get(f"{to('add_pilot', city.slug)}?measure={theirs.ref}").content.decode()
    assert theirs.ref in shown
    assert theirs.title not in shown


def test_a_refused_form_keeps_what_was_typed(city: City, client_of: ClientOf) -> None:
    response = client_of("member").post(
        to("add_pilot", city.slug), {"name_th": "เวรเฝ้าระวัง", "starts_on": "32 ม.ค. 2569", "state": "planned"}
    )
    shown = response.content.decode()
    assert response.status_code == 422
    assert "32 ม.ค. 2569" in shown
    assert "เวรเฝ้าระวัง" in shown
    assert not Pilot.objects.exists()


@pytest.mark.parametrize("name", ["add_pilot", "add_value"])
def test_others_are_not_shown_the_forms(city: City, client_of: ClientOf, name: str) -> None:
    assert client_of("observer").get(to(name, city.slug)).status_code == 403
    assert client_of("stranger").get(to(name, city.slug)).status_code == 403
    assert client_of("anonymous").get(to(name, city.slug)).status_code == 302


def test_the_list_is_narrowed_by_state_and_words(city: City, client_of: ClientOf) -> None:
    make_pilot(city, name_th="เวรเฝ้าระวัง")
    make_pilot(city, name_th="ปลูกป่าชายเลน", state="done")
    anonymous = client_of("anonymous")
    assert "ปลูกป่า" in page(anonymous, to("all"))
    assert "ปลูกป่า" not in page(anonymous, f"{to('pilots', city.slug)}?state=running")
    assert "เวรเฝ้า" not in page(anonymous, f"{to('all')}?q=ป่า")
    assert anonymous.get(f"{to('all')}?state=nonsense").status_code == 200


def test_lists_ask_as_often_for_many_pilots_as_for_few(
    city: City, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        make_pilot(city, name_th=f"โครงการ {number}")
    client = client_of("owner")
    for address in (to("all"), to("pilots", city.slug), f"{to('all')}?page=2"):
        with django_assert_max_num_queries(8):
            assert client.get(address).status_code == 200


def test_the_page_of_a_pilot_asks_at_most_twelve_times_however_much_stands_in_it(
    city: City, pilot: Pilot, meeting: Meeting, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        make_step(pilot, f"ขั้น {number}", due=date(2026, 1 + number, 1), order=number)
        make_line(pilot, text=f"ค่า {number}")
        make_activity(pilot, meeting=meeting, name_th=f"กิจกรรม {number}")
        indicator = make_indicator(city.node, city, name_th=f"ตัวชี้วัด {number}")
        pilot.indicators.add(indicator)
        make_value(indicator, meeting, pilot)
    client = client_of("owner")
    for name in ("pilot", "money", "activities", "history"):
        with django_assert_max_num_queries(12):
            assert client.get(to(name, pilot.ref)).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get(Value.objects.all()[0].get_absolute_url()).status_code == 200


def test_a_step_is_added_and_noted_as_done(pilot: Pilot, client_of: ClientOf) -> None:
    client = client_of("member")
    client.post(to("add_step", pilot.ref), {"text_th": "ปักเสา", "due": "1 มี.ค. 2569", "order": "1"})
    step = WorkStep.objects.get()
    assert step.due == date(2026, 3, 1)
    client.post(to("step_done", pilot.ref, step.pk))
    assert WorkStep.objects.get().done_on is not None
    assert client_of("observer").post(to("step_done", pilot.ref, step.pk)).status_code == 404


def test_a_lesson_that_did_not_work_says_so(pilot: Pilot, client_of: ClientOf) -> None:
    typed = {"text_th": "ไม้ไผ่ผุเร็ว", "worked": "no", "on": "1 มี.ค. 2569"}
    client_of("member").post(to("add_lesson", pilot.ref), typed)
    assert pilot.lessons.get().worked is False
    shown = page(client_of("anonymous"), pilot.get_absolute_url())
    assert "ไม้ไผ่ผุเร็ว" in shown


def test_a_line_of_a_running_pilot_asks_why_its_amount_changes(pilot: Pilot, client_of: ClientOf) -> None:
    line, client = make_line(pilot), client_of("member")
    typed = {"text_th": line.text_th, "satang": "2,000", "order": "1"}
    assert client.post(to("edit_line", pilot.ref, line.pk), typed | {"why": ""}).status_code == 422
    assert MoneyLine.objects.get().satang == 100000
    assert client.post(to("edit_line", pilot.ref, line.pk), typed | {"why": "ไม้ขึ้นราคา"}).status_code == 302
    assert (MoneyLine.objects.get().satang, Change.objects.get().why) == (200000, "ไม้ขึ้นราคา")


@pytest.mark.parametrize("typed", ["ห้าร้อย", "1.005", "", "-5"])
def test_an_amount_that_cannot_be_one_is_refused_at_its_field(
    pilot: Pilot, client_of: ClientOf, typed: str
) -> None:
    response = client_of("member").post(
        to("add_line", pilot.ref), {"text_th": "ค่าไม้", "satang": typed, "order": "1"}
    )
    assert response.status_code == 422
    assert not MoneyLine.objects.exists()


# --- expenses --------------------------------------------------------------------------------------


def expense_typed(line: MoneyLine, **more: Any) -> dict[str, Any]:
    values = {"line": str(line.pk), "text": "ซื้อเสาไม้", "satang": "๔๐๐", "paid_on": "3 ก.พ. 2569"}
    return values | {"receipt_no": "12/2569"} | more


def test_an_expense_is_entered_by_one_and_approved_by_another_in_the_browser(
    pilot: Pilot, client_of: ClientOf, cast: Any
) -> None:
    line, member = make_line(pilot), client_of("member")
    photo = drawn.upload(drawn.jpeg((600, 800)), "ใบเสร็จ.jpg")
    assert member.post(to("add_expense", pilot.ref), expense_typed(line, receipt=photo)).status_code == 302
    expense = Expense.objects.get()
    address = to("expense", pilot.ref, expense.pk)
    assert (expense.satang, expense.entered_by) == (40000, "member")
    for own in (member, second_client("member", cast)):
        assert 'name="decide"' not in own.get(address).content.decode()
        assert own.post(address, {"decide": "approve"}).status_code == 403
    assert Expense.objects.get().state == "waiting"
    owner = client_of("owner")
    shown = owner.get(address).content.decode()
    assert str(expense.receipt_id) in shown
    assert owner.post(address, {"decide": "approve"}).status_code == 302
    assert Expense.objects.get().decided_by == "owner"


def test_nobody_approves_her_own_expense_with_a_token_either(pilot: Pilot, cast: Any) -> None:
    expense = make_expense(make_line(pilot))
    Expense.objects.filter(pk=expense.pk).update(entered_by="member")
    with pytest.raises(Refused):
        approve_expense(token_actor(cast.member, Bounds(writes=True)), Expense.objects.get())


def test_a_receipt_that_came_in_stays_in_a_form_that_is_refused(pilot: Pilot, client_of: ClientOf) -> None:
    line, client = make_line(pilot), client_of("member")
    photo = drawn.upload(drawn.jpeg((600, 800)), "ใบเสร็จ.jpg")
    typed = expense_typed(line, receipt=photo, satang="มาก", receipt_no="")
    response = client.post(to("add_expense", pilot.ref), typed)
    kept = File.objects.get()
    assert response.status_code == 422
    assert f'name="receipt-kept" value="{kept.pk}"' in response.content.decode()
    again = expense_typed(line, receipt_no="") | {"receipt-kept": str(kept.pk)}
    assert client.post(to("add_expense", pilot.ref), again).status_code == 302
    assert Expense.objects.get().receipt == kept


def test_a_file_of_another_kind_is_refused_in_words_and_nothing_is_lost(
    pilot: Pilot, client_of: ClientOf
) -> None:
    bad = drawn.upload(b"<html>", "receipt.jpg")
    response = client_of("member").post(
        to("add_expense", pilot.ref), expense_typed(make_line(pilot), receipt=bad)
    )
    assert response.status_code == 422
    assert "12/2569" in response.content.decode()
    assert not Expense.objects.exists()


def test_an_expense_above_its_line_asks_the_approver_for_a_reason(pilot: Pilot, client_of: ClientOf) -> None:
    expense = make_expense(make_line(pilot, baht=100))
    address, owner = to("expense", pilot.ref, expense.pk), client_of("owner")
    response = owner.post(address, {"decide": "approve", "over_why": ""})
    assert response.status_code == 422
    assert 'name="over_why"' in response.content.decode()
    assert owner.post(address, {"decide": "approve", "over_why": "ไม้ขึ้นราคา"}).status_code == 302
    assert Expense.objects.get().over_why == "ไม้ขึ้นราคา"


def test_an_expense_comes_back_with_a_reason(pilot: Pilot, client_of: ClientOf) -> None:
    expense = make_expense(make_line(pilot))
    address, owner = to("expense", pilot.ref, expense.pk), client_of("owner")
    assert owner.post(address, {"decide": "return", "why": ""}).status_code == 422
    assert owner.post(address, {"decide": "return", "why": "เลขที่ไม่ตรง"}).status_code == 302
    assert "เลขที่ไม่ตรง" in page(owner, address)


def test_everybody_reads_sums_and_nobody_outside_an_expense_or_a_receipt(
    pilot: Pilot, client_of: ClientOf, city: City, cast: Any
) -> None:
    receipt = make_receipt(cast.actors["member"], city.node)
    expense = make_expense(make_line(pilot), cast.actors["member"], receipt=receipt, text="ค่าจ้างนายดำ")
    approve_expense(cast.actors["owner"], expense)
    for who in ("anonymous", "stranger"):
        client = client_of(who)
        shown = page(client, to("money", pilot.ref)) + page(client, pilot.get_absolute_url())
        assert "400" in shown
        assert "นายดำ" not in shown
        assert str(receipt.pk) not in client.get(to("money", pilot.ref)).content.decode()
        assert client.get(to("expense", pilot.ref, expense.pk)).status_code == 404
        assert client.get(receipt.get_absolute_url()).status_code == 404
    observer = client_of("observer")
    assert "นายดำ" in page(observer, to("money", pilot.ref))
    assert str(receipt.pk) not in observer.get(to("expense", pilot.ref, expense.pk)).content.decode()


def test_an_approved_expense_has_no_form_any_more(pilot: Pilot, client_of: ClientOf, cast: Any) -> None:
    expense = make_expense(make_line(pilot), cast.actors["member"])
    approve_expense(cast.actors["owner"], expense)
    member = client_of("member")
    assert member.get(to("edit_expense", pilot.ref, expense.pk)).status_code == 403
    assert member.post(to("remove_expense", pilot.ref, expense.pk)).status_code == 403


# --- activities ------------------------------------------------------------------------------------


def test_photos_before_and_after_stand_side_by_side_with_their_words(
    pilot: Pilot, client_of: ClientOf
) -> None:
    typed = {"name_th": "ขุดลอก", "on": "1 มี.ค. 2569", "before_alt": "คลองตื้น", "after_alt": "คลองลึก"}
    photos = {name: drawn.upload(drawn.jpeg((80, 60)), f"{name}.jpg") for name in ("before", "after")}
    client = client_of("member")
    assert client.post(to("add_activity", pilot.ref), typed | photos).status_code == 302
    assert "คลองตื้น" not in page(client_of("anonymous"), pilot.get_absolute_url())
    row = PilotActivity.objects.get()
    again = typed | {"shown_agree": "on", "before-kept": str(row.before_id), "after-kept": str(row.after_id)}
    assert client.post(to("edit_activity", pilot.ref, row.pk), again).status_code == 302
    anonymous = client_of("anonymous")
    shown = anonymous.get(pilot.get_absolute_url()).content.decode()
    assert 'alt="คลองตื้น"' in shown
    assert shown.index('alt="คลองตื้น"') < shown.index('alt="คลองลึก"')
    fresh = PilotActivity.objects.select_related("before").get()
    assert fresh.before is not None
    got = anonymous.get(fresh.before.url_of(400))
    assert got.status_code == 200
    assert read(got)


def test_a_photo_without_words_is_refused_and_stays(pilot: Pilot, client_of: ClientOf) -> None:
    typed = {"name_th": "ขุดลอก", "on": "1 มี.ค. 2569"}
    photo = {"before": drawn.upload(drawn.jpeg((80, 60)), "before.jpg")}
    response = client_of("member").post(to("add_activity", pilot.ref), typed | photo)
    assert response.status_code == 422
    assert str(File.objects.get().pk) in response.content.decode()
    assert not PilotActivity.objects.exists()


def test_a_photo_is_taken_out_again(pilot: Pilot, client_of: ClientOf, city: City) -> None:
    row = make_activity(pilot, before=make_receipt(SYSTEM, city.node), before_alt="คลองตื้น")
    typed = {"name_th": "ขุดลอก", "on": "1 มี.ค. 2569", "before-kept": str(row.before_id), "before-gone": "1"}
    client_of("member").post(to("edit_activity", pilot.ref, row.pk), typed)
    assert PilotActivity.objects.get().before is None


# --- values ----------------------------------------------------------------------------------------


def value_typed(indicator: Indicator, **more: Any) -> dict[str, Any]:
    values = {"indicator": str(indicator.pk), "period_from": "1 ม.ค. 2569", "period_to": "31 มี.ค. 2569"}
    return values | {"how": "entered", "value": "๑๘", "evidence_note": "นับหน้าร้าน"} | more


def test_a_value_is_entered_with_the_reference_of_a_meeting(
    city: City, meeting: Meeting, client_of: ClientOf
) -> None:
    indicator, client = make_indicator(city.node, city), client_of("member")
    typed = value_typed(indicator, evidence_node=meeting.ref.lower())
    response = client.post(to("add_value", city.slug), typed)
    value = Value.objects.get()
    assert response["Location"] == value.get_absolute_url() == "/values/V-PTG-0001/"
    assert (int(value.value), value.evidence_node_id) == (18, meeting.pk)
    shown = page(client_of("anonymous"), value.get_absolute_url())
    assert "18" in shown
    assert meeting.ref in shown


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"evidence_node": "nonsense"},
        {"evidence_node": "W-PTG-9999"},
        {"value": "มาก", "evidence_node": "W-PTG-0001"},
        {"value": "", "evidence_node": "W-PTG-0001"},
        {"how": "computed"},
    ],
)
def test_a_value_that_cannot_stand_is_refused_with_all_that_was_typed(
    city: City, meeting: Meeting, client_of: ClientOf, typed: dict[str, Any]
) -> None:
    indicator = make_indicator(city.node, city)
    response = client_of("member").post(to("add_value", city.slug), value_typed(indicator, **typed))
    assert response.status_code == 422
    assert "นับหน้าร้าน" in response.content.decode()
    assert not Value.objects.exists()


def test_a_value_is_computed_in_the_browser_and_computed_again_with_its_difference(
    city: City, source: Source, meeting: Meeting, client_of: ClientOf
) -> None:
    ruled, client = make_indicator(city.node, city, rule="network.meetings"), client_of("member")
    address = f"{to('add_value', city.slug)}?indicator={ruled.ref}"
    assert re.search(r'value="computed"[^>]*checked', client.get(address).content.decode())
    typed = value_typed(ruled, how="computed", value="", evidence_note="")
    assert client.post(address, typed).status_code == 302
    value = Value.objects.get()
    assert (int(value.value), value.rule) == (1, "network.meetings")
    shown = page(client_of("anonymous"), value.get_absolute_url())
    assert meeting.name in shown
    later = make_meeting(city.node, source, "2026-03-03")
    again = to("recompute", value.ref)
    offered = client.get(again).content.decode()
    assert later.ref in offered
    assert 'name="seen" value="2"' in offered
    assert client.post(again, {"seen": "3"}).status_code == 422
    assert client.post(again, {"seen": "2", "why": "เพิ่มการประชุม"}).status_code == 302
    assert Value.objects.get().revision == 2
    assert client.get(to("edit_value", value.ref))["Location"] == again


def test_a_value_of_a_pilot_is_entered_from_its_page(
    city: City, meeting: Meeting, client_of: ClientOf
) -> None:
    indicator = make_indicator(city.node, city)
    pilot = make_pilot(city, indicators=[indicator])
    client = client_of("member")
    shown = client.get(to("add_pilot_value", pilot.ref)).content.decode()
    assert f'<option value="{pilot.pk}" selected>' in shown
    assert f'<option value="{indicator.pk}" selected>' in shown
    typed = value_typed(indicator, pilot=str(pilot.pk), evidence_node=meeting.ref)
    assert client.post(to("add_pilot_value", pilot.ref), typed).status_code == 302
    assert Value.objects.get().pilot == pilot


def test_evidence_files_are_got_by_who_writes_in_the_city(city: City, client_of: ClientOf, cast: Any) -> None:
    file = make_receipt(cast.actors["member"], city.node)
    value = make_value(make_indicator(city.node, city), None, evidence_file=file)
    address = value.get_absolute_url()
    assert file.name in page(client_of("member"), address)
    assert file.name not in page(client_of("anonymous"), address)


# --- the hand-over file ----------------------------------------------------------------------------


@pytest.fixture
def whole(city: City, pilot: Pilot, meeting: Meeting, cast: Any) -> Pilot:
    """A pilot with something of everything in it."""
    indicator = make_indicator(city.node, city)
    pilot.indicators.add(indicator)
    make_step(pilot, "ปักเสา", due=date(2026, 3, 1))
    line = make_line(pilot)
    receipt = make_receipt(cast.actors["member"], city.node)
    make_expense(line, cast.actors["member"], receipt=receipt, text="ค่าจ้างนายดำ")
    make_activity(pilot, meeting=meeting, before=make_receipt(SYSTEM, city.node), before_alt="คลองตื้น")
    make_value(indicator, meeting, pilot)
    return pilot


def taken(client: Client, pilot: Pilot, **typed: str) -> zipfile.ZipFile:
    """The ZIP, asked for, made by the job and taken away."""
    response = client.post(to("hand_over", pilot.ref), typed)
    assert response.status_code == 302
    assert work_off()[-1] == JobState.DONE
    row = HandOver.objects.order_by("-at")[0]
    got = client.get(to("download", pilot.ref, row.pk))
    return zipfile.ZipFile(io.BytesIO(read(got)))


def read(got: Any) -> bytes:
    """What is taken away; the client closes it at its end, and a second closing would close the database."""
    return b"".join(got.streaming_content)


def test_the_hand_over_file_holds_plan_money_photos_receipts_and_a_letter(
    whole: Pilot, client_of: ClientOf
) -> None:
    packed = taken(client_of("member"), whole, receipts="1")
    names = packed.namelist()
    assert {"แผน.docx", "แผน.pdf", "การเงิน.xlsx", "การเงิน.pdf", "อ่านก่อน.txt"} <= set(names)
    assert any(name.startswith("ภาพ/") for name in names)
    assert any(name.startswith("ใบเสร็จ/") for name in names)
    letter = packed.read("อ่านก่อน.txt").decode("utf-8-sig")
    assert whole.name in letter
    assert "ปักเสา" in letter
    assert packed.testzip() is None


@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_word_of_a_heading_is_broken_in_the_money_of_a_pilot(whole: Pilot, cast: Any, lang: str) -> None:
    with override(lang):
        actor, day = cast.actors["owner"], date(2026, 5, 1)
        papers = Papers(actor, whole, lang, with_receipts=True, today=day)
        assert broken_headings(to_docx(papers.money())) == []
        assert broken_headings(to_docx(papers.plan())) == []
        assert broken_in_sheets(to_xlsx(papers.money())) == []


def test_letters_that_the_pdf_lacks_leave_it_out_and_the_rest_is_handed_over(
    whole: Pilot, client_of: ClientOf
) -> None:
    make_step(whole, "ကြေညာ")
    packed = taken(client_of("member"), whole)
    assert "แผน.docx" in packed.namelist()
    assert "แผน.pdf" not in packed.namelist()
    letter = packed.read("อ่านก่อน.txt").decode("utf-8-sig")
    assert "แผน.pdf" not in letter, "the letter names what is in the file"


def test_a_reader_gets_it_without_receipts_and_single_expenses(whole: Pilot, client_of: ClientOf) -> None:
    packed = taken(client_of("observer"), whole, receipts="1")
    assert not any(name.startswith("ใบเสร็จ/") for name in packed.namelist())
    assert HandOver.objects.get().with_receipts is False
    book = load_workbook(io.BytesIO(packed.read("การเงิน.xlsx")))
    words = " ".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    assert "นายดำ" not in words
    assert "ค่าเสาวัดระดับน้ำ" in words


def test_a_file_with_receipts_is_for_writers_and_none_for_the_public(
    whole: Pilot, client_of: ClientOf
) -> None:
    taken(client_of("member"), whole, receipts="1")
    address = to("download", whole.ref, HandOver.objects.get().pk)
    got = client_of("owner").get(address)
    assert got.status_code == 200
    assert read(got)
    for who in ("observer", "stranger", "anonymous"):
        assert client_of(who).get(address).status_code == 404
        assert client_of(who).post(to("hand_over", whole.ref)).status_code in (
            {403} if who != "observer" else {302}
        )


def test_without_room_on_the_disk_the_job_says_so_and_nothing_is_kept(
    whole: Pilot, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_of("member").post(to("hand_over", whole.ref))

    def full(_size: int) -> None:
        raise FileRefused("disk_full")

    monkeypatch.setattr(store, "require_room", full)
    assert work_off() == [JobState.FAILED]
    assert str(FileRefused("disk_full").messages[0])[:20] in Job.objects.get().error
    assert not HandOver.objects.exists()


def test_it_can_be_cancelled_and_made_only_by_who_still_works_there(
    whole: Pilot, client_of: ClientOf, cast: Any
) -> None:
    client_of("member").post(to("hand_over", whole.ref))
    cancel(cast.actors["member"], Job.objects.get())
    work_off()
    assert Job.objects.get().state == JobState.CANCELLED
    client_of("observer").post(to("hand_over", whole.ref))
    User.objects.get(username="observer").memberships.all().delete()
    assert work_off() == [JobState.FAILED]
    assert not HandOver.objects.exists()


def test_a_photo_that_the_disk_lost_is_said_to_be_missing(whole: Pilot, client_of: ClientOf) -> None:
    activity = PilotActivity.objects.select_related("before__blob").get()
    assert activity.before is not None
    store.path_of(activity.before.digest).unlink()
    packed = taken(client_of("member"), whole)
    assert not any(name.startswith("ภาพ/") for name in packed.namelist())
    result: Any = Job.objects.get().result
    assert "1" in str(result["lines"])


def test_old_files_go_when_a_new_one_is_made(whole: Pilot, client_of: ClientOf) -> None:
    taken(client_of("member"), whole)
    long_ago = timezone.now() - timedelta(days=hand_over.KEEP_DAYS + 1)
    HandOver.objects.update(at=long_ago)
    taken(client_of("member"), whole, receipts="1")
    assert HandOver.objects.count() == 1


def test_beside_the_passage_that_it_tries_a_pilot_says_how_far_it_is(city: City, source: Source) -> None:
    measure = whole_plan(city, source).items.filter(kind=ItemKind.MEASURE).first()
    assert measure is not None
    pilot = make_pilot(city, measure)
    with override("en"):
        told = tell(SYSTEM, {Kind.PILOT: [pilot.pk]})
    assert list(told[pilot.pk]) == ["running · 5 Jan – 31 Dec 2026"]
    assert not tell(ANONYMOUS, {Kind.PILOT: [make_pilot(city, measure, visibility=Visibility.MEMBERS).pk]})
