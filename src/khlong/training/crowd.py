"""What fills the training city to any size: further findings, measures, suggestions, proposals and pilots.

Numbers grow with the households; a city of 20,000 has 2,000 findings, 300 measures, 5,000 suggestions, 600 proposals
and 60 pilots. Written in bulk, since a city of that size would take an hour one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from khlong.adoption.models import Proposal, State, Step, budget_of
from khlong.assessment.models import Cause, Finding
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.chain.search import index
from khlong.deliberation.models import Answer, Suggestion, Verdict
from khlong.pilots.models import Pilot, PilotState, Value
from khlong.strategy import actions as strategy
from khlong.strategy.models import Indicator, Item, ItemKind, MeasureDetail, PassageRevision
from khlong.thai.collate import sort_key
from khlong.training.base import NAMES
from khlong.training.bulk import drawn_uuid, keep_nodes, link_many, remember
from khlong.training.making import CHUNK, in_chunks
from khlong.training.story import ANSWERED, CHECKED, SPOKEN, Story
from khlong.training.texts import PLACES, measure_words, words
from khlong.training.voices import Composer, Opinion, Wish, place_of

VOICES = ("suggest",) * 9 + ("object",) * 4 + ("ask",) * 4 + ("support",) * 3
OUTCOMES = {"suggest": ("accepted", "part", "declined"), "object": ("part", "declined"), "ask": ("answered",)}
WAYS = (
    (),
    ((State.SUBMITTED, 30),),
    ((State.FORUM, 20), (State.SUBMITTED, 41)),
    ((State.SUBMITTED, 25), (State.SUPPORT_DRAFT, 60), (State.COMMITTEE, 88)),
    ((State.SUBMITTED, 18), (State.COMMITTEE, 70), (State.PROCLAIMED, 80)),
    ((State.SUBMITTED, 22), (State.PROCLAIMED, 77), (State.BUDGETED, 110)),
    ((State.SUBMITTED, 15), (State.DECLINED, 66)),
    ((State.SUBMITTED, 33), (State.REFERRED, 58)),
)
"""How far further proposals came, and after how many days."""
LOCAL, FORMS = ("municipality",), ("p02", "p02", "p02_1", "p02_2")
COST = {
    "structural": (20, 900),
    "ecosystem": (5, 180),
    "hybrid": (10, 400),
    "social": (1, 60),
    "institutional": (1, 30),
}
"""The cost of a further measure, in 10,000 baht, by its kind: from and to."""
FEW = 25
"""So many measures are added in a part, one by one."""


TOLD, ENOUGH, EACH = len(measure_words()) - 2, 40, 8
"""Measures of the story; and how many further ones a small city gets, that each is not spoken to more than so often."""


@dataclass(frozen=True)
class Sizes:
    """How many of each kind a city of so many households has, with those of the story."""

    findings: int
    measures: int
    suggestions: int
    proposals: int
    pilots: int


def sizes(households: int) -> Sizes:
    suggestions = households // 4
    heard = max(0, suggestions - len(words("suggestions")) - len(words("heard")))
    return Sizes(
        findings=households // 10,
        measures=max(households * 300 // 20_000, TOLD + min(ENOUGH, -(-heard // EACH))),
        suggestions=suggestions,
        proposals=households * 600 // 20_000,
        pilots=households * 60 // 20_000,
    )


# --- findings -----------------------------------------------------------------------------


def more_findings(
    story: Story, voices: Composer, number: int, statements: dict[str, list[Node]]
) -> dict[str, list[Finding]]:
    """Further findings by community; each rests on what some households there said, one in nine on nothing yet."""
    ground, rng = story.ground, story.rng
    made: list[_Made] = []
    found: dict[str, list[Finding]] = {place: [] for place in PLACES}
    for at in range(max(0, number)):
        place = place_of(at)
        problem = voices.finding(place)
        finding: Finding = ground.thing(Finding, Kind.FINDING, uuid=drawn_uuid(rng))
        finding.city, finding.community = ground.city, ground.communities[place]
        finding.statement_th, finding.statement_en = problem.text, problem.text_en
        finding.hazard = problem.hazard
        finding.confidence = rng.choice(("low", "medium", "medium", "high"))
        if rng.random() < 0.7:
            finding.validated_in, finding.validated_on = ground.meetings["returned"], CHECKED
        finding.node.title_th, finding.node.title_en = problem.text, problem.text_en
        found[place].append(finding)
        causes = [
            Cause(
                finding=finding, text_th=th, text_en=en, order=step, underlying=step == len(problem.why) - 1
            )
            for step, (th, en) in enumerate(problem.why)
        ]
        heard = statements.get(place, [])
        picked = rng.sample(heard, min(len(heard), rng.randint(1, 3))) if at % 9 and heard else []
        made.append(_Made(place, finding, causes, picked))
    for some in in_chunks(made):
        with ground.part(len(some)):
            _keep_findings(story, some)
    return found


@dataclass(frozen=True)
class _Made:
    """A finding before it is written, with its why and its evidence."""

    place: str
    finding: Finding
    causes: list[Cause]
    evidence: list[Node]


def _keep_findings(story: Story, some: Sequence[_Made]) -> None:
    findings = [one.finding for one in some]
    keep_nodes([finding.node for finding in findings])
    Finding.objects.bulk_create(findings)
    through = Finding.groups.through
    through.objects.bulk_create(
        through(finding_id=one.finding.pk, group_id=story.ground.groups[one.place].pk) for one in some
    )
    _keep_causes([cause for one in some for cause in one.causes])
    link_many(((node, one.finding.node) for one in some for node in one.evidence), EdgeKind.RESTS_ON)
    remember(findings, ("statement_th", "statement_en", "hazard", "confidence", "community", "validated_in"))


def _keep_causes(causes: list[Cause]) -> None:
    """The steps of each why, the later explaining the one before."""
    if not causes:
        return
    Cause.objects.bulk_create(causes, batch_size=CHUNK)
    keys = _keys(causes)
    rest = [row for row in causes if row.order]
    for row in rest:
        row.pk = keys[row.finding_id, row.order]
        row.explains_id = keys[row.finding_id, row.order - 1]
    Cause.objects.bulk_update(rest, ["explains"], batch_size=CHUNK)


def _keys(causes: list[Cause]) -> dict[tuple[Any, int], int]:
    rows = Cause.objects.filter(finding__in={row.finding_id for row in causes})
    keys = rows.values_list("finding", "order", "pk")
    return {(finding, order): pk for finding, order, pk in keys}


# --- measures -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Further:
    """A further measure in the plan, and what it says."""

    item: Item
    wish: Wish


def more_measures(
    story: Story, voices: Composer, number: int, findings: dict[str, list[Finding]]
) -> list[Further]:
    """Further measures, a chapter for each community; most rest on findings, one in twelve on none yet."""
    assert story.plan is not None
    made: list[Further] = []
    details: list[MeasureDetail] = []
    edges: list[tuple[Node, Node]] = []
    chapters = _chapters(story, {place_of(at) for at in range(max(0, number))})
    for start in range(0, max(0, number), FEW):
        some = range(start, min(number, start + FEW))
        with story.ground.part(len(some)):
            for at in some:
                place = place_of(at)
                wish = voices.measure(place)
                item = strategy.add_item(
                    story.actor,
                    story.plan,
                    ItemKind.MEASURE,
                    wish.text,
                    text_en=wish.text_en,
                    parent=chapters[place],
                )
                made.append(Further(item, wish))
                details.append(_detail(story, voices, made[-1]))
                above = findings.get(place, [])
                if at % 12 and above:
                    picked = story.rng.sample(above, min(len(above), story.rng.randint(1, 3)))
                    edges += [(finding.node, item.node) for finding in picked]
    with story.ground.part():
        MeasureDetail.objects.bulk_create(details, batch_size=CHUNK)
        link_many(edges, EdgeKind.RESTS_ON)
    return made


def _chapters(story: Story, places: Collection[str]) -> dict[str, Item]:
    """A chapter of the plan for the measures of each community."""
    assert story.plan is not None
    found: dict[str, Item] = {}
    for place in [one for one in PLACES if one in places]:
        name = words("city")["communities"][place]
        text = f"ชุดมาตรการของชุมชน{name['th']}"
        with story.ground.part():
            found[place] = strategy.add_item(
                story.actor, story.plan, ItemKind.STRATEGY, text, text_en=f"Measures of {name['en']}"
            )
    return found


def _detail(story: Story, voices: Composer, further: Further) -> MeasureDetail:
    wish, year = further.wish, story.rng.randint(2569, 2572)
    row = wish.row
    doer = {"social": ("network", "hospital"), "ecosystem": ("network", "municipality")}
    return MeasureDetail(
        item=further.item,
        kind=row["kind"],
        system=row["system"],
        landowner=row["owner"],
        permission=row["permit"],
        drainage_path=row["drain"],
        responsible=story.ground.organisations[story.rng.choice(doer.get(row["kind"], ("municipality",)))],
        gains=f"{row['gains']} ใน{wish.zone}",
        loses=voices.told(wish, "loses"),
        beyond=voices.told(wish, "beyond"),
        from_year=year,
        to_year=min(2573, year + story.rng.randint(0, 2)),
        cost_satang=story.rng.randint(*COST[row["kind"]]) * 10_000_00,
        cost_source=story.ground.source,
        cost_note=voices.deal("reckoned", words("works")["reckoned"]),
    )


# --- suggestions --------------------------------------------------------------------------


def more_suggestions(
    story: Story, voices: Composer, number: int, measures: Sequence[Further]
) -> list[Suggestion]:
    """Further suggestions at the measures' words; seven in ten are answered, some answers do not answer."""
    if number <= 0 or story.round is None:
        return []
    rng, round_ = story.rng, story.round
    entries = {
        entry.item_id: entry.revision
        for entry in round_.version.entries.select_related("revision").filter(
            item__in=[one.item for one in measures]
        )
    }
    circles = {circle.group_id: circle for circle in round_.circles.all()}
    refs = rng.sample(range(10**7, 10**8), number)
    made: list[tuple[Suggestion, str, Opinion]] = []
    for at in range(max(0, number)):
        further = measures[at % len(measures)]
        place, item = _speaks(further.wish.place, at), further.item
        opinion = voices.suggestion(place, voice := rng.choice(VOICES), further.wish.row)
        said = _said(story, place, item, entries[item.pk], f"S-STT-{refs[at]}", voice, opinion)
        said.circle = circles.get(story.ground.groups[place].pk)
        made.append((said, place, opinion))
    for some in in_chunks(made):
        with story.ground.part(len(some)):
            _keep_suggestions(story, voices, some)
    return [row for row, _place, _opinion in made]


