"""The logframe: what may stand in it, how its values are made, what freezing keeps, and its paper."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.test import Client
from openpyxl import load_workbook

from khlong.__main__ import main
from khlong.chain.gaps import registered
from khlong.chain.models import Edge, Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.network.actions import give_role, save_programme
from khlong.network.models import Programme
from khlong.paper.tests.fits import broken_headings, broken_in_sheets
from khlong.people.actor import Actor, Role, account_actor, system_actor
from khlong.people.models import User
from khlong.pilots.models import Value
from khlong.pilots.rules import PEOPLE
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.reports import actions
from khlong.reports.forms import LineForm
from khlong.reports.models import FrozenValue, Line, Logframe, Period, Result
from khlong.reports.paper import COLUMNS, Lang, document_of, written
from khlong.reports.queries import Frame, frame_of
from khlong.strategy.indicators import save_indicator
from khlong.strategy.models import Indicator

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
BEGINS, ENDS = date(2026, 1, 1), date(2026, 6, 30)
FACTS = Path(__file__).resolve().parents[5] / "shared" / "facts" / "field.md"


def indicator(space: Node, city: City | None, name: str, unit: str = "คน") -> Indicator:
    values = {"name_th": name, "unit_th": unit, "baseline": 0, "baseline_year": 2568, "target": 50}
    made = new_thing(Indicator, Kind.INDICATOR, space=space)
    return save_indicator(SYSTEM, made, values | {"target_year": 2571, "city": city})


def value(one: Indicator, number: int, ends: date = date(2026, 5, 31), **node: Any) -> Value:
    """A kept value, written without the room of pilots."""
    made: Value = new_thing(Value, Kind.VALUE, space=one.node.space, **node)
    made.node.ref, made.node.title_th = f"V-{one.ref[2:5]}-{Value.objects.count() + 1:04d}", one.name_th
    made.node.save()
    made.indicator, made.value = one, Decimal(number)
    made.period_from, made.period_to = ends.replace(day=1), ends
    made.node_id = made.node.pk
    made.save(force_insert=True)
    return made


@pytest.fixture
def logframe(programme: Programme) -> Logframe:
    made = new_thing(Logframe, Kind.LOGFRAME, space=programme.node)
    return actions.save_logframe(SYSTEM, made, {"programme": programme, "name_th": "กรอบตรรกะ"})


@pytest.fixture
def result(logframe: Logframe) -> Result:
    values = {"level": "3_output", "code": "1.1", "text_th": "ผู้อ่านที่ซ้อมแล้ว", "assumptions_th": "อาสาไม่ย้าย"}
    return actions.save_result(SYSTEM, Result(logframe=logframe), values)


@pytest.fixture
def period(logframe: Logframe) -> Period:
    values = {"name_th": "รอบแรก", "begins": BEGINS, "ends": ENDS}
    return actions.save_period(SYSTEM, Period(logframe=logframe), values)


def line(result: Result, one: Indicator, *others: Indicator, how: str = "sum") -> Line:
    values = {"indicator": one, "how": how}
    return actions.save_line(SYSTEM, Line(result=result), values, links={"from_cities": others})


def frame(logframe: Logframe, period: Period | None, actor: Actor = SYSTEM) -> Frame:
    return frame_of(actor, logframe, period)


# --- values -------------------------------------------------------------------------------


def test_a_line_adds_up_the_latest_value_of_each_city(
    programme: Programme, city: City, other_city: City, logframe: Logframe, result: Result, period: Period
) -> None:
    own = indicator(programme.node, None, "ผู้อ่านทั้งหมด")
    here, there = indicator(city.node, city, "ผู้อ่าน"), indicator(other_city.node, other_city, "ผู้อ่าน")
    line(result, own, here, there)
    value(here, 3, date(2026, 2, 28))
    value(here, 5)
    value(there, 7)
    value(there, 90, date(2026, 9, 30))
    row = frame(logframe, period).rows[0]
    assert row.value == 12
    assert len(row.now.made_of) == 2


def test_a_line_without_a_value_in_the_period_has_none_and_not_nought(
    programme: Programme, logframe: Logframe, result: Result, period: Period
) -> None:
    line(result, indicator(programme.node, None, "ผู้อ่าน"))
    assert frame(logframe, period).rows[0].value is None


def test_shares_of_cities_are_not_added_up(programme: Programme, city: City, result: Result) -> None:
    own = indicator(programme.node, None, "บ้านที่ได้ยิน", "ร้อยละ")
    other = indicator(city.node, city, "บ้านที่ได้ยิน", "ร้อยละ")
    with pytest.raises(ValidationError) as caught:
        line(result, own, other)
    assert "how" in caught.value.message_dict


def test_different_units_are_not_added_up(programme: Programme, city: City, result: Result) -> None:
    with pytest.raises(ValidationError) as caught:
        line(result, indicator(programme.node, None, "เรือ", "ลำ"), indicator(city.node, city, "คน", "คน"))
    assert "from_cities" in caught.value.message_dict


def test_the_indicator_of_another_programme_is_refused(result: Result) -> None:
    values = {"slug": "other", "name_th": "อื่น", "full_name_th": "อื่น"}
    other = save_programme(SYSTEM, new_thing(Programme, Kind.PROGRAMME, space=None, ref="R-OTH"), values)
    with pytest.raises(ValidationError) as caught:
        line(result, indicator(other.node, None, "คน"))
    assert "indicator" in caught.value.message_dict


# --- freezing -----------------------------------------------------------------------------


@pytest.fixture
def frozen(programme: Programme, result: Result, period: Period) -> tuple[Value, Period]:
    own = indicator(programme.node, None, "ผู้อ่าน")
    line(result, own)
    return value(own, 8), actions.freeze_period(SYSTEM, period)


def test_a_frozen_value_stands_and_the_difference_shows(
    frozen: tuple[Value, Period], logframe: Logframe
) -> None:
    kept, period = frozen
    Value.objects.filter(pk=kept.pk).update(value=9)
    row = frame(logframe, period).rows[0]
    assert row.value == 8
    assert row.now.value == 9
    assert row.moved


def test_freezing_keeps_references_and_counts_and_links_the_values(
    frozen: tuple[Value, Period], logframe: Logframe
) -> None:
    kept, period = frozen
    held = FrozenValue.objects.get(period=period)
    assert held.inputs["counts"] == {"values": 1, "spaces": 1}
    assert held.inputs["values"][0]["ref"] == kept.ref
    assert "latest value" in held.rule
    assert Edge.objects.filter(up=kept.node, down=logframe.node).exists()


def test_a_period_is_frozen_once_and_then_never_changed(frozen: tuple[Value, Period]) -> None:
    period = frozen[1]
    with pytest.raises(Refused, match=r"already|แล้ว"):
        actions.freeze_period(SYSTEM, period)
    with pytest.raises(Refused):
        actions.save_period(SYSTEM, period, {"ends": date(2026, 7, 31)})
    with pytest.raises(Refused):
        actions.remove_period(SYSTEM, period)
    with pytest.raises(Refused):
        actions.remove_line(SYSTEM, Line.objects.get())


def test_a_period_that_is_not_over_is_not_frozen(logframe: Logframe, result: Result) -> None:
    values = {"name_th": "ยาว", "begins": BEGINS, "ends": date(2090, 1, 1)}
    long = actions.save_period(SYSTEM, Period(logframe=logframe), values)
    with pytest.raises(Refused):
        actions.freeze_period(SYSTEM, long)


def test_periods_do_not_overlap(period: Period) -> None:
    values = {"name_th": "ซ้อน", "begins": date(2026, 6, 1), "ends": date(2026, 8, 1)}
    with pytest.raises(ValidationError) as caught:
        actions.save_period(SYSTEM, Period(logframe=period.logframe), values)
    assert "begins" in caught.value.message_dict


def test_an_empty_logframe_is_not_frozen(period: Period) -> None:
    with pytest.raises(Refused):
        actions.freeze_period(SYSTEM, period)


def test_a_result_leads_to_a_higher_one_only(logframe: Logframe, result: Result) -> None:
    values = {"level": "3_output", "text_th": "อีกข้อ", "above": result}
    with pytest.raises(ValidationError) as caught:
        actions.save_result(SYSTEM, Result(logframe=logframe), values)
    assert "above" in caught.value.message_dict


def test_a_result_with_indicators_stays(programme: Programme, result: Result) -> None:
    kept = line(result, indicator(programme.node, None, "คน"))
    with pytest.raises(Refused):
        actions.remove_result(SYSTEM, result)
    actions.remove_line(SYSTEM, kept)
    actions.remove_result(SYSTEM, result)
    assert not Result.objects.exists()


def test_a_city_has_no_logframe(city: City, programme: Programme) -> None:
    made = new_thing(Logframe, Kind.LOGFRAME, space=city.node)
    with pytest.raises(Refused):
        actions.save_logframe(SYSTEM, made, {"programme": programme, "name_th": "ผิดที่"})


# --- who may ------------------------------------------------------------------------------

Attempt = Callable[[Actor, Logframe, Result, Period], Model | None]
ATTEMPTS: list[Attempt] = [
    lambda actor, logframe, result, period: actions.save_logframe(actor, logframe, {"name_th": "อื่น"}),
    lambda actor, logframe, result, period: actions.save_result(
        actor, result, {"level": "3_output", "code": "9"}
    ),
    lambda actor, logframe, result, period: actions.remove_result(actor, result),
    lambda actor, logframe, result, period: actions.save_period(actor, period, {"name_th": "อื่น"}),
    lambda actor, logframe, result, period: actions.remove_period(actor, period),
    lambda actor, logframe, result, period: actions.freeze_period(actor, period),
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_city_writes_nothing_into_the_programmes_logframe(
    attempt: Attempt, cast: Any, logframe: Logframe, result: Result, period: Period
) -> None:
    for name in ("anonymous", "stranger", "observer", "member", "owner"):
        with pytest.raises(Refused):
            attempt(cast.actors[name], logframe, result, period)


def test_an_observer_of_the_programme_reads_and_does_not_write(
    programme: Programme, logframe: Logframe, result: Result, period: Period
) -> None:
    watcher = User.objects.create_user("watcher")
    give_role(SYSTEM, programme.node, watcher, Role.OBSERVER)
    for attempt in ATTEMPTS:
        with pytest.raises(Refused):
            attempt(account_actor(watcher), logframe, result, period)


def test_a_reader_opens_the_values_that_she_may_see_and_is_told_of_the_others(
    programme: Programme, city: City, logframe: Logframe, result: Result, period: Period, cast: Any
) -> None:
    own, here = indicator(programme.node, None, "คน"), indicator(city.node, city, "คน")
    line(result, own, here)
    value(own, 1)
    value(here, 2, visibility=Visibility.MEMBERS)
    row = frame(logframe, period, cast.actors["steward"]).rows[0]
    assert row.value == 3
    assert (len(row.seen), row.hidden) == (2, 0)
    row = frame(logframe, period, cast.actors["anonymous"]).rows[0]
    assert (len(row.seen), row.hidden) == (1, 1)


def test_from_the_number_of_a_line_nobody_reckons_what_a_city_has_not_published(
    programme: Programme,
    city: City,
    logframe: Logframe,
    result: Result,
    period: Period,
    cast: Any,
    coordinator: User,
    client: Client,
) -> None:
    """The sum less the published part would be the other part. Who works in the programme reads the sum."""
    own, here = indicator(programme.node, None, "คน"), indicator(city.node, city, "คน")
    line(result, own, here)
    value(own, 7100)
    hidden = value(here, 31, visibility=Visibility.MEMBERS)
    for name in ("anonymous", "stranger"):
        row = frame(logframe, period, cast.actors[name]).rows[0]
        assert row.withheld, name
    assert not frame(logframe, period, cast.actors["member"]).rows[0].withheld
    assert not frame(logframe, period, account_actor(coordinator)).rows[0].withheld
    slug = programme.slug
    for address in (f"/programmes/{slug}/logframe/", f"/api/v1/logframes/{logframe.ref}"):
        told = client.get(address, follow=True)
        assert told.status_code == 200, address
        assert "7131" not in told.content.decode().replace(",", ""), address
    words = written(document_of(frame(logframe, period, cast.actors["anonymous"]), "en"), "xlsx")
    sheet = load_workbook(io.BytesIO(words)).worksheets[-1]
    assert not any("7131" in str(cell.value).replace(",", "") for row in sheet.iter_rows() for cell in row)
    hidden.node.visibility = Visibility.PUBLIC
    hidden.node.save()
    assert not frame(logframe, period, cast.actors["anonymous"]).rows[0].withheld


def test_a_programme_chooses_among_the_indicators_that_it_may_see(
    programme: Programme, city: City, result: Result, coordinator: User
) -> None:
    hidden = indicator(city.node, city, "คน")
    Node.objects.filter(pk=hidden.pk).update(visibility=Visibility.MEMBERS)
    programme.cities.add(city)
    fresh = Line(result=result)
    offered: Any = LineForm(instance=fresh, actor=account_actor(coordinator)).fields["indicator"]
    assert hidden not in offered.queryset
    hidden.node.refresh_from_db()
    with pytest.raises(ValidationError):
        actions.save_line(
            account_actor(coordinator), fresh, {"indicator": hidden, "how": "latest", "order": 1}
        )
    assert not Line.objects.exists()


def test_a_number_of_fewer_than_five_people_is_told_to_nobody_else(
    city: City, programme: Programme, logframe: Logframe, result: Result, period: Period, cast: Any
) -> None:
    own, here = indicator(programme.node, None, "คน"), indicator(city.node, city, "คน")
    line(result, own, here)
    value(own, 20)
    Value.objects.filter(pk=value(here, 3).pk).update(rule=sorted(PEOPLE)[0])
    public = frame(logframe, period, cast.actors["anonymous"])
    assert public.rows[0].few
    words = written(document_of(public, "en"), "xlsx")
    cells = [
        str(cell.value) for row in load_workbook(io.BytesIO(words)).worksheets[-1].iter_rows() for cell in row
    ]
    assert any("fewer than five people" in cell for cell in cells)
    assert not any("23" in cell for cell in cells)
    assert not frame(logframe, period, cast.actors["steward"]).rows[0].few


# --- paper --------------------------------------------------------------------------------


def headings(data: bytes) -> list[str]:
    table = docx.Document(io.BytesIO(data)).tables[0]
    return [cell.text.split("\n")[0] for cell in table.rows[0].cells]


ENGLISH = [english for english, _thai, _width in COLUMNS]


def test_the_columns_are_those_of_the_annex_letter_for_letter(logframe: Logframe) -> None:
    assert len(COLUMNS) == 8
    for lang in ("th", "en"):
        data = written(document_of(frame(logframe, None), lang), "docx")
        assert headings(data) == ENGLISH


@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_word_of_a_heading_is_broken(logframe: Logframe, lang: Lang) -> None:
    document = document_of(frame(logframe, None), lang)
    word = written(document, "docx")
    assert broken_headings(word) == []
    assert broken_in_sheets(written(document, "xlsx")) == []


@pytest.mark.skipif(not FACTS.exists(), reason="the facts are not beside this repository")
def test_the_columns_stand_in_the_facts_in_this_order() -> None:
    text = FACTS.read_text(encoding="utf-8")
    assert " · ".join(ENGLISH[1:]) in text


def test_the_spreadsheet_has_the_same_columns_and_values(
    frozen: tuple[Value, Period], logframe: Logframe
) -> None:
    data = written(document_of(frame(logframe, frozen[1]), "en"), "xlsx")
    cells = [
        [cell.value for cell in row] for row in load_workbook(io.BytesIO(data)).worksheets[-1].iter_rows()
    ]
    head = next(row for row in cells if "Results chain" in row)
    assert [text for text in head if text] == ENGLISH
    assert any("8 (2026)" in map(str, row) for row in cells)


def test_paper_says_what_was_frozen_and_what_the_records_say_now(
    frozen: tuple[Value, Period], logframe: Logframe
) -> None:
    Value.objects.filter(pk=frozen[0].pk).update(value=9)
    words = "\n".join(
        paragraph.text
        for paragraph in docx.Document(
            io.BytesIO(written(document_of(frame(logframe, frozen[1]), "en"), "docx"))
        ).paragraphs
    )
    assert "frozen on" in words
    assert "8 → 9" in words


def test_levels_of_which_nothing_is_published_say_so(logframe: Logframe) -> None:
    table = docx.Document(io.BytesIO(written(document_of(frame(logframe, None), "en"), "docx"))).tables[0]
    assert [row.cells[0].text for row in table.rows[1:]] == ["Impact", "Outcome(s)", "Outputs"]
    assert all("not published" in row.cells[1].text.casefold() for row in table.rows[1:])


# --- pages and command --------------------------------------------------------------------


def test_the_page_shows_the_frozen_value_and_what_it_was_made_of(
    client: Client, frozen: tuple[Value, Period], logframe: Logframe, programme: Programme
) -> None:
    Value.objects.filter(pk=frozen[0].pk).update(value=9)
    page = client.get(f"/programmes/{programme.slug}/logframe/", headers={"accept-language": "en"})
    text = page.content.decode()
    assert "<b>8</b>" in text
    assert "the records say 9 by now" in text
    assert frozen[0].ref in text


def test_a_programme_without_a_logframe_says_that_none_is_published(
    client: Client, programme: Programme
) -> None:
    page = client.get(f"/programmes/{programme.slug}/logframe/", headers={"accept-language": "en"})
    assert "not published" in page.content.decode()


def test_a_form_keeps_what_was_typed(client: Client, logframe: Logframe, coordinator: User) -> None:
    client.force_login(coordinator)
    page = client.post(
        f"/programmes/{logframe.programme.slug}/logframe/periods/add/",
        {"name_th": "กลับหัว", "begins": "2026-06-01", "ends": "2026-01-01"},
    )
    assert page.status_code == 422
    assert "กลับหัว" in page.content.decode()
    assert not Period.objects.exists()


def test_the_days_of_a_period_are_read_as_people_write_them(
    client: Client, logframe: Logframe, coordinator: User
) -> None:
    client.force_login(coordinator)
    sent = {"name_th": "ไตรมาสแรก", "begins": "1 ม.ค. 2569", "ends": "๓๑ มีนาคม ๒๕๖๙"}
    address = f"/programmes/{logframe.programme.slug}/logframe/periods/add/"
    assert client.post(address, sent).status_code == 302
    kept = Period.objects.get()
    assert (kept.begins, kept.ends) == (date(2026, 1, 1), date(2026, 3, 31))
    again = client.get(f"/logframe/periods/{kept.pk}/").content.decode()
    assert "มกราคม 2569" in again


def test_the_programme_freezes_on_the_page(
    client: Client, programme: Programme, result: Result, period: Period, coordinator: User
) -> None:
    line(result, indicator(programme.node, None, "คน"))
    client.force_login(coordinator)
    page = client.post(f"/logframe/periods/{period.pk}/freeze/")
    assert page.status_code == 302
    assert Period.objects.get().frozen_by == coordinator.username


def test_the_command_writes_the_file_of_a_region(
    frozen: tuple[Value, Period], programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "logframe.docx"
    words = [
        "report",
        "logframe",
        "--programme",
        f"{programme.slug}-south",
        "--format",
        "docx",
        "--out",
        str(out),
    ]
    assert main(words) == 0
    assert headings(out.read_bytes()) == ENGLISH


def test_the_command_says_when_nothing_is_published(
    programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "logframe.xlsx"
    words = ["report", "logframe", "--programme", programme.slug, "--format", "xlsx", "--out", str(out)]
    assert main(words) == 0
    assert "nothing of it is published" in capsys.readouterr().out


def test_the_command_names_the_programmes_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "x.docx")
    assert main(["report", "logframe", "--programme", "nowhere", "--format", "docx", "--out", out]) == 2
    assert "choose from" in capsys.readouterr().err


# --- cities that nobody put into a programme, and forms on a kept page ----------------------


def test_a_city_that_no_programme_names_gives_its_indicators_and_its_values(
    client: Client,
    programme: Programme,
    city: City,
    result: Result,
    period: Period,
    coordinator: User,
    tmp_path: Path,
) -> None:
    Programme.cities.through.objects.all().delete()
    here = indicator(city.node, city, "ควายที่ขึ้นเนินทัน", "ตัว")
    client.force_login(coordinator)
    address = f"/logframe/results/{result.pk}/lines/add/"
    assert here in client.get(address).context["form"].fields["indicator"].queryset
    assert client.post(address, {"indicator": here.pk, "how": "sum", "order": "0"}).status_code == 302
    value(here, 31)
    out = tmp_path / "logframe.docx"
    words = ["report", "logframe", "--programme", f"{programme.slug}-south", "--format", "docx"]
    assert main([*words, "--out", str(out)]) == 0
    table = docx.Document(str(out)).tables[0]
    assert "31 (2569)" in {cell.text.strip() for row in table.rows for cell in row.cells}


def test_a_city_of_another_programme_gives_nothing(
    client: Client, programme: Programme, city: City, result: Result, coordinator: User
) -> None:
    Programme.cities.through.objects.all().delete()
    other = new_thing(Programme, Kind.PROGRAMME, space=None, ref="R-OTH")
    save_programme(
        SYSTEM, other, {"slug": "other", "name_th": "อื่น", "full_name_th": "อื่น"}, links={"cities": [city]}
    )
    theirs = indicator(city.node, city, "ควายที่ขึ้นเนินทัน", "ตัว")
    client.force_login(coordinator)
    form = client.get(f"/logframe/results/{result.pk}/lines/add/").context["form"]
    assert theirs not in form.fields["indicator"].queryset


def test_two_who_keep_a_logframe_both_freeze_from_the_same_page(
    programme: Programme, result: Result, period: Period, coordinator: User
) -> None:
    line(result, indicator(programme.node, None, "คน"))
    second = User.objects.create_user("second")
    give_role(SYSTEM, programme.node, second, Role.OWNER)
    first_browser, browser = Client(), Client(enforce_csrf_checks=True)
    first_browser.force_login(coordinator)
    browser.force_login(second)
    give_role(SYSTEM, programme.node, coordinator, Role.OWNER)
    address = f"/programmes/{programme.slug}/logframe/"
    first_browser.get(address)
    page = browser.get(address).content.decode()
    token = page.split("<main", 1)[1].split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    answer = browser.post(f"/logframe/periods/{period.pk}/freeze/", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 302
    assert Period.objects.get().frozen_by == "second"


def test_a_dry_logframe_leads_to_the_form_of_a_result_and_then_of_an_indicator(
    client: Client, logframe: Logframe, coordinator: User
) -> None:
    (dry,) = [one for one in registered() if one.key == "logframe.no_indicator"]
    client.force_login(coordinator)
    address = f"/programmes/{logframe.programme.slug}/logframe/results/add/"
    assert dry.mend(logframe.node) == address
    client.post(address, {"level": "2_outcome", "text_th": "คนริมน้ำปลอดภัยขึ้น", "order": "0"})
    address = f"/logframe/results/{Result.objects.get().pk}/lines/add/"
    assert dry.mend(logframe.node) == address
    assert client.get(address).status_code == 200
