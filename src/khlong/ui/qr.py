"""A QR code as a drawing within the page: no style, no script, no other host."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(address: str) -> SafeString:
    """The code of an address, which must not come from outside; error correction M bears a crease in the paper."""
    code = segno.make_qr(address, error="m")
    drawn = code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return mark_safe(drawn)  # noqa: S308 (digits and commands of a path, and nothing that anybody typed)
