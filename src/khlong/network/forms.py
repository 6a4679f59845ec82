from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.chain.models import Node, Visibility
from khlong.network.invitations import DAYS, MOST_DAYS
from khlong.network.models import Meeting, Organisation, Part, Programme
from khlong.people.actor import Role
from khlong.people.models import NAME, User
from khlong.places.models import Source
from khlong.ui.forms import KhlongForm, KhlongModelForm, SpanField


def _name(thing: Any) -> str:
    return str(thing.name)


def choose_named(form: forms.BaseForm, name: str, space: Node | None) -> None:
    """Offer what a writer of this space may see, called by its name; one query for all the names."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    assert field.queryset is not None
    seen = Q(node__visibility=Visibility.PUBLIC) | Q(node__space=space)
    field.queryset = field.queryset.filter(seen).select_related("node").order_by("sort_key")
    field.label_from_instance = _name  # type: ignore[method-assign, assignment]


def choose_source(form: forms.BaseForm) -> None:
    """Offer the sources by publisher."""
    field = form.fields["source"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = Source.objects.order_by("publisher_th", "key")


class ProgrammeForm(ThingForm):
    class Meta:
        model = Programme
        fields: tuple[str, ...] = ("name_th", "name_en", "full_name_th", "full_name_en", "cities")
        widgets = {"cities": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        node = self.instance.node
        choose_named(self, "cities", None if node._state.adding else node.space)


class NewProgrammeForm(ProgrammeForm):
    """A programme that begins: with the three letters of its references and its address."""

    code = forms.RegexField(
        label=_("Three letters of its references"),
        regex=r"^[A-Z]{3}\Z",
        help_text=_("Such as SCS in R-SCS. They never change."),
        error_messages={"invalid": _("Write three capital letters from A to Z.")},
    )
    extra = ("code",)

    class Meta(ProgrammeForm.Meta):
        fields: tuple[str, ...] = ("slug", *ProgrammeForm.Meta.fields)

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(None, [self["code"]]), *super().sections()]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Node.objects.filter(ref__in=[f"R-{code}", f"C-{code}"]).exists():
            raise forms.ValidationError(_("Another programme or city has these letters. Choose others."))
        return code


class OrganisationForm(ThingForm):
    url = forms.URLField(label=_("web address"), required=False, max_length=300, assume_scheme="https")

    class Meta:
        model = Organisation
        fields = (
            "name_th",
            "name_en",
            "short_th",
            "short_en",
            "kind",
            "legal_form_th",
            "legal_form_en",
            "url",
        )
        help_texts = {"legal_form_th": _("Such as foundation, association, or no legal entity.")}


class PartForm(KhlongModelForm):
    """What an organisation does in the programme, in all of it or in one city."""

    class Meta:
        model = Part
        fields = ("role_th", "role_en", "city", "source", "mark")
        help_texts = {
            "role_th": _("What the organisation does, in the words of the source."),
            "city": _("Only when the role holds for one city."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation: Organisation = self.instance.organisation
        choose_named(self, "city", self.organisation.node.space)
        choose_source(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        role, city = data.get("role_th"), data.get("city")
        same = Part.objects.filter(organisation=self.organisation, role_th=role, city=city)
        if role and same.exclude(pk=self.instance.pk).exists():
            self.add_error("role_th", _("This role is entered already. Change that one instead."))
        return data


class MeetingForm(ThingForm):
    """A meeting. Who organised it and who came are ticked in the list of organisations."""

    date = SpanField(
        label=_("Date"),
        required=False,
        help_text=_("A day or a range, such as 3-4 Sept 2022. Empty means undated."),
    )
    groups = (
        (_("The meeting"), ("name_th", "name_en", "activity", "date", "place_th", "place_en", "work_group")),
        (_("What went on there"), ("text_th", "text_en")),
        (_("Who was there"), ("organisers", "took_part", "cities")),
        (_("Who says so"), ("source", "mark")),
    )

    class Meta:
        model = Meeting
        fields = (
            "name_th",
            "name_en",
            "activity",
            "date",
            "place_th",
            "place_en",
            "work_group",
            "text_th",
            "text_en",
            "organisers",
            "took_part",
            "cities",
            "source",
            "mark",
        )
        widgets = {
            "text_th": forms.Textarea(attrs={"rows": 5, "lang": "th"}),
            "text_en": forms.Textarea(attrs={"rows": 5, "lang": "en"}),
            "organisers": forms.CheckboxSelectMultiple,
            "took_part": forms.CheckboxSelectMultiple,
            "cities": forms.CheckboxSelectMultiple,
        }
        help_texts = {"activity": _("As the programme numbers it, such as 2.1-2.3, 3.1.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("organisers", "took_part", "cities", "work_group"):
            choose_named(self, name, self.instance.node.space)
        organisers, took_part = self.fields["organisers"], self.fields["took_part"]
        assert isinstance(organisers, forms.ModelChoiceField)
        assert isinstance(took_part, forms.ModelChoiceField)
        bodies: Any = organisers.choices
        organisers.choices = took_part.choices = list(map(tuple, bodies))
        choose_source(self)


ROLES = (
    (Role.OWNER.value, _("owner: gives and takes roles, and writes")),
    (Role.MEMBER.value, _("working group: writes")),
    (Role.OBSERVER.value, _("observer: reads what is not published yet")),
)
ROLE_NAMES = {
    Role.OWNER.value: _("owner"),
    Role.MEMBER.value: _("working group"),
    Role.OBSERVER.value: _("observer"),
}


class RoleForm(KhlongForm):
    """A role for an account, found by its user name or e-mail address."""

    person = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        help_text=_("For somebody who has an account already. Whoever has none gets an invitation."),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, widget=forms.RadioSelect, initial=Role.MEMBER.value
    )

    def clean_person(self) -> User:
        found = User.objects.by_name_or_email(self.cleaned_data["person"])
        if found is None or not found.is_active:
            raise forms.ValidationError(_("There is no account of this name. Check the spelling."))
        return found


class InvitationForm(KhlongForm):
    """To which role, for whom and for how long somebody is invited."""

    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, widget=forms.RadioSelect, initial=Role.MEMBER.value
    )
    note = forms.CharField(
        label=_("Whom it is for"),
        max_length=80,
        required=False,
        help_text=_("It is printed on the invitation; otherwise only the owners of the city see it."),
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        required=False,
        validators=[RegexValidator(NAME, _("Use letters, digits, dots, dashes and underscores only."))],
        help_text=_(
            "Leave it empty, and whoever comes chooses one. Filled in, it stands on the paper and is fixed."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    days = forms.IntegerField(
        label=_("Valid for how many days"), min_value=1, max_value=MOST_DAYS, initial=DAYS
    )


class RecoveryForm(KhlongForm):
    """A way back for somebody who cannot get in any more."""

    drop_factors = forms.BooleanField(
        label=_("The phone or the passkey is lost too: take the second factor away"),
        required=False,
        help_text=_(
            "Then the link opens a day later, so that the person can object, or as soon as a second owner approves it."
        ),
    )


MOST_OF_A_HALL = 120_000_000
"""Bytes of what a hall brings home through a page: a day of typing and its photos."""


class PackForm(KhlongForm):
    """Where the meeting is."""

    name = forms.CharField(
        label=_("Where the meeting is"),
        max_length=120,
        required=False,
        help_text=_("For your own list, such as the village hall of Ban Lup Mum."),
    )


class PassphraseForm(KhlongForm):
    """The passphrase that locks a packed city."""

    passphrase = forms.CharField(
        label=_("Passphrase"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=True,
        help_text=_(
            "At least 12 letters, such as four words. Whoever has the file and the passphrase reads what the "
            "city has not published, so write it down apart from the file."
        ),
    )
    again = forms.CharField(
        label=_("Passphrase once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=True,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("passphrase") and data.get("again") and data["passphrase"] != data["again"]:
            self.add_error("again", _("The two differ. Type the same passphrase twice."))
        return data


class HallFileForm(KhlongForm):
    """The file that a hall brings home."""

    file = forms.FileField(
        label=_("The file of the closed hall"),
        help_text=_(
            "What  ./khlong hall close  wrote on the laptop. Nothing is changed before you have seen it."
        ),
    )

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found.size > MOST_OF_A_HALL:
            raise forms.ValidationError(_("The file is too large to come from a hall. Choose the right one."))
        return found
