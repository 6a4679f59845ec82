"""Files as they go out: who gets them, with which headers, and what comes in from a browser."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from wsgiref.util import FileWrapper

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory

from khlong.record import store
from khlong.record.errors import FileRefused
from khlong.record.filed import MEMBERS, PUBLIC, File
from khlong.record.files import DATA, DOCUMENTS, IMAGES, keep_file, show_file
from khlong.record.tests import drawn
from khlong.record.tests.drawn import upload
from khlong.record.uploads import Gate, let_go

ALL = IMAGES | DOCUMENTS | DATA


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_RESERVE = 0


@pytest.fixture
def photo(cast: Any, city: Any) -> File:
    data = drawn.jpeg(gps=True)
    return keep_file(cast.actors["member"], upload(data), space=city.pk, visibility=PUBLIC)


def document(cast: Any, city: Any, data: bytes, name: str, visibility: str = PUBLIC) -> File:
    return keep_file(
        cast.actors["member"], upload(data, name), space=city.pk, kinds=ALL, visibility=visibility
    )


def bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def open_database() -> Iterator[None]:
    """A request that a server handles closes old connections, and the test's own must stay."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.usefixtures("open_database")
def test_a_server_that_has_sent_a_file_or_given_up_closes_it(
    rf: RequestFactory, photo: File, method: str, *, wrapped: bool
) -> None:
    """As gunicorn asks: through its wrapper of a file, or without it; read to its end or not."""
    opened: list[Any] = []

    class Wrapper(FileWrapper):
        def __init__(self, stream: Any, size: int) -> None:
            opened.append(stream)
            super().__init__(stream, size)

    environ = rf.get(photo.url_of(400)).environ | {"REQUEST_METHOD": method, "HTTP_HOST": "localhost"}
    environ["wsgi.file_wrapper"] = Wrapper if wrapped else None
    begin: Any = Mock()
    answer: Any = WSGIHandler()(environ, begin)
    stream = opened[0] if wrapped else answer.file_to_stream
    assert not stream.closed
    answer.close()
    assert stream.closed


def test_the_public_gets_a_picture_without_its_place_and_may_keep_it(client: Client, photo: File) -> None:
    response = client.get(photo.url_of(400))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].endswith("sandbox")
    assert "immutable" in response["Cache-Control"]
    assert response["Cache-Control"].startswith("public")
    assert "Cookie" not in response.get("Vary", "")
    assert b"Pranee" not in bytes_of(response)


def test_the_original_of_a_public_picture_goes_to_the_working_group_only(
    client_of: Callable[[str], Client], photo: File
) -> None:
    for name in ("anonymous", "stranger", "observer"):
        response = client_of(name).get(photo.get_absolute_url())
        assert (response.status_code, response["Location"]) == (302, photo.url_of(1000))
    response = client_of("member").get(photo.get_absolute_url())
    assert b"Pranee" in bytes_of(response)
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Disposition"].startswith("attachment")


def test_what_is_for_the_working_group_is_not_found_by_anybody_else(
    cast: Any, client_of: Callable[[str], Client], city: Any, photo: File
) -> None:
    show_file(cast.actors["member"], photo, MEMBERS)
    paper = document(cast, city, drawn.PDF, "แผน.pdf", MEMBERS)
    for name in ("anonymous", "stranger"):
        for address in (photo.get_absolute_url(), photo.url_of(400), paper.get_absolute_url()):
            assert client_of(name).get(address).status_code == 404
    response = client_of("observer").get(photo.url_of(400))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-cache"
    assert client_of("observer").get(paper.get_absolute_url()).status_code == 404
    assert client_of("member").get(paper.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("แผน.pdf", drawn.PDF, "application/pdf"),
        ("ฝน.csv", drawn.CSV, "text/csv; charset=utf-8"),
        ("a.txt", drawn.TEXT, "text/plain; charset=utf-8"),
        ("a.html", drawn.PDF, "application/pdf"),
    ],
)
def test_everything_but_pictures_is_saved_and_never_opened_in_the_house(
    client: Client, cast: Any, city: Any, name: str, data: bytes, kind: str
) -> None:
    response = client.get(document(cast, city, data, name).get_absolute_url())
    assert response["Content-Type"] == kind
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert bytes_of(response) == data


def test_a_browser_that_has_it_is_not_sent_it_again(client: Client, photo: File) -> None:
    first = client.get(photo.url_of(400))
    again = client.get(photo.url_of(400), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert client.get(photo.url_of(400), headers={"If-None-Match": '"other"'}).status_code == 200


def test_pictures_are_not_compressed_again_and_say_how_long_they_are(client: Client, photo: File) -> None:
    response = client.get(photo.url_of(400), headers={"Accept-Encoding": "gzip"})
    assert not response.has_header("Content-Encoding")
    assert int(response["Content-Length"]) == len(bytes_of(response))


def test_no_other_width_and_no_other_way_to_ask(client: Client, photo: File) -> None:
    assert client.get(photo.url_of(401)).status_code == 404
    assert client.get(f"/files/{uuid.uuid4()}/").status_code == 404
    assert client.get("/files/..%2f..%2fsecret.key/").status_code == 404
    assert client.post(photo.url_of(400)).status_code == 405
    assert client.head(photo.url_of(400)).status_code == 200


def test_bytes_that_the_disk_has_lost_are_not_found_and_noted(
    client: Client, photo: File, caplog: pytest.LogCaptureFixture
) -> None:
    for path in list(store.standing()):
        path.unlink()
    assert client.get(photo.url_of(400)).status_code == 404
    assert "files check" in caplog.text


# --- what comes in ---------------------------------------------------------------------------------


def posted(**files: bytes) -> Any:
    """A request as it comes from a form with words before and behind its files."""
    data: dict[str, Any] = {"before": "คลองตง"}
    data |= {name: upload(content, f"{name}.jpg") for name, content in files.items()}
    request = RequestFactory().post("/", data | {"after": "ไหลลงทะเลสาบ"})
    handlers = [Gate(request), MemoryFileUploadHandler(request), TemporaryFileUploadHandler(request)]
    request.upload_handlers = handlers
    return request


def test_a_file_that_is_too_large_is_let_go_and_the_words_and_other_files_stay(settings: Any) -> None:
    settings.FILES_LIMITS = {"image": 1000, "document": 3 << 20}
    request = posted(big=b"x" * (4 << 20), small=b"y" * 500)
    assert (request.POST["before"], request.POST["after"]) == ("คลองตง", "ไหลลงทะเลสาบ")
    assert list(request.FILES) == ["small"]
    refused = let_go(request, "big")
    assert isinstance(refused, FileRefused)
    assert "3 MB" in refused.messages[0]
    assert let_go(request, "small") is None
    request.close()


def test_too_much_together_is_let_go_and_the_words_stay(settings: Any) -> None:
    settings.FILES_LIMITS = {"image": 3 << 20}
    settings.FILES_MOST_TOGETHER = 5 << 20
    request = posted(**{f"photo{number}": b"x" * (2 << 20) for number in range(4)})
    assert request.POST["after"] == "ไหลลงทะเลสาบ"
    assert list(request.FILES) == ["photo0", "photo1"]
    assert {let_go(request, f"photo{at}").code for at in (2, 3)} == {"too_many"}  # type: ignore[union-attr]
    request.close()


def test_the_gate_stands_before_every_upload(settings: Any) -> None:
    assert settings.FILE_UPLOAD_HANDLERS[0] == "khlong.record.uploads.Gate"
