"""What links really allow: reading what is not published, and writing facts; and who is kept out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from khlong.chain.models import Node, ThingRevision, Visibility
from khlong.network import acting
from khlong.network.actions import take_role
from khlong.network.models import ActingLink, Membership
from khlong.network.offers import SAVE_FACT
from khlong.network.tests.makers import SYSTEM, hide, make_statement
from khlong.people.actor import Role, account_actor
from khlong.people.policy import Verb, can, scope
from khlong.places.actions import save_city
from khlong.places.models import City, Fact, Source
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def in_english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def fact(city: City, source: Source) -> Fact:
    """A fact of the city that is not published."""
    return _hidden(make_statement(city.node, source, "ฝายน้ำล้นเปิดไม่ได้"))


@pytest.fixture
def elsewhere(other_city: City, source: Source) -> Fact:
    """One of another city."""
    return _hidden(make_statement(other_city.node, source, "ปั๊มน้ำเสีย"))


def _hidden(fact: Fact) -> Fact:
    hide(fact)
    return Fact.objects.select_related("node").get(pk=fact.pk)


def open_to_all(fact: Fact) -> None:
    Node.objects.filter(pk=fact.pk).update(visibility=Visibility.PUBLIC)


def holding(city: City, *actions: str, **more: Any) -> tuple[Client, ActingLink, str]:
    """A browser that has begun with a new link."""
    more = {"most_uses": None, **more}
    made, token = acting.make_acting_link(SYSTEM, city.node, "สำนักงานจังหวัด", list(actions), **more)
    client = Client()
    begun(client, token)
    return client, made, token


def begun(client: Client, token: str) -> int:
    client.get(f"/a/{token}/")
    return client.post("/acting/").status_code


def typed(fact: Fact, **more: Any) -> dict[str, Any]:
    """What the form of a fact sends."""
    names = (
        "statement_th",
        "statement_en",
        "qualifier",
        "scope_th",
        "scope_en",
        "reporter_th",
        "reporter_en",
        "mark",
    )
    data = {name: getattr(fact, name) for name in names}
    data |= {"topic": fact.topic_id, "source": fact.source_id, "base": fact.revision}
    if fact.unit_id:
        data |= {"unit": fact.unit_id, "value": str(fact.value)}
    return data | more


# --- reading ------------------------------------------------------------------------------


def test_who_reads_with_a_link_sees_what_the_city_has_not_published_and_a_bar_says_so(
    city: Any, fact: Fact
) -> None:
    assert Client().get(fact.get_absolute_url()).status_code == 404
    client, made, _token = holding(city, acting.READ)
    page = client.get(fact.get_absolute_url())
    assert page.status_code == 200
    assert "You read with a link" in page.content.decode()
    assert "/acting/held/" in page.content.decode()
    assert client.get("/acting/held/").status_code == 200
    made.refresh_from_db()
    assert made.uses == 1


def test_what_a_reader_was_shown_is_not_kept_for_the_public(city: Any, fact: Fact) -> None:
    client, _made, _token = holding(city, acting.READ)
    assert fact.ref in client.get(f"/cities/{city.slug}/facts/").content.decode()
    assert fact.ref not in Client().get(f"/cities/{city.slug}/facts/").content.decode()


def test_reading_reaches_no_other_city_and_changes_nothing(city: Any, fact: Fact, elsewhere: Fact) -> None:
    client, _made, _token = holding(city, acting.READ)
    assert client.get(elsewhere.get_absolute_url()).status_code == 404
    before = AuditEntry.objects.count()
    for address in (
        f"{fact.get_absolute_url()}correct/",
        f"/facts/add/?about={city.ref}",
        f"/cities/{city.slug}/edit/",
    ):
        assert client.get(address).status_code == 302
    assert (
        client.post(f"{fact.get_absolute_url()}correct/", typed(fact, statement_th="ใหม่")).status_code == 403
    )
    assert client.post(f"{fact.get_absolute_url()}publish/").status_code == 403
    assert "/correct/" not in client.get(fact.get_absolute_url()).content.decode()
    assert AuditEntry.objects.count() == before


def test_reading_tells_not_who_works_in_the_city_nor_what_they_did(city: Any, cast: Any) -> None:
    client, _made, _token = holding(city, acting.READ)
    actor = client.get("/").wsgi_request.actor  # type: ignore[attr-defined]
    assert not actor.grants
    assert not scope(actor, Membership.objects.all()).exists()
    assert not scope(actor, AuditEntry.objects.all()).exists()
    for page in ("members/", "members/links/", "members/links/add/", "halls/"):
        assert client.get(f"/cities/{city.slug}/{page}").status_code == 302


def test_can_and_scope_agree_for_who_reads_with_a_link(city: Any, fact: Fact, elsewhere: Fact) -> None:
    client, _made, _token = holding(city, acting.READ)
    actor = client.get("/").wsgi_request.actor  # type: ignore[attr-defined]
    for verb in (Verb.VIEW, Verb.CHANGE, Verb.MANAGE):
        scoped = set(scope(actor, Fact.objects.all(), verb))
        assert scoped == {row for row in Fact.objects.select_related("node") if can(actor, verb, row)}
    assert set(scope(actor, Fact.objects.all())) == {fact}


def test_a_link_that_only_reads_holds_until_its_day_and_not_a_number_of_times(city: Any) -> None:
    for wrong in ({"most_uses": 1}, {"days": 93, "most_uses": None}):
        with pytest.raises(Refused):
            acting.make_acting_link(SYSTEM, city.node, "x", [acting.READ], **wrong)


# --- ends ---------------------------------------------------------------------------------


def test_a_reader_whose_link_expired_or_was_withdrawn_sees_it_said_and_reads_no_more(
    city: Any, fact: Fact
) -> None:
    for end in ("expired", "withdrawn"):
        client, made, _token = holding(city, acting.READ)
        if end == "expired":
            ActingLink.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
        else:
            acting.withdraw_acting_link(SYSTEM, made)
        assert client.get(fact.get_absolute_url()).status_code == 404
        assert "Your link does not work any more" in client.get("/").content.decode()
        assert end in client.get("/acting/held/").content.decode()


def test_a_link_dies_with_the_right_of_who_made_it(city: Any, cast: Any, fact: Fact) -> None:
    owner = cast.owner
    _made, token = acting.make_acting_link(
        account_actor(owner), city.node, "x", [acting.READ], most_uses=None
    )
    client = Client()
    assert begun(client, token) == 302
    assert client.get(fact.get_absolute_url()).status_code == 200
    Membership.objects.create(space=city.node, user=cast.stranger, role=Role.OWNER)
    take_role(SYSTEM, Membership.objects.get(space=city.node, user=owner))
    assert client.get(fact.get_absolute_url()).status_code == 404
    assert begun(Client(), token) == 410


def test_a_link_for_the_first_browser_that_is_passed_on_opens_nothing(city: Any, fact: Fact) -> None:
    first, _made, token = holding(city, acting.READ, binds=True)
    second = Client()
    assert begun(second, token) == 410
    assert second.get(fact.get_absolute_url()).status_code == 404
    assert first.get(fact.get_absolute_url()).status_code == 200


def test_a_forged_link_in_a_session_opens_nothing(city: Any, fact: Fact) -> None:
    client = Client()
    assert begun(client, "forged-token") == 404
    session = client.session
    session[acting.HELD] = "0" * 64
    session.save()
    assert client.get(fact.get_absolute_url()).status_code == 404
    assert client.get("/acting/held/").status_code == 404


def test_who_ends_the_link_reads_no_more(city: Any, fact: Fact) -> None:
    client, _made, _token = holding(city, acting.READ)
    assert client.post("/acting/end/").status_code == 302
    assert client.get(fact.get_absolute_url()).status_code == 404
    assert "with a link" not in client.get("/").content.decode()


def test_who_is_signed_in_is_told_to_sign_out_first(city: Any, client_of: As) -> None:
    _made, token = acting.make_acting_link(SYSTEM, city.node, "x", [acting.READ], most_uses=None, binds=True)
    client = client_of("member")
    client.get(f"/a/{token}/")
    answer = client.post("/acting/")
    assert answer.status_code == 410
    assert "Sign out" in answer.content.decode()
    assert ActingLink.objects.get().bound_to == ""


# --- writing facts ------------------------------------------------------------------------


def test_who_writes_facts_with_a_link_stands_in_history_and_audit_as_the_link(city: Any, fact: Fact) -> None:
    open_to_all(fact)
    client, made, _token = holding(city, SAVE_FACT)
    assert "/correct/" in client.get(fact.get_absolute_url()).content.decode()
    form = client.get(f"{fact.get_absolute_url()}correct/")
    assert form.status_code == 200
    assert "new_publisher" not in form.content.decode()
    answer = client.post(f"{fact.get_absolute_url()}correct/", typed(fact, reporter_th="นักศึกษา"))
    assert answer.status_code == 302
    assert ThingRevision.objects.filter(node=fact.node).first().by == made.label  # type: ignore[union-attr]
    line = AuditEntry.objects.filter(action=SAVE_FACT).latest("pk")
    assert (line.actor_kind, line.actor) == ("link", made.label)
    page = Client().get(fact.get_absolute_url()).content.decode()
    assert f"with link {made.pk}" in page
    assert "สำนักงานจังหวัด" not in page


def test_a_fact_is_added_with_a_link_in_its_city_only(city: Any, other_city: Any, fact: Fact) -> None:
    client, made, _token = holding(city, SAVE_FACT)
    data = typed(fact, statement_th="ฝายน้ำล้นเก่าเปิดไม่ได้", unit="", value="")
    assert client.get(f"/facts/add/?about={other_city.ref}").status_code == 302
    assert client.post(f"/facts/add/?about={other_city.ref}", data).status_code == 403
    assert client.post(f"/facts/add/?about={city.ref}", data).status_code == 302
    assert Fact.objects.latest("entered_at").entered_by == made.label


def test_a_link_for_facts_gives_nothing_else(city: Any, fact: Fact, elsewhere: Fact) -> None:
    open_to_all(fact)
    open_to_all(elsewhere)
    client, made, _token = holding(city, SAVE_FACT)
    assert client.post(f"{elsewhere.get_absolute_url()}correct/", typed(elsewhere)).status_code == 403
    assert client.post(f"{fact.get_absolute_url()}withdraw/").status_code == 403
    assert client.get(f"/cities/{city.slug}/edit/").status_code == 302
    assert client.post("/words/topics/add/", {"key": "x", "label_th": "x"}).status_code in {302, 403}
    actor = client.get("/").wsgi_request.actor  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        save_city(actor, city, {"name_th": "ใหม่"})
    made.refresh_from_db()
    assert made.uses == 0


def test_a_fact_that_the_holder_does_not_see_is_not_hers_to_correct(city: Any, fact: Fact) -> None:
    client, _made, _token = holding(city, SAVE_FACT)
    assert client.get(f"{fact.get_absolute_url()}correct/").status_code == 404
    both, _made, _token = holding(city, SAVE_FACT, acting.READ)
    assert both.get(f"{fact.get_absolute_url()}correct/").status_code == 200


def test_a_new_source_cannot_be_brought_in_with_a_link(city: Any, fact: Fact) -> None:
    open_to_all(fact)
    client, _made, _token = holding(city, SAVE_FACT)
    sources = Source.objects.count()
    data = typed(fact, source="", new_publisher="หนังสือพิมพ์")
    refused = client.post(f"{fact.get_absolute_url()}correct/", data)
    assert refused.status_code == 422
    assert "source" in refused.context["form"].errors
    assert Source.objects.count() == sources


def test_a_link_for_one_saving_saves_once(city: Any, fact: Fact) -> None:
    open_to_all(fact)
    client, _made, _token = holding(city, SAVE_FACT, most_uses=1)
    address = f"{fact.get_absolute_url()}correct/"
    assert client.post(address, typed(fact, reporter_th="ก")).status_code == 302
    assert client.post(address, typed(Fact.objects.get(pk=fact.pk), reporter_th="ข")).status_code == 403
    assert Fact.objects.get(pk=fact.pk).reporter_th == "ก"
    assert "used as often as it may be" in client.get("/acting/held/").content.decode()


# --- the owners' pages --------------------------------------------------------------------


def form(**more: Any) -> dict[str, Any]:
    return {"actions": [SAVE_FACT], "name": "โต๊ะ 3", "days": 1, "often": "times", "times": 5, **more}


def test_an_owner_makes_prints_lists_and_withdraws_a_link(city: Any, client_of: As) -> None:
    owner, links = client_of("owner"), f"/cities/{city.slug}/members/links/"
    assert links in owner.get(f"/cities/{city.slug}/members/").content.decode()
    paper = owner.post(f"{links}add/", form(binds="on"))
    assert paper.status_code == 200
    token = paper.context["address"].rstrip("/").rpartition("/")[2]
    made = ActingLink.objects.get()
    assert (made.actions, made.most_uses, made.binds) == ([SAVE_FACT], 5, True)
    assert begun(Client(), token) == 302
    listed = owner.get(links).content.decode()
    assert "โต๊ะ 3" in listed
    assert "0 of 5" in listed
    assert token not in listed
    assert owner.post(f"{links}{made.pk}/withdraw/").status_code == 302
    assert "withdrawn" in owner.get(links).content.decode()
    assert begun(Client(), token) == 410


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"actions": []}, "actions"),
        ({"actions": ["network.role.give"]}, "actions"),
        ({"name": ""}, "name"),
        ({"times": ""}, "times"),
        ({"days": 32}, "days"),
        ({"actions": [acting.READ], "often": "once"}, "often"),
    ],
)
def test_what_cannot_stand_is_said_at_its_field(
    city: Any, client_of: As, wrong: dict[str, Any], field: str
) -> None:
    refused = client_of("owner").post(f"/cities/{city.slug}/members/links/add/", form(**wrong))
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {field}
    assert not ActingLink.objects.exists()


@pytest.mark.parametrize("who", ["member", "observer", "stranger"])
def test_only_owners_make_and_see_links(city: Any, client_of: As, who: str) -> None:
    made = acting.make_acting_link(SYSTEM, city.node, "x", [acting.READ], most_uses=None)[0]
    client, links = client_of(who), f"/cities/{city.slug}/members/links/"
    assert client.get(links).status_code == client.post(f"{links}add/", form()).status_code == 403
    assert client.post(f"{links}{made.pk}/withdraw/").status_code == 403
    assert ActingLink.objects.get().withdrawn_at is None


def test_a_link_of_another_city_cannot_be_withdrawn_through_ones_own(
    city: Any, other_city: Any, client_of: As
) -> None:
    made = acting.make_acting_link(SYSTEM, other_city.node, "x", [acting.READ], most_uses=None)[0]
    assert (
        client_of("owner").post(f"/cities/{city.slug}/members/links/{made.pk}/withdraw/").status_code == 404
    )
