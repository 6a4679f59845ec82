from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.editing import ThingForm
from khlong.journal.models import Topic


class TopicForm(ThingForm):
    """A related topic by its names and its place in the list; what is known of it is added as facts."""

    class Meta:
        model = Topic
        fields = ("name_th", "name_en", "order")
        help_texts = {"order": _("Its place in the list; the smallest number comes first.")}