def _speaks(place: str, at: int) -> str:
    """Whoever lives there speaks to a measure, and now and then somebody from elsewhere."""
    return place_of(at) if at % 4 == 0 else place


def _keep_suggestions(
    story: Story, voices: Composer, some: Sequence[tuple[Suggestion, str, Opinion]]
) -> None:
    rows = [row for row, _place, _opinion in some]
    keep_nodes([row.node for row in rows])
    Suggestion.objects.bulk_create(rows)
    through = Suggestion.groups.through
    through.objects.bulk_create(
        through(suggestion_id=row.pk, group_id=story.ground.groups[place].pk) for row, place, _opinion in some
    )
    link_many([(row.item.node, row.node) for row in rows], EdgeKind.LEADS_TO)
    _answers(story, voices, rows, [opinion for _row, _place, opinion in some])
    index(*[row.node.pk for row in rows])


def _said(
    story: Story,
    place: str,
    item: Item,
    revision: PassageRevision,
    ref: str,
    voice: str,
    opinion: Opinion,
) -> Suggestion:
    assert story.round is not None
    rng = story.rng
    text, instead = opinion.text, opinion.to
    node = Node(uuid=drawn_uuid(rng), kind=Kind.SUGGESTION, space=story.ground.city.node, ref=ref)
    node.is_example, node.title_th = True, text if len(text) <= 120 else text[:119] + "…"
    made = Suggestion(node=node, round=story.round, item=item, revision=revision, voice=voice, words=text)
    stretches = _stretches(revision.text)
    made.quote = stretches[-1] if instead else rng.choice(stretches)
    made.start = revision.text.rindex(made.quote)
    made.end = made.start + len(made.quote)
    made.instead = f"{made.quote} {instead}" if instead else ""
    made.origin = rng.choice(("screen", "screen", "spoken", "paper"))
    made.sheet = ref[-8:] if made.origin == "paper" else ""
    made.site = story.ground.communities[place].name_th if made.origin != "screen" else ""
    made.said_on = SPOKEN + timedelta(days=rng.randint(0, 60))
    made.by = f"{rng.choice(BEARERS)}-{rng.randint(1000, 9999)}"
    made.scribe = NAMES["member"] if made.origin != "screen" else ""
    made.receipt = hashlib.sha256(f"{rng.getrandbits(200)}".encode()).hexdigest()
    return made


