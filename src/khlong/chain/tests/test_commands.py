"""`khlong load`, `dump` and `trace`: exit 0, or 2 with one line that says what would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test.utils import override_settings

from khlong.__main__ import main
from khlong.chain.models import Kind, Node
from khlong.chain.tests.folder import make_folder, model, spoil
from khlong.chain.tests.things import chain_of, hide

Output = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    monkeypatch.setattr("khlong.places.load.load_reference", dict)
    model("places.Province").objects.create(code="90", name_th="สงขลา", name_en="Songkhla")
    return make_folder(tmp_path)


def one_line(output: Output) -> str:
    said = output.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("khlong: ")
    return said.err


def test_load_reports_what_it_did_and_the_second_time_that_nothing_changed(
    folder: Path, capsys: Output
) -> None:
    assert main(["load", str(folder)]) == 0
    assert "added 1 city" in capsys.readouterr().out
    assert main(["load", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("nothing changed (")


def test_load_without_a_folder_takes_the_one_of_the_settings(folder: Path, capsys: Output) -> None:
    with override_settings(DATA_DIR=folder):
        assert main(["load"]) == 0
    assert Node.objects.filter(ref="C-PTG").exists()


def test_load_of_a_bad_file_names_the_line_and_changes_nothing(folder: Path, capsys: Output) -> None:
    line = spoil(folder, "cities/phatong.yaml", "    mark: B", "    mark: C")
    assert main(["load", str(folder)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"cities/phatong.yaml:{line}: ")
    assert said[-1] == "khlong: 1 problems; nothing was changed"
    assert not Node.objects.exists()


def test_load_of_a_folder_that_is_not_there_says_so(db: None, capsys: Output, tmp_path: Path) -> None:
    assert main(["load", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in one_line(capsys)


def test_dump_writes_files_that_load_takes_back_unchanged(folder: Path, capsys: Output) -> None:
    main(["load", str(folder)])
    out = folder / "out"
    assert main(["dump", "--out", str(out)]) == 0
    capsys.readouterr()
    assert (out / "cities/phatong.yaml").read_text(encoding="utf-8").startswith("city:\n")
    assert main(["load", str(out)]) == 0
    main(["load", str(out)])
    assert capsys.readouterr().out.splitlines()[-1].startswith("nothing changed")


def test_dump_into_a_place_that_cannot_be_written_says_so_in_one_line(
    folder: Path, capsys: Output, tmp_path: Path
) -> None:
    main(["load"])
    capsys.readouterr()
    (tmp_path / "a-file").write_text("")
    assert main(["dump", "--out", str(tmp_path / "a-file")]) == 2
    assert "cannot be written" in one_line(capsys)


@pytest.fixture
def three(city: Any, source: Any) -> list[Node]:
    return chain_of(city, source, 3)


def test_trace_prints_both_directions(three: list[Node], capsys: Output) -> None:
    assert main(["trace", three[1].ref]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["upstream: 1", f"  {three[0]}", "downstream: 1", f"  {three[2]}"]


def test_trace_reads_what_people_type(three: list[Node], capsys: Output) -> None:
    assert main(["trace", "b-ptg-๐๐๐๒", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ref"] == "B-PTG-0002"
    assert found["upstream"] == [
        {
            "ref": "B-PTG-0001",
            "kind": "community",
            "title": "ชุมชน 0",
            "title_en": "",
            "depth": 1,
            "city": "C-PTG",
            "example": False,
            "url": "/communities/B-PTG-0001/",
        }
    ]
    assert found["edges"] == [
        ["B-PTG-0001", "B-PTG-0002", "rests_on"],
        ["B-PTG-0002", "B-PTG-0003", "rests_on"],
    ]
    assert (found["more"], found["whole"]) == (0, True)


def test_trace_is_told_as_an_account_sees_it(three: list[Node], cast: Any, capsys: Output) -> None:
    hide(three[0])
    assert main(["trace", three[1].ref, "--as", "observer", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["ref"] for row in found["upstream"]] == [three[0].ref]
    assert main(["trace", three[1].ref, "--as", "nobody"]) == 2
    assert "nobody" in one_line(capsys)


def test_status_tells_each_city_and_says_what_is_not_published(
    three: list[Node], other_city: Any, capsys: Output
) -> None:
    Node.objects.filter(pk=three[0].pk).update(kind=Kind.FINDING)
    Node.objects.filter(pk=three[1].pk).update(kind=Kind.MEASURE)
    assert main(["status", "--json"]) == 0
    found = {row["ref"]: row for row in json.loads(capsys.readouterr().out)["cities"]}
    here, there = found["C-PTG"], found["C-BYG"]
    assert (here["published"], here["stages"]["findings"], here["stages"]["report"]) == (True, 1, None)
    assert (here["links"]["measures"], here["kinds"]["measure"]) == (1, 1)
    assert (there["published"], there["dry"], there["figures"]) == (False, {}, {})
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "C-BYG  Bo Yang: not published" in lines
    assert any("findings 1, the plan and its measures 1" in line for line in lines)


@pytest.mark.parametrize("typed", ["nothing", "B-PTG", "12"])
def test_trace_of_what_is_no_reference_says_what_one_looks_like(
    typed: str, three: list[Node], capsys: Output
) -> None:
    assert main(["trace", typed]) == 2
    assert "B-PTG" in one_line(capsys) or typed != "B-PTG"


def test_trace_of_a_reference_that_is_not_there_names_some_that_are(
    three: list[Node], capsys: Output
) -> None:
    assert main(["trace", "B-PTG-0077"]) == 2
    said = one_line(capsys)
    assert "B-PTG-0077" in said
    assert "B-PTG-0001, B-PTG-0002, B-PTG-0003" in said


def test_trace_shows_and_names_only_what_is_public(three: list[Node], capsys: Output) -> None:
    hide(three[0])
    assert main(["trace", three[0].ref]) == 2
    assert "for example: B-PTG-0002, B-PTG-0003" in one_line(capsys)
    assert main(["trace", three[1].ref]) == 0
    assert three[0].ref not in capsys.readouterr().out


def test_an_unknown_command_ends_with_2_and_names_those_there_are(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["traec", "C-PTG"])
    assert caught.value.code == 2
    said = one_line(capsys)
    assert "'load'" in said
    assert "'trace'" in said
