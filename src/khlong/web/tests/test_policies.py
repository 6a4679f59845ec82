"""Who sees and does what: the rule for one object and the rule for a list are one rule, in every room."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from khlong.chain.actions import link
from khlong.chain.models import EdgeKind, Kind, Node, Thing, Visibility
from khlong.chain.things import new_thing
from khlong.network.actions import give_role, save_programme
from khlong.network.models import Programme
from khlong.people.actor import Actor, Role, account_actor
from khlong.people.models import User
from khlong.people.policy import Policy, Verb, policy_for, registered
from khlong.places.actions import save_city
from khlong.places.models import City, Fact, Source
from khlong.record.digest import set_digest
from khlong.web.tests.world import SYSTEM, World, build


def hide(*things: Thing) -> None:
    Node.objects.filter(pk__in=[thing.pk for thing in things]).update(visibility=Visibility.MEMBERS)


def hidden_spaces(source: Source, like: City) -> City:
    values = {"slug": "hidden", "name_th": "เมืองลับ", "region": "south", "province": like.province}
    values |= {"source": source}
    made = save_city(SYSTEM, new_thing(City, Kind.CITY, space=None, ref="C-HID"), values)
    programme = {"slug": "hidden", "name_th": "โครงการลับ", "full_name_th": "โครงการลับ"}
    hide(
        made, save_programme(SYSTEM, new_thing(Programme, Kind.PROGRAMME, space=None, ref="R-HID"), programme)
    )
    return made


def pair_of_worlds(space: Node, city: City, source: Source, mark: str) -> tuple[World, World]:
    """The same things twice in a space: for everybody, and for the working group only."""
    seen, unseen = build(space, city, source, mark), build(space, city, source, f"{mark} ลับ")
    hide(*unseen.things)
    Node.objects.filter(pk=unseen.talk.suggestion.pk).update(visibility=Visibility.MEMBERS)
    return seen, unseen


def link_worlds(pairs: list[tuple[World, World]]) -> None:
    """Edges within a space between what is seen and what is not, and from each space to the next."""
    for seen, unseen in pairs:
        link(SYSTEM, seen.fact.node, seen.item.node, EdgeKind.RESTS_ON)
        link(SYSTEM, seen.fact.node, unseen.item.node, EdgeKind.RESTS_ON)
        link(SYSTEM, unseen.fact.node, seen.item.node, EdgeKind.RESTS_ON)
    for (above, _hidden), (below, hidden) in zip(pairs, [*pairs[1:], pairs[0]], strict=True):
        link(SYSTEM, above.fact.node, below.below.node, EdgeKind.RESTS_ON, across=True)
        link(SYSTEM, hidden.fact.node, above.below.node, EdgeKind.RESTS_ON, across=True)


@pytest.fixture
def actors(
    cast: Any, city: City, other_city: City, programme: Programme, coordinator: User, source: Source
) -> dict[str, Actor]:
    """The cast, with objects of every model around them: of two cities, of a hidden one, of the programme."""
    hidden = hidden_spaces(source, city)
    give_role(SYSTEM, hidden.node, cast.observer, Role.OBSERVER)
    spaces = [(city.node, city), (other_city.node, other_city), (programme.node, city), (hidden.node, hidden)]
    for user in (cast.owner, cast.stranger):
        set_digest(SYSTEM, user, "never", 8, "th")
    link_worlds([pair_of_worlds(node, of, source, node.ref) for node, of in spaces])
    found: dict[str, Actor] = dict(cast.actors)
    return found | {"coordinator": account_actor(coordinator)}


def disagreements(policy: Policy[Any], objects: list[Model], name: str, actor: Actor) -> list[str]:
    found = []
    for verb in policy.verbs:
        one_by_one = {obj.pk for obj in objects if policy.can(actor, verb, obj)}
        rows = policy.scope(actor, verb, policy.model._default_manager.all())
        as_a_list = [row.pk for row in rows]
        if sorted(map(str, as_a_list)) != sorted(map(str, one_by_one)):
            odd = one_by_one ^ set(as_a_list) or "some object twice"
            found.append(f"{policy.model.__name__} {verb} by {name}: can and scope differ for {odd}")
    return found


def test_a_list_holds_exactly_what_may_be_seen_one_by_one_for_every_model_verb_and_role(
    actors: dict[str, Actor],
) -> None:
    found = []
    for policy in registered():
        objects = list(policy.model._default_manager.all())
        if not objects:
            found.append(
                f"{policy.model.__name__}: the world of this test has none of it; add some to world.py"
            )
        for name, actor in actors.items():
            found += disagreements(policy, objects, name, actor)
    assert found == []


NEVER_HIDDEN = {"Source", "Boundary", "FactTopic", "Unit", "Authority", "ConsentText"}


def test_the_world_of_the_agreement_test_tells_the_roles_apart(actors: dict[str, Actor]) -> None:
    """Were everything seen by everybody, the agreement would prove nothing."""
    for policy in registered():
        rows = policy.model._default_manager.all()
        seen = {name: policy.scope(actor, Verb.VIEW, rows).count() for name, actor in actors.items()}
        assert seen["system"] == seen["steward"] == rows.count(), policy.model
        if policy.model.__name__ not in NEVER_HIDDEN:
            assert seen["anonymous"] < seen["system"], (policy.model, seen)
            assert seen["stranger"] < seen["system"], (policy.model, seen)
    facts = policy_for(Fact).scope
    assert facts(actors["anonymous"], Verb.VIEW, Fact.objects.all()).count() == 4
    assert facts(actors["member"], Verb.VIEW, Fact.objects.all()).count() == 5


def test_every_model_that_people_meet_has_a_policy() -> None:
    without = {
        "Stamp",
        "ActionUse",
        "FactApplied",
        "JobEffect",
        "Worker",
        "User",
        "Attempt",
        "SessionRecord",
        "Authenticator",
        "RecoveryCode",
        "Passkey",
        "Challenge",
        "Identity",
        "BlindIndex",
        "EndedKey",
        "Pseudonym",
        "ApiToken",
        "RefCounter",
        "LoadedItem",
        "Making",
        "HallBase",
        "HallTaken",
        "Province",
        "District",
        "Tambon",
        "Blob",
        "Rendition",
        "Word",
    }
    rooms = [config for config in apps.get_app_configs() if config.name.startswith("khlong.")]
    models = {model for config in rooms for model in config.get_models()}
    covered = {policy.model for policy in registered()}
    assert {model.__name__ for model in models - covered} == without


def test_every_thing_of_the_chain_has_a_policy_that_can_be_found_from_one_object() -> None:
    things = [model for model in apps.get_models() if issubclass(model, Thing)]
    assert len(things) >= 12
    assert all(policy_for(model).model is model for model in things)
    assert all(policy_for(model()).model is model for model in things)


def test_a_model_without_a_policy_is_named() -> None:
    with pytest.raises(KeyError, match="Attempt has no policy"):
        policy_for(apps.get_model("people.Attempt"))


def verbs_of(actor: Actor, obj: Model) -> set[str]:
    return {verb.value for verb in Verb if policy_for(obj).can(actor, verb, obj)}


def test_only_the_working_group_and_stewards_see_what_is_not_published(actors: dict[str, Actor]) -> None:
    hidden = City.objects.get(slug="phatong").node.nodes.filter(kind=Kind.FACT, visibility="members").get()
    fact = hidden.fact
    who = {name for name, actor in actors.items() if "view" in verbs_of(actor, fact)}
    assert who == {"owner", "member", "observer", "steward", "system"}


def test_an_observer_reads_and_a_member_writes_and_an_owner_gives_roles(actors: dict[str, Actor]) -> None:
    community = City.objects.get(slug="phatong").communities.order_by("node__ref")[0]
    everything = {verb.value for verb in Verb}
    assert verbs_of(actors["anonymous"], community) == {"view"}
    assert verbs_of(actors["stranger"], community) == {"view"}
    assert verbs_of(actors["observer"], community) == {"view"}
    assert verbs_of(actors["member"], community) == everything - {"manage"}
    assert verbs_of(actors["owner"], community) == everything


def test_a_role_in_a_city_is_none_in_the_programme_and_the_other_way_round(
    actors: dict[str, Actor], programme: Programme, city: City
) -> None:
    assert verbs_of(actors["owner"], programme) == {"view"}
    assert "change" in verbs_of(actors["coordinator"], programme)
    assert verbs_of(actors["coordinator"], city) == {"view"}


def test_an_account_that_was_closed_may_do_no_more_than_the_public(cast: Any, city: City) -> None:
    for user in (cast.owner, cast.steward):
        user.is_active = False
        assert verbs_of(account_actor(user), city) == {"view"}
