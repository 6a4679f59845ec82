"""Households come under consent, their words under their keys, and everything goes when they say so."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.utils import timezone
from django.utils.translation import override

from khlong.chain.actions import link
from khlong.chain.models import Edge, EdgeKind, Kind, Node, ThingRevision, Visibility
from khlong.chain.things import new_thing
from khlong.people import keys
from khlong.people.actor import ANONYMOUS, system_actor
from khlong.people.models import EndedKey, Subject
from khlong.people.policy import scope
from khlong.places.actions import new_fact, save_community, save_fact, save_group, save_zone
from khlong.places.models import City, Community, Group, Zone
from khlong.privacy.actions import Said, publish_text, withdraw_consent, withdraw_everything
from khlong.privacy.models import Consent, ConsentText, How, Purpose
from khlong.privacy.registries import kept_of
from khlong.record.errors import EditConflict, Refused
from khlong.record.models import AuditEntry, SearchEntry
from khlong.register.actions import (
    SomeoneHere,
    add_household,
    add_person,
    change_household,
    new_statement,
    remove_person,
    save_statement,
    twins,
)
from khlong.register.models import Household, Person, Statement
from khlong.register.policies import may_read_words
from khlong.register.tests.makers import fact_values

SYSTEM = system_actor("test")
DAY = date(2026, 3, 14)
WORDS = "น้ำไม่ได้มาทางคลอง มันย้อนขึ้นจากท่อหลังบ้าน"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with override("en"):
        yield


def text(purpose: str = "plan") -> ConsentText:
    return ConsentText.objects.get(space=None, purpose=purpose, version=1)


def said(name: str = "สมศรี ดีงาม", **more: Any) -> Said:
    values: dict[str, Any] = {"how": How.PAPER, "name": name, "site": "ศาลา", "day": DAY, "explicit": True}
    return Said(**values | more)


def household(city: City, actor: Any = SYSTEM, name: str = "สมศรี ดีงาม", **more: Any) -> Household:
    values = more.pop("values", {"people": 4})
    texts = more.pop("texts", [text()])
    return add_household(actor, city.node, texts, said(name), values, **more)


def statement(of: Household, actor: Any = SYSTEM, words: str = WORDS, **more: Any) -> Statement:
    options = {name: more.pop(name) for name in ("sure", "words_en") if name in more}
    values = {"said_on": DAY, "how": "volunteer", "may_quote": False} | more
    return save_statement(actor, new_statement(of), values, words=words, **options)


@pytest.fixture
def community(city: City, source: Any) -> Community:
    unsaved = new_thing(Community, Kind.COMMUNITY, space=city.node)
    return save_community(SYSTEM, unsaved, {"city": city, "name_th": "บ้านหลบมุม", "source": source})


@pytest.fixture
def zone(community: Community, source: Any) -> Zone:
    return save_zone(SYSTEM, Zone(community=community), {"name_th": "โซน 1", "source": source})


def at(error: Any, field: str) -> str:
    return " ".join(error.value.message_dict[field])


# --- households ---------------------------------------------------------------------------


def test_a_household_stands_under_the_consent_of_who_speaks_for_it_and_what_it_is_called_by_is_sealed(
    city: City, cast: Any
) -> None:
    made = household(city, cast.actors["member"], called="12/3 ซอยท่าเรือ")
    assert Consent.objects.get(subject=made.subject).noted_by == "member"
    assert keys.read(made, "called") == "12/3 ซอยท่าเรือ"
    assert "ท่าเรือ".encode() not in bytes(Household.objects.get(pk=made.pk).called)


def test_nothing_is_kept_without_consent(city: City) -> None:
    with pytest.raises(ValidationError) as error:
        household(city, texts=[])
    assert "Without consent" in at(error, "texts")
    assert not Household.objects.exists()
    assert not Subject.objects.exists()


def test_what_the_consent_lacks_is_named_and_neither_household_nor_key_stays(city: City) -> None:
    with pytest.raises(ValidationError) as error:
        add_household(SYSTEM, city.node, [text()], said(day=timezone.localdate() + timedelta(days=1)), {})
    assert "day" in error.value.message_dict
    assert not Household.objects.exists()
    assert not Consent.objects.exists()


def test_everybody_in_a_household_has_a_key_of_her_own(city: City) -> None:
    made = household(city, people=[SomeoneHere("ยายนวล", "older"), SomeoneHere("ด.ช.ภูผา", "child")])
    subjects = {person.subject_id for person in made.members.all()} | {made.subject_id}
    assert len(subjects) == 3
    assert {keys.read(person, "name") for person in made.members.all()} == {"ยายนวล", "ด.ช.ภูผา"}


def test_a_zone_says_the_community_and_one_of_another_community_is_refused(
    city: City, zone: Zone, source: Any
) -> None:
    assert household(city, values={"zone": zone}).community == zone.community
    unsaved = new_thing(Community, Kind.COMMUNITY, space=city.node)
    other = save_community(SYSTEM, unsaved, {"city": city, "name_th": "ท่าเรือ", "source": source})
    with pytest.raises(ValidationError) as error:
        household(city, name="คนอื่น", values={"zone": zone, "community": other})
    assert "another community" in at(error, "zone")


def test_places_and_groups_of_another_city_are_refused(
    city: City, other_city: City, community: Community, source: Any
) -> None:
    group = save_group(SYSTEM, Group(city=city), {"name_th": "คนดั้งเดิม", "source": source})
    with pytest.raises(ValidationError) as error:
        household(other_city, values={"community": community}, groups=[group])
    assert "another city" in at(error, "community")
    assert "another city" in at(error, "groups")


@pytest.mark.parametrize("number", [0, 61])
def test_a_number_of_people_that_cannot_be_is_told_at_its_field(city: City, number: int) -> None:
    with pytest.raises(ValidationError) as error:
        household(city, values={"people": number})
    assert "1 to 60" in at(error, "people")


def test_more_people_than_the_household_has_are_asked_about(city: City) -> None:
    with pytest.raises(ValidationError) as error:
        household(city, values={"people": 1}, people=[SomeoneHere("ก"), SomeoneHere("ข")])
    assert "More people" in at(error, "people")


def test_a_name_that_is_known_in_the_city_is_asked_about_and_then_another_may_stand(city: City) -> None:
    household(city)
    with pytest.raises(ValidationError) as error:
        household(city, name="นางสมศรี  ดีงาม")
    assert "1 in all" in at(error, "sure")
    assert household(city, name="นางสมศรี ดีงาม", sure=True)
    assert Household.objects.count() == 2


def test_a_person_within_a_household_is_found_by_her_name_too(city: City) -> None:
    first = household(city, people=[SomeoneHere("อารีย์ ทองคำ")])
    assert twins(SYSTEM, city.node, ["อารีย์ ทองคำ"]) == [first]


def test_the_same_house_number_is_asked_about_in_the_same_community_only(
    city: City, community: Community, source: Any
) -> None:
    household(city, called="บ้าน 12/3", values={"community": community})
    unsaved = new_thing(Community, Kind.COMMUNITY, space=city.node)
    other = save_community(SYSTEM, unsaved, {"city": city, "name_th": "ท่าเรือ", "source": source})
    assert household(city, name="คนอื่น", called="12/3", values={"community": other})
    with pytest.raises(ValidationError) as error:
        household(city, name="อีกคน", called="เลขที่ ๑๒/๓", values={"community": community})
    assert "บ้านหลบมุม" in at(error, "sure")


def test_the_same_name_in_another_city_is_somebody_else(city: City, other_city: City) -> None:
    household(city)
    assert household(other_city)


def test_a_correction_notes_names_of_fields_and_never_a_value(city: City, cast: Any) -> None:
    made = household(city, called="12/3")
    change_household(cast.actors["member"], made, {"people": 5}, called="99/1")
    line = AuditEntry.objects.filter(action="register.household.change").get()
    assert line.fields == ["called", "people"]
    assert keys.read(Household.objects.get(pk=made.pk), "called") == "99/1"
    assert twins(SYSTEM, city.node, [], "99/1") == [made]
    assert not twins(SYSTEM, city.node, [], "12/3")


@pytest.mark.parametrize("who", ["observer", "stranger", "anonymous"])
def test_who_lives_where_is_hidden_from_those_who_do_not_write_in_the_city(
    city: City, cast: Any, who: str
) -> None:
    household(city, people=[SomeoneHere("อารีย์")])
    actor = cast.actors[who]
    assert not scope(actor, Household.objects.all()).exists()
    assert not scope(actor, Person.objects.all()).exists()
    assert twins(actor, city.node, ["สมศรี ดีงาม"]) == []


def test_somebody_taken_out_loses_her_key_and_the_household_stays(city: City) -> None:
    made = household(city, people=[SomeoneHere("อารีย์")])
    person = made.members.get()
    remove_person(SYSTEM, person)
    assert Subject.objects.get(pk=person.subject_id).destroyed_on
    assert not made.members.exists()
    assert Household.objects.filter(pk=made.pk).exists()
    assert add_person(SYSTEM, made, SomeoneHere("อารีย์"))


# --- statements ---------------------------------------------------------------------------


def test_words_are_sealed_and_the_title_of_their_node_names_the_place_only(
    city: City, community: Community
) -> None:
    made = statement(household(city, values={"community": community}))
    assert keys.read(made, "words") == WORDS
    assert made.node.title_th == "คำบอกเล่าของครัวเรือน บ้านหลบมุม"
    assert made.node.title_en == "What a household said, บ้านหลบมุม"
    assert made.ref == "H-PTG-0001"


def test_what_histories_and_the_search_keep_tells_neither_words_nor_household_nor_site(city: City) -> None:
    of = household(city, called="12/3")
    made = statement(of, site="บ้านของสมศรี", sheet="ก-014", may_quote=True)
    kept = str(list(ThingRevision.objects.filter(node=made.pk).values_list("values", flat=True)))
    kept += str(list(SearchEntry.objects.filter(node=made.pk).values_list("body", flat=True)))
    for secret in ("ท่อหลังบ้าน", str(of.pk)[:8], "สมศรี", "014"):
        assert secret not in kept


def test_everybody_reads_a_statement_that_may_be_quoted_and_nobody_else_reads_another(
    city: City, cast: Any
) -> None:
    of = household(city)
    open_one, closed = statement(of, may_quote=True), statement(of)
    assert open_one.node.visibility == Visibility.PUBLIC
    assert may_read_words(ANONYMOUS, open_one)
    assert closed.node.visibility == Visibility.MEMBERS
    readers = {name for name, actor in cast.actors.items() if may_read_words(actor, closed)}
    assert readers == {"owner", "member", "steward", "system"}


def test_taking_back_that_it_may_be_quoted_hides_it_again(city: City) -> None:
    made = statement(household(city), may_quote=True)
    kept = save_statement(SYSTEM, made, {"may_quote": False})
    assert Node.objects.get(pk=kept.pk).visibility == Visibility.MEMBERS


def test_a_correction_of_the_words_is_a_new_writing_and_the_slower_of_two_sees_the_first(city: City) -> None:
    made = statement(household(city))
    first = save_statement(SYSTEM, made, {}, words="ท่อตันทุกปี", base=1)
    assert (first.wording, first.revision, keys.read(first, "words")) == (2, 2, "ท่อตันทุกปี")
    with pytest.raises(EditConflict):
        save_statement(SYSTEM, Statement.objects.get(pk=made.pk), {}, words="อีกอย่าง", base=1)
    assert keys.read(Statement.objects.get(pk=made.pk), "words") == "ท่อตันทุกปี"


def test_saving_the_same_words_again_changes_nothing(city: City) -> None:
    made = statement(household(city))
    assert save_statement(SYSTEM, made, {"said_on": DAY}, words=WORDS).revision == 1


@pytest.mark.parametrize(
    ("words", "values", "field"),
    [
        ("  ", {}, "words"),
        ("ก" * 4001, {}, "words"),
        (WORDS, {"said_on": None}, "said_on"),
        (WORDS, {"said_on": date(2099, 1, 1)}, "said_on"),
    ],
)
def test_what_cannot_stand_is_told_at_its_field_and_no_node_is_made(
    city: City, words: str, values: dict[str, Any], field: str
) -> None:
    of = household(city)
    with pytest.raises(ValidationError) as error:
        statement(of, words=words, **values)
    assert field in error.value.message_dict
    assert not Node.objects.filter(kind=Kind.STATEMENT).exists()


def test_a_sheet_entered_twice_is_asked_about_whatever_digits_it_is_written_in(city: City) -> None:
    of = household(city)
    first = statement(of, sheet="14")
    with pytest.raises(ValidationError) as error:
        statement(of, sheet=" ๑๔ ")
    assert first.ref in at(error, "sheet")
    assert statement(of, sheet="๑๔", sure=True).sheet == "14"


def test_the_same_number_of_a_sheet_in_another_city_is_another_sheet(city: City, other_city: City) -> None:
    statement(household(city), sheet="14")
    assert statement(household(other_city), sheet="14")


def test_a_household_that_agreed_to_help_only_is_not_quoted_for_the_plan(city: City) -> None:
    with pytest.raises(Refused, match="has not agreed"):
        statement(household(city, texts=[text("help")]))


# --- taking it back -----------------------------------------------------------------------


def test_withdrawing_erases_all_that_was_sealed_and_what_rests_on_the_words_stays_linked(
    city: City, community: Community, source: Any
) -> None:
    of = household(city, called="12/3", values={"community": community}, people=[SomeoneHere("อารีย์")])
    person, made = (
        of.members.get(),
        statement(of, site="ศาลา", sheet="14", may_quote=True, words_en="The pipe"),
    )
    fact = save_fact(SYSTEM, new_fact(city.node), fact_values(source))
    link(SYSTEM, made.node, fact.node, EdgeKind.RESTS_ON)
    withdraw_everything(SYSTEM, of.subject)
    gone = Statement.objects.select_related("node").get(pk=made.pk)
    assert (gone.words, gone.words_en, gone.site, gone.sheet, gone.may_quote) == (None, None, "", "", False)
    assert (gone.node.title_th, gone.node.title_en) == ("ถอนความยินยอมแล้ว", "Consent withdrawn")
    assert Edge.objects.filter(up=made.pk, down=fact.pk).exists()
    left = Household.objects.get(pk=of.pk)
    assert (left.called, left.community, left.people) == (None, None, None)
    assert not Person.objects.exists()
    assert Subject.objects.get(pk=person.subject_id).destroyed_on
    assert not may_read_words(SYSTEM, gone)


def test_a_household_that_said_nothing_leaves_no_row(city: City) -> None:
    of = household(city)
    withdraw_everything(SYSTEM, of.subject)
    assert not Household.objects.exists()


def test_taking_back_the_plan_alone_erases_the_words_and_keeps_the_household_for_help(city: City) -> None:
    of = household(city, called="12/3", texts=[text(), text("help")])
    made = statement(of)
    withdraw_consent(SYSTEM, Consent.objects.get(subject=of.subject, text__purpose="plan"))
    assert Statement.objects.get(pk=made.pk).words is None
    assert keys.read(Household.objects.get(pk=of.pk), "called") == "12/3"
    with pytest.raises(Refused):
        statement(of)


def test_an_older_copy_does_not_bring_back_the_words_that_a_household_took_back(
    city: City, django_capture_on_commit_callbacks: Any
) -> None:
    of = household(city, called="12/3", texts=[text(), text("help")])
    made = statement(of, words_en="From the drain.", site="ศาลา", sheet="7")
    older = Statement.objects.get(pk=made.pk)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_consent(SYSTEM, Consent.objects.get(subject=of.subject, text__purpose="plan"))
    with pytest.raises(keys.KeyGoneError):
        keys.read(older, "words")
    EndedKey.objects.all().delete()
    Consent.objects.update(withdrawn_on=None)
    older.save()
    assert keys.sweep() == 1
    now = Statement.objects.get(pk=made.pk)
    assert (now.words, now.words_en, now.site, now.sheet) == (None, None, "", "")
    assert now.erased_on is not None
    assert keys.read(Household.objects.get(pk=of.pk), "called") == "12/3"
    assert [row.text.purpose for row in Consent.objects.filter(withdrawn_on=None)] == ["help"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time by itself")
@pytest.mark.django_db(transaction=True)
def test_words_written_while_the_household_takes_the_plan_back_do_not_stay(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    words_of = {"th": "ยินยอม", "en": "I agree"}
    texts = [
        publish_text(SYSTEM, None, Purpose(name), words_of, sensitive=False) for name in ("plan", "help")
    ]
    of = household(city, texts=texts)
    writing, go_on, done = threading.Event(), threading.Event(), threading.Event()
    real = keys.put

    def slowly(*args: Any) -> None:
        writing.set()
        go_on.wait(60)
        real(*args)

    def write() -> None:
        statement(of)
        connections.close_all()

    def take_back() -> None:
        withdraw_consent(SYSTEM, Consent.objects.get(subject=of.subject, text=texts[0]))
        done.set()
        connections.close_all()

    monkeypatch.setattr(keys, "put", slowly)
    threads = [threading.Thread(target=write), threading.Thread(target=take_back)]
    threads[0].start()
    assert writing.wait(60)
    threads[1].start()
    done.wait(1)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert done.is_set()
    assert [row.words for row in Statement.objects.all()] == [None]


def test_nothing_is_written_of_a_household_that_has_withdrawn(city: City) -> None:
    of = household(city)
    statement(of)
    withdraw_everything(SYSTEM, of.subject)
    with pytest.raises(Refused, match="taken its consent back"):
        change_household(SYSTEM, of, {"people": 3})
    with pytest.raises(Refused):
        statement(of)


def test_who_asks_is_told_all_that_is_kept_of_the_household(city: City, community: Community) -> None:
    of = household(city, called="12/3", values={"community": community, "people": 4})
    statement(of, sheet="14")
    told = {str(label): value for kept in kept_of(of.subject) for label, value in kept.values}
    assert told["called"] == "12/3"
    assert told["community"] == "บ้านหลบมุม"
    assert told["what was said"] == WORDS
    assert told["number of the paper sheet"] == "14"


def test_a_person_within_a_household_is_told_what_is_kept_of_her_alone(city: City) -> None:
    of = household(city, called="12/3", people=[SomeoneHere("อารีย์", "older")])
    told = [value for kept in kept_of(of.members.get().subject) for _label, value in kept.values]
    assert told == ["อารีย์", "60 and over"]