SHORT = 12
"""A stretch of fewer letters says nothing by itself: it belongs to the one before it."""


def _stretches(text: str) -> list[str]:
    """The stretches between blanks, none of which is a mere number or unit."""
    found: list[str] = []
    for piece in text.split(" "):
        if found and (len(piece) < SHORT or found[-1][-1].isdigit()):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


BEARERS = ("หิ่งห้อย", "ปลากระบอก", "ลำพู", "นกยาง", "ปูก้ามดาบ", "จาก", "ตะบูน", "หอยขม", "นกกระเต็น", "บัวสาย")


def _answers(story: Story, voices: Composer, made: list[Suggestion], opinions: list[Opinion]) -> None:
    rng = story.rng
    answers, verdicts = [], []
    for row, opinion in zip(made, opinions, strict=True):
        if row.voice not in OUTCOMES or rng.random() > 0.7:
            continue
        outcome = rng.choice(OUTCOMES[row.voice])
        answer = Answer(id=drawn_uuid(rng), suggestion=row, outcome=outcome, by=NAMES["member"])
        answer.reason_th = voices.answer(opinion.matter, outcome)
        answer.on = ANSWERED + timedelta(days=rng.randint(0, 60))
        answers.append(answer)
        if rng.random() < 0.4:
            does = rng.random() < 0.8
            back = "" if does else voices.sent_back(opinion.matter)
            verdicts.append(
                Verdict(id=drawn_uuid(rng), answer=answer, answers=does, words=back, on=answer.on)
            )
    Answer.objects.bulk_create(answers, batch_size=CHUNK)
    Verdict.objects.bulk_create(verdicts, batch_size=CHUNK)


