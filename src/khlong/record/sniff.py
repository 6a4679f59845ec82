"""What a file is, read from its content. A name proves nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import BinaryIO

from khlong.record.errors import FileRefused

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GEOJSON, CSV, TEXT = "application/geo+json", "text/csv", "text/plain"
WEBM, OGG, MP3, M4A = "audio/webm", "audio/ogg", "audio/mpeg", "audio/mp4"

ENDINGS: dict[str, tuple[str, ...]] = {
    JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    PNG: ("png",),
    WEBP: ("webp",),
    PDF: ("pdf",),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    GEOJSON: ("geojson", "json"),
    CSV: ("csv",),
    TEXT: ("txt", "text", "md"),
    WEBM: ("webm", "weba"),
    OGG: ("ogg", "oga", "opus"),
    MP3: ("mp3",),
    M4A: ("m4a", "mp4"),
}
TYPES = {ending: kind for kind, endings in ENDINGS.items() for ending in endings}

HEAD = 4096
MOST_PARTS = 5000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
MARKUP = re.compile(
    rb"<\s*(?:!doctype|!--|\?xml|html|head|body|svg|script|iframe|object|embed|style|math|img|a\s)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def sniff(file: BinaryIO, ending: str) -> str:
    """The media type by content. `ending` (small letters, no dot) only tells a table from plain words.

    Raises FileRefused for what is never taken: markup, programmes, pictures of kinds that browsers do not
    show, old or macro-carrying office files, archives, bombs.
    """
    file.seek(0)
    head = file.read(HEAD)
    found = _by_first_bytes(head) or _container(file, head)
    return found or _words(file, head, ending)


def _by_first_bytes(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith((b"GIF87a", b"GIF89a")):
        raise FileRefused("gif")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise FileRefused("old_office")
    if head.startswith((b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")):
        raise FileRefused("unknown")
    return ""


def _container(file: BinaryIO, head: bytes) -> str:
    if head.startswith(b"%PDF-"):
        return _pdf(file)
    if head.startswith(b"PK\x03\x04"):
        return _office(file)
    if head[4:8] == b"ftyp":
        return _mp4(head)
    return _sound(head)


def _pdf(file: BinaryIO) -> str:
    """A PDF begins with its mark at the first byte and has its end mark in the last kilobytes."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - HEAD))
    if b"%%EOF" not in file.read(HEAD):
        raise FileRefused("broken")
    return PDF


def _mp4(head: bytes) -> str:
    brand = head[8:12]
    if brand in {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc", b"avif"}:
        raise FileRefused("heic")
    if brand not in {b"M4A ", b"M4B ", b"mp42", b"isom", b"iso5", b"dash"} or b"vide" in head:
        raise FileRefused("unknown")
    return M4A


def _sound(head: bytes) -> str:
    if head.startswith(b"\x1aE\xdf\xa3"):
        if b"webm" not in head[:64] or b"V_" in head or b"A_" not in head:
            raise FileRefused("unknown")
        return WEBM
    if head.startswith(b"OggS"):
        if not any(mark in head for mark in (b"OpusHead", b"\x01vorbis", b"fLaC")):
            raise FileRefused("unknown")
        return OGG
    is_frame = len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0
    return MP3 if head.startswith(b"ID3") or is_frame else ""


# --- office ----------------------------------------------------------------------------------------


def _office(file: BinaryIO) -> str:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            return _parts(packed)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise FileRefused("broken") from error


def _parts(packed: zipfile.ZipFile) -> str:
    parts = packed.infolist()
    names = {part.filename for part in parts}
    _no_bomb(parts)
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        raise FileRefused("broken")
    if "[Content_Types].xml" not in names:
        raise FileRefused("archive")
    with packed.open("[Content_Types].xml") as listed:
        types = listed.read(1024 * 1024)
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused("macros")
    if "word/document.xml" in names and b"wordprocessingml.document" in types:
        return DOCX
    if "xl/workbook.xml" in names and b"spreadsheetml.sheet" in types:
        return XLSX
    raise FileRefused("archive")


def _no_bomb(parts: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise FileRefused("bomb")
    if unpacked > 1024 * 1024 and unpacked > MOST_RATIO * max(1, packed):
        raise FileRefused("bomb")


# --- words -----------------------------------------------------------------------------------------


def _words(file: BinaryIO, head: bytes, ending: str) -> str:
    """GeoJSON, a table or plain words, all UTF-8; anything that a browser might run is refused."""
    if MARKUP.search(head):
        raise FileRefused("markup")
    file.seek(0)
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("not_utf8" if ending in {"csv", "txt", "json", "geojson"} else "unknown") from None
    if _CONTROL.search(text):
        raise FileRefused("unknown")
    if text.lstrip()[:1] in {"{", "["} and (ending in TYPES and TYPES[ending] == GEOJSON):
        return _geojson(text)
    return CSV if ending == "csv" and _is_table(text) else TEXT


def _geojson(text: str) -> str:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileRefused("broken") from error
    kinds = {"FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString"}
    kinds |= {"MultiLineString", "Polygon", "MultiPolygon"}
    if not isinstance(data, dict) or data.get("type") not in kinds:
        raise FileRefused("not_geojson")
    return GEOJSON


def _is_table(text: str) -> bool:
    try:
        rows = [row for row, _number in zip(csv.reader(io.StringIO(text[:HEAD])), range(5), strict=False)]
    except csv.Error:
        return False
    return bool(rows)
