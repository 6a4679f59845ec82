from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khlong.deliberation.heard import Line, Table, promises, suppressed, who_was_heard
from khlong.deliberation.heard_paper import IN_OTHER_LETTERS, heard_document, heard_file_of
from khlong.deliberation.models import Circle, Suggestion
from khlong.deliberation.standing import figures
from khlong.deliberation.tests.answer_makers import SYSTEM, Talk, answered, make_round, say, talk
from khlong.deliberation.verdicts import judge
from khlong.network.tests.makers import page, words
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Group, Source
from khlong.strategy.actions import make_version
from khlong.strategy.models import ItemKind
from khlong.strategy.tests.makers import add, group

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def found(city: City, source: Source) -> Talk:
    return talk(city, source)


@pytest.fixture
def fishers(city: City, source: Source) -> Group:
    return group(city, source, "ชาวประมงปากคลอง")


@pytest.fixture
def railway(city: City, source: Source) -> Group:
    return group(city, source, "ครัวเรือนบนที่ดินรถไฟ")


def many(found: Talk, number: int, who: Group | None = None, **more: Any) -> list[Suggestion]:
    groups = (who,) if who else ()
    return [say(found, f"ขอ {n}", groups=groups, **more) for n in range(number)]


def line_of(table: Table, name: str) -> Line:
    return next(line for line in table.lines if line.name == name)


def test_a_circle_of_fewer_than_five_is_not_told_in_numbers(client: Client, found: Talk) -> None:
    Circle.objects.create(round=found.round, name_th="เพื่อนบ้านท้ายซอย", expected=3)
    Circle.objects.create(round=found.round, name_th="ตลาดเช้า", expected=40)
    said = words(client, f"/rounds/{found.round.ref}/heard/").replace("\N{NO-BREAK SPACE}", " ")
    assert "แจกให้ไม่ถึง 5 คน" in said
    assert "แจกให้ 40 คน" in said
    assert "แจกให้ 3 คน" not in said


def test_the_passages_of_a_long_plan_come_in_pages(client: Client, found: Talk) -> None:
    for number in range(24):
        part = add(found.plan, f"มาตรการที่ {number} ของแผนยาว", ItemKind.MEASURE)
        if number < 22:
            for _person in range(5):
                say(found, "เห็นด้วย", item=part)
    found.round.version = make_version(SYSTEM, found.plan)
    found.round.save()
    said = words(client, f"/rounds/{found.round.ref}/heard/")
    assert "มาตรการที่ 1 ของแผนยาว" in said
    assert "มาตรการที่ 21 ของแผนยาว" not in said
    assert "มาตรการที่ 23 ของแผนยาว" in said
    assert "มาตรการที่ 21 ของแผนยาว" in words(client, f"/rounds/{found.round.ref}/heard/?page=2")


def test_a_group_of_fewer_than_five_is_named_beside_nobodys_words(
    client: Client, found: Talk, fishers: Group, railway: Group
) -> None:
    many(found, 6, fishers)
    few = many(found, 4, railway)
    for address in (f"/rounds/{found.round.ref}/said/", f"/suggestions/{few[0].ref}/"):
        assert "ครัวเรือนบนที่ดินรถไฟ" not in words(client, address)
    assert "ชาวประมงปากคลอง" in words(client, f"/rounds/{found.round.ref}/said/")


@pytest.mark.parametrize(("language", "told"), [("en", True), ("th", False)])
def test_words_in_another_language_than_the_page_say_in_which(
    client: Client, found: Talk, language: str, told: bool
) -> None:
    one = say(found, "ขอสะพานคนเดินข้ามคลอง")
    shown = words(client, f"/suggestions/{one.ref}/", language)
    assert ("in Thai, as it was said" in shown) is told


# --- what is hidden ------------------------------------------------------------------------------------


def test_every_number_under_five_is_hidden_and_nought_is_not() -> None:
    hidden = suppressed([[5, 0, 9, 14], [1, 0, 9, 10], [6, 0, 18, 24]])
    assert (1, 0) in hidden
    assert (0, 1) not in hidden


def test_one_hidden_number_takes_another_with_it_so_that_totals_tell_nothing() -> None:
    numbers = [[20, 3, 23], [30, 8, 38], [50, 11, 61]]
    hidden = suppressed(numbers)
    assert {(0, 1), (0, 0), (1, 1), (1, 0)} <= hidden


def test_where_a_total_is_hidden_so_is_all_that_it_is_the_total_of() -> None:
    hidden = suppressed([[2, 0, 2], [9, 9, 18], [11, 9, 20]])
    assert {(0, 0), (0, 2)} <= hidden
    assert (0, 1) not in hidden


tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=6
    )
)


