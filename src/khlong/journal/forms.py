from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.chain.models import Visibility
from khlong.journal.models import Report, Topic
from khlong.journal.photos import FIELD, Photos
from khlong.network.forms import choose_named
from khlong.record.files import IMAGES, accept
from khlong.ui.forms import SpanField


class TopicForm(ThingForm):
    """A related topic by its names and its place in the list; what is known of it is added as facts."""

    class Meta:
        model = Topic
        fields = ("name_th", "name_en", "order")
        help_texts = {"order": _("Its place in the list; the smallest number comes first.")}


class ManyFiles(forms.FileInput):
    """A file input for several files at once."""

    allow_multiple_selected = True


SIGNS = _("An empty line begins a paragraph. # begins a heading, - a list, > somebody's words.")


class ReportForm(ThingForm):
    """A report of an activity. Its photos come in beside the form's own fields, see khlong.journal.photos."""

    date = SpanField(
        label=_("When it was"),
        required=False,
        help_text=_("A day or a range, such as 3-4 Sept 2022."),
    )
    photos = forms.FileField(
        label=_("Add photos"),
        required=False,
        help_text=_(
            "JPEG, PNG or WebP, up to 12 MB each. Where a photo was taken and with what is taken out for the public."
        ),
        widget=ManyFiles(attrs={"accept": accept(IMAGES), "multiple": True}),
    )
    source_url = forms.URLField(
        label=_("Where it was published first"),
        help_text=_("A web address. May stay empty."),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    groups = (
        (_("What, when and where"), ("name_th", "date", "place_th")),
        (_("What was done"), ("text_th",)),
        (_("Photos"), ()),
        (_("Who and about what"), ("cities", "organisers", "meeting", "source_url")),
        (_("In English"), ("name_en", "place_en", "text_en")),
    )

    class Meta:
        model = Report
        fields = (
            "name_th",
            "date",
            "place_th",
            "text_th",
            "shown_agree",
            "cities",
            "organisers",
            "meeting",
            "source_url",
            "name_en",
            "place_en",
            "text_en",
        )
        labels = {"name_th": _("Title in Thai"), "name_en": _("Title in English")}
        widgets = {
            "text_th": forms.Textarea(attrs={"rows": 12, "lang": "th"}),
            "text_en": forms.Textarea(attrs={"rows": 8, "lang": "en"}),
            "organisers": forms.CheckboxSelectMultiple,
            "cities": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "text_th": SIGNS,
            "name_en": _("Where this is empty, English readers see the Thai."),
        }

    def __init__(self, *args: Any, photos: Photos, **kwargs: Any) -> None:
        self.rows = photos
        super().__init__(*args, **kwargs)
        for name in ("organisers", "cities", "meeting"):
            choose_named(self, name, self.instance.node.space)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for row, _name, words in self.rows.check():
            self.add_error(None, ValidationError(f"{row.shown.file.name}: {words}"))
        for words in self.rows.refused:
            self.add_error(FIELD, words)
        if (
            self.instance.node.visibility == Visibility.PUBLIC
            and self.rows.kept
            and not data.get("shown_agree")
        ):
            self.add_error("shown_agree", _("Ask the people in the photos first, or take those photos out."))
        return data

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        values, links = super().split()
        return values | {FIELD: self.rows.plain()}, links
