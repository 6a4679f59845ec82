"""One way to edit a thing in the browser: the form keeps what was typed, and a second saver sees the first."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.chain.history import shown
from khlong.chain.models import Thing
from khlong.chain.things import plain
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb
from khlong.record.actions import may
from khlong.record.errors import EditConflict, Refused
from khlong.ui.forms import KhlongModelForm


class ThingForm(KhlongModelForm):
    """Base of the forms for things: carries the revision that was read, and asks why when something changes.

    A subclass names its model and fields in Meta; `groups` may put the fields under headings, as pairs of a
    heading and names of fields.
    """

    groups: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    extra: tuple[str, ...] = ()

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    why = forms.CharField(
        label=gettext_lazy("Why it changes"),
        help_text=gettext_lazy("One line for those who read the history. May stay empty."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.node._state.adding:
            del self.fields["why"]
        else:
            self.initial["base"] = self.instance.revision

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The visible fields under their headings."""
        groups = self.groups or ((None, tuple(self._meta.fields or ())),)
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in groups]

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Plain values and many-to-many values, as actions take them."""
        many = {f.name for f in self._meta.model._meta.many_to_many}
        names = [name for name in self._meta.fields or () if name in self.cleaned_data]
        values = {name: self.cleaned_data[name] for name in names if name not in many}
        return values, {name: list(self.cleaned_data[name]) for name in names if name in many}


@dataclass(frozen=True)
class ConflictRow:
    """One field that two people see differently."""

    label: str
    mine: str
    now: str
    base: str


@dataclass
class Edit:
    """What `edit_page` needs: the thing, its form, the action, and words for the page.

    `action` is the action's name, for those who come with a link that allows it and nothing else.
    """

    thing: Thing
    form: type[ThingForm]
    save: Callable[..., Any]
    title: str
    back: str
    intro: str = ""
    template: str = "chain/edit.html"
    initial: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    aside: tuple[tuple[str, str], ...] = ()
    saved: Callable[[Any], str] | None = None
    action: str = ""


def edit_page(request: HttpRequest, edit: Edit) -> HttpResponse:
    """Show or take the form of a thing. 422 when something typed cannot stand, 409 when somebody was faster."""
    actor = actor_of(request)
    require_writer(actor, edit.thing, edit.action)
    if request.method != "POST":
        return _page(request, edit, cast(ThingForm, SimpleLazyObject(lambda: _form(request, edit))))
    form = _form(request, edit)
    if not form.is_valid():
        return _page(request, edit, form, status=422)
    try:
        kept = _save(actor, edit, form)
    except ValidationError as error:
        blame(form, error)
        return _page(request, edit, form, status=422)
    except EditConflict as conflict:
        return _page(request, edit, _rebased(form, conflict), status=409, conflict=conflict)
    messages.success(request, _("Saved."))
    return redirect(edit.saved(kept) if edit.saved else edit.back)


def _form(request: HttpRequest, edit: Edit) -> ThingForm:
    return edit.form(request.POST or None, instance=copy.copy(edit.thing), initial=dict(edit.initial))


def require_writer(actor: Actor, thing: Thing, action: str = "") -> None:
    """Refuse whoever may not add or change this thing, before a form is shown or anything it brings is kept."""
    verb = Verb.ADD if thing.node._state.adding else Verb.CHANGE
    if not may(actor, action, verb, thing):
        raise Refused(_("Only the working group of this city may change this.") if actor.signed_in else None)


def _save(actor: Actor, edit: Edit, form: ThingForm) -> Any:
    values, links = form.split()
    more: dict[str, Any] = {"links": links} if links else {}
    if not edit.thing.node._state.adding:
        more |= {"base": form.cleaned_data.get("base"), "why": form.cleaned_data.get("why", "")}
    more |= {name: form.cleaned_data.get(name) for name in form.extra}
    return edit.save(actor, edit.thing, values, **more)


def blame(form: forms.BaseForm, error: ValidationError) -> None:
    """Say what an action refused at the fields of the form, or above them."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, found in by_field.items():
        form.add_error(name if name in form.fields else None, found)


def _rebased(form: ThingForm, conflict: EditConflict) -> ThingForm:
    """The same form with all that was typed, which will save over what the writer has now seen."""
    data = form.data.copy()  # type: ignore[attr-defined]
    data["base"] = str(conflict.revision)
    form.data = data
    return form


def conflict_rows(form: ThingForm, conflict: EditConflict) -> list[ConflictRow]:
    """The fields in which the writer's words differ from what stands now."""
    values, links = form.split()
    mine = {name: plain(value) for name, value in values.items()}
    mine |= {name: plain(sorted(items, key=str)) for name, items in links.items()}
    rows = []
    for name, value in mine.items():
        now, base = conflict.current.get(name), conflict.base.get(name)
        if value != now:
            label, field_of = _named(form, name)
            rows.append(
                ConflictRow(label, shown(value, field_of), shown(now, field_of), shown(base, field_of))
            )
    return rows


def _named(form: ThingForm, name: str) -> tuple[str, Any]:
    """Label and field of a value; what is no field of the model has a label only."""
    model: Any = form._meta.model
    if name in model.also_kept:
        return str(model.also_kept[name]), None
    return str(form.fields[name].label or name), model._meta.get_field(name)


def _page(
    request: HttpRequest,
    edit: Edit,
    form: ThingForm,
    *,
    status: int = 200,
    conflict: EditConflict | None = None,
) -> HttpResponse:
    context = {
        "edit": edit,
        "form": form,
        "bound": request.method == "POST",
        "thing": edit.thing,
        "is_example": edit.thing.node.is_example,
        "conflict": conflict,
        "conflict_rows": conflict_rows(form, conflict) if conflict else [],
        **edit.context,
    }
    return render(request, edit.template, context, status=status)