@UNHURRIED
@given(tables)
def test_no_shown_number_and_no_difference_of_shown_numbers_is_between_one_and_four(
    inner: list[list[int]],
) -> None:
    rows = [[*row, sum(row)] for row in inner]
    numbers = [*rows, [sum(column) for column in zip(*rows, strict=True)]]
    hidden = suppressed(numbers)
    height, width = len(numbers), len(numbers[0])
    lines = [[(r, c) for c in range(width)] for r in range(height)]
    lines += [[(r, c) for r in range(height)] for c in range(width)]
    for *cells, total in lines:
        if total in hidden:
            continue
        gone = [numbers[r][c] for r, c in cells if (r, c) in hidden]
        assert not gone or (len(gone) > 1 and sum(gone) >= 5)
    shown = [numbers[r][c] for r in range(height) for c in range(width) if (r, c) not in hidden]
    assert not [number for number in shown if 0 < number < 5]


# --- by group ------------------------------------------------------------------------------------------


def test_groups_stand_by_the_names_they_chose_and_those_not_heard_are_named(
    found: Talk, fishers: Group, railway: Group
) -> None:
    many(found, 6, fishers)
    table = who_was_heard(found.round).groups
    assert line_of(table, "ชาวประมงปากคลอง").people == 6
    assert [line.name for line in table.silent] == ["ครัวเรือนบนที่ดินรถไฟ"]


def test_a_person_who_speaks_often_is_one_person(found: Talk, fishers: Group) -> None:
    many(found, 5, fishers)
    many(found, 4, fishers, by="หิ่งห้อย-4821")
    for item in (found.bank, found.watch):
        say(found, "จากกระดาษ", item=item, groups=(fishers,), origin="paper", sheet="12")
    assert line_of(who_was_heard(found.round).groups, "ชาวประมงปากคลอง").people == 7


def test_how_many_a_group_has_is_not_known_so_there_is_no_share(found: Talk, fishers: Group) -> None:
    many(found, 6, fishers)
    line = line_of(who_was_heard(found.round).groups, "ชาวประมงปากคลอง")
    assert line.words == "ไม่ทราบจำนวนทั้งหมด · ได้ฟังแล้ว 6 คน"


def test_few_people_of_a_group_are_not_counted_out_to_anybody(found: Talk, fishers: Group) -> None:
    many(found, 3, fishers)
    many(found, 20)
    table = who_was_heard(found.round).groups
    line = line_of(table, "ชาวประมงปากคลอง")
    assert (line.people, line.cells) == (None, (None, 0, 0, 0))
    assert "3" not in line.words
    rest = line_of(table, "ไม่ได้บอกกลุ่ม")
    assert rest.people is None or table.total.people is None


def test_hidden_words_and_those_of_other_rounds_are_not_counted(found: Talk, fishers: Group) -> None:
    many(found, 6, fishers)
    many(found, 3, fishers, hidden_on=found.round.opens_on)
    many(found, 2, fishers, round=make_round(found.plan))
    assert line_of(who_was_heard(found.round).groups, "ชาวประมงปากคลอง").people == 6


def test_passages_to_which_nobody_spoke_are_named(found: Talk) -> None:
    many(found, 7)
    table = who_was_heard(found.round).passages
    assert [line.url for line in table.silent] == [found.watch.ref]
    assert [line.people for line in table.heard] == [7]


# --- promised and happened -----------------------------------------------------------------------------


def test_what_was_promised_stands_beside_what_happened(found: Talk) -> None:
    one, two, _three = many(found, 3)
    answered(one, "accepted", text="คำใหม่", base=1)
    judge(SYSTEM, answered(two), True)
    figured = figures(found.round)
    assert (figured.made, figured.answered, figured.owed, figured.changed) == (3, 2, 1, 1)
    assert (figured.judged, figured.answers) == (1, 1)
    steps = promises(found.round, figured, 0)
    assert [step.promised for step in steps] == [True, True, True, False, False]


def test_only_the_last_answer_of_a_suggestion_counts(found: Talk) -> None:
    said = say(found, "ขอแก้")
    judge(SYSTEM, answered(said), False, "ไม่ตรงคำถาม")
    assert figures(found.round).returned == 1
    answered(said, "accepted")
    figured = figures(found.round)
    assert (figured.returned, figured.judged, figured.answered) == (0, 0, 1)


# --- the page and the paper ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["th", "en"])
def test_everybody_reads_who_was_heard(
    found: Talk, fishers: Group, railway: Group, client: Client, language: str
) -> None:
    many(found, 6, fishers)
    Circle.objects.create(round=found.round, name_th="เครือข่ายประมง", expected=40)
    said = words(client, f"/rounds/{found.round.ref}/heard/", language)
    for expected in ("ชาวประมงปากคลอง", "ครัวเรือนบนที่ดินรถไฟ", "40"):
        assert expected in said
    assert "%" not in said.replace("100%", "")


