from __future__ import annotations

import gettext
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import catalogues
from tools.catalogues import Entry, compiled, entry_of, main, placeholders, read_catalogue, written

VIEWS = """
from django.utils.translation import gettext_lazy as _, ngettext, npgettext, pgettext
title = _("Cities")
long = _("one " "sentence")
some = ngettext("%(count)s city", "%(count)s cities", 2)
month = pgettext("month", "May")
both = npgettext("place", "bank", "banks", 2)
ignored = _(title)
"""
PAGE = """{% load i18n %}
<section>
    <h1 title="{% translate "Programme" %}">{{ _("Canal") }}</h1>
  {% blocktranslate trimmed with name=city.name %}
    Welcome to {{ name }},
    100% free
  {% endblocktranslate %}
      {% blocktranslate count n=many %}{{ n }} fact{% plural %}{{ n }} facts{% endblocktranslate %}
</section>
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    room = tmp_path / "khlong" / "places"
    (room / "templates" / "places").mkdir(parents=True)
    (room / "tests").mkdir()
    (room / "__init__.py").touch()
    (room / "views.py").write_text(VIEWS)
    (room / "templates" / "places" / "page.html").write_text(PAGE)
    (room / "tests" / "test_x.py").write_text('_("only in a test")')
    return tmp_path / "khlong"


def run(package: Path, what: str) -> int:
    return main([what, "--package", str(package)])


def thai(package: Path) -> Path:
    return catalogues.catalogue_path(package / "places", "th")


def translate_all(package: Path) -> None:
    path = thai(package)
    entries = read_catalogue(path)[0].values()
    for entry in entries:
        entry.forms = [f"ไทย {entry.plural or entry.singular}" for _form in entry.forms]
    path.write_text(written(entries, "th"))
    run(package, "compile")


def test_messages_come_from_python_and_templates_but_not_from_tests(package: Path) -> None:
    run(package, "extract")
    entries, _obsolete = read_catalogue(thai(package))
    assert set(entries) == {
        ("", "Cities"),
        ("", "one sentence"),
        ("", "%(count)s city"),
        ("month", "May"),
        ("place", "bank"),
        ("", "Programme"),
        ("", "Canal"),
        ("", "Welcome to %(name)s, 100%% free"),
        ("", "%(n)s fact"),
    }
    assert entries["", "%(n)s fact"].plural == "%(n)s facts"
    assert entries["", "Canal"].places == {"khlong/places/templates/places/page.html"}


def test_a_complete_catalogue_passes_and_serves_gettext(package: Path) -> None:
    run(package, "extract")
    translate_all(package)
    assert run(package, "check") == 0
    served = gettext.GNUTranslations(io.BytesIO(thai(package).with_suffix(".mo").read_bytes()))
    assert served.gettext("Cities") == "ไทย Cities"
    assert served.pgettext("month", "May") == "ไทย May"
    assert served.ngettext("%(count)s city", "%(count)s cities", 1) == "ไทย %(count)s cities"


def test_the_english_catalogue_repeats_the_message_ids(package: Path) -> None:
    run(package, "extract")
    path = catalogues.catalogue_path(package / "places", "en")
    served = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert served.ngettext("%(count)s city", "%(count)s cities", 1) == "%(count)s city"
    assert served.ngettext("%(count)s city", "%(count)s cities", 2) == "%(count)s cities"


def test_extracting_again_keeps_translations_and_notes_and_drops_what_is_gone(package: Path) -> None:
    run(package, "extract")
    translate_all(package)
    path = thai(package)
    spoil(package, 'msgid "Cities"', '# in the menu\nmsgid "Cities"')
    (package / "places" / "views.py").write_text('_("Cities")\n_("New")')
    run(package, "extract")
    entries, _obsolete = read_catalogue(path)
    assert entries["", "Cities"].forms == ["ไทย Cities"]
    assert entries["", "Cities"].notes == ["in the menu"]
    assert entries["", "New"].forms == [""]
    assert ("month", "May") not in entries
    assert "fuzzy" not in path.read_text()


def test_extracting_twice_changes_nothing(package: Path) -> None:
    run(package, "extract")
    first = thai(package).read_bytes(), thai(package).with_suffix(".mo").read_bytes()
    run(package, "extract")
    assert (thai(package).read_bytes(), thai(package).with_suffix(".mo").read_bytes()) == first


def spoil(package: Path, old: str, new: str) -> None:
    path = thai(package)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    run(package, "compile")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('msgstr "ไทย Cities"', 'msgstr ""', "has no translation"),
        ("ไทย %(count)s cities", "ไทย cities", "other placeholders"),
        ("ไทย Welcome to %(name)s", "ไทย Welcome to %(nama)s", "other placeholders"),
        ('msgid "Cities"', 'msgid "Citys"', "is missing from the catalogue"),
        ('msgid "Cities"', 'msgid "Citys"', "is no longer used"),
        ('msgid "Cities"', '#, fuzzy\nmsgid "Cities"', "is marked fuzzy"),
        ('msgid_plural "banks"', 'msgid_plural "shores"', "another plural"),
    ],
)
def test_a_spoilt_catalogue_is_refused_with_its_reason(
    package: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, reason: str
) -> None:
    run(package, "extract")
    translate_all(package)
    spoil(package, old, new)
    assert run(package, "check") == 1
    complaint = capsys.readouterr().out
    assert reason in complaint
    assert "places/th" in complaint


def test_a_commented_out_entry_is_refused(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(package, "extract")
    translate_all(package)
    with thai(package).open("a") as catalogue:
        catalogue.write('\n#~ msgid "Old"\n#~ msgstr "เก่า"\n')
    assert run(package, "check") == 1
    assert "left over" in capsys.readouterr().out


def test_a_stale_compiled_catalogue_is_refused(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(package, "extract")
    translate_all(package)
    thai(package).with_suffix(".mo").write_bytes(b"old")
    assert run(package, "check") == 1
    assert "stale" in capsys.readouterr().out


def room_saying(package: Path, name: str, source: str, form: str) -> None:
    """A room of one message, translated."""
    room = package / name
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "views.py").write_text(source)
    run(package, "extract")
    path = catalogues.catalogue_path(room, "th")
    entries = read_catalogue(path)[0].values()
    for entry in entries:
        entry.forms = [form]
    path.write_text(written(entries, "th"))
    run(package, "compile")


@pytest.mark.parametrize(
    ("source", "form", "refused"),
    [
        ('_("to")', "เสนอต่อ", True),
        ('_("to")', "ถึง", False),
        ('pgettext("proposal", "to")', "เสนอต่อ", False),
    ],
)
def test_one_message_with_two_translations_in_two_rooms_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, form: str, refused: bool
) -> None:
    package = tmp_path / "khlong"
    package.mkdir()
    room_saying(package, "places", '_("to")', "ถึง")
    room_saying(package, "adoption", source, form)
    capsys.readouterr()
    assert run(package, "check") == int(refused)
    said = capsys.readouterr().out
    assert ("'to' differs between rooms: เสนอต่อ (adoption); ถึง (places)" in said) is refused


def test_a_room_without_messages_needs_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "khlong" / "thai").mkdir(parents=True)
    (tmp_path / "khlong" / "thai" / "__init__.py").touch()
    assert run(tmp_path / "khlong", "extract") == 0
    assert run(tmp_path / "khlong", "check") == 0
    assert not (tmp_path / "khlong" / "thai" / "locale").exists()


def test_placeholders_of_every_style_are_seen_and_percent_signs_are_not() -> None:
    assert placeholders("%(a)s of {b} and %s, 5%% of {} or {0.x}") == sorted(
        ["%(a)s", "{b}", "%s", "{}", "{0.x}"]
    )
    assert placeholders("100% sure") == []


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(st.dictionaries(WORDS, WORDS, max_size=6), WORDS)
def test_what_is_written_is_read_back_and_compiled(texts: dict[str, str], context: str) -> None:
    entries = [Entry(context, key, "", [value]) for key, value in texts.items()]
    with tempfile.NamedTemporaryFile("w", suffix=".po", encoding="utf-8", newline="\n") as catalogue:
        catalogue.write(written(entries, "th"))
        catalogue.flush()
        read, _obsolete = read_catalogue(Path(catalogue.name))
    assert {key: entry.forms for (_, key), entry in read.items()} == {
        key: [text] for key, text in texts.items()
    }
    served = gettext.GNUTranslations(io.BytesIO(compiled(entries, "th")))
    assert all(served.pgettext(context, key) == value for key, value in texts.items())


def test_a_word_within_an_f_string_is_found_by_every_python() -> None:
    text = "a = f\"{_('Khlong')}: {x.gettext('Canal')}\"\n"
    assert [entry_of(*call) for call in catalogues.calls_of_python(text)] == [
        Entry("", "Khlong"),
        Entry("", "Canal"),
    ]
