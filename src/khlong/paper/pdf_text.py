"""Makes the text of a Typst PDF come out right when it is searched or copied.

Typst draws a raised tone mark apart from its consonant and gives both parts the whole cluster as their text:
readers find ทั้ทั้ง for ทั้ง. Here the mark is drawn, at the same place, within the part of its consonant.
"""

from __future__ import annotations

import re
import zlib

_NUMBER = rb"-?[\d.]+"
_STRING = rb"\((?:[^()\\]|\\.|\([^()\\]*\))*\)"
_SHOW = rb"(?:%b\s*Tj|\[(?:[-\d.\s]|%b)*\]\s*TJ)" % (_STRING, _STRING)
_OPEN = rb"/\w+\s*(?:<<[^>]*>>\s*BDC|BMC)"
_PLACE = re.compile(rb"q\s+1 0 0 -1 %b %b cm" % (b"(%b)" % _NUMBER, b"(%b)" % _NUMBER))
_CLUSTER = rb"/Span<</ActualText<[0-9A-F]+>>>BDC"
_RAISED = re.compile(
    rb"%(cluster)b[^/]*(?P<font>/f\d+ [\d.]+ Tf) 1 0 0 -1 [-\d.]+ [-\d.]+ Tm\s*%(show)b\s*"
    rb"(?P<close>EMC\s*ET\s*Q(?:\s*EMC\s*%(open)b)?)\s*"
    rb"q\s+1 0 0 -1 (?P<x>%(number)b) (?P<y>%(number)b) cm[^()\[]*?BT\s*(?P<again>%(cluster)b)?"
    rb"[^/]*(?P=font) 1 0 0 -1 0 0 Tm\s*(?P<mark>%(show)b)\s*(?(again)EMC\s*)ET\s*Q\s*(?=EMC|q\s)"
    % {b"cluster": _CLUSTER, b"show": _SHOW, b"open": _OPEN, b"number": _NUMBER},
    re.DOTALL,
)
_STREAM = re.compile(rb"(?P<before>.*?)/Length (?P<length>\d+)(?P<after>[^>]*>>\s*stream\r?\n)", re.DOTALL)
_ENTRY = 20
_HIGHEST_RISE = 0.4


def without_doubled_marks(pdf: bytes) -> bytes:
    """The same document; one whose structure is not Typst's plain table of objects is returned as it is."""
    try:
        table = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
        head = re.compile(rb"xref\s+0 (\d+)\s*\n").match(pdf, table)
        trailer = pdf.index(b"trailer", table)
    except (ValueError, IndexError):
        return pdf
    if head is None:
        return pdf
    entries = [pdf[head.end() + at * _ENTRY :][:_ENTRY] for at in range(int(head[1]))]
    return _rebuilt(pdf, entries, table, pdf[trailer : pdf.rindex(b"startxref")])


def _rebuilt(pdf: bytes, entries: list[bytes], table: int, trailer: bytes) -> bytes:
    places = {number: int(entry[:10]) for number, entry in enumerate(entries) if entry[17:18] == b"n"}
    order = sorted(places, key=places.__getitem__)
    ends = [places[number] for number in order[1:]] + [table]
    out = bytearray(pdf[: places[order[0]]])
    for number, end in zip(order, ends, strict=True):
        start, places[number] = places[number], len(out)
        out += _object(pdf[start:end])
    at = len(out)
    out += b"xref\n0 %d\n" % len(entries)
    for number, entry in enumerate(entries):
        out += b"%010d" % places[number] + entry[10:] if number in places else entry
    return bytes(out + trailer + b"startxref\n%d\n%%%%EOF" % at)


def _object(body: bytes) -> bytes:
    found = _STREAM.match(body)
    if found is None or b"/FlateDecode" not in body[: found.end()]:
        return body
    start, length = found.end(), int(found["length"])
    try:
        content = zlib.decompress(body[start : start + length])
    except zlib.error:
        return body
    if b"/ActualText" not in content:
        return body
    packed = zlib.compress(_single(content))
    return (
        b"%b/Length %d%b" % (found["before"], len(packed), found["after"]) + packed + body[start + length :]
    )


def _single(content: bytes) -> bytes:
    out: list[bytes] = []
    at = 0
    for found in _RAISED.finditer(content):
        place = _last_place(content, found.start())
        if place is None:
            continue
        x, y = float(found["x"]) - place[0], place[1] - float(found["y"])
        if not 0 < abs(y) < _HIGHEST_RISE * float(found["font"].split()[1]):
            continue
        shift = b" 1 0 0 -1 %.5f %.5f Tm" % (x, y)
        out += [content[at : found.start("close")], shift, found["mark"], b"\n", found["close"], b"\n"]
        at = found.end()
    return b"".join([*out, content[at:]])


def _last_place(content: bytes, end: int) -> tuple[float, float] | None:
    """Where the text before this offset has its origin on the page."""
    start = content.rfind(b"\nq ", 0, end)
    found = _PLACE.match(content, start + 1)
    return (float(found[1]), float(found[2])) if found else None