def test_the_page_asks_for_as_much_however_many_spoke(
    found: Talk, fishers: Group, client: Client, django_assert_max_num_queries: Any
) -> None:
    many(found, 12, fishers)
    with django_assert_max_num_queries(12):
        page(client, f"/rounds/{found.round.ref}/heard/")


def test_a_round_that_is_not_published_is_not_found(found: Talk, client: Client) -> None:
    type(found.round.node).objects.filter(pk=found.round.pk).update(visibility="members")
    for address in ("heard/", "heard/docx/"):
        assert client.get(f"/rounds/{found.round.ref}/{address}").status_code == 404


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_what_came_of_a_round_is_printed_with_each_suggestion_and_answer(
    found: Talk, client: Client, kind: str
) -> None:
    answered(say(found, "ขอเว้นหน้าท่าเรือ", instead="เว้นหน้าท่า", quote="ตลอดแนว"), "declined")
    response = client.get(f"/rounds/{found.round.ref}/heard/{kind}/")
    assert response.status_code == 200
    assert response.content[:4] in {b"PK\x03\x04", b"%PDF"}
    assert f"{found.round.ref}-heard.{kind}" in response["Content-Disposition"]


def test_the_paper_says_what_was_said_and_what_was_answered(found: Talk, fishers: Group) -> None:
    changed = answered(say(found, "ขอเว้น"), "accepted", text="ข้อความใหม่ทั้งหมด", base=1)
    answered(say(found, "อีกข้อ"), "merged", with_other=changed.suggestion)
    say(found, "ยังรออยู่", in_time=False)
    document = repr(heard_document(found.round, ANONYMOUS))
    for expected in (
        "ขอเว้น",
        "ข้อความใหม่ทั้งหมด",
        f"รวมกับ {changed.suggestion.ref}",
        "ยังไม่ได้ตอบ",
        "มาหลังปิดรอบ",
        "ยังไม่ได้ฟัง",
        "ชาวประมงปากคลอง",
    ):
        assert expected in document, expected


def test_words_in_letters_that_the_pdf_lacks_are_named_there_and_printed_in_word(
    found: Talk, client: Client
) -> None:
    words_ = "ကျွန်တော်တို့ မကြားရပါ"
    said = say(found, words_)
    said.translation_th = "พวกเราไม่ได้ยิน"
    said.save(update_fields=["translation_th"])
    address = f"/rounds/{found.round.ref}/heard"
    assert client.get(f"{address}/pdf/").content.startswith(b"%PDF")
    pdf = repr(heard_document(found.round, ANONYMOUS, pdf=True))
    assert words_ not in pdf
    assert IN_OTHER_LETTERS in pdf
    assert "พวกเราไม่ได้ยิน" in pdf
    assert words_ in repr(heard_document(found.round, ANONYMOUS))


def test_letters_elsewhere_that_the_pdf_lacks_are_said_in_words(found: Talk, client: Client) -> None:
    say(found, "ขอเว้น", instead="ကျွန်တော်", quote="ตลอดแนว")
    answer = client.get(f"/rounds/{found.round.ref}/heard/pdf/", follow=True)
    assert answer.redirect_chain == [(f"/rounds/{found.round.ref}/heard/", 302)]
    assert "DOCX" in answer.content.decode()


def test_a_long_list_is_printed_in_parts(found: Talk, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("khlong.deliberation.heard_paper.PER_FILE", 2)
    said = many(found, 3)
    first, second = (repr(heard_document(found.round, ANONYMOUS, part=part)) for part in (1, 2))
    assert sum(row.ref in first for row in said) == 2
    assert sum(row.ref in second for row in said) == 1
    assert client.get(f"/rounds/{found.round.ref}/heard/docx/?part=2").status_code == 200
    for wrong in ("3", "0", "x"):
        assert client.get(f"/rounds/{found.round.ref}/heard/docx/?part={wrong}").status_code == 404


def test_another_kind_of_file_is_not_found(found: Talk, client: Client) -> None:
    assert client.get(f"/rounds/{found.round.ref}/heard/xlsx/").status_code == 404
    with pytest.raises(KeyError):
        heard_file_of(found.round, "xlsx", ANONYMOUS)


def test_a_round_in_which_nobody_spoke_says_so(found: Talk, fishers: Group, client: Client) -> None:
    read = who_was_heard(found.round)
    assert read.groups.heard == []
    assert "ยังไม่มีใครพูดถึง" in words(client, f"/rounds/{found.round.ref}/heard/")
