"""Official forms and covering letters as files: of one proposal, and of all that a city asks for."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.adoption.forms_options import FormOptionsForm
from khlong.adoption.letter import letter_docx
from khlong.adoption.models import PlanFormat, Proposal
from khlong.adoption.official_forms.printing import FORMATS, chosen, form_file, of_one
from khlong.adoption.official_forms.sheets import Options, form_sheets
from khlong.adoption.queries import seen_proposals
from khlong.adoption.views.proposals import proposal_or_404
from khlong.paper.text import MissingGlyphsError
from khlong.people.middleware import actor_of
from khlong.places.views.cities import city_or_404
from khlong.record.limits import DOCUMENTS, for_the_public
from khlong.ui.papers import no_letters


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def options_of(request: HttpRequest, proposal: Proposal) -> Options:
    """How the form of one proposal is printed, from the address; its own plan where nothing is asked."""
    asked = request.GET
    fmt = asked.get("plan_format", "")
    return Options(
        plan_format=PlanFormat(fmt) if fmt in PlanFormat.values else proposal.plan_format,
        first_year=proposal.plan_from,
        edition=proposal.edition,
        round=asked.get("round", "")[:40].strip(),
        kpi={"1": True, "0": False}.get(asked.get("kpi", "")),
        long_head=asked.get("head") != "short",
        subtitle=asked.get("subtitle", "")[:200],
        thai_digits=asked.get("digits") == "thai",
    )


def answer_file(request: HttpRequest, proposal: Proposal, kind: str, back: str) -> HttpResponse:
    """The form of one proposal; back to a page in words where the PDF's font lacks a letter."""
    if kind not in FORMATS:
        raise Http404
    options = options_of(request, proposal)
    sheets = of_one(proposal, options)
    try:
        data = form_file(sheets, kind, title=proposal.name_th, thai_digits=options.thai_digits)
    except MissingGlyphsError as error:
        messages.warning(request, no_letters(error.characters))
        return redirect(back)
    return _file(data, kind, f"{proposal.form}-{proposal.ref}")


@for_the_public("adoption.form", DOCUMENTS)
def one_form(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """The official form of a single proposal."""
    found = proposal_or_404(request, ref)
    return answer_file(request, found, kind, found.get_absolute_url())


@for_the_public("adoption.letter", DOCUMENTS)
def letter(request: HttpRequest, ref: str) -> HttpResponse:
    """The covering letter in Word."""
    found = proposal_or_404(request, ref)
    return _file(letter_docx(found), "docx", f"letter-{found.ref}")


def forms_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What a city asks for, as the forms of the plan: which form, which plan, how it is printed."""
    city = city_or_404(request, slug)
    form = FormOptionsForm(initial={"form": "p02", "plan": "issue", "long_head": True})
    context = {
        "city": city,
        "form": form,
        "target": reverse("adoption:form_file", args=[slug]),
        "is_example": city.node.is_example,
    }
    return render(request, "adoption/forms_page.html", context)


@for_the_public("adoption.form", DOCUMENTS)
def city_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The chosen form as a file; back to the choice in words where nothing stands in it."""
    city = city_or_404(request, slug)
    form = FormOptionsForm(request.GET)
    context: dict[str, Any] = {
        "city": city,
        "form": form,
        "target": request.path,
        "is_example": city.node.is_example,
    }
    if form.is_valid():
        data = form.cleaned_data
        options = form.options()
        rows = list(seen_proposals(actor_of(request)).filter(city=city))
        if found := chosen(rows, data["form"], options):
            sheets = form_sheets(data["form"], found, options)
            try:
                made = form_file(sheets, data["kind"], title=city.name_th, thai_digits=options.thai_digits)
            except MissingGlyphsError as error:
                form.add_error("kind", no_letters(error.characters))
            else:
                return _file(made, data["kind"], f"{data['form']}-{slug}")
        else:
            said = _("No proposal belongs into this form. Choose another form, plan or edition.")
            form.add_error(None, said)
    return render(request, "adoption/forms_page.html", context, status=422)
