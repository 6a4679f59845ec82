from __future__ import annotations

import subprocess
import sys
import unicodedata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.thai.clusters import clusters
from khlong.thai.collate import sort_key
from khlong.thai.terms import places, terms
from khlong.thai.tests.strategies import ANY_TEXT, THAI_TEXT
from khlong.thai.together import WIDEST, any_of, keep_together
from khlong.thai.words import break_opportunities, segment

VISION = "ละงูเมืองแห่งการร่วมมือร่วมใจ อนุรักษ์สายน้ำมีชีวิต บนฐานความหลากหลายทางชีวภาพและพหุวัฒนธรรม"


def _lines(text: str) -> list[str]:
    cuts = [0, *break_opportunities(text), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _kept(text: str) -> list[str]:
    return [piece for piece, kept in keep_together(text) if kept]


@pytest.mark.parametrize("name", ["terms.txt", "places.txt"])
def test_the_lists_are_nfc_without_repeats_in_dictionary_order(name: str) -> None:
    lines = Path(__file__).parents[1].joinpath(name).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines), key=sort_key)
    assert all(line == unicodedata.normalize("NFC", line.strip()) for line in lines)


def test_the_terms_name_the_cities_their_canals_and_the_organisations() -> None:
    assert {
        *("เมืองบ่อยาง", "เมืองพะตง", "เมืองควนลัง", "เมืองปาดังเบซาร์", "เมืองละงู", "เมืองโตนดด้วน"),
        *("ขอนแก่น", "บ้านไผ่", "สามพร้าว", "หนองสำโรง", "สระใคร", "หนองคาย"),
        *("คลองละงู", "คลองอู่ตะเภา", "คลองสำโรง"),
        *("มูลนิธิชุมชนสงขลา", "สถาบันสิ่งแวดล้อมไทย", "สหภาพยุโรป"),
    } <= terms()
    assert {"พะตง", "คูหา", "บาโหย"} <= places()


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("น้ำท่วม", ["น้ำ", "ท่", "ว", "ม"]),
        ("กำแพง", ["กำ", "แ", "พ", "ง"]),
        ("สิทธิ์", ["สิ", "ท", "ธิ์"]),
        ("เกี๊ยะ", ["เ", "กี๊", "ย", "ะ"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("👩‍🌾ก", ["👩‍🌾", "ก"]),
        ("🇹🇭🇪🇺", ["🇹🇭", "🇪🇺"]),
        ("", []),
    ],
)
def test_a_cluster_is_what_a_reader_takes_for_one_character(text: str, split: list[str]) -> None:
    assert clusters(text) == split


@settings(max_examples=100, deadline=None)
@given(st.one_of(THAI_TEXT, ANY_TEXT))
def test_clusters_joined_are_the_text(text: str) -> None:
    split = clusters(text)
    assert "".join(split) == text
    assert not any(mark[0] in "ิีึืุู่้๊๋์็ำ" for base, mark in pairwise(split) if base not in "\r\n")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("วันที่ 3–4 ก.ย. 2565 ที่สงขลา", ["3–4 ก.ย. 2565", "สงขลา"]),
        ("เมื่อ ๓ กันยายน พ.ศ. ๒๕๖๕ แล้ว", ["๓ กันยายน พ.ศ. ๒๕๖๕"]),
        ("30 ก.ย. – 2 ต.ค. 2565", ["30 ก.ย. –", "2 ต.ค. 2565"]),
        ("มิ.ย.–ก.ค. 2565 และ พ.ศ. 2566–2570", ["มิ.ย.–ก.ค. 2565", "พ.ศ. 2566–2570"]),
        ("on 3 September 2022, see page 12", ["3 September 2022", "page 12"]),
        ("ฝน 630 มม. ใน 3 วัน", ["630 มม.", "3 วัน"]),
        ("งบ ๓,๔๕๐,๐๐๐ บาท", ["๓,๔๕๐,๐๐๐ บาท"]),
        ("ราคา 1.5 ล้านบาท เวลา 09.30 น.", ["1.5 ล้านบาท", "เวลา 09.30 น."]),
        ("ดูหน้า 12 ข้อ 3 ครั้งที่ 2/2569", ["หน้า 12", "ข้อ 3", "ครั้งที่ 2/2569"]),
        ("แบบ ผ. 02/1", ["ผ. 02/1"]),
        ("ส่งถึงทต.พะตงและอบต.พะตงแล้ว", ["ทต.พะตง", "อบต.พะตง"]),
        ("อบต.โพนทราย จ.สงขลา", ["อบต.โพนทราย", "จ.สงขลา"]),
        ("เทศบาลตำบลกำแพง อำเภอละงู", ["เทศบาลตำบลกำแพง", "อำเภอละงู"]),
        ("รหัส F-PTG-0012 สถานี X.173A", ["F-PTG-0012", "X.173A"]),
        ("แกนนำและคณะทำงาน", ["แกนนำ", "คณะทำงาน"]),
        ("แบบสอบถาม ๆ", ["แบบสอบถาม ๆ"]),
    ],
)
def test_groups_that_belong_on_one_line_are_found(text: str, kept: list[str]) -> None:
    assert _kept(text) == kept


