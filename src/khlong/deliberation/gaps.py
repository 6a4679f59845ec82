"""The dry stretch of this room: a suggestion that nobody has answered."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Kind, Node
from khlong.deliberation.standing import owed

gap(
    Gap(
        "suggestion.no_answer",
        Kind.SUGGESTION,
        _("suggestions that are owed an answer"),
        _("Nobody has answered this yet."),
        _("Answer"),
        rows=lambda: Node.objects.filter(pk__in=owed().values("pk")),
        mend=lambda node: reverse("deliberation:answer", args=[node.ref]),
    )
)
