"""The register in the browser: a household with its consent in one form, its words, a pile of sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from khlong.chain.actions import link
from khlong.chain.models import EdgeKind
from khlong.people import keys
from khlong.people.actor import system_actor
from khlong.places.actions import new_fact, save_fact
from khlong.places.models import City
from khlong.privacy.models import Consent, ConsentText
from khlong.register.actions import add_household, new_statement, save_statement
from khlong.register.models import Household, Statement
from khlong.register.tests.makers import DAY, fact_values, plan_words, said

SYSTEM = system_actor("test")
ClientOf = Callable[[str], Client]
WORDS = "น้ำย้อนขึ้นจากท่อหลังบ้าน"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def household(city: City, name: str = "วารี ชลธาร", called: str = "12/3") -> Household:
    return add_household(SYSTEM, city.node, plan_words(), said(name), {"people": 4}, called=called, sure=True)


def statement(of: Household, **more: Any) -> Statement:
    values = {"said_on": DAY, "how": "paper", "site": "ใต้ถุนบ้าน", "sheet": ""} | more
    return save_statement(SYSTEM, new_statement(of), values, words=WORDS)


def agreed(**more: Any) -> dict[str, Any]:
    text = ConsentText.objects.get(space=None, purpose="plan", version=1)
    values = {
        "texts": [str(text.pk)],
        "how": "paper",
        "name": "มาลี ใจกว้าง",
        "site": "ศาลา",
        "day": "14 Mar 2026",
        "language": "th",
        "people": "3",
        "called": "77/5",
        "person-0-name": "ยายนวล",
        "person-0-age": "older",
    }
    return values | more


def wrote(**more: Any) -> dict[str, Any]:
    return {"words": WORDS, "said_on": "14 Mar 2026", "how": "paper", "sheet": "", "site": ""} | more


def body(response: Any) -> str:
    return str(response.content.decode())


def at(city: City, name: str = "") -> str:
    return f"/cities/{city.slug}/households/{name}"


# --- households ---------------------------------------------------------------------------


def test_a_household_comes_with_its_consent_and_its_people_in_one_form(
    client_of: ClientOf, city: City
) -> None:
    member = client_of("member")
    response = member.post(at(city, "add/"), agreed())
    Household.objects.get()
    assert response.status_code == 302
    text = body(member.get(response["Location"]))
    for shown in ("77/5", "ยายนวล", Consent.objects.get().pk.hex[:8].upper()):
        assert shown in text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"texts": []}, "Choose at least one"),
        ({"name": ""}, "Fill in this field."),
        ({"people": "0"}, "greater than or equal to 1"),
        ({"day": "14 Mar 2096"}, "not one to come"),
        ({"how": "spoken"}, "who was the witness"),
    ],
)
def test_what_is_missing_is_told_and_what_was_typed_stays(
    client_of: ClientOf, city: City, more: dict[str, Any], words: str
) -> None:
    response = client_of("member").post(at(city, "add/"), agreed(**more))
    text = body(response)
    assert response.status_code == 422
    assert words in text
    assert "ยายนวล" in text
    assert "77/5" in text
    assert not Household.objects.exists()


def test_a_known_name_is_asked_about_and_then_another_household_stands(
    client_of: ClientOf, city: City
) -> None:
    household(city, "มาลี ใจกว้าง")
    member = client_of("member")
    asked = member.post(at(city, "add/"), agreed())
    assert asked.status_code == 422
    assert "is in the register already" in body(asked)
    assert 'name="sure"' in body(asked)
    assert member.post(at(city, "add/"), agreed(sure="on")).status_code == 302
    assert Household.objects.count() == 2


def test_the_list_names_nobody_and_counts_under_five_are_not_told(
    client_of: ClientOf, city: City, source: Any
) -> None:
    made = household(city)
    text = body(client_of("member").get(at(city)))
    assert made.code in text
    assert "วารี" not in text
    assert "12/3" not in text


def test_a_household_is_found_by_its_whole_name_and_never_in_an_address(
    client_of: ClientOf, city: City
) -> None:
    made, member = household(city), client_of("member")
    assert made.code in body(member.post(at(city, "find/"), {"who": "นางวารี ชลธาร"}))
    assert made.code in body(member.post(at(city, "find/"), {"who": "12/3"}))
    assert made.code not in body(member.post(at(city, "find/"), {"who": "วารี"}))
    assert member.get(at(city, "find/")).status_code == 302


@pytest.mark.parametrize("who", ["observer", "stranger", "anonymous"])
def test_the_register_is_closed_to_those_who_do_not_write_in_the_city(
    client_of: ClientOf, city: City, who: str
) -> None:
    made, browser = household(city), client_of(who)
    for address in (at(city), at(city, "add/"), f"/cities/{city.slug}/sheets/"):
        assert browser.get(address).status_code in {302, 403}
    for address in (f"/households/{made.pk}/", f"/households/{made.pk}/statements/add/"):
        assert browser.get(address).status_code in {302, 404}


def test_a_correction_keeps_what_was_not_touched(client_of: ClientOf, city: City) -> None:
    made = household(city)
    response = client_of("member").post(f"/households/{made.pk}/edit/", {"people": "9", "called": "12/3"})
    assert response.status_code == 302
    assert Household.objects.get().people == 9
    assert keys.read(Household.objects.get(), "called") == "12/3"


def test_an_owner_takes_everything_back_after_seeing_what_rests_on_it(
    client_of: ClientOf, city: City, source: Any
) -> None:
    made = household(city)
    words, fact = statement(made), save_fact(SYSTEM, new_fact(city.node), fact_values(source))
    link(SYSTEM, words.node, fact.node, EdgeKind.RESTS_ON)
    address = f"/households/{made.pk}/withdraw/"
    assert client_of("member").post(address).status_code == 403
    owner = client_of("owner")
    assert fact.ref in body(owner.get(address))
    assert owner.post(address).status_code == 302
    assert Statement.objects.get().words is None
    assert owner.get(f"/households/{made.pk}/").status_code == 404


# --- statements ---------------------------------------------------------------------------


def test_the_public_reads_words_that_may_be_quoted_and_nothing_of_the_household(
    client: Client, client_of: ClientOf, city: City
) -> None:
    made = household(city)
    public, closed = statement(made, may_quote=True, sheet="ก-14"), statement(made)
    text = body(client.get(public.get_absolute_url()))
    assert WORDS in text
    for secret in (str(made.pk), made.code, "ใต้ถุนบ้าน", "ก-14", "12/3"):
        assert secret not in text
    assert client.get(closed.get_absolute_url()).status_code == 404
    assert WORDS in body(client_of("member").get(closed.get_absolute_url()))


def test_an_observer_knows_that_somebody_spoke_but_not_what(client_of: ClientOf, city: City) -> None:
    closed = statement(household(city))
    text = body(client_of("observer").get(closed.get_absolute_url()))
    assert WORDS not in text
    assert "The working group keeps these words." in text


def test_words_are_written_down_and_corrected(client_of: ClientOf, city: City) -> None:
    made, member = household(city), client_of("member")
    assert member.post(f"/households/{made.pk}/statements/add/", wrote(may_quote="on")).status_code == 302
    kept = Statement.objects.get()
    assert keys.read(kept, "words") == WORDS
    assert WORDS in body(member.get(f"/statements/{kept.ref}/edit/"))
    assert member.post(f"/statements/{kept.ref}/edit/", wrote(words="ท่อตันทุกปี", base="1")).status_code == 302
    assert keys.read(Statement.objects.get(), "words") == "ท่อตันทุกปี"
    slow = member.post(f"/statements/{kept.ref}/edit/", wrote(words="ช้ากว่า", base="1"))
    assert slow.status_code == 422
    assert "somebody else (member)" in body(slow)
    assert "ช้ากว่า" in body(slow)


def test_the_statements_of_a_city_show_words_to_whom_they_are_open(
    client: Client, client_of: ClientOf, city: City
) -> None:
    statement(household(city), may_quote=True)
    address = f"/cities/{city.slug}/statements/"
    assert WORDS in body(client.get(address))
    assert WORDS in body(client_of("member").get(address))


@pytest.mark.parametrize("number", [2, 25])
def test_a_list_of_statements_asks_as_often_whether_it_is_short_or_long(
    client_of: ClientOf, city: City, number: int, django_assert_max_num_queries: Any
) -> None:
    made, member = household(city), client_of("member")
    for _unused in range(number):
        statement(made)
    for address in (f"/cities/{city.slug}/statements/", at(city)):
        member.get(address)
        with django_assert_max_num_queries(12):
            member.get(address)


# --- sheets -------------------------------------------------------------------------------


def test_sheets_follow_one_another_and_day_and_place_stay(client_of: ClientOf, city: City) -> None:
    household(city)
    member, address = client_of("member"), f"/cities/{city.slug}/sheets/"
    first = member.post(address, wrote(who="วารี ชลธาร", sheet="๑๔", site="ศาลาวัด"), follow=True)
    text = body(first)
    assert "Now the next one." in text
    assert "H-PTG-0001" in text
    assert 'value="ศาลาวัด"' in text
    assert WORDS not in text
    assert Statement.objects.get().sheet == "14"


def test_a_sheet_entered_twice_is_asked_about(client_of: ClientOf, city: City) -> None:
    statement(household(city), sheet="14")
    member, address = client_of("member"), f"/cities/{city.slug}/sheets/"
    asked = member.post(address, wrote(who="12/3", sheet="14"))
    assert asked.status_code == 422
    assert "H-PTG-0001" in body(asked)
    assert member.post(address, wrote(who="12/3", sheet="14", sure="on")).status_code == 302


def test_a_sheet_of_nobody_known_and_one_of_several_are_asked_about(client_of: ClientOf, city: City) -> None:
    member, address = client_of("member"), f"/cities/{city.slug}/sheets/"
    unknown = member.post(address, wrote(who="ใครก็ไม่รู้"))
    assert unknown.status_code == 422
    assert "Add the household first" in body(unknown)
    household(city)
    second = household(city)
    several = member.post(address, wrote(who="วารี ชลธาร"))
    assert several.status_code == 422
    assert second.code in body(several)
    assert member.post(address, wrote(who="วารี ชลธาร", which=str(second.pk))).status_code == 302
    assert Statement.objects.get().household == second


def test_an_empty_register_and_an_empty_list_of_words_offer_the_next_step(
    city: City, client_of: ClientOf
) -> None:
    for address, step in (("households", "households/add"), ("statements", "sheets")):
        page = client_of("member").get(f"/cities/phatong/{address}/").content.decode()
        assert f'class="btn" href="/cities/phatong/{step}/"' in page


def test_who_comes_back_to_the_address_of_a_search_begins_again_in_the_register(
    city: City, client_of: ClientOf
) -> None:
    answer = client_of("member").get("/cities/phatong/households/find/")
    assert answer["Location"] == "/cities/phatong/households/"
