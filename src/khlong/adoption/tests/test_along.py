"""What proposals give to other rooms: gaps, search, values of indicators, the hall, the command line, the check."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from django.urls import reverse
from django.utils import timezone

from khlong.__main__ import main
from khlong.adoption import actions, prefill
from khlong.adoption.check import check
from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step
from khlong.adoption.tests.makers import SYSTEM, fresh, propose, step
from khlong.chain.gaps import Gap, registered
from khlong.chain.models import Edge, EdgeKind, Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.network.models import Organisation
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City
from khlong.record.search import find, words_of
from khlong.strategy.faces import tell
from khlong.strategy.models import Indicator, Item
from khlong.strategy.values import providers


def gaps_of(node: Node) -> list[Gap]:
    return [gap for gap in registered() if gap.of == node.kind and gap.rows().filter(pk=node.pk).exists()]


def keys(proposal: Proposal) -> set[str]:
    return {gap.key for gap in gaps_of(proposal.node)}


def test_a_dry_stretch_leads_to_the_form_that_mends_it(proposal: Proposal, client_of: Any) -> None:
    assert keys(proposal) == set()
    actions.save_proposal(SYSTEM, fresh(proposal), {"reply_due": date(2026, 1, 1)})
    step(proposal, "submitted")
    (gap,) = gaps_of(proposal.node)
    assert gap.key == "proposal.no_reply"
    assert client_of("member").get(gap.mend(proposal.node)).status_code == 200
    step(proposal, "proclaimed", note="แจ้งทางโทรศัพท์")
    (gap,) = gaps_of(proposal.node)
    assert gap.key == "proposal.adopted_without_page"
    assert gap.mend(proposal.node) == reverse("adoption:add_adoption", args=[proposal.ref])


def test_a_proposal_is_found_by_its_words_its_organisation_and_its_plan(proposal: Proposal) -> None:
    from django.db.models import Q

    for words in ("ขุดลอกคลอง", "บ้านริมคลอง", "เทศบาลตำบลพะตง"):
        assert proposal.ref in {entry.ref for entry in find(words_of(words), Q()).entries}, words


def test_adopted_proposals_and_those_with_money_are_counted_in_a_period(
    proposal: Proposal, city: City, measure: Item, municipality: Organisation
) -> None:
    rules = {rule.name: rule.compute for rule in providers()}
    indicator = Indicator(node=new_thing(Indicator, Kind.INDICATOR, space=city.node).node, city=city)
    year = (date(2026, 1, 1), date(2026, 12, 31))
    propose(city, measure, municipality)
    plan = {"kind": "plan", "title": "แผน", "page": "1", "on": date(2026, 2, 1)}
    actions.save_adoption(SYSTEM, Adoption(proposal=fresh(proposal)), plan)
    money = {"year": 2571, "source": "grant", "satang": 100}
    actions.save_budget_line(SYSTEM, BudgetLine(proposal=fresh(proposal)), money)
    adopted = rules["adoption.adopted"](indicator, *year)
    assert adopted is not None
    assert adopted.value == 1
    assert adopted.inputs["proposals"] == [proposal.ref]
    before = rules["adoption.adopted"](indicator, date(2025, 1, 1), date(2025, 12, 31))
    assert before is not None
    assert before.value == 0
    assert rules["adoption.budgeted"](indicator, date(2027, 10, 1), date(2028, 9, 30)).value == 1  # type: ignore[union-attr]
    assert rules["adoption.budgeted"](indicator, *year).value == 0  # type: ignore[union-attr]


def test_where_nothing_was_asked_there_is_no_value(city: City, proposal: Proposal, other_city: City) -> None:
    indicator = Indicator(
        node=new_thing(Indicator, Kind.INDICATOR, space=other_city.node).node, city=other_city
    )
    for rule in providers():
        if rule.name.startswith("adoption."):
            assert rule.compute(indicator, date(2026, 1, 1), date(2026, 12, 31)) is None


def test_accepted_suggestions_lead_to_the_proposal_and_declined_ones_do_not(
    city: City, measure: Item, municipality: Organisation, cast: Any
) -> None:
    accepted, declined = (suggestion(measure, outcome) for outcome in ("part", "declined"))
    assert prefill.accepted_suggestions(cast.actors["member"], measure) == [accepted]
    unsaved = new_thing(Proposal, Kind.PROPOSAL, space=city.node)
    values = {
        "city": city,
        "measure": measure,
        "organisation": municipality,
        "channel": "other",
        "name_th": "โครงการ",
    }
    made = actions.save_proposal(cast.actors["member"], unsaved, values, suggestions=[accepted])
    ups = set(Edge.objects.filter(down=made.node, kind=EdgeKind.LEADS_TO).values_list("up", flat=True))
    assert ups == {measure.pk, accepted.pk}
    assert declined.pk not in ups


def suggestion(measure: Item, outcome: str) -> Node:
    from khlong.deliberation.models import Answer, Round, Suggestion

    version = measure.plan.versions.get()
    round_ = Round.objects.first()
    if round_ is None:
        unsaved = new_thing(Round, Kind.ROUND, space=measure.node.space)
        unsaved.node.ref = "N-PTG-0001"
        unsaved.node.save()
        day = timezone.localdate()
        unsaved.plan = measure.plan
        unsaved.version, unsaved.name_th, unsaved.opens_on, unsaved.closes_on = version, "รอบรับฟัง", day, day
        unsaved.save()
        round_ = unsaved
    node = Node.objects.create(
        ref=f"S-PTG-{Node.objects.count():04d}",
        kind=Kind.SUGGESTION,
        space=measure.node.space,
        title_th="ขยายท่อ",
    )
    made = Suggestion.objects.create(
        node=node,
        round=round_,
        item=measure,
        revision=measure.passage.revisions.get(lang="th"),
        start=0,
        end=4,
        quote="ขุดล",
        voice="suggest",
        said_on=timezone.localdate(),
        receipt=node.ref,
    )
    Answer.objects.create(suggestion=made, outcome=outcome, reason_th="ตกลง")
    return node


def test_the_check_advises_on_what_is_missing_and_asks_what_it_cannot_tell(proposal: Proposal) -> None:
    points = {point.number: point.holds for point in check(fresh(proposal), cost_explained=False)}
    assert list(points) == [f"5.{number}" for number in range(1, 13)]
    assert points["5.1"]
    assert points["5.2"]
    assert points["5.3"]
    assert points["5.9"]
    assert points["5.12"]
    assert [number for number, holds in points.items() if holds is False] == [
        "5.4",
        "5.5",
        "5.7",
        "5.10",
        "5.11",
    ]
    assert [number for number, holds in points.items() if holds is None] == ["5.6", "5.8"]
    step(proposal, "submitted")
    assert Step.objects.filter(proposal=proposal).exists(), "advice keeps nobody from sending"


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf"])
def test_the_command_writes_what_is_public(
    proposal: Proposal, tmp_path: Path, kind: str, capsys: Any
) -> None:
    out = tmp_path / f"form.{kind}"
    words = ["export", "form", "--city", "phatong", "--form", "p02", "--supplement", "1/2571"]
    words += ["--plan-format", "issue", "--format", kind, "--out", str(out)]
    assert main(words) == 0
    assert out.stat().st_size > 4000
    if kind == "docx":
        assert proposal.name_th in docx.Document(BytesIO(out.read_bytes())).tables[0].rows[3].cells[1].text
    Node.objects.filter(pk=proposal.pk).update(visibility=Visibility.MEMBERS)
    assert main(words) == 2
    assert "published no proposal" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--supplement", "first"], "a round such as 1/2571"),
        (["--change", "1/2571"], "leave out one of --supplement and --change"),
        (["--supplement", "", "--change", "1/2571"], "published no proposal"),
        (["--plan-format", "strategy"], "published no proposal"),
    ],
)
def test_the_command_says_what_cannot_be_in_one_line(
    proposal: Proposal, tmp_path: Path, capsys: Any, more: list[str], said: str
) -> None:
    words = ["export", "form", "--city", "phatong", "--supplement", "1/2571", "--format", "docx"]
    assert main([*words, "--out", str(tmp_path / "x.docx"), *more]) == 2
    assert said in capsys.readouterr().err


def test_a_measure_that_nobody_was_asked_for_leads_to_a_proposal_that_says_it_already(
    measure: Item, client_of: Any
) -> None:
    (gap,) = [one for one in gaps_of(measure.node) if one.key == "measure.no_proposal_or_pilot"]
    address = gap.mend(measure.node)
    member = client_of("member")
    assert member.get(address).context["form"]["measure"].value() == measure.pk
    page = member.get(f"/parts/{measure.ref}/").content.decode()
    assert address in page
    assert f"/pilots/add/?measure={measure.ref}" in page
    assert "?measure=" not in client_of("observer").get(f"/parts/{measure.ref}/").content.decode()


def test_a_measure_with_a_proposal_is_not_dry_there(proposal: Proposal, measure: Item) -> None:
    assert "measure.no_proposal_or_pilot" not in {one.key for one in gaps_of(measure.node)}


def test_beside_its_passage_a_proposal_tells_how_far_it_is_on_which_page_and_what_it_asks_for(
    proposal: Proposal,
) -> None:
    plan = {"kind": "plan", "title": "แผนพัฒนาท้องถิ่น", "page": "12", "order": "3"}
    actions.save_adoption(SYSTEM, Adoption(proposal=fresh(proposal)), plan)
    told = list(tell(SYSTEM, {Kind.PROPOSAL: [proposal.pk]})[proposal.pk])
    assert told == [
        f"{proposal.organisation.name}: {fresh(proposal).get_state_display()}",
        "แผนพัฒนาท้องถิ่น, page 12, line 3",
        "It asks for 750,000 baht",
    ]
    Node.objects.filter(pk=proposal.pk).update(visibility=Visibility.MEMBERS)
    assert not tell(ANONYMOUS, {Kind.PROPOSAL: [proposal.pk]})