# --- proposals and pilots -----------------------------------------------------------------


def more_proposals(
    story: Story, voices: Composer, number: int, measures: Sequence[Further]
) -> list[Proposal]:
    """Further proposals, each some way along: drafted, sent and unanswered, in a plan, declined."""
    made: list[tuple[Proposal, list[Step]]] = []
    for at, (further, project) in enumerate(_projects(story, max(0, number), measures)):
        proposal = _proposed(story, further, voices.project(further.wish, project))
        made.append((proposal, _steps(story, proposal, at)))
    for some in in_chunks(made):
        with story.ground.part(len(some)):
            _keep_proposals([row for row, _steps in some], [step for _row, rows in some for step in rows])
    return [row for row, _steps in made]


def _projects(story: Story, number: int, measures: Sequence[Further]) -> list[tuple[Further, int]]:
    """So many projects, each once: those written of all measures first, in any order, then surveys."""
    found: list[tuple[Further, int]] = []
    for numbers in ((0, 1), (2,)):
        some = [(further, one) for further in measures for one in numbers]
        story.rng.shuffle(some)
        found += some
    return found[:number]


def _proposed(story: Story, further: Further, project: dict[str, str]) -> Proposal:
    rng, ground, row = story.rng, story.ground, further.wish.row
    proposal: Proposal = ground.thing(Proposal, Kind.PROPOSAL, uuid=drawn_uuid(rng))
    for name, text in project.items():
        setattr(proposal, name, text)
    proposal.name_th = f"โครงการ{proposal.name_th}"[:300]
    proposal.city, proposal.measure = ground.city, further.item
    to = rng.choice(
        ("municipality", "municipality", "province", "irrigation") if "คลอง" in row["drain"] else LOCAL
    )
    proposal.organisation = ground.organisations[to]
    proposal.channel, proposal.form = rng.choice(("local_plan", "supplement")), rng.choice(FORMS)
    proposal.lead_unit, proposal.area, proposal.strategy = words("works")["leads"][row["kind"]]
    if to == "irrigation":
        proposal.lead_unit = "สำนักงานชลประทานสาธิต"
    if proposal.channel == "supplement":
        proposal.reason = (
            f"ข้อค้นพบเรื่องนี้ตรวจสอบเมื่อมีนาคม 2569 หลังจัดทำแผนแล้ว และ{further.wish.zone}ขอให้ทันปีงบประมาณ"
        )
    proposal.plan_from = rng.choice((2566, 2571))
    year = rng.choice([one for one in proposal.plan_years if one >= 2569])
    proposal.budget = budget_of({year: rng.randint(2, 400) * 1_000_000})
    proposal.node.title_th, proposal.node.title_en = proposal.name_th, proposal.name_en
    return proposal


