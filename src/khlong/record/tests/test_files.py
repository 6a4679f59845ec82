"""Keeping files: what is taken, what is refused and in which words, and that nothing is half kept."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from PIL import Image

from khlong.people.policy import Verb, can
from khlong.record import pictures, store
from khlong.record.errors import WHY_NOT_KEPT, FileRefused, Refused
from khlong.record.filed import MEMBERS, PUBLIC, Blob, File, Rendition
from khlong.record.files import (
    DATA,
    DOCUMENTS,
    IMAGES,
    SOUNDS,
    clean_name,
    download_name,
    keep_file,
    show_file,
)
from khlong.record.models import AuditEntry
from khlong.record.tests import drawn
from khlong.record.tests.drawn import upload

ALL = IMAGES | DOCUMENTS | DATA | SOUNDS


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_RESERVE = 0


@pytest.fixture
def member(cast: Any) -> Any:
    return cast.actors["member"]


def keep(member: Any, city: Any, data: bytes, name: str = "คลอง.jpg", **more: Any) -> File:
    return keep_file(member, upload(data, name), space=city.pk, **more)


def refusal(member: Any, city: Any, data: bytes, name: str, kinds: frozenset[str] = ALL) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        keep(member, city, data, name, kinds=kinds)
    assert not File.objects.exists()
    assert not Blob.objects.exists()
    assert not list(store.standing())
    return caught.value


TAKEN = {
    "คลอง.jpg": (drawn.picture("JPEG"), "image/jpeg"),
    "a.png": (drawn.png(), "image/png"),
    "a.webp": (drawn.picture("WEBP"), "image/webp"),
    "แผน.pdf": (drawn.PDF, "application/pdf"),
    "แผน.docx": (drawn.office(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "a.xlsx": (
        drawn.office("xl/workbook.xml", drawn.SHEET),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "คลอง.geojson": (drawn.GEOJSON, "application/geo+json"),
    "ฝน.csv": (drawn.CSV, "text/csv"),
    "a.txt": (drawn.TEXT, "text/plain"),
    "a.webm": (drawn.WEBM, "audio/webm"),
    "a.ogg": (drawn.OGG, "audio/ogg"),
    "a.mp3": (drawn.MP3, "audio/mpeg"),
    "a.m4a": (drawn.M4A, "audio/mp4"),
    "no ending": (drawn.PDF, "application/pdf"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_taken_for_what_its_content_is(member: Any, city: Any, name: str) -> None:
    data, kind = TAKEN[name]
    file = keep(member, city, data, name, kinds=ALL)
    assert (file.media_type, file.name, file.size) == (kind, name, len(data))
    assert store.path_of(file.digest).read_bytes() == data
    assert file.digest == hashlib.sha256(data).hexdigest()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "empty": (b"", "a.jpg", "empty"),
    "svg": (SVG, "a.svg", "markup"),
    "svg that calls itself a picture": (SVG, "a.png", "markup"),
    "svg behind a declaration": (b"\xef\xbb\xbf\n\n<?xml version='1.0'?>" + SVG, "a.txt", "markup"),
    "html": (b"  <!DOCTYPE html><p>x", "a.html", "markup"),
    "html that calls itself words": (b"x" * 100 + b"<SCRIPT src=x>", "a.txt", "markup"),
    "gif": (drawn.picture("GIF"), "a.gif", "gif"),
    "tiff": (drawn.picture("TIFF"), "a.tif", "unknown"),
    "bmp": (drawn.picture("BMP"), "a.jpg", "unknown"),
    "heic": (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "IMG_1.HEIC", "heic"),
    "video": (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 40 + b"vide", "a.mp4", "unknown"),
    "webm with pictures": (drawn.WEBM + b"V_VP8", "a.webm", "unknown"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.doc", "old_office"),
    "programme": (b"MZ\x90\x00" + b"\x00" * 80, "a.pdf", "unknown"),
    "shell programme": (b"#!/bin/sh\nrm -rf /\n", "a.txt", "unknown"),
    "macros by name": (drawn.office(word__vbaProject_dot_bin=b"x"), "a.docx", "macros"),
    "macros by type": (
        drawn.office(kind="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "a.docx",
        "macros",
    ),
    "archive": (drawn.packed({"a.txt": b"x"}), "a.docx", "archive"),
    "office without its part": (drawn.office("ppt/presentation.xml", "x"), "a.docx", "archive"),
    "office that climbs out": (drawn.office(___dot__dot___etc=b"x"), "a.docx", "broken"),
    "broken office": (drawn.office()[:60], "a.docx", "broken"),
    "bomb": (drawn.office(word__x=b"\0" * 30_000_000), "a.docx", "bomb"),
    "broken pdf": (drawn.PDF[:40], "a.pdf", "broken"),
    "pdf not at the start": (b"junk\n" + drawn.PDF + b"\x00", "a.pdf", "unknown"),
    "half a jpeg": (drawn.jpeg()[:5000], "a.jpg", "broken"),
    "a jpeg's head only": (b"\xff\xd8\xff\xe0" + b"x" * 500, "a.jpg", "broken"),
    "png with a broken part": (drawn.png().replace(b"IDAT", b"IDAX"), "a.png", "broken"),
    "pdf called a picture": (drawn.PDF, "a.jpg", "not_what_it_says"),
    "picture called a pdf": (drawn.picture("JPEG"), "แผน.pdf", "not_what_it_says"),
    "words called a picture": (drawn.TEXT, "a.png", "not_what_it_says"),
    "words in another code": ("น้ำ".encode("tis-620"), "a.csv", "not_utf8"),
    "json": (b'{"type": "secret"}', "a.geojson", "not_geojson"),
    "broken json": (b'{"type": ', "a.geojson", "broken"),
    "deep json": (b"[" * 200_000, "a.geojson", "broken"),
    "words with a nul": (b"a\x00b", "a.txt", "unknown"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_in_words_and_leaves_nothing(member: Any, city: Any, name: str) -> None:
    data, called, code = REFUSED[name]
    refused = refusal(member, city, data, called)
    assert refused.code == code
    words = " ".join(refused.messages)
    assert "%(" not in words
    assert len(words) > 30


def test_every_refusal_has_words_in_thai() -> None:
    with override("th"):
        assert not [
            code for code, words in WHY_NOT_KEPT.items() if not any("ก" <= c <= "๙" for c in str(words))
        ]


def test_what_is_good_elsewhere_is_refused_where_pictures_are_asked_for(member: Any, city: Any) -> None:
    refused = refusal(member, city, drawn.PDF, "แผน.pdf", IMAGES)
    assert refused.code == "not_here"
    with override("th"):
        assert "PDF" in refused.messages[0]
        assert "JPEG" in refused.messages[0]


def test_a_png_that_is_called_jpg_is_a_picture_all_the_same(member: Any, city: Any) -> None:
    assert keep(member, city, drawn.png(), "รูป.jpg").media_type == "image/png"


def test_limits_are_those_of_the_kind_and_said_in_the_words(member: Any, city: Any, settings: Any) -> None:
    settings.FILES_LIMITS = {"image": 2 << 20, "document": 3 << 20, "data": 1 << 20, "sound": 1 << 20}
    big = drawn.picture("JPEG") + b"\0" * (2 << 20)
    refused = refusal(member, city, big, "a.jpg")
    assert (refused.code, "2 MB" in refused.messages[0]) == ("too_large", True)
    refused = refusal(member, city, b"x" * (4 << 20), "a.bin")
    assert (refused.code, "3 MB" in refused.messages[0]) == ("too_large", True)
    assert keep(member, city, drawn.PDF + b" " * 3000 + b"%%EOF", "a.pdf", kinds=ALL).size > 3000


def png_of(wide: int, high: int) -> bytes:
    """A PNG that says it is huge and unpacks to that: a bomb of a few kilobytes."""
    head = struct.pack(">IIBBBBB", wide, high, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * (high * (wide // 8 + 1)), 9) if wide * high < 10**9 else zlib.compress(b"")
    parts = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    packed = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize("side", [8000, 12_000, 60_000])
def test_a_small_file_with_very_many_pixels_is_not_unpacked(
    member: Any, city: Any, monkeypatch: pytest.MonkeyPatch, side: int
) -> None:
    bomb = png_of(side, side)
    assert len(bomb) < 100_000
    monkeypatch.setattr(pictures, "_plain", lambda _opened: pytest.fail("it was unpacked"))
    refused = refusal(member, city, bomb, "a.png")
    assert refused.code == "pixels"
    assert "52 " in refused.messages[0]


# --- the pictures that everybody gets --------------------------------------------------------------


def made(file: File, width: int) -> tuple[bytes, Image.Image]:
    data = store.path_of(Rendition.objects.get(source=file.blob, width=width).blob_id).read_bytes()
    return data, Image.open(io.BytesIO(data))


def test_what_the_public_gets_holds_nothing_of_the_camera_the_place_or_the_person(
    member: Any, city: Any
) -> None:
    given = drawn.jpeg(gps=True, comment=b"at her house", xmp=b"<x:xmpmeta>6.8368N</x:xmpmeta>")
    assert all(word in given for word in (b"Pranee", b"at her house", b"6.8368N"))
    assert Image.open(io.BytesIO(given)).getexif().get_ifd(drawn.GPS)
    file = keep(member, city, given)
    for width in (400, 1000):
        data, image = made(file, width)
        assert not image.getexif()
        assert "exif" not in image.info
        assert not any(
            word in data for word in (b"Exif", b"Pranee", b"house", b"xmp", b"6.8368", b"ICC_PROFILE")
        )
    assert store.path_of(file.digest).read_bytes() == given


@pytest.mark.parametrize("turned", [1, 3, 6, 8])
def test_a_picture_that_was_taken_sideways_stands_upright(member: Any, city: Any, turned: int) -> None:
    file = keep(member, city, drawn.jpeg((800, 600), turned=turned))
    sideways = turned in {6, 8}
    assert (file.width, file.height) == ((600, 800) if sideways else (800, 600))
    _data, image = made(file, 400)
    assert image.size == ((400, 533) if sideways else (400, 300))
    corners = {1: (10, 10), 3: (390, 290), 6: (390, 10), 8: (10, 523)}
    red, green, _blue = image.getpixel(corners[turned])  # type: ignore[misc]
    assert red > 200
    assert green < 60


def test_a_small_picture_is_not_blown_up_and_what_is_transparent_is_white(member: Any, city: Any) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 40), (255, 0, 0, 0)).save(out, "PNG")
    file = keep(member, city, out.getvalue(), "a.png")
    _data, image = made(file, 1000)
    assert image.size == (50, 40) == file.shown_size(1000)
    assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_pictures_of_every_mode_become_plain_ones(member: Any, city: Any, mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    out = io.BytesIO()
    (Image.new("I;16", (40, 30)) if mode == "I;16" else drawn.canal((40, 30)).convert(mode)).save(out, form)
    _data, image = made(keep(member, city, out.getvalue(), "a.png"), 400)
    assert image.mode == "RGB"


def test_a_picture_that_is_also_a_page_loses_the_page(member: Any, city: Any) -> None:
    both = drawn.picture("JPEG") + b"<html><script>alert(1)</script>" + drawn.packed({"a": b"b"})
    file = keep(member, city, both)
    data, _image = made(file, 400)
    assert b"script" not in data
    assert b"PK\x03\x04" not in data


def test_the_same_picture_twice_is_kept_once(member: Any, city: Any) -> None:
    first, second = keep(member, city, drawn.jpeg()), keep(member, city, drawn.jpeg(), "อีกชื่อ.jpg")
    assert first.pk != second.pk
    assert first.digest == second.digest
    assert Blob.objects.count() == 3 == len(list(store.standing()))
    assert AuditEntry.objects.filter(action="record.file.keep").count() == 2


# --- names -----------------------------------------------------------------------------------------

NAMES = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\a.jpg": "a.jpg",
    "/etc/cron.d/x.jpg": "x.jpg",
    "..": "file",
    "": "file",
    "a\x00b\r\n.jpg": "ab.jpg",
    "รูป\u202egpj.exe": "รูปgpj.exe",
    "ภาพคลองตง 3 ก.ย. 65.jpg": "ภาพคลองตง 3 ก.ย. 65.jpg",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_a_name(name: str) -> None:
    assert clean_name(name) == NAMES[name]


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("ก" * 500 + ".jpg").endswith("ก.jpg")
    assert len(clean_name("ก" * 500 + ".jpg")) <= 150
    assert len(clean_name("ก" * 500)) == 150


def test_a_file_never_lands_outside_its_folder(member: Any, city: Any, settings: Any) -> None:
    file = keep(member, city, drawn.picture("JPEG"), "../../../../tmp/evil.jpg")
    assert store.path_of(file.digest).is_relative_to(settings.FILES_DIR)
    assert file.name == "evil.jpg"


@pytest.mark.parametrize(
    ("name", "kept"),
    [("แผน.pdf", "แผน.pdf"), ("a.pdf.exe", "a.pdf.exe.pdf"), ("a.html", "a.html.pdf"), ("แผน", "แผน.pdf")],
)
def test_what_is_saved_to_disk_ends_as_its_content_does(member: Any, city: Any, name: str, kept: str) -> None:
    assert download_name(keep(member, city, drawn.PDF, name, kinds=ALL)) == kept


# --- who -------------------------------------------------------------------------------------------


def test_only_who_works_in_the_city_puts_files_there(cast: Any, city: Any) -> None:
    may = {}
    for name, actor in cast.actors.items():
        try:
            keep(actor, city, drawn.picture("PNG"), "a.png")
            may[name] = True
        except Refused:
            may[name] = False
    assert may == {"anonymous": False, "stranger": False, "observer": False} | dict.fromkeys(
        ("member", "owner", "steward", "system"), True
    )


def test_the_original_of_a_picture_is_for_the_working_group_and_a_document_for_whoever_sees_it(
    cast: Any, city: Any, member: Any
) -> None:
    picture = keep(member, city, drawn.picture("PNG"), "a.png", visibility=PUBLIC)
    document = keep(member, city, drawn.PDF, "a.pdf", kinds=ALL, visibility=PUBLIC)
    who = {name for name, actor in cast.actors.items() if can(actor, Verb.USE, picture)}
    assert who == {"member", "owner", "steward", "system"}
    assert all(can(actor, Verb.USE, document) for actor in cast.actors.values())
    show_file(member, document, MEMBERS)
    assert {name for name, actor in cast.actors.items() if can(actor, Verb.VIEW, document)} == who | {
        "observer"
    }


# --- the disk --------------------------------------------------------------------------------------


def test_no_file_is_taken_when_the_disk_would_fall_below_its_reserve(
    member: Any, city: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_RESERVE = 100
    usage = shutil.disk_usage(settings.FILES_DIR.parent)._replace(free=drawn.picture("JPEG").__len__() + 50)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    refused = refusal(member, city, drawn.picture("JPEG"), "a.jpg")
    assert refused.code == "disk_full"
    assert "room" in refused.messages[0] or "พื้นที่" in refused.messages[0]


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "cannot_write")])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_disk_that_gives_out_at_any_write_leaves_no_half_file_and_no_row(
    member: Any, city: Any, monkeypatch: pytest.MonkeyPatch, at: int, number: int, code: str
) -> None:
    real, calls = store._write, []

    def failing(path: Path, digest: str, data: Any) -> None:
        calls.append(path)
        if len(calls) == at:
            path.write_bytes(b"half")
            raise OSError(number, "no")
        real(path, digest, data)

    monkeypatch.setattr(store, "_write", failing)
    with pytest.raises(FileRefused) as caught:
        keep(member, city, drawn.jpeg())
    assert caught.value.code == code
    assert not File.objects.exists()
    assert not Blob.objects.exists()
    assert all(store.is_whole(path) for path in store.standing())
    monkeypatch.setattr(store, "_write", real)
    assert keep(member, city, drawn.jpeg()).pk


def test_a_real_full_disk_is_answered_in_words(member: Any, city: Any, settings: Any) -> None:
    """/dev/full says ENOSPC at every write: the kernel's own full disk."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with (
        pytest.raises(FileRefused) as caught,
        store.in_words(),
        Path("/dev/full").open("wb", buffering=0) as out,
    ):
        out.write(b"x")
    assert caught.value.code == "disk_full"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_answered_in_words(member: Any, city: Any, settings: Any) -> None:
    settings.FILES_DIR.mkdir(mode=0o500)
    with pytest.raises(FileRefused) as caught:
        keep(member, city, drawn.jpeg())
    assert caught.value.code == "cannot_write"


