"""How the forms of a city are printed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.adoption.models import FIRST_YEARS, ROUND, Form, PlanFormat
from khlong.adoption.official_forms.columns import SUBTITLES, SUMMARY
from khlong.adoption.official_forms.printing import FORMATS
from khlong.adoption.official_forms.sheets import Options
from khlong.thai.digits import to_arabic
from khlong.ui.forms import KhlongForm

AS_USUAL, WITH, WITHOUT = "", "1", "0"


class FormOptionsForm(KhlongForm):
    """Which form of which plan, and how it is printed."""

    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        choices=[(SUMMARY, gettext_lazy("P. 01: summary")), *Form.choices],
        widget=forms.RadioSelect,
    )
    plan = forms.ChoiceField(
        label=gettext_lazy("Local development plan"), choices=PlanFormat.choices, widget=forms.RadioSelect
    )
    supplement = forms.CharField(
        label=gettext_lazy("Round of the supplement"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Such as 1/2571. Leave it empty for the plan itself."),
    )
    kpi = forms.ChoiceField(
        label=gettext_lazy("Column of the indicator"),
        required=False,
        choices=[
            (AS_USUAL, gettext_lazy("as is usual for the plan")),
            (WITH, gettext_lazy("with it")),
            (WITHOUT, gettext_lazy("without it")),
        ],
    )
    long_head = forms.BooleanField(
        label=gettext_lazy("Long head lines, ก to จ"),
        required=False,
        help_text=gettext_lazy("For plans by strategy. Some offices print two short lines instead."),
    )
    subtitle = forms.CharField(
        label=gettext_lazy("Line under the title of P. 02/1 and P. 02/2"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Offices differ here. Ask the plan officer, or leave it empty."),
        widget=forms.TextInput(attrs={"list": "subtitles"}),
    )
    digits = forms.BooleanField(label=gettext_lazy("Thai digits"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("docx", gettext_lazy("Word (DOCX)")), ("xlsx", gettext_lazy("Excel (XLSX)"))],
        initial="docx",
        widget=forms.RadioSelect,
    )

    def subtitles(self) -> list[str]:
        """Lines that offices were seen to print, to choose from."""
        return [line for lines in SUBTITLES.values() for line in lines]

    def clean_supplement(self) -> str:
        typed = to_arabic(self.cleaned_data["supplement"]).strip()
        if typed and not ROUND.fullmatch(typed):
            raise forms.ValidationError(_("Write the round and the year, such as 1/2571."))
        return typed

    def clean_kind(self) -> str:
        return str(self.cleaned_data["kind"]) if self.cleaned_data["kind"] in FORMATS else "docx"

    def options(self) -> Options:
        data: dict[str, Any] = self.cleaned_data
        chosen = PlanFormat(data["plan"])
        return Options(
            plan_format=chosen,
            first_year=FIRST_YEARS[chosen],
            supplement=data["supplement"],
            kpi={WITH: True, WITHOUT: False}.get(data["kpi"]),
            long_head=data["long_head"],
            subtitle=data["subtitle"],
            thai_digits=data["digits"],
        )
