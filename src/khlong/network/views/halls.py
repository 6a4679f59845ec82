"""Taking a city to a hall without internet and bringing its work home: pages for the owners of the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from khlong.chain.hall import packing
from khlong.chain.hall.files import keep_closed, left_of
from khlong.chain.hall.merging import OURS, OWN, THEIRS, Choice, decide, hall_of
from khlong.chain.hall.models import Hall, HallFile
from khlong.chain.hall.plan import Conflict, Outcome, Plan, Row, plan_of
from khlong.chain.models import Node
from khlong.network.forms import MOST_OF_A_HALL, HallFileForm, PackForm, PassphraseForm
from khlong.network.hall_jobs import ask_look, ask_merge, ask_pack, merging_of
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.places.views.cities import city_or_404
from khlong.record.errors import FileRefused, Refused
from khlong.record.jobs.words import Shown as ShownJob
from khlong.record.models import Job
from khlong.record.uploads import let_go, takes_larger

PER_PAGE = 25
AT_ONCE = 10
"""Conflicts shown at once; the next come when these are decided."""
HOWS = (THEIRS, OURS, OWN)
takes_larger("network:halls", MOST_OF_A_HALL)


def owned_city(request: HttpRequest, slug: str) -> City:
    """The city, for its owners and stewards; Refused for everybody else."""
    city, actor = city_or_404(request, slug), actor_of(request)
    if not can(actor, Verb.MANAGE, Hall(space=city.node)):
        words = _("Only the owners of the city take it to a hall and bring its work home.")
        raise Refused(words if actor.signed_in else None)
    return city


def halls(request: HttpRequest, slug: str) -> HttpResponse:
    """The halls to which the city was taken, and the form that takes in what one brings home."""
    city = owned_city(request, slug)
    form = HallFileForm(request.POST or None, request.FILES or None)
    if refused := let_go(request, "file"):
        form.errors["file"] = form.error_class(refused.messages)
    if request.method == "POST" and form.is_valid() and (row := _looking(request, city, form)):
        return redirect("record:job", uuid=row.pk)
    rows = scope(actor_of(request), Hall.objects.filter(space=city.node))
    rows = rows.prefetch_related(Prefetch("files", HallFile.objects.defer("content")))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"city": city, "form": form, "page_obj": page, "is_example": city.node.is_example}
    return render(request, "network/halls.html", context, status=422 if form.is_bound else 200)


def _looking(request: HttpRequest, city: City, form: HallFileForm) -> Job | None:
    """The job that looks at the file that came; nothing, with what is wrong at the field."""
    upload, actor = form.cleaned_data["file"], actor_of(request)
    data = upload.read()
    try:
        hall_of(actor, data, space=city.node)
        return ask_look(actor, city, keep_closed(actor, data, upload.name or "", city.node))
    except Refused as refused:
        form.add_error("file", str(refused.reason))
    except FileRefused as refused:
        form.add_error("file", refused)
    return None


@never_cache
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """The form that packs the city; a job does it."""
    city = owned_city(request, slug)
    form = PackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        once = request.POST.get("once") or uuid4().hex
        try:
            row = ask_pack(actor_of(request), city, form.cleaned_data["name"], once)
        except Refused as refused:
            form.add_error(None, str(refused.reason))
        else:
            return redirect("record:job", uuid=row.pk)
    context = {"city": city, "form": form, "once": uuid4().hex, "is_example": city.node.is_example}
    return render(request, "network/hall_take.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters("passphrase", "again")
@never_cache
def hall_pack(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A packed city that waits: its passphrase is chosen here, and the answer is the file."""
    city = owned_city(request, slug)
    rows = scope(actor_of(request), Hall.objects.select_related("space", "pack__blob"))
    hall = get_object_or_404(rows, space=city.node, number=number)
    form = PassphraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            packed = packing.take(actor_of(request), hall, form.cleaned_data["passphrase"])
        except Refused as refused:
            form.add_error("passphrase", str(refused.reason))
        else:
            return _download(packed, f"{city.slug}-{hall.number}.hall")
    context = {
        "city": city,
        "hall": hall,
        "left": left_of(hall.left),
        "form": form,
        "is_example": city.node.is_example,
    }
    return render(request, "network/hall_pack.html", context, status=422 if form.is_bound else 200)


