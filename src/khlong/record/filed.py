"""The tables of files: what is kept by its content, what people called it, and the pictures made of it."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

PUBLIC, MEMBERS = "public", "members"
WIDTHS = (400, 1000)
"""Widths in pixels of the pictures that the public gets: a phone's column, and a page's."""


class Blob(models.Model):
    """Some bytes in the folder of files, called by their SHA-256; never changed. `width` and `height` are pixels
    of a picture as it is looked at, turned upright.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=80)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]


class Rendition(models.Model):
    """A picture made of another for everybody: upright, no wider than `width`, with nothing in it but pixels."""

    source = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="renditions")
    width = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["width"]
        constraints = [models.UniqueConstraint(fields=["source", "width"], name="one_rendition_of_a_width")]

    def __str__(self) -> str:
        return f"{self.source_id[:12]} at {self.width}"


class File(models.Model):
    """A file that somebody gave: bytes, the name it came with, whose it is and who may see it.

    The space is the uuid of a city's or a programme's node, as in the audit.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    space = models.UUIDField(null=True, db_index=True)
    visibility = models.CharField(
        max_length=8,
        choices=[(PUBLIC, _("everybody")), (MEMBERS, _("the working group only"))],
        default=MEMBERS,
    )
    by = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["at", "uuid"]
        verbose_name = _("file")

    def __str__(self) -> str:
        return self.name

    @property
    def space_id(self) -> UUID | None:
        return self.space

    @property
    def digest(self) -> str:
        return self.blob_id

    @property
    def size(self) -> int:
        return self.blob.size

    @property
    def media_type(self) -> str:
        return self.blob.media_type

    @property
    def width(self) -> int | None:
        return self.blob.width

    @property
    def height(self) -> int | None:
        return self.blob.height

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")

    def get_absolute_url(self) -> str:
        return reverse("record:file", kwargs={"uuid": self.uuid})

    def url_of(self, width: int) -> str:
        """Where the picture of one of WIDTHS is."""
        return reverse("record:picture", kwargs={"uuid": self.uuid, "width": width})

    def shown_size(self, width: int) -> tuple[int, int]:
        """Pixels of the picture made for a width, so that a page keeps its place before it has come."""
        wide, high = self.width or width, self.height or width
        made = min(wide, width)
        return made, max(1, round(high * made / wide))
