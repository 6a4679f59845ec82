from __future__ import annotations

from pathlib import Path

import pytest

from khlong.__main__ import main
from khlong.chain.models import Node, Visibility
from khlong.places.models import City, Source
from khlong.strategy.actions import add_item, make_version
from khlong.strategy.models import ItemKind, Plan
from khlong.strategy.tests.makers import SYSTEM, whole_plan

Output = pytest.CaptureFixture[str]


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    return made


def export(out: Path, what: str = "plan", city: str = "phatong", kind: str = "docx", *more: str) -> int:
    return main(["export", what, "--city", city, "--format", kind, "--out", str(out), *more])


@pytest.mark.parametrize(
    ("what", "kind", "more"),
    [("plan", "docx", ()), ("city", "pdf", ("--lang", "en")), ("plan", "xlsx", ("--thai-digits",))],
)
def test_a_document_is_written_to_a_file(
    plan: Plan, tmp_path: Path, capsys: Output, what: str, kind: str, more: tuple[str, ...]
) -> None:
    out = tmp_path / f"out.{kind}"
    assert export(out, what, "phatong", kind, *more) == 0
    assert out.stat().st_size > 1000
    assert capsys.readouterr().out == f"{out} ({out.stat().st_size:,} bytes)\n"


def refusal(output: Output) -> str:
    said = output.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("khlong: ")
    return said.err


def test_an_unknown_city_ends_with_2_and_names_those_there_are(
    plan: Plan, other_city: City, tmp_path: Path, capsys: Output
) -> None:
    assert export(tmp_path / "x.docx", city="nowhere") == 2
    assert "choose from: bo-yang, phatong" in refusal(capsys)


def test_a_city_without_a_plan_ends_with_2_and_names_those_with_one(
    plan: Plan, other_city: City, tmp_path: Path, capsys: Output
) -> None:
    assert export(tmp_path / "x.docx", city="bo-yang") == 2
    assert "bo-yang has published no plan; choose from: phatong" in refusal(capsys)


def test_a_plan_that_is_not_public_is_not_exported(plan: Plan, tmp_path: Path, capsys: Output) -> None:
    Node.objects.filter(pk=plan.pk).update(visibility=Visibility.MEMBERS)
    assert export(tmp_path / "x.docx") == 2
    assert "has published no plan" in refusal(capsys)


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        (["plan", "--city", "phatong", "--format", "odt", "--out", "x"], ("docx", "pdf", "xlsx")),
        (["book", "--city", "phatong", "--format", "pdf", "--out", "x"], ("plan", "city")),
        (["plan", "--city", "phatong", "--format", "pdf", "--lang", "ms", "--out", "x"], ("th", "en")),
        (["plan", "--format", "pdf", "--out", "x"], ("--city",)),
    ],
)
def test_a_word_that_is_none_ends_with_2_and_names_the_choices(
    words: list[str], choices: tuple[str, ...], capsys: Output
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["export", *words])
    assert caught.value.code == 2
    said = refusal(capsys)
    assert all(choice in said for choice in choices)


def test_a_folder_that_is_not_there_is_said(plan: Plan, tmp_path: Path, capsys: Output) -> None:
    assert export(tmp_path / "nowhere" / "x.docx") == 2
    assert "there is no folder" in refusal(capsys)


def test_letters_that_the_font_does_not_have_are_named_in_one_line(
    plan: Plan, tmp_path: Path, capsys: Output
) -> None:
    add_item(SYSTEM, plan, ItemKind.STRATEGY, "မြန်မာ")
    make_version(SYSTEM, plan)
    out = tmp_path / "x.pdf"
    words = ["plan", "--city", "phatong", "--format", "pdf", "--out", str(out)]
    assert main(["export", *words]) == 2
    assert "cannot draw" in refusal(capsys)
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_said(plan: Plan, tmp_path: Path, capsys: Output) -> None:
    assert export(tmp_path) == 2
    assert "cannot be written" in refusal(capsys)
