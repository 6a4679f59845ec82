"""The story of the training city, told through the rooms' own actions: from a sentence to page 12 and a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from khlong.assessment.actions import Ground as Evidence
from khlong.assessment.actions import save_finding, validate_finding
from khlong.assessment.models import Finding
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.deliberation.answering import Reply, answer
from khlong.deliberation.circles import save_circle
from khlong.deliberation.models import Answer, Circle, Origin, Round, Suggestion, Verdict, Voice
from khlong.deliberation.rounds import save_round
from khlong.deliberation.suggesting import Anchor, Heard, Said, note_suggestion
from khlong.deliberation.verdicts import judge
from khlong.people.actor import account_actor
from khlong.privacy.models import ConsentText, Purpose
from khlong.strategy import actions as strategy
from khlong.strategy.indicators import save_indicator
from khlong.strategy.measures import detail_of, save_measure
from khlong.strategy.models import Indicator, Item, ItemKind, Language, Plan, Version
from khlong.strategy.versions import open_review
from khlong.training.base import Ground, named
from khlong.training.bulk import link_many
from khlong.training.texts import words

CHECKED = date(2026, 3, 28)
OPENED, SPOKEN = date(2026, 6, 20), date(2026, 7, 9)
ANSWERED = date(2026, 8, 2)
DETAIL = ("system", "land_use", "drainage_path", "landowner", "permission", "gains", "loses", "beyond")


@dataclass
class Story:
    """What the story has made so far, by the keys of the texts."""

    ground: Ground
    rng: Random
    findings: dict[str, Finding] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    plan: Plan | None = None
    round: Round | None = None
    suggestions: list[Suggestion] = field(default_factory=list)

    @property
    def actor(self) -> Any:
        return self.ground.actor


def by_key(
    story: Story, rows: list[dict[str, Any]], make: Callable[[Story, dict[str, Any]], Any]
) -> dict[str, Any]:
    return {row["key"]: make(story, row) for row in rows}


# --- findings -----------------------------------------------------------------------------


def tell_findings(story: Story, statements: dict[str, list[Node]]) -> None:
    """Findings with their why; what households said of the matter, an event or a meeting is their evidence."""
    heard = _by_matter(statements)
    for row in words("findings"):
        with story.ground.part(1):
            story.findings[row["key"]] = _finding(story, row, heard.get(row["for"], []))


def _by_matter(statements: dict[str, list[Node]]) -> dict[str, list[Node]]:
    """The statements of the story by what they speak for: they are the first of each community, in their order."""
    waiting = {place: iter(nodes) for place, nodes in statements.items()}
    found: dict[str, list[Node]] = {}
    for voice in words("voices"):
        found.setdefault(voice["for"], []).append(next(waiting[voice["in"]]))
    return found


def _finding(story: Story, row: dict[str, Any], evidence: list[Node]) -> Finding:
    ground = story.ground
    steps = [
        {"th": th, "en": en, "explains": at - 1 if at else None, "underlying": at == len(row["why"]) - 1}
        for at, (th, en) in enumerate(row["why"])
    ]
    values = {"city": ground.city, "statement_th": row["th"], "statement_en": row["en"], "chain": steps}
    values |= {"hazard": row["hazard"], "confidence": row["sure"], "community": ground.communities[row["in"]]}
    event = {"flood": "flood68", "heat": "heat69", "drought": "dry68"}.get(row["hazard"])
    nodes = [*evidence, *([ground.events[event].node] if event else [])]
    if row["key"] == "drains":
        nodes.append(ground.meetings["walk"].node)
    made = ground.thing(Finding, Kind.FINDING)
    links = {"groups": [ground.groups[row["in"]]]}
    kept = save_finding(story.actor, made, values, links=links, ground=Evidence(evidence=nodes))
    if row["checked"]:
        kept = validate_finding(story.actor, kept, ground.meetings["returned"], CHECKED)
    return kept


# --- the plan -----------------------------------------------------------------------------


def tell_plan(story: Story, further: Callable[[], None] = lambda: None) -> None:
    """The plan with its measures and indicators, a first version of it, published. `further` adds more before."""
    text, ground = words("plan"), story.ground
    made = ground.thing(Plan, Kind.PLAN)
    values = {"name_th": text["plan"]["th"], "name_en": text["plan"]["en"], "city": ground.city}
    values |= {"horizon_years": text["plan"]["years"], "start_year": text["plan"]["start"]}
    values |= {"source": ground.source, "mark": "A"}
    vision = text["vision"]
    with ground.part():
        story.plan = plan = strategy.save_plan(story.actor, made, values)
        strategy.add_item(story.actor, plan, ItemKind.VISION, vision["th"], text_en=vision["en"])
    for chapter in text["strategies"]:
        with ground.part():
            above = strategy.add_item(
                story.actor, plan, ItemKind.STRATEGY, chapter["th"], text_en=chapter["en"]
            )
        for part in chapter["parts"]:
            with ground.part(part["kind"] == "measure"):
                _part(story, plan, above, part)
    for row in words("works")["indicators"]:
        with ground.part():
            story.indicators[row["key"]] = _indicator(story, row)
    further()
    with ground.part():
        strategy.make_version(story.actor, plan, note="ฉบับแรกจากประชุมยกร่าง")
    with ground.part():
        strategy.publish_plan(story.actor, plan)


def _part(story: Story, plan: Plan, above: Item, part: dict[str, Any]) -> None:
    item = strategy.add_item(
        story.actor, plan, ItemKind(part["kind"]), part["th"], text_en=part["en"], parent=above
    )
    story.items[part["key"]] = item
    rests_on = [story.findings[key].node for key in part["findings"]]
    if "detail" in part:
        _detail(story, item, part, rests_on)
    else:
        link_many([(node, item.node) for node in rests_on], EdgeKind.RESTS_ON)


def _detail(story: Story, item: Item, part: dict[str, Any], rests_on: list[Node]) -> None:
    text, ground = part["detail"], story.ground
    values = {name: text.get(name, "") for name in DETAIL} | {"kind": text["kind"]}
    values |= {"responsible": ground.organisations[text["responsible"]], "cost_note": text["note"]}
    values |= {"from_year": text["from"], "to_year": text["to"], "cost_satang": text["cost"]}
    values |= {"cost_source": ground.source}
    groups = {key: None for voice in words("voices") if voice["for"] == part["key"] for key in [voice["in"]]}
    links = {"groups": [ground.groups[key] for key in groups]}
    save_measure(story.actor, detail_of(item), values, links=links, findings=rests_on)


def _indicator(story: Story, row: dict[str, Any]) -> Indicator:
    values = named(row) | {"city": story.ground.city, "item": story.items[row["at"]]}
    values |= {"unit_th": row["unit"], "unit_en": row["unit_en"], "means_th": row["means"]}
    values |= {"means_en": row["means_en"], "baseline": row["baseline"], "baseline_year": row["by"]}
    values |= {"target": row["target"], "target_year": row["to"]}
    return save_indicator(story.actor, story.ground.thing(Indicator, Kind.INDICATOR), values)


# --- a round of review --------------------------------------------------------------------


def tell_round(story: Story, closes: date, wanted: int) -> None:
    """The version goes to circles; what people said to it, what was answered, and whether that answered.

    As many are told as are wanted, but never fewer than those of the story nor more than are written.
    """
    assert story.plan is not None
    version, part = story.plan.versions.get(), story.ground.part
    with part():
        open_review(story.actor, version)
        story.round = _round(story, story.plan, version, closes)
    consent = ConsentText.objects.filter(space=None, purpose=Purpose.PLAN).order_by("-version").first()
    assert consent is not None
    told = words("suggestions")
    for number, row in enumerate([*told, *words("heard")][: max(len(told), wanted)]):
        with part(1):
            _suggestion(story, row, number, consent)
    with part():
        Suggestion.objects.filter(round=story.round).update(said_on=SPOKEN)
        Answer.objects.filter(suggestion__round=story.round).update(on=ANSWERED)
        Verdict.objects.filter(answer__suggestion__round=story.round).update(on=ANSWERED)


def _round(story: Story, plan: Plan, version: Version, closes: date) -> Round:
    values: dict[str, Any] = {
        "plan": plan,
        "version": version,
        "name_th": "รับฟังร่างฉบับที่ 1",
        "name_en": "Hearing on draft 1",
        "opens_on": OPENED,
        "closes_on": closes,
        "level": "collaborate",
        "summary_th": "ร่างนี้ว่าด้วยการอยู่กับน้ำโดยรู้ล่วงหน้า และบ้านที่ไม่ต้องย้ายทุกครั้งที่น้ำมา ทุกข้อเสนอแนะจะได้คำตอบพร้อมเหตุผล",
        "summary_en": "The draft is about living with water and knowing beforehand, and about homes that need not "
        "move whenever it comes. Every suggestion is answered, with a reason.",
    }
    kept = save_round(story.actor, story.ground.thing(Round, Kind.ROUND), values)
    for key, group in story.ground.groups.items():
        circle = {"name_th": group.name_th, "name_en": group.name_en, "group": group}
        save_circle(story.actor, Circle(round=kept), circle | {"expected": 20 if key == "ice" else None})
    return kept


def _suggestion(story: Story, row: dict[str, Any], number: int, consent: ConsentText) -> None:
    assert story.round is not None
    item = story.items[row["at"]]
    entry = story.round.version.entries.select_related("revision").get(item=item)
    start = entry.revision.text.index(row["quote"])
    anchor = Anchor(entry.revision, start, start + len(row["quote"]), row["quote"])
    said = Said(
        anchor,
        Voice(row["voice"]),
        words=row["th"],
        instead=row.get("to", ""),
        language=row.get("language", "th"),
        groups=[story.ground.groups[row["who"]]],
        old_words=True,
    )
    origin = Origin(row.get("origin", "spoken"))
    sheet = f"{number + 1:03d}" if origin == Origin.PAPER else ""
    heard = Heard(origin, story.ground.communities[row["who"]].name_th, SPOKEN, consent, sheet)
    circle = story.round.circles.get(group=story.ground.groups[row["who"]])
    key = f"{story.rng.getrandbits(160):040x}"
    kept, _code = note_suggestion(story.actor, story.round, said, heard, key=key, circle=circle)
    story.suggestions.append(kept)
    if "translation" in row:
        Suggestion.objects.filter(pk=kept.pk).update(
            translation_th=row["translation"], translation_checked=True
        )
    if "outcome" in row:
        _answer(story, kept, row)


def _answer(story: Story, suggestion: Suggestion, row: dict[str, Any]) -> None:
    newest = suggestion.item.passage.revisions.filter(lang=Language.THAI).order_by("-number")[0]
    text = newest.text.replace(row["quote"], row["change"], 1) if "change" in row else ""
    base = newest.number if text else None
    reply = Reply(row["outcome"], row["reason"], row["reason_en"], text=text, base=base)
    made = answer(account_actor(story.ground.cast["member"]), suggestion, reply)
    if "says" in row:
        judge(story.actor, made, row["says"], row.get("back", ""))