def _download(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# --- what a hall brings home ----------------------------------------------------------------


def hall_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a file changes here, the button that merges it, and its conflicts side by side."""
    city = owned_city(request, slug)
    rows = scope(actor_of(request), HallFile.objects.select_related("hall__space"))
    file = get_object_or_404(rows, pk=pk, hall__space=city.node)
    if request.method != "POST":
        return _report(request, city, file)
    return _decided(request, city, file) if "decide" in request.POST else _merged(request, city, file)


def _merged(request: HttpRequest, city: City, file: HallFile) -> HttpResponse:
    once = request.POST.get("once") or uuid4().hex
    row = ask_merge(actor_of(request), city, file, request.POST.getlist("leave"), once)
    return redirect("record:job", uuid=row.pk)


def _decided(request: HttpRequest, city: City, file: HallFile) -> HttpResponse:
    choices = _choices(request.POST)
    if not choices:
        words = _("Choose for at least one which words stand.")
        return _report(request, city, file, refusal=words, status=422)
    try:
        count = decide(actor_of(request), file, choices)
    except ValidationError as error:
        return _report(request, city, file, choices=choices, errors=error.message_dict, status=422)
    words = ngettext("%(n)s conflict is decided.", "%(n)s conflicts are decided.", count) % {"n": count}
    messages.success(request, words)
    return redirect("network:hall_file", slug=city.slug, pk=file.pk)


def _choices(posted: Any) -> dict[str, Choice]:
    """What was chosen, by conflict; those for which nothing was chosen stay."""
    names = [name for name in posted if name.startswith("how-") and posted[name] in HOWS]
    keys = [name.removeprefix("how-") for name in names]
    return {
        key: Choice(posted[f"how-{key}"], posted.get(f"seen-{key}", ""), posted.get(f"text-{key}", ""))
        for key in keys
    }


@dataclass(frozen=True)
class Cell:
    """One field of a conflict in words: in the hall, here, before."""

    label: str
    theirs: str
    ours: str
    base: str


@dataclass(frozen=True)
class Shown:
    """A conflict as it stands on the page, with what was chosen when the form came back."""

    conflict: Conflict
    url: str
    choice: Choice | None = None
    errors: tuple[str, ...] = ()

    @property
    def row(self) -> Row:
        return self.conflict.row

    @property
    def cells(self) -> list[Cell]:
        row = self.conflict.row
        sides = (row.now, row.ours, row.base)
        return [
            Cell(row.document.label(name), *(row.document.words(name, side.get(name)) for side in sides))
            for name in self.conflict.fields
        ]

    @property
    def own_text(self) -> str:
        if self.choice and self.choice.text:
            return self.choice.text
        return str(self.row.ours.get(self.conflict.fields[0]) or "") if self.conflict.may_be_rewritten else ""


OUTCOMES = {
    Outcome.NEW: lambda: _("new"),
    Outcome.CHANGED: lambda: _("changed"),
    Outcome.GONE: lambda: _("taken away"),
}


def _report(
    request: HttpRequest,
    city: City,
    file: HallFile,
    *,
    choices: Mapping[str, Choice] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    plan = plan_of(file)
    merging = merging_of(actor_of(request), file)
    page = Paginator(plan.writing, PER_PAGE).get_page(request.GET.get("page"))
    conflicts = plan.conflicts
    first = conflicts[:AT_ONCE]
    urls = _urls([*page, *(conflict.row for conflict in first)])
    context = {
        "city": city,
        "file": file,
        "plan": plan,
        "page_obj": page,
        "rows": [(row, OUTCOMES[row.outcome](), urls.get(row.ours_key, "")) for row in page],
        "conflicts": [
            Shown(
                conflict,
                urls.get(conflict.row.ours_key, ""),
                (choices or {}).get(conflict.id),
                tuple((errors or {}).get(conflict.id, ())),
            )
            for conflict in first
        ],
        "more_conflicts": len(conflicts) - len(first),
        "refusal": refusal,
        "merging": merging,
        "told": ShownJob(merging).lines if merging else [],
        "problems": _problems(merging, plan),
        "once": uuid4().hex,
        "is_example": city.node.is_example,
        **_words_of(plan),
    }
    return render(request, "network/hall_file.html", context, status=status)


def _problems(merging: Job | None, plan: Plan) -> list[dict[str, str]]:
    """What the newest merging could not write and what is still to be merged."""
    result: dict[str, Any] = merging.result if merging and isinstance(merging.result, dict) else {}
    waiting = {row.id for row in plan.writing}
    return [one for one in result.get("problems", ()) if one["id"] in waiting]


def _words_of(plan: Plan) -> dict[str, Any]:
    return {"staying": plan.staying, "count": len(plan.writing), "waiting": len(plan.conflicts)}


def _urls(rows: list[Row]) -> dict[str, str]:
    """Addresses of the things that stand here already, by key; one query."""
    keys = {row.ours_key for row in rows if row.ours and "@ref" in row.ours and ":" not in row.ours_key}
    found = Node.objects.in_bulk(list(keys))
    return {str(node.pk): reverse("chain:go", args=[node.ref]) for node in found.values()}
