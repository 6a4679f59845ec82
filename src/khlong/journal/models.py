"""What is told to the public: reports of activities, related topics, and what is related to what."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Thing
from khlong.network.models import Meeting, Organisation
from khlong.places.models import City
from khlong.places.models.base import Named, in_language
from khlong.record.fields import SpanField
from khlong.record.filed import File


class Topic(Thing, Named):
    """A related topic; what is known of it are facts about it."""

    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta(Named.Meta):
        ordering = ["order", "sort_key"]
        verbose_name = _("related topic")


class Report(Thing, Named):
    """A public report of an activity, in words and pictures.

    `photos` is the ordered list of its pictures as `khlong.journal.photos.Photo` writes them, so that the history
    keeps their words; `files` are the files they show.
    """

    date = SpanField(_("date"), null=True, blank=True)
    place_th = models.CharField(_("place in Thai"), max_length=300, blank=True)
    place_en = models.CharField(_("place in English"), max_length=300, blank=True)
    organisers = models.ManyToManyField(
        Organisation, blank=True, related_name="reports", verbose_name=_("organisers")
    )
    cities = models.ManyToManyField(City, blank=True, related_name="reports", verbose_name=_("cities"))
    meeting = models.ForeignKey(
        Meeting,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reports",
        verbose_name=_("meeting it reports on"),
    )
    text_th = models.TextField(_("text in Thai"), blank=True)
    text_en = models.TextField(_("text in English"), blank=True)
    source_url = models.URLField(_("where it was published first"), max_length=500, blank=True)
    photos = models.JSONField(_("photos"), default=list, blank=True)
    files = models.ManyToManyField(File, blank=True, related_name="+")
    shown_agree = models.BooleanField(
        _("Everybody who can be recognised in the photos agreed to be shown"), default=False
    )

    class Meta(Named.Meta):
        ordering = ["-date", "sort_key"]
        verbose_name = _("report of an activity")

    @property
    def place(self) -> str:
        return in_language(self.place_th, self.place_en)

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)


class Related(models.Model):
    """What a reader of one page may also want to read, and why.

    `order` is its place where somebody set it by hand; empty where the words were compared. `score` is the cosine
    of the two texts with a little for the cities they share; `words` and `cities` say what they share.
    """

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    order = models.PositiveSmallIntegerField(null=True)
    score = models.FloatField(default=0)
    words = models.JSONField(default=list)
    cities = models.JSONField(default=list)

    class Meta:
        ordering = [models.F("order").asc(nulls_last=True), "-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["node", "other"], name="related_once"),
            models.CheckConstraint(condition=~models.Q(node=models.F("other")), name="not_related_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} → {self.other_id}"

    @property
    def space_id(self) -> UUID | None:
        return self.node.space_id

    @property
    def shared_cities(self) -> list[str]:
        """The names of the cities that both are about, in the reader's language."""
        return [in_language(*pair) for pair in self.cities]


class Word(models.Model):
    """How often a word stands in the text of a node: what related pages are computed from. Never shown."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    word = models.CharField(max_length=80)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "node"], name="one_count_of_a_word")]

    def __str__(self) -> str:
        return self.word
