from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import exact_ref
from khlong.chain.models import EdgeKind, Node
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.ui.forms import KhlongForm


class LinkForm(KhlongForm):
    """What a thing rests on, by the reference that stands on paper."""

    ref = forms.CharField(
        label=_("Reference"),
        max_length=40,
        help_text=_("As it stands beside the thing, such as D-PTG-0008 or W-SCS-0014."),
    )
    kind = forms.ChoiceField(label=_("What the link says"), choices=EdgeKind.choices)
    across = forms.BooleanField(label=_("It belongs to another city, and the link is meant"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_ref(self) -> Node:
        try:
            exact = exact_ref(self.cleaned_data["ref"])
        except ValueError as error:
            raise forms.ValidationError(
                _("This is not a reference. It is a letter, three letters and a number, such as D-PTG-0008.")
            ) from error
        node = scope(self.actor, Node.objects.select_related("space")).filter(ref=exact).first()
        if node is None:
            raise forms.ValidationError(_("Nothing has this reference. Look at it again on its page."))
        return node