def test_a_folder_that_is_a_file_is_answered_in_words(member: Any, city: Any, settings: Any) -> None:
    settings.FILES_DIR.write_text("no folder")
    with pytest.raises(FileRefused) as caught:
        keep(member, city, drawn.jpeg())
    assert caught.value.code == "cannot_write"


def test_bytes_and_folder_are_synced_before_the_file_is_acknowledged(
    member: Any, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noting(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        assert not File.objects.exists()
        real(handle)

    monkeypatch.setattr(os, "fsync", noting)
    file = keep(member, city, drawn.jpeg())
    path = store.path_of(file.digest)
    temporary = next(at for at, name in enumerate(synced) if Path(name).name.startswith(store.TEMPORARY))
    assert str(path.parent) in synced[temporary:]
    assert {str(path.parent.parent), str(path.parent.parent.parent)} <= set(synced)


def test_bytes_that_stand_are_not_written_again_and_damaged_ones_are_mended(
    member: Any, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(member, city, drawn.jpeg())
    path = store.path_of(first.digest)
    number = path.stat().st_ino
    keep(member, city, drawn.jpeg())
    assert path.stat().st_ino == number
    path.write_bytes(b"damaged")
    keep(member, city, drawn.jpeg())
    assert store.is_whole(path)


def test_files_can_be_read_by_their_owner_only(member: Any, city: Any) -> None:
    path = store.path_of(keep(member, city, drawn.jpeg()).digest)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
