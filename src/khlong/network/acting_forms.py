"""What an owner fills in for a link that lets somebody act without an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.network import acting
from khlong.ui.forms import KhlongForm

ONCE, TIMES, UNTIL = "once", "times", "until"
MOST_TIMES = 1000


class ActingLinkForm(KhlongForm):
    """What the link allows, how often, how long, and in which browser."""

    actions = forms.MultipleChoiceField(
        label=gettext_lazy("What the link allows"), widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        help_text=gettext_lazy("It is printed on the paper. Name the occasion or the office, not a person."),
    )
    often = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=(
            (ONCE, gettext_lazy("once")),
            (TIMES, gettext_lazy("the number of times below")),
            (UNTIL, gettext_lazy("as often as needed until its day")),
        ),
        widget=forms.RadioSelect,
        initial=UNTIL,
        help_text=gettext_lazy("Each saving counts. Reading is not counted."),
    )
    times = forms.IntegerField(
        label=gettext_lazy("Number of times"), min_value=1, max_value=MOST_TIMES, required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("Valid for how many days"), min_value=1, max_value=acting.MOST_DAYS, initial=1
    )
    binds = forms.BooleanField(
        label=gettext_lazy("Only the first browser that begins"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A tied link cannot be passed on. Leave it out for a poster that many people scan."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["actions"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (name, format_html('<span>{}<br><span class="note">{}</span></span>', offer.title, offer.note))
            for name, offer in acting.offered().items()
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen, often = data.get("actions", []), data.get("often")
        if often == TIMES and not data.get("times") and "times" not in self.errors:
            self.add_error("times", _("Write how often it may be used."))
        if chosen == [acting.READ] and often in {ONCE, TIMES}:
            self.add_error("often", str(acting.READS_UNTIL_ITS_DAY))
        if chosen and data.get("days", 0) > (most := acting.longest(chosen)):
            self.add_error(
                "days", _("A link that allows this holds for %(days)s days at most.") % {"days": most}
            )
        return data

    def values(self) -> dict[str, Any]:
        """What the action gets."""
        data = self.cleaned_data
        uses = {ONCE: 1, TIMES: data["times"], UNTIL: None}[data["often"]]
        return {name: data[name] for name in ("name", "actions", "days", "binds")} | {"most_uses": uses}
