"""Pictures and documents for tests, drawn and packed here: none comes from anywhere else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

GPS, ORIENTATION, MAKE, ARTIST = 0x8825, 0x0112, 0x010F, 0x013B


def canal(size: tuple[int, int] = (1600, 1200), mode: str = "RGB") -> Image.Image:
    """A canal between two banks under an evening sky; its upper left corner is red, so that turning shows."""
    wide, high = size
    image = Image.new(mode, size, "#f3c98b")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, high // 2, wide, high), fill="#5c7a3f")
    draw.polygon(
        [(wide * 0.45, high // 2), (wide * 0.55, high // 2), (wide * 0.9, high), (wide * 0.1, high)],
        "#0b5f68",
    )
    draw.rectangle((0, 0, wide // 8, high // 8), fill="red")
    return image


def jpeg(size: tuple[int, int] = (1600, 1200), *, turned: int = 1, gps: bool = False, **more: Any) -> bytes:
    """A JPEG as a phone makes it; with `gps` it says where it was taken, and by whom."""
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    if gps:
        exif[MAKE], exif[ARTIST] = "Telephone of Pranee", "Pranee Saeliao"
        exif.get_ifd(GPS).update({1: "N", 2: (6.0, 50.0, 12.5), 3: "E", 4: (100.0, 28.0, 41.0)})
    out = io.BytesIO()
    canal(size).save(out, "JPEG", exif=exif, quality=85, **more)
    return out.getvalue()


def png(size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    canal(size, mode).save(out, "PNG")
    return out.getvalue()


def picture(form: str, **more: Any) -> bytes:
    """A small picture in any form that Pillow writes."""
    out = io.BytesIO()
    canal((120, 90)).save(out, form, **more)
    return out.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def office(main: str = "word/document.xml", kind: str = WORD, **more: bytes) -> bytes:
    """The smallest office document that has the right parts, with `more` parts (__ stands for /)."""
    types = f'<Types><Override PartName="/{main}" ContentType="{kind}"/></Types>'.encode()
    parts = {"[Content_Types].xml": types, main: b"<w/>"}
    return packed(
        parts | {name.replace("__", "/").replace("_dot_", "."): data for name, data in more.items()}
    )


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
GEOJSON = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"ชื่อ": "คลองละงู"}, "geometry": None}],
    },
    ensure_ascii=False,
).encode()
CSV = "ปี,ฝน\n2568,630\n".encode()
TEXT = "น้ำขึ้นถึงถนนตอนตีสาม\n".encode()
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"\x00" * 40 + b"\x86\x86A_OPUS"
OGG = b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead\x01\x01" + b"\x00" * 30
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + b"\x00" * 100
M4A = b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + b"\x00" * 80


def upload(data: bytes, name: str = "คลอง.jpg", says: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=says)
