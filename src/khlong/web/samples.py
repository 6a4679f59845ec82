"""One address for every URL name, with real things in it: for benches, query baselines and accessibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from khlong.assessment.models import Event
from khlong.chain.models import Kind, Node
from khlong.journal.models import Report, Topic
from khlong.network.models import Meeting, Organisation, Part
from khlong.people.actor import system_actor
from khlong.places.boundary_jobs import CHECK
from khlong.places.models import Authority, City, Community, Fact, Group, Zone
from khlong.record.jobs import enqueue
from khlong.record.models import Job
from khlong.strategy.models import Item
from khlong.web import samples_adoption, samples_deliberation
from khlong.web.samples_pilots import OF_PILOTS

CITY = "phatong"
API = "api:"
"""Answers of the API are no pages; tests/test_contract.py asks for all of them."""
POST_ONLY = frozenset(
    {
        "assessment:publish_finding",
        "register:find_household",
        "register:add_person",
        "register:remove_person",
        "pilots:publish_pilot",
        "pilots:withdraw_pilot",
        "pilots:step_done",
        "pilots:remove_part",
        "pilots:remove_line",
        "pilots:remove_expense",
        "journal:publish_report",
        "journal:withdraw_report",
        "set_language",
        "people:signout",
        "chain:unlink",
        "people:password",
        "people:end_session",
        "people:end_others",
        "people:second_begin",
        "people:line_begin",
        "people:line_unlink",
        "people:passkey_begin_enter",
        "people:passkey_enter",
        "people:passkey_begin_add",
        "people:passkey_add",
        "people:passkey_remove",
        "people:passkey_begin_confirm",
        "people:passkey_confirm",
        "people:second_on",
        "people:second_codes",
        "people:second_off",
        "places:withdraw_fact",
        "places:publish_fact",
        "strategy:make_version",
        "strategy:publish_plan",
        "strategy:withdraw_plan",
        "strategy:move_item",
        "strategy:remove_item",
        "strategy:open_review",
        "strategy:close_review",
        "network:take_member",
        "people:revoke_token",
        "network:leave",
        "network:remove_attendance",
        "network:approve_minutes",
        "network:remove_item",
        "network:remove_decision",
        "network:end_task",
        "network:give_seat",
        "network:take_seat",
        "privacy:withdraw",
        "privacy:withdraw_all",
        "privacy:ask",
        "privacy:download",
        "privacy:download_all",
        "privacy:take_back",
        "privacy:take_back_all",
        "privacy:withdraw_by_receipt",
        "privacy:end_sitting",
        "network:withdraw_invitation",
        "network:withdraw_acting",
        "network:end_acting",
        "network:approve_recovery",
        "network:stop_recovery",
        "reports:freeze",
        "reports:remove",
        "training:stand",
        "record:start_job",
        "record:cancel_job",
        "record:retry_job",
        "record:retry_fact",
    }
)
QUERY = {
    "network:add_task": "?space=C-PTG",
    "places:add_fact": "?about=C-PTG",
    "chain:search": "?q=%E0%B8%99%E0%B9%89%E0%B8%B3",
}
NEEDS_A_LINK = frozenset(
    {
        "network:open_invitation",
        "network:invited",
        "people:code",
        "people:reset",
        "people:reset_password",
        "people:line",
        "people:line_back",
        "network:open_recovery",
        "network:open_acting",
        "network:acting",
        "network:acting_held",
        "network:recovered",
        "network:recovery",
        "network:recover",
        "record:stop",
        "privacy:request",
        "privacy:noted",
        "privacy:breach",
    }
)
FILES = frozenset({"record:file", "record:picture"})
FEEDS = frozenset({"journal:feed", "journal:json_feed", "journal:city_feed", "journal:changes_feed"})
HALLS = frozenset({"network:hall_file", "network:hall_pack", "hall", "hall_here"})
NO_PAGE = (
    frozenset({"health", "ready", "metrics", "strategy:export", "strategy:sheet"})
    | NEEDS_A_LINK
    | FILES
    | HALLS
    | FEEDS
)


def url_names() -> list[str]:
    """All URL names of the house."""
    names = set(_walk(get_resolver().url_patterns, ""))
    return sorted(name for name in names if not name.startswith(API))


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}"


NOT_IN_THE_DATA = frozenset(
    {
        "assessment:finding",
        "assessment:edit_finding",
        "assessment:validate_finding",
        "assessment:withdraw_finding",
        "register:household",
        "register:edit_household",
        "register:withdraw_household",
        "register:add_statement",
        "register:statement",
        "register:edit_statement",
        "chain:dry",
        "network:edit_attendance",
        "network:minutes",
        "network:minutes_file",
        "network:add_item",
        "network:edit_item",
        "network:add_decision",
        "network:edit_decision",
        "network:task",
        "network:edit_task",
        "network:work_group",
        "network:edit_work_group",
        "deliberation:answers",
        "deliberation:answer",
        "deliberation:heard",
        "deliberation:heard_file",
        "strategy:edit_measure",
        "strategy:measure_history",
        "strategy:mend",
        "strategy:indicator",
        "strategy:edit_indicator",
        "strategy:compare",
        "reports:by_ref",
        "reports:edit_result",
        "reports:add_result",
        "reports:add_period",
        "reports:edit_period",
        "reports:add_line",
        "reports:edit_line",
        "reports:export",
        "training:step",
    }
)
"""Pages of what no data file holds; the tests of their rooms make some and open them."""
NOT_IN_THE_DATA |= OF_PILOTS
NO_PAGE |= NOT_IN_THE_DATA
NO_PAGE |= samples_adoption.NO_PAGE
POST_ONLY |= samples_adoption.POST_ONLY
POST_ONLY |= samples_deliberation.POST_ONLY
NO_PAGE |= samples_deliberation.NEEDS_A_LINK | samples_deliberation.NOT_IN_THE_DATA


def _first(model: Any, **where: Any) -> str:
    row = model.objects.filter(node__space__ref="C-PTG", **where).order_by("node__ref").first()
    row = row or model.objects.order_by("node__ref").first()
    return str(row.node.ref)


def _kind(kind: Kind) -> str:
    return str(Node.objects.filter(kind=kind).order_by("ref").values_list("ref", flat=True).first())


SPECIAL: dict[str, Callable[[], dict[str, Any]]] = {
    "places:city_by_ref": lambda: {"ref": "C-PTG"},
    "places:community": lambda: {"ref": _first(Community)},
    "places:edit_community": lambda: {"ref": _first(Community)},
    "places:add_zone": lambda: {"ref": _first(Community)},
    "places:canal": lambda: {"ref": _kind(Kind.CANAL)},
    "places:edit_canal": lambda: {"ref": _kind(Kind.CANAL)},
    "places:gauge": lambda: {"ref": _kind(Kind.GAUGE)},
    "places:edit_gauge": lambda: {"ref": _kind(Kind.GAUGE)},
    "places:fact": lambda: {"ref": _first(Fact, statement_th="")},
    "places:correct_fact": lambda: {"ref": _first(Fact)},
    "places:source": lambda: {"key": "S10"},
    "places:edit_source": lambda: {"key": "S10"},
    "strategy:plan_by_ref": lambda: {"ref": _kind(Kind.PLAN)},
    "strategy:version": lambda: {"slug": CITY, "number": 1},
    "strategy:adopt": lambda: {"slug": CITY, "number": 1},
    "strategy:programme_indicators": lambda: {"slug": "success"},
    "strategy:add_programme_indicator": lambda: {"slug": "success"},
    "reports:logframe": lambda: {"slug": "success"},
    "reports:edit_logframe": lambda: {"slug": "success"},
    "strategy:item": lambda: {"ref": _first(Item)},
    "strategy:passage_history": lambda: {"ref": _first(Item)},
    "strategy:edit_passage": lambda: {"ref": _first(Item), "lang": "th"},
    "chain:go": lambda: {"ref": "C-PTG"},
    "chain:trace": lambda: {"ref": "C-PTG"},
    "chain:canal": lambda: {"ref": "C-PTG"},
    "chain:links": lambda: {"ref": "Y-PTG-0001"},
    "chain:search": lambda: {},
}
for _name in ("agree", "city", "begin_sitting", "add_city_breach", "words", "note_consent"):
    SPECIAL[f"privacy:{_name}"] = lambda: {"space": City.objects.get(slug=CITY).pk}
SPECIAL["privacy:text"] = lambda: {"space": City.objects.get(slug=CITY).pk, "purpose": "plan"}
SPECIAL["privacy:house_text"] = lambda: {"purpose": "plan"}
SPECIAL["record:job"] = lambda: {"uuid": _job().pk}
SPECIAL["places:boundary_check"] = lambda: {"uuid": _check().pk}
BY_PREFIX: dict[str, Callable[[], dict[str, Any]]] = {
    "adoption:asked": lambda: {"ref": _first(Organisation)},
    "assessment:": lambda: {"ref": _busiest_event()},
    "journal:report": lambda: {"ref": _first(Report)},
    "journal:edit_report": lambda: {"ref": _first(Report)},
    "journal:": lambda: {"ref": _first(Topic)},
}


def _job() -> Job:
    """A job of the sample city; one that waits, where there is none yet."""
    space = Node.objects.get(ref="C-PTG").pk
    standing = Job.objects.filter(space=space).first()
    return standing or enqueue(system_actor("samples"), "chain.search.reindex", space=space)


def _check() -> Job:
    """A check of a file of boundaries; one that waits, where there is none yet."""
    standing = Job.objects.filter(name=CHECK).first()
    nothing = {"file": "", "source": "", "code": ""}
    return standing or enqueue(system_actor("samples"), CHECK, nothing)


def _busiest_event() -> str:
    from django.db.models import Count

    row = Event.objects.annotate(n=Count("node__facts")).order_by("-n").first()
    return str(row.ref) if row else ""


def _network(name: str) -> dict[str, Any]:
    if "meeting" in name or name.endswith(("_attendance", "_minutes")):
        return {"ref": _first(Meeting)}
    if "part" in name:
        part = Part.objects.order_by("pk").first()
        return {"ref": part.organisation.ref, "pk": part.pk} if part else {}
    return {"ref": _first(Organisation) if "organisation" in name else _kind(Kind.PROGRAMME)}


def _parts() -> Iterator[dict[str, Any]]:
    group = Group.objects.filter(city__slug=CITY).order_by("pk").first()
    yield {"slug": CITY, "pk": group.pk if group else 0}
    yield {"kind": "units", "key": "people"}
    yield {"kind": "units"}


def _candidates(name: str) -> Iterator[dict[str, Any]]:
    if name in SPECIAL:
        yield SPECIAL[name]()
    if name == "places:edit_zone":
        zone = Zone.objects.select_related("community__node").order_by("pk").first()
        assert zone is not None
        yield {"ref": zone.community.ref, "pk": zone.pk}
    if name == "places:edit_authority":
        first = Authority.objects.filter(cities__slug=CITY).order_by("pk").first()
        yield {"slug": CITY, "pk": first.pk if first else 0}
    if name.endswith("_group") or name.endswith("_word") or name == "places:words":
        yield from _parts()
    yield {}
    yield {"slug": CITY}
    for prefix, make in BY_PREFIX.items():
        if name.startswith(prefix):
            yield make()
    if name.startswith("network:"):
        values = _network(name)
        yield values
        yield {key: value for key, value in values.items() if key == "ref"}


def path_for(name: str) -> str:
    """An address for a URL name. LookupError names the one for which nothing is known here."""
    for values in _candidates(name):
        try:
            path = reverse(name, kwargs=values)
        except NoReverseMatch:
            continue
        return f"{path}{QUERY.get(name, '')}"
    raise LookupError(f"no sample for the URL {name}: add one to khlong/web/samples.py")


def pages() -> dict[str, str]:
    """URL name to address, of everything that answers with a page or a redirection to a GET."""
    return {name: path_for(name) for name in url_names() if name not in POST_ONLY | NO_PAGE}
