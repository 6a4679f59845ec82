"""What came of the training city's measures: proposals, pilots and values, told through the rooms' own actions."""

from __future__ import annotations

from datetime import date
from typing import Any

from khlong.adoption.actions import (
    publish_proposal,
    save_adoption,
    save_budget_line,
    save_proposal,
    save_step,
)
from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step, budget_of
from khlong.chain.models import Kind, Node
from khlong.people.actor import account_actor
from khlong.pilots import actions as pilots
from khlong.pilots.actions import accepted_suggestions
from khlong.pilots.models import Change, Expense, Lesson, MoneyLine, Pilot, PilotActivity, Value, WorkStep
from khlong.pilots.money import approve_expense, save_expense
from khlong.pilots.values import save_value
from khlong.training.base import named
from khlong.training.story import Story
from khlong.training.texts import words

REHEARSED = date(2026, 9, 30)
"""The last day of the period of the second rehearsal."""
FIRST_YEARS = {2566: range(2566, 2571), 2571: range(2571, 2576)}


def tell_proposals(story: Story) -> list[Proposal]:
    """Proposals made from measures: to both plans, in every form and every edition."""
    found = []
    for row in words("works")["proposals"]:
        with story.ground.part(1):
            found.append(_proposal(story, row))
    return found


def _proposal(story: Story, row: dict[str, Any]) -> Proposal:
    ground, measure = story.ground, story.items[row["from"]]
    years: dict[int, int] = row["years"]
    first = 2566 if min(years) < 2571 else 2571
    inside = {year: satang for year, satang in years.items() if year in FIRST_YEARS[first]}
    values = named(row) | {"city": ground.city, "measure": measure, "form": row["form"], "plan_from": first}
    values |= {"organisation": ground.organisations[row["to"]], "channel": row["channel"]}
    values |= {name: row[name] for name in ("objective", "outputs", "kpi", "outcome", "area")}
    values |= {"strategy": row["strategy" if first == 2566 else "issue"], "tactic": row.get("tactic", "")}
    values |= words("works")["above"] | _was(row.get("was"))
    values |= {"lead_unit": row["lead"], "reason": row.get("reason", ""), "reply_due": row["reply_due"]}
    values |= {"budget": budget_of(inside)}
    taken: list[Node] = accepted_suggestions([measure])
    made = ground.thing(Proposal, Kind.PROPOSAL)
    kept = save_proposal(story.actor, made, values, suggestions=taken)
    for state, day, more in row["steps"]:
        words_of = {"note": "ตามหนังสือหรือมติที่อ้าง"} | more
        save_step(story.actor, Step(proposal=kept), {"state": state, "on": day} | words_of)
        kept = Proposal.objects.select_related("node__space", "city", "measure").get(pk=kept.pk)
    if "adopted" in row:
        adopted = dict(row["adopted"]) | {"edition": "supplement"}
        save_adoption(story.actor, Adoption(proposal=kept), adopted)
    if "budget" in row:
        save_budget_line(story.actor, BudgetLine(proposal=kept), dict(row["budget"]))
    publish_proposal(story.actor, kept)
    return kept


def _was(said: dict[str, Any] | None) -> dict[str, Any]:
    """How a project stands in the plan, for one that asks to change or correct it."""
    if not said:
        return {}
    texts = {f"was_{name}": words_ for name, words_ in said.items() if name != "years"}
    return texts | {"was_budget": budget_of(said["years"])}


def tell_pilots(story: Story) -> dict[str, Pilot]:
    """Pilots by their keys, with money approved by another account than entered it."""
    found: dict[str, Pilot] = {}
    for row in words("works")["pilots"]:
        with story.ground.part(1):
            found[row["key"]] = _pilot(story, row)
    return found


def _pilot(story: Story, row: dict[str, Any]) -> Pilot:
    ground = story.ground
    values = named(row) | {"city": ground.city, "aim_th": row["aim"], "aim_en": row["aim_en"]}
    values |= {"community": ground.communities[row["in"]], "run_by": ground.organisations[row["by"]]}
    values |= {"starts_on": row["starts"], "ends_on": row["ends"], "state": row["state"]}
    moved = {value[0]: story.indicators[value[0]] for value in row["values"]}
    links: dict[str, list[Any]] = {
        "measures": [story.items[key] for key in row["from"]],
        "indicators": list(moved.values()),
    }
    kept = pilots.save_pilot(story.actor, ground.thing(Pilot, Kind.PILOT), values, links=links)
    for order, (th, en, due, done) in enumerate(row["steps"], start=1):
        step = {"text_th": th, "text_en": en, "due": due, "done_on": done, "order": order}
        pilots.save_step(story.actor, WorkStep(pilot=kept), step)
    _money(story, kept, row)
    for what, why, day in row["changes"]:
        pilots.save_change(story.actor, Change(pilot=kept), {"what": what, "why": why, "on": day})
    for th, en, worked, day in row["lessons"]:
        lesson = {"text_th": th, "text_en": en, "worked": worked, "on": day}
        pilots.save_lesson(story.actor, Lesson(pilot=kept), lesson)
    _activities(story, kept, row["key"])
    pilots.publish_pilot(story.actor, kept)
    for value in row["values"]:
        _value(story, kept, value)
    return kept


def _money(story: Story, pilot: Pilot, row: dict[str, Any]) -> None:
    lines = [
        pilots.save_line(
            story.actor,
            MoneyLine(pilot=pilot),
            {"text_th": th, "text_en": en, "satang": satang, "order": order},
        )
        for order, (th, en, satang) in enumerate(row["money"], start=1)
    ]
    enters = account_actor(story.ground.cast["member"])
    approves = account_actor(story.ground.cast["treasurer"])
    for at, text, satang, day, number, state in row["expenses"]:
        values = {"line": lines[at], "text": text, "satang": satang, "paid_on": day, "receipt_no": number}
        made = save_expense(enters, Expense(pilot=pilot, line=lines[at]), values)
        if state == "approved":
            over = "ราคาน้ำมันขึ้น คณะทำงานรับทราบ"
            approve_expense(approves, made, over_why=over)


def _activities(story: Story, pilot: Pilot, key: str) -> None:
    for meeting, of in (("walk", "saikai"), ("rehearsal", "warn")):
        if of == key:
            held = story.ground.meetings[meeting]
            values = {"name_th": held.name_th, "name_en": held.name_en, "meeting": held}
            values |= {"on": held.date.start if held.date else pilot.starts_on}
            pilots.save_activity(story.actor, PilotActivity(pilot=pilot), values)


def _value(story: Story, pilot: Pilot, row: list[Any]) -> Value:
    key, begins, ends, number, evidence = row
    before = pilot.starts_on is not None and begins < pilot.starts_on.replace(day=1)
    values: dict[str, Any] = {"indicator": story.indicators[key], "pilot": None if before else pilot}
    values |= {"period_from": begins, "period_to": ends}
    shown = story.ground.meetings[_seen_at(key, ends)]
    values |= {"value": number, "evidence_note": evidence, "evidence_node": shown.node}
    return save_value(story.actor, story.ground.thing(Value, Kind.VALUE), values)


def _seen_at(key: str, ends: date) -> str:
    """The meeting at which a value was looked at: the rehearsal that made it, or the next one after its period."""
    if key in {"heard", "readers"} and ends == REHEARSED:
        return "rehearsal"
    return "returned" if ends < date(2026, 3, 1) else "half" if ends < date(2026, 7, 1) else "autumn"
