"""The API as a whole: the rooms' parts under one version, one way of refusing, one description.

The description is OpenAPI, at /api/v1/openapi.json. Everything else is said there and at /api/.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as Invalid
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from khlong.adoption.api import router as adoption
from khlong.assessment.api import router as assessment
from khlong.chain.api import router as chain
from khlong.chain.models import Kind, Node
from khlong.deliberation.api import router as deliberation
from khlong.people.actor import ANONYMOUS
from khlong.people.middleware import actor_of
from khlong.people.policy import scope
from khlong.pilots.api import router as pilots
from khlong.places.api import router as places
from khlong.record.errors import EditConflict, Refused, TooMany
from khlong.reports.api import router as reports
from khlong.strategy.api import router as strategy

api = NinjaAPI(
    title="Khlong",
    version="1",
    description="Reads what a reader may see on the pages, and writes by the same rules with a token of an account.",
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", chain)
api.add_router("", places)
for _router in (assessment, strategy, deliberation, adoption, pilots, reports):
    api.add_router("", _router)


@api.exception_handler(Http404)
def nothing_there(request: HttpRequest, error: Http404) -> HttpResponse:
    words = _("There is nothing of this name here, or it is not open to you.")
    return api.create_response(request, {"detail": words}, status=404)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    status = 403 if actor_of(request).signed_in else 401
    return api.create_response(request, {"detail": str(error.reason)}, status=status)


@api.exception_handler(AuthenticationError)
def no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    words = _(
        "Writing needs a token that holds. Make one on your account page, and send it with the request."
    )
    return api.create_response(request, {"detail": words}, status=401)


@api.exception_handler(TooMany)
def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    return api.create_response(request, {"detail": str(error.reason)}, status=429)


@api.exception_handler(EditConflict)
def somebody_was_faster(request: HttpRequest, error: EditConflict) -> HttpResponse:
    words = _("Somebody else saved first. Read what stands now, and send yours with its revision.")
    return api.create_response(request, {"detail": words, "revision": error.revision}, status=409)


@api.exception_handler(Invalid)
def does_not_hold(request: HttpRequest, error: Invalid) -> HttpResponse:
    """What an action finds wrong, in the shape of what cannot be understood."""
    rows = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    faults = [
        {"place": ["body"] if name == NON_FIELD_ERRORS else ["body", name], "message": str(message)}
        for name, messages in rows.items()
        for message in messages
    ]
    return api.create_response(request, {"detail": faults}, status=422)


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return api.create_response(request, {"detail": [_fault(row) for row in error.errors]}, status=422)


def _fault(row: dict[str, Any]) -> dict[str, Any]:
    """Where and what; never what was sent, which may be somebody's."""
    return {"place": [str(part) for part in row["loc"]], "message": str(row["msg"])}


@dataclass(frozen=True)
class Operation:
    """One question that may be asked, as the page for people shows it.

    `example` can be opened; it is empty where nothing of the kind is published here. `body` is an example of what is
    sent, in JSON, and empty for what only reads.
    """

    path: str
    method: str
    summary: str
    text: str
    parameters: list[tuple[str, str]]
    example: str
    body: str = ""


EXAMPLES = {"q": "น้ำท่วม"}
OF_A_KIND = {
    "measures": Kind.MEASURE,
    "indicators": Kind.INDICATOR,
    "rounds": Kind.ROUND,
    "suggestions": Kind.SUGGESTION,
    "proposals": Kind.PROPOSAL,
    "findings": Kind.FINDING,
    "pilots": Kind.PILOT,
    "values": Kind.VALUE,
    "logframes": Kind.LOGFRAME,
}
METHODS = ("get", "post", "patch")


def described(method: str = "get") -> list[Operation]:
    """All questions of the API by one method in their order, from its own description; at most one query."""
    schema = api.get_openapi_schema()
    refs = _public_refs() if method == "get" else {}
    parts = schema["components"]["schemas"]
    rows = [(path, methods[method]) for path, methods in schema["paths"].items() if method in methods]
    return [_operation(path, method, about, refs, parts) for path, about in rows]


def _public_refs() -> dict[str, str]:
    """The first thing of each kind that everybody may open."""
    rows = scope(ANONYMOUS, Node.objects.filter(kind__in=OF_A_KIND.values()).order_by())
    return dict(rows.values_list("kind").annotate(first=Min("ref")))


def _operation(
    path: str, method: str, about: dict[str, Any], refs: dict[str, str], parts: dict[str, Any]
) -> Operation:
    parameters = about.get("parameters", [])
    example, words = path, []
    kind = OF_A_KIND.get(path.removeprefix("/api/v1/").split("/")[0])
    for row in parameters:
        sample = next(iter(row["schema"].get("examples", [])), EXAMPLES.get(row["name"], ""))
        if row["in"] == "path":
            sample = refs.get(kind, "") if kind else sample
            example = example.replace(f"{{{row['name']}}}", str(sample)) if sample else ""
        elif row.get("required"):
            words.append(f"{row['name']}={quote(sample)}")
    query = f"?{'&'.join(words)}" if words and example else ""
    told = [(row["name"], row.get("description", "")) for row in parameters]
    return Operation(
        path,
        method.upper(),
        about["summary"],
        about.get("description", ""),
        told,
        example + query if method == "get" else "",
        _body(about, parts),
    )


def _body(about: dict[str, Any], parts: dict[str, Any]) -> str:
    content = about.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    examples = parts.get(name, {}).get("examples", [])
    return json.dumps(examples[0], ensure_ascii=False, indent=1) if examples else ""
