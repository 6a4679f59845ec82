"""The register of a city: its households, one of them, adding one, and its withdrawal. For its working group only."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from khlong.chain.editing import blame
from khlong.people import keys
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City, Group
from khlong.privacy import actions as privacy
from khlong.privacy.actions import Said
from khlong.privacy.models import Consent, How
from khlong.privacy.queries import in_force
from khlong.privacy.sittings import receipt_of
from khlong.record.errors import Refused
from khlong.register import actions
from khlong.register.forms import EditHouseholdForm, FindForm, HouseholdFilter, HouseholdForm, SomeoneForm
from khlong.register.models import Household, Person
from khlong.register.queries import (
    listed_households,
    people_of,
    resting_on,
    seen_households,
    seen_statements,
    tallies,
    with_parts,
    with_words,
)

PER_PAGE = 30
STATEMENTS = 20


def city_of(request: HttpRequest, slug: str) -> City:
    """The city whose register somebody keeps. Refused to everybody else who sees the city."""
    actor = actor_of(request)
    city = get_object_or_404(scope(actor, City.objects.select_related("node")), slug=slug)
    if not can(actor, Verb.ADD, Household(space=city.node)):
        raise Refused(
            _("Only the working group of this city keeps its register.") if actor.signed_in else None
        )
    return city


def household_of(request: HttpRequest, pk: UUID) -> Household:
    return get_object_or_404(seen_households(actor_of(request)), pk=pk)


@never_cache
def households(request: HttpRequest, slug: str) -> HttpResponse:
    """Households of a city by community, zone and group; no name and no house number stands in the list."""
    city, actor = city_of(request, slug), actor_of(request)
    groups = list(city.groups.all())
    form = HouseholdFilter(request.GET, city=city, groups=groups)
    rows = listed_households(actor, city)
    page = Paginator(with_parts(form.narrowed(rows)), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "city": city,
        "page_obj": page,
        "form": form,
        "find": FindForm(),
        "tallies": list(tallies(groups)),
        "is_example": city.node.is_example,
    }
    return render(request, "register/households.html", context)


@never_cache
@sensitive_post_parameters("who")
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Households in which somebody has exactly this name, or that have this house number. No name ever stands in an
    address, so who comes back to this one begins again in the register.
    """
    if request.method != "POST":
        return redirect("register:households", slug=slug)
    city, form = city_of(request, slug), FindForm(request.POST)
    found: list[Household] = []
    if form.is_valid():
        who = form.cleaned_data["who"]
        found = actions.twins(actor_of(request), city.node, [who], who)
    context = {"city": city, "form": form, "rows": [(row, actions.place_of(row)) for row in found]}
    return render(request, "register/found.html", context, status=200 if form.is_valid() else 422)


@sensitive_post_parameters("name", "witness", "called")
@never_cache
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """A household and the consent under which it stands, in one form; then the paper it takes home."""
    city, actor = city_of(request, slug), actor_of(request)
    form = HouseholdForm(request.POST or None, city=city, texts=in_force(city.pk), keeper=str(city.name))
    if request.method == "POST" and form.is_valid() and (made := _added(actor, city, form)) is not None:
        messages.success(
            request, _("The household is in the register. Give it its number, then write down what it says.")
        )
        return redirect("register:household", pk=made.pk)
    context = {"city": city, "form": form, "is_example": city.node.is_example}
    return render(request, "register/add_household.html", context, status=422 if form.is_bound else 200)


def _added(actor: Actor, city: City, form: HouseholdForm) -> Household | None:
    data = form.cleaned_data
    plain = {name: data[name] for name in ("language", "explicit", "name", "witness", "site")}
    said = Said(how=How(data["how"]), day=data["day"].start, **plain)
    try:
        return actions.add_household(
            actor,
            city.node,
            form.chosen(),
            said,
            {name: data.get(name) for name in actions.PLAIN},
            called=data["called"],
            groups=list(data.get("groups", ())),
            people=form.someones(),
            sure=data["sure"],
        )
    except ValidationError as error:
        blame(form, error)
        return None


@never_cache
def household(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One household: what it is called by, who belongs to it, what it agreed to, what it said."""
    found, actor = household_of(request, pk), actor_of(request)
    rows = seen_statements(actor).filter(household=found)
    page = Paginator(rows, STATEMENTS).get_page(request.GET.get("page"))
    consents = list(
        Consent.objects.filter(subject=found.subject, withdrawn_on=None)
        .select_related("text")
        .order_by("text__purpose")
    )
    context = {
        "household": found,
        "called": keys.read(found, "called"),
        "place": actions.place_of(found),
        "people": people_of(found),
        "groups": list(found.groups.all()),
        "consents": consents,
        "receipt": receipt_of(consents[0]) if consents else "",
        "page_obj": page,
        "said": with_words(actor, list(page)),
        "someone": SomeoneForm(),
        "may_withdraw": can(actor, Verb.CHANGE, found.subject),
        "city": found.space.city,
        "is_example": found.is_example,
    }
    return render(request, "register/household.html", context)


@sensitive_post_parameters("called")
@never_cache
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    found, actor = household_of(request, pk), actor_of(request)
    initial = {
        "community": found.community_id,
        "zone": found.zone_id,
        "people": found.people,
        "groups": [group.pk for group in found.groups.all()],
        "called": keys.read(found, "called"),
    }
    city = found.space.city
    form = EditHouseholdForm(request.POST or None, city=city, initial=initial)
    if request.method == "POST" and form.is_valid() and _changed(actor, found, form):
        messages.success(request, _("Saved."))
        return redirect("register:household", pk=pk)
    context = {"household": found, "city": city, "form": form, "is_example": found.is_example}
    return render(request, "register/edit_household.html", context, status=422 if form.is_bound else 200)


def _changed(actor: Actor, found: Household, form: EditHouseholdForm) -> bool:
    data = form.cleaned_data
    values = {name: data.get(name) for name in actions.PLAIN}
    groups: list[Group] | None = list(data["groups"]) if "groups" in data else None
    try:
        actions.change_household(actor, found, values, called=data["called"], groups=groups)
    except ValidationError as error:
        blame(form, error)
        return False
    return True


@require_POST
@sensitive_post_parameters("name")
def add_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    found, form = household_of(request, pk), SomeoneForm(request.POST)
    one = form.someone() if form.is_valid() else None
    if one is None:
        messages.error(request, _("Write a name, or choose an age."))
    else:
        actions.add_person(actor_of(request), found, one)
        messages.success(request, _("Added to the household."))
    return redirect("register:household", pk=pk)


@require_POST
def remove_person(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    person = get_object_or_404(scope(actor, Person.objects.select_related("household", "subject")), pk=pk)
    actions.remove_person(actor, person)
    messages.success(request, _("Taken out of the household. Nothing is kept of this person any more."))
    return redirect("register:household", pk=person.household_id)


@never_cache
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Taking everything back, with what would lose its ground; the owners of the city do it."""
    found, actor = household_of(request, pk), actor_of(request)
    if not can(actor, Verb.CHANGE, found.subject):
        raise Refused(_("An owner of the city takes consents back. Bring the number on the paper there."))
    city = found.space.city
    if request.method == "POST":
        privacy.withdraw_everything(actor, found.subject)
        messages.success(request, _("The consent is taken back. Nothing is kept of this household any more."))
        return redirect(reverse("register:households", args=[city.slug]))
    context = {
        "household": found,
        "city": city,
        "resting": resting_on(actor, found),
        "is_example": found.is_example,
    }
    return render(request, "register/withdraw.html", context)
