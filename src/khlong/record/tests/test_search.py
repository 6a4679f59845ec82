"""The search finds any run of letters, whatever is typed, in the same way on both databases."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khlong.record import search
from khlong.record.models import SearchEntry
from khlong.record.search import Words, clean, find, folded, keep, mend, words_of
from khlong.thai.digits import to_thai

TITLES = {
    "D-AAA-0001": ("ผู้ป่วย ๔๕ คน ออกจากบ้านไม่ได้", "45 patients cannot leave home"),
    "D-AAA-0002": ("น้ำท่วมคลองละงู พ.ศ. 2565", "Flood of Khlong La-ngu, 2022"),
    "D-AAA-0003": ("คลองละงูไหลลงทะเล", ""),
    "D-AAA-0004": ("ที่นา 100% _จม_ ใต้น้ำ \\ 3 วัน", 'A "quoted" O\'Neil NEAR(x) AND y*'),
    "D-AAA-0005": ("ประชุมกลุ่ม", "İstanbul ÉCOLE straße"),
}
BODIES = {
    "D-AAA-0001": ["เทศบาลตำบลกำแพง"],
    "D-AAA-0003": ["ปี ๒๕๖๕ มีนํ้าท่วมสองครั้ง", "A second line about fishing"],
    "D-AAA-0005": ["พูดเรื่องป่วยและน้ำท่วม\nสองบรรทัด"],
}
PROBES = {
    "ป่วย": ["D-AAA-0001", "D-AAA-0005"],
    "น้ำท่วม": ["D-AAA-0002", "D-AAA-0003", "D-AAA-0005"],
    "คลองละงู": ["D-AAA-0002", "D-AAA-0003"],
    "นา": ["D-AAA-0004"],
    "น้ำ": ["D-AAA-0002", "D-AAA-0004", "D-AAA-0003", "D-AAA-0005"],
    "ล": ["D-AAA-0002", "D-AAA-0003", "D-AAA-0005", "D-AAA-0001"],
    "๒๕๖๕": ["D-AAA-0002", "D-AAA-0003"],
    "2565": ["D-AAA-0002", "D-AAA-0003"],
    "๔๕": ["D-AAA-0001"],
    "45": ["D-AAA-0001"],
    "FLOOD": ["D-AAA-0002"],
    "น้ำท่วม คลองละงู": ["D-AAA-0002", "D-AAA-0003"],
    "น้ำท่วม ป่วย": ["D-AAA-0005"],
    "สอง fish": ["D-AAA-0003"],
    "d-aaa-๐๐๐๓": ["D-AAA-0003"],
    "aaa-0003": ["D-AAA-0003"],
    "100%": ["D-AAA-0004"],
    "%": ["D-AAA-0004"],
    "_จม_": ["D-AAA-0004"],
    "_": ["D-AAA-0004"],
    "\\": ["D-AAA-0004"],
    '"quoted"': ["D-AAA-0004"],
    "near(x)": ["D-AAA-0004"],
    "o'neil": ["D-AAA-0004"],
    "y*": ["D-AAA-0004"],
    "école": ["D-AAA-0005"],
    "น\u200bํ้าท่วม": ["D-AAA-0002", "D-AAA-0003", "D-AAA-0005"],
    "ไม่มีคำนี้": [],
    "น__": [],
    "กำแพง ละงู": [],
}
EVERYBODY = Q()


@pytest.fixture
def entries(db: None) -> None:
    keep(
        [
            search.entry(
                node=uuid4(),
                ref=ref,
                kind="D",
                space=None,
                visibility="public",
                titles=titles,
                texts=BODIES.get(ref, []),
            )
            for ref, titles in TITLES.items()
        ]
    )


def refs(typed: str, seen: Q = EVERYBODY) -> list[str]:
    return [entry.ref for entry in find(words_of(typed), seen).entries]


@pytest.mark.parametrize("typed", PROBES)
def test_the_probe_set_has_one_answer_on_every_database(entries: None, typed: str) -> None:
    assert refs(typed) == PROBES[typed]
    assert find(words_of(typed), EVERYBODY).total == len(PROBES[typed])


def test_a_reference_typed_whole_comes_before_what_only_holds_it(entries: None) -> None:
    titles = ("ดู D-AAA-0003 ก่อน", "")
    ref = "D-AAA-0000"
    keep(
        [
            search.entry(
                node=uuid4(), ref=ref, kind="D", space=None, visibility="public", titles=titles, texts=[]
            )
        ]
    )
    assert refs("D-AAA-0003") == ["D-AAA-0003", "D-AAA-0000"]


texts = st.text(st.sampled_from("กขนาิ้่ำเแ๐๙09aAéÉ%_\\'\"* -:()^") | st.characters(codec="utf-8"), max_size=40)
GENTLY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@GENTLY
@given(title=texts, data=st.data())
def test_every_run_of_letters_of_a_title_finds_it(entries: None, title: str, data: st.DataObject) -> None:
    shown = clean(f"{title} ปลายทาง")
    start = data.draw(st.integers(0, len(shown) - 3))
    end = data.draw(st.integers(start + 1, len(shown)))
    node = uuid4()
    keep(
        [
            search.entry(
                node=node,
                ref="X-AAA-0009",
                kind="D",
                space=None,
                visibility="public",
                titles=(shown, ""),
                texts=[],
            )
        ]
    )
    words = words_of(shown[start:end])
    found = search.matching(words).filter(node=node).exists()
    SearchEntry.objects.filter(node=node).delete()
    assert found is bool(words)


@GENTLY
@given(typed=st.text(max_size=60) | texts)
def test_whatever_is_typed_is_answered(entries: None, typed: str) -> None:
    words = words_of(typed)
    found = find(words, EVERYBODY)
    truth = [
        entry.ref for entry in SearchEntry.objects.all() if words and all(w in entry.words for w in words.all)
    ]
    assert sorted(entry.ref for entry in found.entries) == sorted(truth)


@given(texts)
def test_folding_keeps_every_letter_in_its_place_and_is_done_once(text: str) -> None:
    assert len(folded(clean(text))) == len(clean(text))
    assert folded(folded(clean(text))) == folded(clean(text))


def test_nothing_typed_finds_nothing(entries: None) -> None:
    for typed in ("", "   ", "\x00", "\u200b\u200e", "\n\t"):
        assert words_of(typed) == Words(())
        assert find(words_of(typed), EVERYBODY).total == 0


def test_a_very_long_query_is_cut_and_says_so(entries: None) -> None:
    assert words_of("น้ำท่วม " + "ก" * 10_000).cut
    assert words_of(" ".join(f"คำ{n}" for n in range(11))).all == tuple(f"คำ{n}" for n in range(10))
    assert words_of("น้ำ " * 5_000).all == ("น้ำ",)
    assert not words_of("น้ำท่วม คลองละงู").cut
    assert refs("ก" * 10_000) == []


def test_thai_digits_in_a_text_are_found_by_arabic_ones_and_the_other_way_round(entries: None) -> None:
    assert refs("45") == refs(to_thai("45")) == ["D-AAA-0001"]


def test_only_what_the_condition_lets_through_is_found_and_counted(entries: None) -> None:
    SearchEntry.objects.filter(ref="D-AAA-0002").update(visibility="members")
    found = find(words_of("คลองละงู"), Q(visibility="public"))
    assert ([e.ref for e in found.entries], found.total) == (["D-AAA-0003"], 1)


def test_pages_follow_one_another_without_loss_and_past_the_end_the_total_stays(entries: None) -> None:
    words = words_of("น้ำ")
    pages = [find(words, EVERYBODY, offset=at, limit=1) for at in range(5)]
    assert [e.ref for page in pages for e in page.entries] == PROBES["น้ำ"]
    assert [page.total for page in pages] == [4] * 5


def test_what_is_written_again_is_found_by_its_new_words_only(entries: None) -> None:
    old = SearchEntry.objects.get(ref="D-AAA-0003")
    keep(
        [
            search.entry(
                node=old.node,
                ref=old.ref,
                kind="D",
                space=None,
                visibility="public",
                titles=("ป่าชายเลน", ""),
                texts=[],
            )
        ]
    )
    assert refs("ป่าชาย") == ["D-AAA-0003"]
    assert refs("ไหลลง") == []
    assert SearchEntry.objects.get(ref="D-AAA-0003").pk == old.pk
    search.forget([old.node])
    assert refs("ป่าชาย") == []
    assert mend() is False


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its index in step by itself")
def test_an_index_that_lost_its_step_is_made_anew(entries: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO record_search_fts(record_search_fts) VALUES ('delete-all')")
    assert refs("ป่วย") == []
    assert mend() is True
    assert refs("ป่วย") == PROBES["ป่วย"]
    assert mend() is False


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a question of PostgreSQL's planner")
@pytest.mark.postgresql
@pytest.mark.parametrize("typed", ["คลองละงู", "น้ำ", "นา", "น", "น้ำ นา คลองละงู"])
def test_words_of_any_length_go_through_the_index(entries: None, typed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = search.matching(words_of(typed)).explain()
    assert "Bitmap Index Scan on record_search_grams" in plan
    assert ("Filter" in plan) is ("คลองละงู" in typed)


@pytest.mark.parametrize(
    ("word", "grams"), [("ก", ["ก"]), ("กข", ["กข"]), ("กขค", ["กขค"]), ("กขคง", ["กขค", "ขคง"])]
)
def test_a_word_is_asked_for_by_its_runs_of_at_most_three_letters(word: str, grams: list[str]) -> None:
    assert search.grams_of(word) == grams


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the function of PostgreSQL")
@pytest.mark.postgresql
def test_the_database_cuts_a_text_into_the_runs_that_are_asked_for(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_search_grams(%s), record_search_grams('')", ["น้ำ\nab c"])
        ((grams, nothing),) = cursor.fetchall()
    assert sorted(grams) == sorted(["น", "้", "ำ", "น้", "้ำ", "น้ำ", "a", "b", "ab", "c"])
    assert nothing is None
