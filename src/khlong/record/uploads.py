"""What comes in from a browser: files that are too large are let go by while they come, and the words stay."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from khlong.record.errors import FileRefused

MEGABYTE = 1024 * 1024
_larger: dict[str, int] = {}


def takes_larger(page: str, most: int) -> None:
    """Let a page (its name, as in `network:halls`) take a file of so many bytes, which is not kept as it is."""
    _larger[page] = most


class Gate(FileUploadHandler):
    """Stands before Django's own handlers. Lets no more come in than the largest file may have, and than all of
    a form's files together; the rest is read and thrown away, so that the form's other fields are kept.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.one = self.together = 0
        self.refused: dict[str, FileRefused] = {}
        page = getattr(request, "resolver_match", None)
        larger = _larger.get(page.view_name, 0) if page else 0
        self.most = max(larger, *settings.FILES_LIMITS.values())
        self.most_together = max(larger, settings.FILES_MOST_TOGETHER)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.one = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.one += len(raw_data)
        self.together += len(raw_data)
        if self.one > self.most:
            self._let_go("too_large", self.most)
        if self.together > self.most_together:
            self._let_go("too_many", self.most_together)
        return raw_data

    def _let_go(self, code: str, most: int) -> None:
        self.refused[str(self.field_name)] = FileRefused(code, {"most": most // MEGABYTE})
        self.request._files_let_go = self.refused  # type: ignore[union-attr]
        raise SkipFile

    def file_complete(self, file_size: int) -> None:
        return None


def let_go(request: HttpRequest, field: str) -> FileRefused | None:
    """Why a file of this field did not come in, if one was too large."""
    _ = request.POST
    found: dict[str, FileRefused] = getattr(request, "_files_let_go", {})
    return found.get(field)