def _steps(story: Story, proposal: Proposal, at: int) -> list[Step]:
    rng, steps = story.rng, []
    sent = date(2026, 5, 1) + timedelta(days=rng.randint(0, 120))
    proposal.reply_due = sent + timedelta(days=90)
    way = rng.choice(WAYS)
    for place, (state, days) in enumerate(way, start=1):
        step = Step(id=drawn_uuid(rng), proposal=proposal, number=place, state=state, by=NAMES["owner"])
        step.on = sent + timedelta(days=days)
        if state == State.SUBMITTED:
            step.letter_no, step.letter_on = f"คสส. {at + 30}/2569", step.on
        else:
            step.note = words("works")["stepped"][state]
        steps.append(step)
    proposal.state = way[-1][0] if way else State.DRAFT
    return steps


def _keep_proposals(rows: list[Proposal], steps: list[Step]) -> None:
    keep_nodes([row.node for row in rows])
    _sorted(rows)
    Proposal.objects.bulk_create(rows)
    Step.objects.bulk_create(steps)
    link_many([(row.measure.node, row.node) for row in rows], EdgeKind.LEADS_TO)
    remember(rows, ("name_th", "name_en", "objective", "organisation", "channel", "form"))


def _sorted(rows: list[Any]) -> None:
    """What `Named.save` does for one row."""
    for row in rows:
        row.sort_key = sort_key(row.name_th)[:400]


def more_pilots(story: Story, voices: Composer, number: int, measures: Sequence[Further]) -> list[Pilot]:
    """Further pilots with an indicator each and, but for one in five, a value."""
    if number <= 0:
        return []
    pilots, indicators, values = [], [], []
    picked = story.rng.sample(measures, min(number, len(measures)))
    for further in picked:
        pilots.append(_tried(story, further))
        indicators.append(_counted(story, voices, further))
        if story.rng.random() < 0.8:
            values.append(_measured(story, voices, indicators[-1], pilots[-1]))
    with story.ground.part(len(pilots)):
        _keep_pilots([one.item for one in picked], pilots, indicators, values)
    return pilots