@pytest.mark.parametrize("text", ["และงูก็หนี", "สะเดาะเคราะห์", "คนละทาง", "เทพารักษ์", "ธรรมดา"])
def test_a_term_inside_another_word_is_not_taken(text: str) -> None:
    assert _kept(text) == []


def test_a_unit_is_not_cut_out_of_a_longer_word() -> None:
    assert _kept("20 หลังคาเรือน 5 คนละ 2 วันที่") == ["20 หลังคาเรือน", "5", "2"]


def test_a_name_too_long_for_a_column_may_break() -> None:
    name = "ศูนย์ประชาสังคมและการจัดการองค์กรเอกชนสาธารณประโยชน์"
    assert name in terms()
    assert len(clusters(name)) > WIDEST
    assert name not in _kept(name)
    assert len(_lines(name)) > 3


@settings(max_examples=150, deadline=None)
@given(st.one_of(THAI_TEXT, ANY_TEXT))
def test_pieces_joined_are_the_text_and_none_is_empty(text: str) -> None:
    pieces = keep_together(text)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)
    assert _boundaries([piece for piece, _ in pieces]) <= _boundaries(clusters(text))


@settings(max_examples=60, deadline=None)
@given(st.sets(st.text("กขค.", min_size=1, max_size=4), min_size=1, max_size=8), st.text("กขค.", max_size=6))
def test_the_trie_finds_the_longest_word(words: set[str], text: str) -> None:
    import re

    match = re.match(any_of(words), text)
    longest = max((word for word in words if text.startswith(word)), key=len, default=None)
    assert (match[0] if match else None) == longest


def test_words_come_from_the_dictionary_and_from_the_house() -> None:
    assert segment("เมืองละงูประเมินความเปราะบาง") == ["เมืองละงู", "ประเมิน", "ความเปราะบาง"]
    assert segment("น้ำท่วม พะตง") == ["น้ำท่วม", " ", "พะตง"]
    assert segment("") == []


def test_segmenting_writes_nothing_at_home_and_needs_no_home(tmp_path: Path) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir(mode=0o500)
    scratch.mkdir()
    code = "from khlong.thai.words import segment, keep_together; print(segment('น้ำท่วมเมืองละงู'))"
    environment = {
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stdout.strip() == "['น้ำท่วม', 'เมืองละงู']", done.stderr
    assert list(home.iterdir()) == []


def test_marking_needs_no_dictionary() -> None:
    assert find_spec("pythainlp") is not None
    code = (
        "import sys; from khlong.thai import words; words.keep_together('เมืองละงู'); words.clusters('ก');"
        "sys.exit('pythainlp' in sys.modules)"
    )
    root = str(Path(__file__).parents[3])
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": root}, check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("น้ำท่วมเมืองละงู", ["น้ำท่วม", "เมืองละงู"]),
        ("ต่าง ๆ และ", ["ต่าง ๆ ", "และ"]),
        ("งบ ๓,๔๕๐,๐๐๐ บาท", ["งบ ", "๓,๔๕๐,๐๐๐ บาท"]),
        ('ว่า "ละงูเมือง" แล้ว', ["ว่า ", '"ละงู', 'เมือง" ', "แล้ว"]),
        ("ภาค (คลอง) น้ำ", ["ภาค ", "(คลอง) ", "น้ำ"]),
        ("“น้ำท่วม”", ["“น้ำท่วม”"]),
        ("PM2.5 สูง", ["PM2.5 ", "สูง"]),
        ("ไป\nมา", ["ไป\n", "มา"]),
        ("", [""]),
    ],
)
def test_lines_break_between_words_only(text: str, lines: list[str]) -> None:
    assert _lines(text) == lines


@settings(max_examples=100, deadline=None)
@given(THAI_TEXT)
def test_no_break_splits_a_cluster_a_kept_group_or_starts_a_line_wrongly(text: str) -> None:
    offsets = break_opportunities(text)
    assert offsets == sorted(set(offsets))
    assert set(offsets) <= _boundaries(clusters(text))
    for offset in offsets:
        assert 0 < offset < len(text)
        if text[offset - 1] != "\n":
            assert text[offset] not in "ๆฯะาำ)]”,.:;% "
            assert text[offset - 1] not in "เแโใไ([“"
    inside = {at for start, end in _kept_ranges(text) for at in range(start + 1, end)}
    assert not inside & {offset for offset in offsets if text[offset - 1] != "\n"}


def _boundaries(pieces: list[str]) -> set[int]:
    total, found = 0, set()
    for piece in pieces:
        total += len(piece)
        found.add(total)
    return found


def _kept_ranges(text: str) -> list[tuple[int, int]]:
    ranges, position = [], 0
    for piece, kept in keep_together(text):
        if kept:
            ranges.append((position, position + len(piece)))
        position += len(piece)
    return ranges
