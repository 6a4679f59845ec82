"""Looking at pictures and making those that the public gets: upright, smaller, with nothing in them but pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from khlong.record.errors import FileRefused
from khlong.record.filed import WIDTHS
from khlong.record.sniff import JPEG, PNG, WEBP

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {JPEG: ("JPEG", "MPO"), PNG: ("PNG",), WEBP: ("WEBP",)}
QUALITY = 82
TURNED = frozenset({5, 6, 7, 8})
ORIENTATION = 0x0112


@dataclass(frozen=True)
class Made:
    """A picture for one of the widths, as a JPEG file."""

    for_width: int
    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Looked:
    """A picture's size as it is looked at, and what was made of it."""

    width: int
    height: int
    made: list[Made]


def look(file: BinaryIO, media_type: str, most_pixels: int) -> Looked:
    """Read a whole picture once. Raises FileRefused: "pixels" before anything is unpacked, or "broken"."""
    from PIL import Image

    file.seek(0)
    with _refusing(most_pixels), Image.open(file, formats=FORMATS[media_type]) as opened:
        wide, high = opened.size
        if wide * high > most_pixels:
            raise FileRefused("pixels", {"most": most_pixels // 1_000_000})
        if opened.getexif().get(ORIENTATION) in TURNED:
            wide, high = high, wide
        opened.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        upright = _plain(opened)
    return Looked(wide, high, [_made(upright, width, wide, high) for width in WIDTHS])


@contextmanager
def _refusing(most_pixels: int) -> Iterator[None]:
    """Whatever a decoder says of a bad picture is one answer."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise FileRefused("pixels", {"most": most_pixels // 1_000_000}) from error
    except FileRefused:
        raise
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        EOFError,
        MemoryError,
    ) as error:
        raise FileRefused("broken") from error


def _plain(opened: Image) -> Image:
    """The pixels alone, upright, in sRGB, on white where they were transparent."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(opened)
    turned.load()
    turned = _in_srgb(turned)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        coloured = turned.convert("RGBA")
        white = Image.new("RGB", coloured.size, "white")
        white.paste(coloured, mask=coloured.getchannel("A"))
        return white
    clean = Image.new("RGB", turned.size)
    clean.paste(turned.convert("RGB"))
    return clean


def _in_srgb(image: Image) -> Image:
    """Colours as every screen shows them: phones write wider ones, and say so in a profile that goes away."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "CMYK"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return made if made is not None else image


def _made(image: Image, for_width: int, wide: int, high: int) -> Made:
    from PIL import Image

    width = min(wide, for_width)
    height = max(1, round(high * width / wide))
    smaller = image.resize((width, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    smaller.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Made(for_width, out.getvalue(), width, height)
