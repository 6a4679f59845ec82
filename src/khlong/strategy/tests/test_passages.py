"""The words of a plan: kept in one form, followed and never changed, translations that grow stale."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from khlong.places.models import City, Source
from khlong.record.errors import EditConflict, Refused
from khlong.record.models import AuditEntry
from khlong.strategy.actions import make_version, save_passage
from khlong.strategy.models import Item, Language, PassageRevision, Plan, normal
from khlong.strategy.queries import working_book
from khlong.strategy.tests.makers import SYSTEM, VISION, add, make_plan, passage_of, words_of

TH, EN = Language.THAI, Language.ENGLISH


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    return make_plan(city, source)


@pytest.fixture
def item(plan: Plan) -> Item:
    return add(plan, "จัดการน้ำร่วมกัน", text_en="Manage water together")


@given(st.text(max_size=120))
def test_words_are_kept_in_one_form_whatever_their_line_ends(text: str) -> None:
    text = text.replace("\r", "")
    kept = normal(text)
    assert kept == normal(kept) == unicodedata.normalize("NFC", kept)
    assert "\r" not in kept
    assert all(line == line.rstrip() for line in kept.split("\n"))
    assert normal(text.replace("\n", "\r\n")) == kept


def test_words_are_kept_in_nfc_with_their_hash(item: Item) -> None:
    saved = save_passage(SYSTEM, passage_of(item), TH, "Cafe\u0301 ริมคลอง  \r\n")
    assert saved.text == "Café ริมคลอง"
    assert saved.hash == hashlib.sha256("Café ริมคลอง".encode()).hexdigest()


def test_a_vision_is_kept_letter_for_letter(plan: Plan) -> None:
    assert words_of(add(plan, VISION)) == [VISION]


def test_words_once_saved_are_never_changed(item: Item) -> None:
    row = PassageRevision.objects.get(passage__item=item, lang=TH)
    row.text = "อื่น"
    with pytest.raises(TypeError, match="never changed"):
        row.save()


def test_new_words_follow_the_old_ones_with_who_and_why(item: Item, cast: Any) -> None:
    saved = save_passage(cast.actors["member"], passage_of(item), TH, "จัดการน้ำทั้งสาย", base=1, why="ตามเวที")
    assert (saved.number, saved.by, saved.why) == (2, "member", "ตามเวที")
    assert words_of(item) == ["จัดการน้ำร่วมกัน", "จัดการน้ำทั้งสาย"]
    line = AuditEntry.objects.filter(action="strategy.passage.save").get()
    assert (line.fields, line.ref, line.space) == (["text_th"], item.ref, item.space_id)


def test_the_title_of_the_node_follows_the_words_in_each_language(item: Item) -> None:
    save_passage(SYSTEM, passage_of(item), TH, "บรรทัดแรก\nบรรทัดที่สอง")
    save_passage(SYSTEM, passage_of(item), EN, "x" * 300)
    item.node.refresh_from_db()
    assert item.node.title_th == "บรรทัดแรก"
    assert len(item.node.title_en) == 200
    assert item.node.title_en.endswith("…")


def test_the_same_words_again_are_no_new_revision(item: Item) -> None:
    before = AuditEntry.objects.count()
    assert save_passage(SYSTEM, passage_of(item), TH, " จัดการน้ำร่วมกัน \n", base=1).number == 1
    assert AuditEntry.objects.count() == before


def test_thai_words_are_never_empty_and_a_translation_may_be(item: Item) -> None:
    with pytest.raises(ValidationError) as caught:
        save_passage(SYSTEM, passage_of(item), TH, " \n ")
    assert set(caught.value.message_dict) == {"text"}
    assert save_passage(SYSTEM, passage_of(item), EN, "").text == ""


def test_the_second_of_two_savers_is_told_what_stands_and_who_saved(item: Item, cast: Any) -> None:
    passage = passage_of(item)
    save_passage(cast.actors["owner"], passage, TH, "หนึ่ง", base=1)
    with pytest.raises(EditConflict) as caught:
        save_passage(cast.actors["member"], passage, TH, "สอง", base=1)
    conflict = caught.value
    assert (conflict.current, conflict.base) == ({"text": "หนึ่ง"}, {"text": "จัดการน้ำร่วมกัน"})
    assert (conflict.by, conflict.revision) == ("owner", 2)
    assert words_of(item) == ["จัดการน้ำร่วมกัน", "หนึ่ง"]


def test_a_first_translation_starts_from_nothing_and_the_second_one_conflicts(plan: Plan) -> None:
    passage = passage_of(add(plan, "พัฒนาคุณภาพชีวิต"))
    save_passage(SYSTEM, passage, EN, "A better life", base=0)
    with pytest.raises(EditConflict) as caught:
        save_passage(SYSTEM, passage, EN, "Another", base=0)
    assert caught.value.base == {}


def test_saving_one_language_is_no_conflict_for_the_other(item: Item) -> None:
    save_passage(SYSTEM, passage_of(item), TH, "หนึ่ง", base=1)
    assert save_passage(SYSTEM, passage_of(item), EN, "One", base=1).number == 2


def leaf(plan: Plan) -> Any:
    return working_book(plan).leaves[0]


def test_a_translation_is_stale_once_the_thai_changes_and_fresh_when_made_again(
    plan: Plan, item: Item
) -> None:
    assert not leaf(plan).stale
    save_passage(SYSTEM, passage_of(item), TH, "จัดการน้ำทั้งสาย")
    assert leaf(plan).stale
    again = save_passage(SYSTEM, passage_of(item), EN, "Manage water together")
    assert (again.number, again.made_from) == (
        2,
        PassageRevision.objects.get(passage__item=item, lang=TH, number=2),
    )
    assert not leaf(plan).stale


def test_what_has_no_translation_is_not_stale(plan: Plan) -> None:
    add(plan, "พัฒนาคุณภาพชีวิต")
    assert (leaf(plan).stale, leaf(plan).english) == (False, "")


def test_thai_is_made_from_nothing(item: Item) -> None:
    row = PassageRevision.objects.get(passage__item=item, lang=TH)
    wrong = PassageRevision(passage=row.passage, lang=TH, number=9, text="ก", made_from=row, by="test")
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong.save()


def test_a_number_is_given_once_in_a_language(item: Item) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PassageRevision.objects.create(passage=passage_of(item), lang=TH, number=1, text="ก", by="test")


def test_words_are_read_with_the_plan_and_written_by_its_working_group(item: Item, cast: Any) -> None:
    for name in ("anonymous", "observer", "stranger"):
        with pytest.raises(Refused):
            save_passage(cast.actors[name], passage_of(item), TH, "x")
    assert save_passage(cast.actors["owner"], passage_of(item), TH, "หนึ่ง").by == "owner"


def test_an_older_version_keeps_the_words_it_was_made_of(plan: Plan, item: Item) -> None:
    first = make_version(SYSTEM, plan)
    save_passage(SYSTEM, passage_of(item), TH, "หลังเวที")
    second = make_version(SYSTEM, plan)
    assert [entry.revision.text for version in (first, second) for entry in version.entries.all()] == [
        "จัดการน้ำร่วมกัน",
        "หลังเวที",
    ]