def _tried(story: Story, further: Further) -> Pilot:
    wish, rng, ground = further.wish, story.rng, story.ground
    name, name_en, aim, aim_en = wish.row["pilot"]
    pilot: Pilot = ground.thing(Pilot, Kind.PILOT, uuid=drawn_uuid(rng))
    pilot.city, pilot.community = ground.city, ground.communities[wish.place]
    pilot.name_th, pilot.name_en = wish.here(name), wish.here_en(name_en)
    pilot.aim_th, pilot.aim_en = wish.here(aim), wish.here_en(aim_en)
    pilot.run_by, pilot.state = ground.organisations["network"], PilotState.RUNNING
    pilot.starts_on = date(2026, 5, 1) + timedelta(days=rng.randint(0, 60))
    pilot.node.title_th, pilot.node.title_en = pilot.name_th, pilot.name_en
    return pilot


def _counted(story: Story, voices: Composer, further: Further) -> Indicator:
    wish, ground = further.wish, story.ground
    indicator: Indicator = ground.thing(Indicator, Kind.INDICATOR, uuid=drawn_uuid(story.rng))
    name, name_en, indicator.unit_th, indicator.unit_en = wish.row["counts"]
    indicator.name_th, indicator.name_en = f"{name} ({wish.zone})", f"{name_en} ({wish.zone_en})"
    indicator.city, indicator.item = ground.city, further.item
    indicator.baseline, indicator.baseline_year, indicator.target_year = 0, 2568, 2571
    indicator.target = story.rng.randint(4, 12) * 5
    indicator.means_th, indicator.means_en = voices.deal("means", words("works")["means"])
    indicator.node.title_th, indicator.node.title_en = indicator.name_th, indicator.name_en
    return indicator


def _measured(story: Story, voices: Composer, indicator: Indicator, pilot: Pilot) -> Value:
    value: Value = story.ground.thing(Value, Kind.VALUE, uuid=drawn_uuid(story.rng))
    value.indicator, value.pilot = indicator, pilot
    value.value = story.rng.randint(3, max(4, int(indicator.target or 0) - 2))
    value.period_from, value.period_to = date(2026, 8, 1), date(2026, 9, 30)
    value.evidence_note = voices.deal("evidence", words("works")["evidence"])
    value.evidence_node = story.ground.meetings["autumn"].node
    value.node.title_th, value.node.title_en = value.titles()
    return value


def _keep_pilots(
    items: list[Item], pilots: list[Pilot], indicators: list[Indicator], values: list[Value]
) -> None:
    keep_nodes([row.node for row in (*pilots, *indicators, *values)])
    _sorted([*pilots, *indicators])
    Pilot.objects.bulk_create(pilots)
    Indicator.objects.bulk_create(indicators)
    Value.objects.bulk_create(values)
    measures, moved = Pilot.measures.through, Pilot.indicators.through
    measures.objects.bulk_create(
        measures(pilot_id=pilot.pk, item_id=item.pk) for pilot, item in zip(pilots, items, strict=True)
    )
    moved.objects.bulk_create(
        moved(pilot_id=pilot.pk, indicator_id=one.pk) for pilot, one in zip(pilots, indicators, strict=True)
    )
    edges = [(item.node, pilot.node) for item, pilot in zip(items, pilots, strict=True)]
    edges += [(item.node, one.node) for item, one in zip(items, indicators, strict=True)]
    for value in values:
        assert value.pilot is not None
        edges += [(value.pilot.node, value.node), (value.indicator.node, value.node)]
    link_many(edges, EdgeKind.LEADS_TO)
    remember(pilots, ("name_th", "name_en", "aim_th", "aim_en", "state"))
    remember(indicators, ("name_th", "name_en", "unit_th", "target"))
    remember(values, ("value", "evidence_note"))
