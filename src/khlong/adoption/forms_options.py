"""How the forms of a city are printed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.adoption.models import FIRST_YEARS, ROUND, Edition, Form, PlanFormat
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
    edition = forms.ChoiceField(
        label=gettext_lazy("Edition"),
        required=False,
        choices=[
            ("", gettext_lazy("the plan itself")),
            *((one.value, one.label) for one in (Edition.SUPPLEMENT, Edition.CHANGE, Edition.CORRECTION)),
        ],
        help_text=gettext_lazy(
            "A change and a correction set what stands in the plan beside what shall stand."
        ),
    )
    round = forms.CharField(
        label=gettext_lazy("Round of the edition"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Such as 1/2571. Without it dots are printed."),
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
        choices=[
            ("docx", gettext_lazy("Word (DOCX)")),
            ("xlsx", gettext_lazy("Excel (XLSX)")),
            ("pdf", gettext_lazy("PDF")),
        ],
        initial="docx",
        widget=forms.RadioSelect,
    )

    def subtitles(self) -> list[str]:
        """Lines that offices were seen to print, to choose from."""
        return [line for lines in SUBTITLES.values() for line in lines]

    def clean_round(self) -> str:
        typed = to_arabic(self.cleaned_data["round"]).strip()
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
            edition=data["edition"],
            round=data["round"] if data["edition"] else "",
            kpi={WITH: True, WITHOUT: False}.get(data["kpi"]),
            long_head=data["long_head"],
            subtitle=data["subtitle"],
            thai_digits=data["digits"],
        )
