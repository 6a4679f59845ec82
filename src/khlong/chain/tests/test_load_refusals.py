"""A data file with something wrong in it changes nothing, and every complaint names file, line and mend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from khlong.chain.load import load_all
from khlong.chain.models import LoadedItem, Node, ThingRevision
from khlong.chain.tests.folder import FILES, make_folder, model, spoil
from khlong.chain.yamlfile import LoadFailed, Problem
from khlong.record.models import AuditEntry

CITY = "cities/phatong.yaml"


@dataclass(frozen=True)
class Bad:
    """A spoiled file: what stands in place of what, how many lines further down the complaint points, and
    words of the complaint and of its mend.
    """

    what: str
    file: str
    old: str
    new: str
    says: str
    mend: str
    below: int = 0


FACT = "    figure: 10412\n    unit: people\n"
BADS = [
    Bad(
        "a city that is not there",
        "basin.yaml",
        "cities: [phatong]",
        "cities: [phatng]",
        "no city 'phatng'",
        "Choose from: phatong",
    ),
    Bad(
        "a fact without a source",
        CITY,
        '    time: "2022"\n    source: S1\n',
        '    time: "2022"\n',
        "no source",
        "Add  source: KEY",
        -4,
    ),
    Bad(
        "a source that is not there",
        CITY,
        '"2022"\n    source: S1',
        '"2022"\n    source: S9',
        "S9 is not in sources.yaml",
        "Add it there",
        1,
    ),
    Bad("a date that is none", CITY, 'time: "2022"', 'time: "2022-02-30"', "is not a date", "2022-09-03"),
    Bad("a date in words", CITY, 'time: "2022"', "time: 3 กันยายน 2565", "is not a date", "2022-09-03"),
    Bad(
        "a date of the other era",
        CITY,
        "time: 2022-09-03/2022-09-04",
        "time: 2565-09-03",
        "2565-09-03",
        "2022-09-03",
    ),
    Bad("a figure without a unit", CITY, FACT, "    figure: 10412\n", "no unit", "Add  unit: KEY"),
    Bad(
        "a unit that is not there",
        CITY,
        "unit: people",
        "unit: peple",
        "'peple' is not in vocabulary.yaml",
        "people",
    ),
    Bad(
        "a figure that is none",
        CITY,
        "figure: 10412",
        "figure: about 10,000",
        "is not a number",
        "Write digits",
    ),
    Bad("an endless figure", CITY, "figure: 10412", "figure: Infinity", "too large or no number", ""),
    Bad(
        "a figure with five decimals",
        CITY,
        "figure: 10412",
        "figure: 0.12345",
        "more than four decimals",
        "Round it",
    ),
    Bad(
        "a statement and a figure at once",
        CITY,
        FACT,
        f"{FACT}    statement: {{th: มีคนมาก}}\n",
        "a statement and a figure",
        "two facts",
        2,
    ),
    Bad("neither a statement nor a figure", CITY, FACT, "", "statement", "", -2),
    Bad(
        "a topic that is not there",
        CITY,
        "topic: population",
        "topic: populaton",
        "'populaton' is not in",
        "population",
    ),
    Bad("no topic", CITY, "    topic: population\n", "", "topic is missing", "Add a line  topic:", -1),
    Bad(
        "a key that is not used",
        CITY,
        "    unit: people\n",
        "    unit: people\n    colour: blue\n",
        "colour is not a key",
        "Known here:",
        1,
    ),
    Bad(
        "a key of the whole file that is not used",
        CITY,
        "groups:\n",
        "people:\n",
        "people is not a key",
        "groups",
    ),
    Bad(
        "a key that stands twice",
        CITY,
        "    unit: people\n",
        "    unit: people\n    unit: people\n",
        "unit stands twice",
        "Keep one",
        1,
    ),
    Bad(
        "a reference that stands twice",
        CITY,
        "ref: D-PTG-0002",
        "ref: D-PTG-0001",
        "stands already in cities/phatong.yaml:24",
        "next free number",
    ),
    Bad(
        "a reference of another kind",
        CITY,
        "ref: D-PTG-0002",
        "ref: K-PTG-0002",
        "'K-PTG-0002' is not a reference of this kind",
        "begins with D-",
    ),
    Bad(
        "a reference in small letters",
        CITY,
        "ref: D-PTG-0002",
        "ref: d-ptg-0002",
        "'d-ptg-0002' is not a reference",
        "begins with D-",
    ),
    Bad(
        "a reference with a zero too many",
        CITY,
        "ref: D-PTG-0002",
        "ref: D-PTG-00002",
        "is not a reference",
        "such as D-PTG-0012",
    ),
    Bad(
        "a reference with an endless number",
        CITY,
        "ref: D-PTG-0002",
        f"ref: D-PTG-{'9' * 30}",
        "is not a reference",
        "D-PTG-0012",
    ),
    Bad(
        "no reference",
        CITY,
        "  - ref: D-PTG-0002\n    topic: log\n",
        "  - topic: log\n",
        "ref is missing",
        "Add a line  ref:",
    ),
    Bad("a mark for guesses", CITY, "    mark: B", "    mark: C", "'C' is not known", "A, B"),
    Bad(
        "no Thai text",
        CITY,
        "{th: น้ำท่วมตลาด, en: The market was flooded.}",
        "{en: The market was flooded.}",
        "no Thai text",
        "add  th:",
    ),
    Bad(
        "a third language",
        CITY,
        "en: The market was flooded.}",
        "ms: Pasar banjir.}",
        "'ms'",
        "Only th and en",
    ),
    Bad("a province that is not there", CITY, 'province: "90"', 'province: "09"', "no province '09'", '"90"'),
    Bad("a region that is not there", CITY, "region: south", "region: west", "'west' is not known", "south"),
    Bad("a yes that is none", CITY, "full: true", "full: perhaps", "neither true nor false", ""),
    Bad(
        "a source without a date",
        "sources.yaml",
        "    date: undated\n",
        "",
        "source S2 has no date",
        "date: undated",
        -1,
    ),
    Bad(
        "a list that is none",
        "basin.yaml",
        "cities: [phatong]",
        "cities: phatong",
        "must be a list",
        "[first, second]",
    ),
    Bad("broken YAML", CITY, "facts:\n", "facts: [\n", "cannot be read", "indents and quotes", 1),
    Bad("a tab", CITY, "    figure: 10412", "\tfigure: 10412", "cannot be read", "indents and quotes"),
    Bad(
        "a file that is only a list",
        "basin.yaml",
        FILES["basin.yaml"],
        "- one\n- two\n",
        "not a list of keys",
        "Begin with a key",
    ),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    monkeypatch.setattr("khlong.places.load.load_reference", dict)
    model("places.Province").objects.create(code="90", name_th="สงขลา", name_en="Songkhla")
    return make_folder(tmp_path)


def state() -> list[Any]:
    """All that a run of the loader could have touched."""
    return [
        list(Node.objects.order_by("ref").values_list("ref", "title_th")),
        list(ThingRevision.objects.order_by("pk").values_list("pk", "number")),
        list(LoadedItem.objects.order_by("key").values_list("key", "digest")),
        list(model("places.Source").objects.order_by("key").values()),
        AuditEntry.objects.count(),
    ]


def refused(folder: Path) -> list[Problem]:
    before = state()
    with pytest.raises(LoadFailed) as caught:
        load_all(folder)
    assert state() == before
    return list(caught.value.problems)


@pytest.mark.parametrize("bad", BADS, ids=lambda bad: bad.what)
def test_a_bad_file_changes_nothing_and_the_complaint_names_file_line_and_mend(
    bad: Bad, folder: Path
) -> None:
    line = spoil(folder, bad.file, bad.old, bad.new) + bad.below
    problems = refused(folder)
    found = [problem for problem in problems if bad.says in problem.message]
    assert found, [str(problem) for problem in problems]
    assert (found[0].file, found[0].line) == (bad.file, line)
    assert bad.mend in found[0].mend
    assert str(found[0]).startswith(f"{bad.file}:{line}: ")


@pytest.mark.parametrize("bad", BADS[::4], ids=lambda bad: bad.what)
def test_what_was_loaded_before_stands_when_a_bad_file_follows(bad: Bad, folder: Path) -> None:
    load_all(folder)
    spoil(folder, bad.file, bad.old, bad.new)
    spoil(folder, "sources.yaml", "https://example.org/s1", "https://example.org/other")
    refused(folder)


def test_a_file_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / CITY).write_bytes(FILES[CITY].encode("cp874"))
    problem = next(problem for problem in refused(folder) if problem.file == CITY)
    assert "cannot be read" in problem.message
    assert "utf-8" in problem.message
    assert "UTF-8" in problem.mend


def test_one_run_names_all_that_is_wrong_by_file_and_line(folder: Path) -> None:
    spoil(folder, CITY, "topic: population", "topic: nothing")
    spoil(folder, CITY, "    mark: B", "    mark: C")
    spoil(folder, "basin.yaml", "[phatong]", "[atlantis]")
    places = [(problem.file, problem.line) for problem in refused(folder)]
    assert [file for file, _line in places] == ["basin.yaml", CITY, CITY]
    assert places == sorted(places)


def test_two_cities_with_one_address_are_refused(folder: Path) -> None:
    text = FILES[CITY].replace("C-PTG", "C-BYG").replace("-PTG-", "-BYG-")
    (folder / "cities/second.yaml").write_text(text, encoding="utf-8")
    problem = refused(folder)[0]
    assert (problem.file, problem.line) == ("cities/second.yaml", 3)


def test_a_reference_that_stands_in_two_files_names_the_first(folder: Path) -> None:
    spoil(folder, "basin.yaml", "K-SCS-0001", "K-SCS-0001\n    facts: [{ref: D-PTG-0001, topic: log}]")
    assert any(f"D-PTG-0001 stands already in {CITY}:24" in problem.message for problem in refused(folder))


def test_the_nearest_of_many_words_are_offered(folder: Path) -> None:
    many = "".join(f"  topic{number:02d}: {{th: ท, en: t}}\n" for number in range(20))
    spoil(folder, "vocabulary.yaml", "topics:\n", f"topics:\n{many}")
    spoil(folder, CITY, "topic: population", "topic: populatoin")
    problem = refused(folder)[0]
    assert problem.mend.startswith("Nearest of 23 choices: population")
