from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.chain.yamlfile import Complaints, Problem, Reader, Table, choose, pair, read, write
from khlong.thai.dates import Span


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def reader(tmp_path: Path, complaints: Complaints) -> Reader:
    text = """\
name: {th: เมืองพะตง, en: Phatong}
plain: พะตง
nfd: "\u0e01\u0e4d\u0e32"
empty:
yes: true
code: "09"
many: 1,200.50
list: [one, two]
items:
  - ref: D-PTG-0001
  - only text
inner:
  first: {th: ก, en: a}
  second: ข
month: 2022-09
undated: undated
"""
    (tmp_path / "file.yaml").write_text(text, encoding="utf-8")
    found = read(tmp_path / "file.yaml", tmp_path, complaints)
    assert found is not None
    return found


def said(complaints: Complaints) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in complaints.found]


def test_text_dates_and_codes_are_read_as_they_are_written(reader: Reader) -> None:
    assert reader.text("code") == "09"
    assert reader.text("month") == "2022-09"
    assert reader.flag("yes") is True
    assert reader.flag("missing") is False
    assert reader.has("plain")
    assert not reader.has("empty")


def test_text_is_kept_in_one_form_of_unicode(tmp_path: Path, complaints: Complaints) -> None:
    (tmp_path / "a.yaml").write_text("name: Cafe\u0301\n", encoding="utf-8")
    found = read(tmp_path / "a.yaml", tmp_path, complaints)
    assert found is not None
    assert found.text("name") == "Caf\u00e9"


def test_a_pair_may_be_thai_alone(reader: Reader) -> None:
    assert reader.pair("name") == ("เมืองพะตง", "Phatong")
    assert reader.pair("plain") == ("พะตง", "")
    assert reader.pair("missing") == ("", "")


def test_numbers_may_have_commas(reader: Reader) -> None:
    assert reader.number("many") == Decimal("1200.50")
    assert reader.number("missing") is None


def test_a_whole_number_has_no_decimals(reader: Reader, complaints: Complaints) -> None:
    assert reader.integer("code") == 9
    assert reader.integer("many") is None
    assert said(complaints) == [(7, "many must be a whole number.")]


def test_a_date_is_a_span_and_undated_is_none_where_it_is_allowed(
    reader: Reader, complaints: Complaints
) -> None:
    assert reader.span("month") == Span.month(2022, 9)
    assert reader.span("undated", undated=True) is None
    assert complaints.found == []
    assert reader.span("undated") is None
    assert "is not a date" in complaints.found[0].message


def test_what_is_wrong_is_said_with_its_line(reader: Reader, complaints: Complaints) -> None:
    reader.text("name")
    reader.flag("plain")
    reader.words("plain")
    reader.text("missing", required=True)
    assert said(complaints) == [
        (1, "name must be plain text."),
        (2, "plain is neither true nor false."),
        (2, "plain must be a list."),
        (1, "missing is missing."),
    ]
    assert reader.is_bad


def test_items_that_are_no_mappings_are_named(reader: Reader, complaints: Complaints) -> None:
    assert [item.text("ref") for item in reader.each("items")] == ["D-PTG-0001"]
    assert said(complaints) == [(9, "items holds 'only text' where keys and values are wanted.")]
    assert list(reader.each("plain")) == []
    assert len(complaints.found) == 2


def test_named_items_that_are_no_mappings_are_named(reader: Reader, complaints: Complaints) -> None:
    assert [name for name, _item in reader.named("inner")] == ["first"]
    assert said(complaints) == [(14, "second must hold keys and values of its own.")]


def test_keys_that_nobody_asked_for_are_named(reader: Reader, complaints: Complaints) -> None:
    for key in reader.table:
        if key != "plain":
            reader.raw(key)
    reader.done()
    assert [problem.message for problem in complaints.found] == ["plain is not a key that is used here."]
    assert "code, empty, inner" in complaints.found[0].mend


def test_a_digest_leaves_out_what_is_taken_in_on_its_own(reader: Reader) -> None:
    whole, without = reader.digest(), reader.digest("items")
    assert whole != without
    reader.table["items"] = []
    assert reader.digest("items") == without
    assert reader.digest() != whole


def test_a_problem_reads_like_a_compilers_message() -> None:
    assert (
        str(Problem("a.yaml", 3, "This is wrong.", "Do that.")) == "a.yaml:3: This is wrong. Mend: Do that."
    )
    assert str(Problem("a.yaml", 3, "This is wrong.")) == "a.yaml:3: This is wrong."


def test_few_choices_are_all_named_and_of_many_the_nearest() -> None:
    assert choose("x", {"b", "a"}) == "Choose one of: a, b."
    many = {f"word{number}" for number in range(30)} | {"population"}
    assert choose("populaton", many).startswith("Nearest of 31 choices: population")


def test_written_files_leave_out_what_is_empty_and_keep_the_order() -> None:
    text = write({"b": "ข", "a": {"x": None, "y": pair("ก", "")}, "c": [], "d": Decimal("1200.500")})
    assert text == "b: ข\na:\n  y: {th: ก}\nd: 1200.5\n"


def test_a_pair_without_thai_is_nothing() -> None:
    assert pair("", "only English") is None


words = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60)


@given(th=words, en=words)
def test_what_is_written_is_read_back(th: str, en: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    import unicodedata

    path = tmp_path_factory.mktemp("yaml") / "file.yaml"
    path.write_text(write({"name": {"th": th, "en": en, "n": 1}}), encoding="utf-8")
    found = read(path, path.parent, Complaints())
    assert found is not None
    inner = found.one("name")
    assert inner is not None
    assert inner.text("th") == unicodedata.normalize("NFC", th).strip()
    assert inner.text("en") == unicodedata.normalize("NFC", en).strip()


@given(st.text(max_size=80))
def test_no_text_at_all_makes_the_reader_fall_over(text: str) -> None:
    table = Table({"key": text})
    table.lines = {"key": 1}
    complaints = Complaints()
    reader = Reader(table, "file.yaml", complaints)
    reader.number("key"), reader.integer("key"), reader.span("key"), reader.choice("key", {"a"})
    assert all(problem.file == "file.yaml" and problem.line == 1 for problem in complaints.found)


LAUGHS = "a: &a [x, x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [LAUGHS, "a: &a\n  b: *a\n", "a: &a ก\nb: *a\n", "a: " + "[" * 20_000 + "]" * 20_000, "&a {? *a : 1}"],
)
def test_what_names_itself_or_is_too_deep_is_a_complaint_and_no_end_of_memory(
    text: str, tmp_path: Path, complaints: Complaints
) -> None:
    (tmp_path / "file.yaml").write_text(text, encoding="utf-8")
    read(tmp_path / "file.yaml", tmp_path, complaints)
    assert complaints.found
