"""The dry stretch of this room, a suggestion that nobody has answered, and how many there are in each city."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.chain.gaps import Gap, gap
from khlong.chain.models import Kind, Node
from khlong.chain.status import figure
from khlong.deliberation.standing import owed


def owed_nodes() -> QuerySet[Node]:
    return Node.objects.filter(pk__in=owed().values("pk"))


gap(
    Gap(
        "suggestion.no_answer",
        Kind.SUGGESTION,
        _("suggestions that are owed an answer"),
        _("Nobody has answered this yet."),
        _("Answer"),
        rows=owed_nodes,
        mend=lambda node: reverse("deliberation:answer", args=[node.ref]),
    )
)
figure("answers_owed", _("suggestions that are owed an answer"), owed_nodes)
