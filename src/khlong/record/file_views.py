from __future__ import annotations

import logging
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseNotModified
from django.shortcuts import redirect
from django.utils.http import content_disposition_header, parse_etags, quote_etag
from django.views.decorators.http import require_safe

from khlong.people import policy
from khlong.people.actor import ANONYMOUS
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, scope
from khlong.record.filed import PUBLIC, Blob, File, Rendition
from khlong.record.files import WIDTHS, download_name
from khlong.record.store import path_of

log = logging.getLogger(__name__)
FOR_ALL = "public, max-age=604800, immutable"
"""A week and no longer: what a working group takes back must not live on in everybody's browser for a year."""
FOR_ONE = "private, no-cache"
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def _file(request: HttpRequest, uuid: UUID) -> File:
    """The file, if the reader may see it. What is public is found without asking who reads."""
    rows = File.objects.select_related("blob")
    found = (
        scope(ANONYMOUS, rows).filter(pk=uuid).first()
        or scope(actor_of(request), rows).filter(pk=uuid).first()
    )
    if found is None:
        raise Http404
    return found


@require_safe
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The bytes as they were given. Of a picture they are for the working group; others get the made one."""
    found = _file(request, uuid)
    public = found.visibility == PUBLIC and not found.is_picture
    if not public and not policy.can(actor_of(request), Verb.USE, found):
        if found.is_picture:
            return redirect(found.url_of(WIDTHS[-1]))
        raise Http404
    name = content_disposition_header(True, download_name(found))
    return _send(request, found.blob, public=public, disposition=name)


@require_safe
def picture(request: HttpRequest, uuid: UUID, width: int) -> HttpResponseBase:
    """A picture as everybody gets it: upright, made smaller, with nothing in it but pixels."""
    found = _file(request, uuid)
    made = Rendition.objects.select_related("blob").filter(source=found.blob, width=width).first()
    if made is None:
        raise Http404
    return _send(request, made.blob, public=found.visibility == PUBLIC, disposition="inline")


def _send(request: HttpRequest, blob: Blob, *, public: bool, disposition: str | None) -> HttpResponseBase:
    etag = quote_etag(blob.digest)
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in asked or f"W/{etag}" in asked or asked == ["*"]:
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = _bytes(blob)
    response["ETag"] = etag
    response["Cache-Control"] = FOR_ALL if public else FOR_ONE
    response["Content-Security-Policy"] = LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = disposition or "attachment"
    return response


def _bytes(blob: Blob) -> HttpResponse | FileResponse:
    text = blob.media_type.startswith("text/")
    try:
        opened = path_of(blob.digest).open("rb")
    except OSError as error:
        log.exception("the bytes of %s cannot be read; see ./khlong files check", blob.digest)
        raise Http404 from error
    return FileResponse(opened, content_type=f"{blob.media_type}{'; charset=utf-8' if text else ''}")
