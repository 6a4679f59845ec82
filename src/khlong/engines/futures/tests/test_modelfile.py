"""The open model file: what is written loads back the same, what is wrong is refused with field and mend."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from khlong.engines.futures import filewords, schema, writing
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import Model
from khlong.engines.futures.modelfile import load, parse
from khlong.engines.futures.tests.models import models

FOLDER = Path(__file__).resolve().parent.parent / "models"
SHIPPED = sorted(FOLDER.glob("*.yaml"))


def document(name: str = "one-house") -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return read


def same(one: Any, other: Any) -> bool:
    """Whether two models say the same, arrays by their numbers."""
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, part.name), getattr(other, part.name)) for part in dataclasses.fields(one)
        )
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray | float):
        return bool(np.array_equal(np.asarray(one), np.asarray(other), equal_nan=True))
    return bool(one == other)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_model_that_is_shipped_loads_is_marked_as_example_and_fits_the_schema(path: Path) -> None:
    assert load(path).is_example
    jsonschema.Draft202012Validator(schema.schema()).validate(
        yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def test_the_schema_beside_the_reader_is_in_step_and_a_schema() -> None:
    assert schema.FILE.read_text(encoding="utf-8") == schema.written(), (
        "python -m khlong.engines.futures.schema --write"
    )
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.written()))


def test_years_of_the_buddhist_era_are_kept_in_the_common_one() -> None:
    assert load(FOLDER / "one-house.yaml").years == (2026, 2046)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@pytest.mark.parametrize("in_words", [0, 40])
def test_a_written_model_loads_to_the_same(
    path: Path, in_words: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "IN_WORDS", in_words)
    model = load(path)
    writing.dump(model, tmp_path / "again.yaml")
    assert same(load(tmp_path / "again.yaml"), model)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(model=models().filter(lambda model: len(model.years) > 1))
def test_any_model_survives_being_written_and_its_document_fits_the_schema(
    model: Model, tmp_path: Path
) -> None:
    writing.dump(model, tmp_path / "any.yaml")
    jsonschema.Draft202012Validator(schema.schema()).validate(
        yaml.safe_load((tmp_path / "any.yaml").read_text("utf-8"))
    )
    assert same(load(tmp_path / "any.yaml"), model)


Change = Callable[[dict[str, Any]], Any]


def put(path: str, value: Any) -> Change:
    """Sets what lies at a path such as `measures.0.cost`; None takes it away."""

    def change(made: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        at: Any = made
        for part in way:
            at = at[part]
        if value is None:
            del at[last]
        else:
            at[last] = value

    return change


FLOOD = "hazards.0"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (put("format", "other/2"), "format"),
        (put("key", None), "key"),
        (put("colour", "blue"), "colour"),
        (put("name", "บ้าน"), "name"),
        (put("era", None), "years"),
        (put("era", "AH"), "era"),
        (put("places", "บ้าน"), "places"),
        (put("groups.0.people", "ห้า"), "groups[0].people"),
        (put(f"{FLOOD}.unit", None), "hazards[0].unit"),
        (put(f"{FLOOD}.ladder", None), "hazards[0]"),
        (put(f"{FLOOD}.memory", {}), "hazards[0]"),
        (put(f"{FLOOD}.ladder.rule", "guess"), "hazards[0].ladder.rule"),
        (put(f"{FLOOD}.ladder.rungs.0.intensity", {"บ้าน": 50}), "hazards[0].ladder.rungs[0].intensity.บ้าน"),
        (put(f"{FLOOD}.ladder.rungs.0.intensity", {"วัด": "1 m"}), "hazards[0].ladder.rungs[0].intensity.วัด"),
        (put("curves.0.unit", "ft"), "curves[0].unit"),
        (put("curves.0", {"key": "home", "jrc": "castle"}), "curves[0].jrc"),
        (put("layers.0.value", [1, 2]), "layers[0].value"),
        (put("layers.0.value", {"file": "nowhere.npz", "array": "a"}), "layers[0].value.file"),
        (put("layers.0.value", {"file": "../x.npz", "array": "a"}), "layers[0].value.file"),
        (put("measures.0.acts.0.kind", "shft"), "measures[0].acts[0].kind"),
        (put("measures.0.acts.0.by", 600), "measures[0].acts[0].by"),
        (put("measures.0.acts.0.to", 1), "measures[0].acts[0].to"),
        (put("measures.0.acts.0.hazard", "fire"), "measures[0].acts[0].hazard"),
        (put("measures.0.acts.0.places", ["วัด"]), "measures[0].acts[0].places[0]"),
        (put("measures.0.existing", "maybe"), "measures[0].existing"),
        (put("thresholds.0.most", "much"), "thresholds[0].most"),
        (put("thresholds.0.most", float("inf")), "thresholds[0].most"),
        (put("most_cost", float("inf")), "most_cost"),
        (put("measures.0.cost", "1e999"), "measures[0].cost"),
        (put("measures.0.cost", float("nan")), "measures[0].cost"),
        (put("measures.0.cost", -1), "measures[0].cost"),
        (put("measures.0.acts.0.by", "1e999 cm"), "measures[0].acts[0].by"),
        (put("years", [2569]), "years"),
        (put("measures.1.name.th", "ยกบ้านขึ้น 60 ซม."), "measures[1].name.th"),
        (put("curves.0.unit", "°C"), "layers[0].curve"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_field_and_mend(change: Change, field: str) -> None:
    made = copy.deepcopy(document())
    change(made)
    with pytest.raises(ModelError) as refused:
        parse(made, FOLDER)
    assert refused.value.field == field
    assert refused.value.mend.th
    assert refused.value.in_words("th").startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("curves.0.share", [0.2, 1]), "curves"),
        (put("curves.0.share", [0, -1]), "curves"),
        (put("measures.0.acts.0.places", []), "measures"),
        (put("years", [2589, 2569]), "years"),
        (put("layers.0.group", "nobody"), "layers"),
    ],
)
def test_what_reads_well_but_cannot_stand_is_refused_too(change: Change, said: str) -> None:
    made = copy.deepcopy(document())
    change(made)
    with pytest.raises(ModelError) as refused:
        parse(made, FOLDER)
    assert refused.value.field.startswith(said)


def test_a_file_that_is_not_there_or_is_no_yaml_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.yaml cannot be opened"):
        load(tmp_path / "nothing.yaml")
    (tmp_path / "odd.yaml").write_text("a: [1,\n b: 2", encoding="utf-8")
    with pytest.raises(ModelError, match=r"line \d"):
        load(tmp_path / "odd.yaml")


@pytest.mark.parametrize("number", [1, 13, 21, 28])
def test_what_the_system_says_of_a_file_is_said_in_thai_as_well(number: int) -> None:
    said = filewords.of_system(OSError(number, os.strerror(number)))
    assert said.en == os.strerror(number)
    assert not re.search("[A-Za-z]", said.th)


def test_a_file_that_cannot_be_opened_or_read_speaks_no_english_to_thai_readers(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("a: [1,\n b: 2", encoding="utf-8")
    (tmp_path / "date.yaml").write_text("a: 2026-13-45", encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9t\xe9")
    for name, words in (
        ("nothing.yaml", "ไม่พบไฟล์"),
        (".", "เป็นโฟลเดอร์"),
        ("odd.yaml", "บรรทัด 2"),
        ("latin.yaml", "ไบต์ที่ 4"),
        ("date.yaml", "อ่านไม่ได้"),
    ):
        with pytest.raises(ModelError) as refused:
            load(tmp_path / name)
        assert words in refused.value.wrong.th
        inside = refused.value.wrong.th.split("(")[1].replace("UTF-8", "")
        assert not re.search("[A-Za-z]", inside)


def test_a_name_that_stands_twice_in_the_file_is_refused_with_its_line(tmp_path: Path) -> None:
    text = (FOLDER / "one-house.yaml").read_text(encoding="utf-8")
    (tmp_path / "twice.yaml").write_text(f"{text}\nmoney: THB\nmoney: USD\n", encoding="utf-8")
    with pytest.raises(ModelError, match="stands twice") as refused:
        load(tmp_path / "twice.yaml")
    assert refused.value.field == "money"
    assert str(len(text.splitlines()) + 3) in refused.value.in_words("th")


@pytest.mark.parametrize("wrong", [np.array([np.nan]), np.array([np.inf]), np.array(["much"])])
def test_an_array_beside_the_file_with_what_is_no_number_is_refused(
    wrong: np.ndarray[Any, Any], tmp_path: Path
) -> None:
    np.savez(tmp_path / "town.npz", value=wrong)
    made = document()
    made["layers"][0]["value"] = {"file": "town.npz", "array": "value"}
    with pytest.raises(ModelError) as refused:
        parse(made, tmp_path)
    assert refused.value.field == "layers[0].value.array"


def test_arrays_come_from_parquet_columns_as_well(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    parquet.write_table(arrow.table({"value": [400000.0]}), tmp_path / "town.parquet")
    made = document()
    made["layers"][0]["value"] = {"file": "town.parquet", "array": "value"}
    assert same(parse(made, tmp_path), parse(document(), FOLDER))
    made["layers"][0]["value"]["array"] = "price"
    with pytest.raises(ModelError, match="holds no 'price'"):
        parse(made, tmp_path)


def test_an_array_file_with_objects_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "odd.npz", value=np.array([{"a": 1}], dtype=object))
    made = document()
    made["layers"][0]["value"] = {"file": "odd.npz", "array": "value"}
    with pytest.raises(ModelError):
        parse(made, tmp_path)
