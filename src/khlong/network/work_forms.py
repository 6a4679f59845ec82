"""Forms of working groups, tasks, attendance and minutes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.chain.models import Node
from khlong.network.forms import choose_named
from khlong.network.meeting_models import PARTS
from khlong.network.models import (
    AgendaItem,
    Attendance,
    Decision,
    Meeting,
    Minutes,
    Task,
    WorkGroup,
)
from khlong.network.work_models import Chair, TaskState
from khlong.people.models import User
from khlong.places.models import Group
from khlong.ui.forms import DayField, FigureField, KhlongForm, KhlongModelForm


class CountField(FigureField):
    """How many people: a whole number, also in Thai digits; empty is unknown."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"min_value": 0, "max_value": 1_000_000, "decimal_places": 0, "required": False}
        super().__init__(**(bounds | kwargs))

    def clean(self, value: Any) -> Any:
        found: Decimal | None = super().clean(value)
        return None if found is None else int(found)


def colleagues(space: Node | None) -> Any:
    """The accounts that have a role in a space, by name."""
    return User.objects.filter(memberships__space=space, is_active=True).order_by("display_name", "name_key")


def _choose(form: forms.BaseForm, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class WorkGroupForm(ThingForm):
    """A working group; the organisations in it are ticked."""

    class Meta:
        model = WorkGroup
        fields = ("name_th", "name_en", "purpose_th", "purpose_en", "organisations")
        widgets = {
            "purpose_th": forms.Textarea(attrs={"rows": 4, "lang": "th"}),
            "purpose_en": forms.Textarea(attrs={"rows": 4, "lang": "en"}),
            "organisations": forms.CheckboxSelectMultiple,
        }
        help_texts = {"name_th": _("What the group calls itself.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_named(self, "organisations", self.instance.node.space)


class SeatForm(KhlongForm):
    """A seat for somebody who has a role in the city."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    role = forms.ChoiceField(
        label=_("Role in the group"), choices=Chair.choices, initial=Chair.MEMBER, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, space: Node | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "person", colleagues(space))


class TaskForm(KhlongModelForm):
    """A task for one person or one working group of its city."""

    due = DayField(
        label=_("Due"), required=False, help_text=_("One day, such as 3 Sept 2026. May stay empty.")
    )

    class Meta:
        model = Task
        fields = ("what", "details", "person", "group", "due")
        widgets = {"details": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"person": _("One who has a role in this city. Or choose a working group below.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "person", colleagues(self.instance.space))
        _choose(self, "group", _groups_of(self.instance.space))


def _groups_of(space: Node) -> Any:
    return WorkGroup.objects.filter(node__space=space).select_related("node").order_by("sort_key")


class ReasonForm(KhlongForm):
    """Why a task is dropped, or a word on how it was done."""

    reason = forms.CharField(
        label=_("Reason or remark"),
        max_length=300,
        required=False,
        help_text=_("Needed to drop the task; may stay empty when it is done."),
    )


MINE = "mine"


class TaskFilterForm(KhlongForm):
    """Narrowing the list of tasks."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *TaskState.choices])
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("everybody's")), (MINE, _("mine and my groups'"))]
    )
    space = forms.ChoiceField(label=_("City"), required=False)

    def __init__(self, *args: Any, spaces: list[Node], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["space"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all")), *((space.ref, space.title) for space in spaces)]


class AttendanceForm(KhlongModelForm):
    """Who was invited and who came, as numbers; never by name."""

    invited = CountField(label=_("number invited"), help_text=_("Empty means: number unknown."))
    attended = CountField(label=_("number that came"), help_text=_("Empty means: number unknown."))
    women = CountField(label=_("of them women"), help_text=_("Only when they were counted."))
    men = CountField(label=_("of them men"))
    other_gender = CountField(label=_("of them others, or who did not say"))

    class Meta:
        model = Attendance
        fields = (
            "group",
            "organisation",
            "others_th",
            "others_en",
            "presence",
            "reason",
            "invited",
            "attended",
            *PARTS,
        )
        widgets = {"presence": forms.RadioSelect}
        help_texts = {
            "group": _(
                "A group that a city of this meeting names. Choose one of the three: group, organisation, others."
            ),
            "others_th": _("Such as residents, pupils, press. Never the name of a person."),
            "reason": _("Only for who was absent. Never about one person."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meeting: Meeting = self.instance.meeting
        inside = Q(city__meetings=meeting) | Q(city__node=meeting.node.space)
        _choose(
            self, "group", Group.objects.filter(inside).select_related("city").distinct().order_by("sort_key")
        )
        choose_named(self, "organisation", meeting.node.space)


class MinutesForm(KhlongModelForm):
    """The head of the minutes."""

    begun = forms.TimeField(
        label=_("begun at"), required=False, input_formats=["%H:%M", "%H.%M"], help_text=_("Such as 09.30.")
    )
    ended = forms.TimeField(label=_("ended at"), required=False, input_formats=["%H:%M", "%H.%M"])

    class Meta:
        model = Minutes
        fields = ("body", "number", "year", "begun", "ended", "open_early")
        help_texts = {
            "number": _("The count begins anew each calendar year, such as 3 of 3/2569."),
            "open_early": _(
                "Otherwise the working group alone reads them until a later meeting approves them."
            ),
        }


class AgendaItemForm(KhlongModelForm):
    class Meta:
        model = AgendaItem
        fields = ("section", "title", "text", "resolution")
        widgets = {"text": forms.Textarea(attrs={"rows": 8}), "resolution": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "text": _("What was said, by office or group. No private names: approved minutes are public.")
        }


class DecisionForm(KhlongModelForm):
    due = DayField(
        label=_("Due"), required=False, help_text=_("One day, such as 3 Sept 2026. May stay empty.")
    )

    class Meta:
        model = Decision
        fields = ("text", "organisation", "work_group", "who", "due")
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        space = self.instance.minutes.meeting.node.space
        choose_named(self, "organisation", space)
        choose_named(self, "work_group", space)


class ApprovalForm(KhlongForm):
    """Which later meeting approved the minutes."""

    meeting = forms.ModelChoiceField(label=_("Approved by the meeting"), queryset=Meeting.objects.none())

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Meeting.objects.filter(node__space=minutes.meeting.node.space).exclude(pk=minutes.pk)
        _choose(self, "meeting", rows.select_related("node").order_by("-date", "sort_key"))
