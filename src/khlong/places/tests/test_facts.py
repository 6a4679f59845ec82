"""Facts: one statement or one figure with its unit, its words, its source, and who sees it."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from khlong.chain.models import Visibility
from khlong.people.actor import ANONYMOUS, system_actor
from khlong.places.actions import (
    new_fact,
    next_source_key,
    publish_fact,
    save_fact,
    save_fact_with_source,
    withdraw_fact,
)
from khlong.places.models import City, Fact, FactTopic, Qualifier, Source, Unit
from khlong.places.models.facts import statement_or_figure_errors
from khlong.places.queries import facts_about, figure_groups, log, seen_facts, statements, status_counts
from khlong.places.rows import figure_row, tables
from khlong.record.errors import EditConflict, Refused
from khlong.record.models import AuditEntry
from khlong.thai.dates import Span

SYSTEM = system_actor("test")


@pytest.fixture
def vocabulary(db: None) -> dict[str, Any]:
    topics = {"population": ("ประชากร", "population"), "deaths": ("ผู้เสียชีวิต", "deaths")}
    topics |= {"log": ("สิ่งที่เกิดขึ้น", "what happened"), "history": ("ประวัติ", "history")}
    for key, (th, en) in topics.items():
        FactTopic.objects.create(key=key, label_th=th, label_en=en)
    for key, th, en in (("people", "คน", "people"), ("mm", "มม.", "mm")):
        Unit.objects.create(key=key, label_th=th, label_en=en)
    return {**FactTopic.objects.in_bulk(), **Unit.objects.in_bulk()}


@pytest.fixture
def make(vocabulary: dict[str, Any], city: City, source: Source) -> Any:
    def made(topic: str = "population", unit: str = "people", about: Any = None, **values: Any) -> Fact:
        counted = None if values.get("statement_th") else vocabulary[unit]
        common = {"topic": vocabulary[topic], "unit": counted, "source": source, "mark": "A"}
        return save_fact(SYSTEM, new_fact(about or city.node), common | values)

    return made


CONTENTS = list(
    product(["", "น้ำท่วมตลาด"], [None, Decimal(5)], [None, Decimal(1)], [None, Decimal(9)], [False, True])
)


@pytest.mark.parametrize(("statement", "value", "low", "high", "has_unit"), CONTENTS)
def test_a_fact_is_a_statement_or_a_figure_with_its_unit_and_nothing_else(
    vocabulary: dict[str, Any],
    city: City,
    source: Source,
    statement: str,
    value: Any,
    low: Any,
    high: Any,
    has_unit: bool,
) -> None:
    figure = any(number is not None for number in (value, low, high))
    both = value is not None and (low is not None or high is not None)
    stands = bool(statement) != figure and (has_unit or not figure) and not both
    values = {"statement_th": statement, "value": value, "low": low, "high": high, "source": source}
    values |= {
        "unit": vocabulary["people"] if has_unit else None,
        "topic": vocabulary["history"],
        "mark": "A",
    }
    if stands:
        assert save_fact(SYSTEM, new_fact(city.node), values).is_figure is figure
        return
    with pytest.raises(ValidationError) as caught:
        save_fact(SYSTEM, new_fact(city.node), values)
    assert len(caught.value.messages) >= 1
    assert not Fact.objects.exists()


def test_a_range_that_runs_backwards_is_refused_at_its_end(make: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        make(low=Decimal(9), high=Decimal(1))
    assert set(caught.value.message_dict) == {"high"}
    assert make(low=Decimal(9), high=Decimal(9)).number == "9–9"


def test_what_is_wrong_is_said_at_one_field(vocabulary: dict[str, Any]) -> None:
    assert list(statement_or_figure_errors(Fact(statement_th="ก", value=1))) == ["value"]
    assert list(statement_or_figure_errors(Fact())) == ["statement_th"]
    assert list(statement_or_figure_errors(Fact(value=1))) == ["unit"]
    assert statement_or_figure_errors(Fact(value=0, unit_id="people")) == {}


@pytest.mark.parametrize("field", ["topic", "source", "mark"])
def test_a_fact_without_topic_source_or_mark_is_refused_at_that_field(make: Any, field: str) -> None:
    fact = make(value=Decimal(5))
    with pytest.raises(ValidationError) as caught:
        save_fact(SYSTEM, fact, {field: None})
    assert set(caught.value.message_dict) == {field}


def test_there_is_no_mark_for_guesses(make: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        make(value=Decimal(5), mark="C")
    assert "mark" in caught.value.message_dict


def test_the_database_itself_keeps_statement_and_figure_apart(make: Any) -> None:
    fact = make(value=Decimal(5))
    for wrong in ({"statement_th": "ก"}, {"value": None}, {"unit": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Fact.objects.filter(pk=fact.pk).update(**wrong)


NUMBERS = [
    ({"value": Decimal("13398")}, "", "13,398", "13,398"),
    ({"value": Decimal("6.6800")}, "", "6.68", "6.68"),
    ({"value": Decimal(0)}, "", "0", "0"),
    ({"value": Decimal("1000000")}, "", "1,000,000", "1,000,000"),
    ({"value": Decimal("-2.5")}, "", "-2.5", "-2.5"),
    ({"low": Decimal("0.5"), "high": Decimal("2.5")}, "", "0.5–2.5", "0.5–2.5"),
    ({"low": Decimal(7)}, "over", None, "more than 7"),
    ({"high": Decimal(7)}, "up_to", None, "up to 7"),
    ({"value": Decimal(1200)}, "about", None, "about 1,200"),
]


@pytest.mark.parametrize(("values", "qualifier", "thai", "english"), NUMBERS)
def test_a_figure_is_written_with_commas_and_without_idle_zeros(
    make: Any, values: dict[str, Any], qualifier: str, thai: str | None, english: str
) -> None:
    fact = make(qualifier=qualifier, **values)
    with override("en"):
        assert fact.number == english
        assert fact.amount == fact.says == f"{english} people"
    with override("th"):
        assert fact.number == thai or (
            thai is None and fact.number.startswith(str(Qualifier(qualifier).label))
        )
        assert fact.amount.endswith(" คน")


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_every_figure_is_written_so_that_it_is_read_back(value: Decimal) -> None:
    words = Fact(value=value).number
    assert Decimal(words.replace(",", "")) == value
    assert "E" not in words
    assert not (words.endswith("0") and "." in words)


def test_the_title_of_a_fact_is_its_topic_and_what_it_says_in_both_languages(make: Any) -> None:
    fact = make(value=Decimal(10412))
    assert (fact.node.title_th, fact.node.title_en) == ("ประชากร: 10,412 คน", "population: 10,412 people")
    said = make("history", statement_th="เคยเป็นเหมือง", statement_en="Once a mine")
    assert (said.node.title_th, said.node.title_en) == ("ประวัติ: เคยเป็นเหมือง", "history: Once a mine")


def test_the_title_follows_a_correction(make: Any) -> None:
    kept = save_fact(SYSTEM, make(value=Decimal(10412)), {"value": Decimal(10413)}, base=1)
    assert kept.node.title_th == "ประชากร: 10,413 คน"


def test_a_statement_is_in_thai_where_there_is_no_english(make: Any) -> None:
    fact = make("history", statement_th="เคยเป็นเหมือง")
    with override("en"):
        assert fact.statement == fact.says == "เคยเป็นเหมือง"


def test_who_counted_is_the_publisher_where_nobody_else_is_named(make: Any) -> None:
    assert make(value=Decimal(5)).reporter == "สถาบันสิ่งแวดล้อมไทย"
    assert make(value=Decimal(5), reporter_th="ปภ.").reporter == "ปภ."


def test_a_fact_is_of_its_own_time_or_else_of_its_sources(make: Any, source: Source) -> None:
    assert make(value=Decimal(5)).date == Span.from_iso("2022-06-17")
    assert make(value=Decimal(5), time=Span.year(2021)).date == Span.year(2021)
    source.date = None
    source.save()
    undated = make(value=Decimal(5))
    undated.refresh_from_db()
    assert Fact.objects.select_related("source").get(pk=undated.pk).date is None


def test_who_entered_a_fact_stays_when_others_correct_it(make: Any, cast: Any) -> None:
    fact = make(value=Decimal(5))
    save_fact(cast.actors["member"], fact, {"value": Decimal(6)}, base=1)
    fact.refresh_from_db()
    assert fact.entered_by == "test"


def test_a_fact_belongs_to_the_space_of_what_it_is_about_and_is_an_example_with_it(
    make: Any, city: City
) -> None:
    assert make(value=Decimal(5)).space_id == city.pk
    city.node.is_example = True
    assert new_fact(city.node).node.is_example


def test_a_withdrawn_fact_is_seen_by_the_working_group_only(make: Any, cast: Any) -> None:
    fact = make(value=Decimal(5))
    withdraw_fact(cast.actors["member"], fact)
    assert not seen_facts(ANONYMOUS).exists()
    assert seen_facts(cast.actors["observer"]).get().node.visibility == Visibility.MEMBERS
    publish_fact(cast.actors["member"], fact)
    assert seen_facts(ANONYMOUS).get() == fact


# --- a new source together with a fact -------------------------------------------------------


def test_a_fact_and_its_new_source_are_kept_together(
    make: Any, cast: Any, city: City, vocabulary: dict[str, Any]
) -> None:
    new = Source(publisher_th="กรมชลประทาน", url="https://example.org/rid")
    new.date = Span.year(2021)
    values = {
        "topic": vocabulary["population"],
        "unit": vocabulary["people"],
        "value": Decimal(5),
        "mark": "B",
    }
    fact = save_fact_with_source(cast.actors["member"], new_fact(city.node), values, new_source=new)
    kept = Source.objects.get(key="N0001")
    assert fact.source == kept
    assert (kept.publisher_th, kept.url, kept.date) == (
        "กรมชลประทาน",
        "https://example.org/rid",
        Span.year(2021),
    )
    assert next_source_key() == "N0002"


WRONG_TOGETHER = ["a bad fact", "a stranger", "a conflict", "a bad source"]


@pytest.mark.parametrize("wrong", WRONG_TOGETHER)
def test_when_one_of_the_two_cannot_stand_neither_is_kept(
    make: Any, cast: Any, city: City, wrong: str
) -> None:
    fact = make(value=Decimal(5))
    before = (Source.objects.count(), AuditEntry.objects.count())
    new = Source(publisher_th="" if wrong == "a bad source" else "กรมชลประทาน")
    values = {"value": None if wrong == "a bad fact" else Decimal(6)}
    actor = cast.actors["stranger" if wrong == "a stranger" else "member"]
    with pytest.raises((ValidationError, Refused, EditConflict)):
        save_fact_with_source(actor, fact, values, new_source=new, base=7 if wrong == "a conflict" else 1)
    assert (Source.objects.count(), AuditEntry.objects.count()) == before
    assert Fact.objects.get().value == 5


# --- reading ---------------------------------------------------------------------------------


def test_values_of_one_figure_stand_together_and_none_overwrites_another(make: Any, city: City) -> None:
    for value in (25, 33, 33):
        make("deaths", value=Decimal(value))
    make("population", value=Decimal(10412))
    make("deaths", "mm", value=Decimal(1))
    groups = figure_groups(facts_about(ANONYMOUS, [city.node]))
    found = [
        (group.label, group.unit, [int(fact.value or 0) for fact in group.facts], group.disagree)
        for group in groups
    ]
    assert found == [
        ("ผู้เสียชีวิต", "คน", [25, 33, 33], True),
        ("ประชากร", "คน", [10412], False),
        ("ผู้เสียชีวิต", "มม.", [1], False),
    ]


def test_the_same_value_from_two_bodies_is_no_disagreement(make: Any, city: City) -> None:
    for reporter in ("ก", "ข"):
        make("deaths", value=Decimal(25), reporter_th=reporter)
    (group,) = figure_groups(facts_about(ANONYMOUS, [city.node]))
    assert not group.disagree
    assert tables([group], several=True)[0][0] is group
    assert tables([group], several=False) == []


def test_statements_are_grouped_by_topic_in_the_order_in_which_topics_first_come(
    make: Any, city: City
) -> None:
    for topic, words in (("history", "หนึ่ง"), ("population", "สอง"), ("history", "สาม"), ("log", "สี่")):
        make(topic, statement_th=words, order=["หนึ่ง", "สอง", "สาม", "สี่"].index(words))
    found = statements(facts_about(ANONYMOUS, [city.node]))
    assert [(label, [fact.statement for fact in rows]) for label, rows in found] == [
        ("ประวัติ", ["หนึ่ง", "สาม"]),
        ("ประชากร", ["สอง"]),
    ]


def test_what_happened_is_told_by_date_with_the_undated_last(make: Any, city: City) -> None:
    for iso in ("2022-09-03", None, "2010", "2022-09"):
        make("log", statement_th=iso or "ไม่รู้", time=Span.from_iso(iso) if iso else None)
    found = [fact.statement for fact in log(facts_about(ANONYMOUS, [city.node]))]
    assert found == ["2010", "2022-09", "2022-09-03", "ไม่รู้"]


def test_facts_about_several_things_take_one_query(
    make: Any, city: City, other_city: City, django_assert_num_queries: Any
) -> None:
    for about in (city, other_city):
        for value in (1, 2):
            make(value=Decimal(value), about=about.node)
    with django_assert_num_queries(1):
        rows = facts_about(ANONYMOUS, [city.node, other_city.node])
        assert (
            len([(fact.topic.label, fact.source.publisher, fact.about.title, fact.ref) for fact in rows]) == 4
        )


def test_a_row_of_the_picture_has_value_or_range_never_both(make: Any) -> None:
    assert figure_row(make(value=Decimal(5))).value == 5
    ranged = figure_row(make(low=Decimal(1), high=Decimal(2)))
    assert (ranged.value, ranged.low, ranged.high) == (None, 1, 2)
    single = figure_row(make(low=Decimal(1), qualifier="over"))
    assert (single.value, single.low, single.high) == (1, None, None)
    assert single.mark == str(Qualifier.OVER.label)
    assert single.source_url == "/sources/S10/"


def test_the_programme_counts_its_cities_and_facts(make: Any, city: City, other_city: City) -> None:
    make(value=Decimal(5))
    other_city.is_full = False
    other_city.save()
    counts = status_counts()
    assert (counts.cities, counts.full, counts.facts) == (2, 1, 1)


def test_a_fact_about_what_is_hidden_begins_hidden(make: Any, city: City) -> None:
    hidden = make(value=Decimal(5))
    withdraw_fact(SYSTEM, hidden)
    hidden.node.refresh_from_db()
    about_it = make(topic="history", statement_th="น้ำท่วมตลาด", about=hidden.node)
    assert about_it.node.visibility == Visibility.MEMBERS
    assert not seen_facts(ANONYMOUS).filter(pk=about_it.pk).exists()
