from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from khlong.__main__ import main
from khlong.chain.models import Node, Visibility
from khlong.people.actor import system_actor
from khlong.places.actions import new_fact, save_fact
from khlong.places.models import City, Fact, FactTopic, Source, Unit

Output = pytest.CaptureFixture[str]
SYSTEM = system_actor("test")


@pytest.fixture
def facts(city: City, other_city: City, source: Source) -> list[Fact]:
    topic = FactTopic.objects.create(key="population", label_th="ประชากร", label_en="population")
    unit = Unit.objects.create(key="people", label_th="คน", label_en="people")
    values: dict[str, Any] = {"topic": topic, "source": source, "mark": "A"}
    figure = values | {"unit": unit, "value": Decimal(10412)}
    said = values | {"statement_th": "คนมากขึ้น"}
    return [
        save_fact(SYSTEM, new_fact(city.node), figure),
        save_fact(SYSTEM, new_fact(city.node), said),
        save_fact(SYSTEM, new_fact(other_city.node), figure),
    ]


def test_one_line_a_fact_with_mark_date_and_source(facts: list[Fact], capsys: Output) -> None:
    assert main(["facts", "--city", "phatong"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "D-PTG-0001  A  2022-06-17  S10  10,412 คน",
        "D-PTG-0002  A  2022-06-17  S10  คนมากขึ้น",
    ]


def test_as_json_every_fact_has_its_source_and_a_date_or_undated(
    facts: list[Fact], source: Source, capsys: Output
) -> None:
    source.date = None
    source.save()
    assert main(["facts", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["ref"] for row in rows] == ["D-BYG-0001", "D-PTG-0001", "D-PTG-0002"]
    assert {row["date"] for row in rows} == {row["source"]["date"] for row in rows} == {"undated"}
    assert (rows[1]["value"], rows[1]["unit"], rows[1]["statement"]) == (10412.0, "people", None)
    assert rows[1]["source"]["publisher"] == "สถาบันสิ่งแวดล้อมไทย"


def test_only_what_is_public_is_printed(facts: list[Fact], capsys: Output) -> None:
    Node.objects.filter(pk=facts[0].pk).update(visibility=Visibility.MEMBERS)
    main(["facts"])
    assert "D-PTG-0001" not in capsys.readouterr().out


def refusal(output: Output) -> str:
    said = output.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_an_unknown_city_ends_with_2_and_names_the_cities_there_are(
    facts: list[Fact], capsys: Output
) -> None:
    assert main(["facts", "--city", "phatng"]) == 2
    assert refusal(capsys) == "khlong: there is no city 'phatng'; choose from: bo-yang, phatong\n"


def test_a_city_that_is_not_public_is_not_named(facts: list[Fact], city: City, capsys: Output) -> None:
    Node.objects.filter(pk=city.pk).update(visibility=Visibility.MEMBERS)
    assert main(["facts", "--city", "phatong"]) == 2
    assert refusal(capsys).endswith("choose from: bo-yang\n")


def test_an_unknown_option_ends_with_2(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["facts", "--town", "phatong"])
    assert caught.value.code == 2
    assert "--town" in refusal(capsys)
