"""Makes the text of a Typst PDF come out right when it is searched or copied.

Typst draws a raised tone mark apart from its consonant and gives both parts the whole cluster as their text, so
readers find ทั้ทั้ง for ทั้ง. Here the second part is given no text. The page looks as it did.
"""

from __future__ import annotations

import re
import zlib

_CLUSTER = re.compile(rb"/Span<</ActualText<([0-9A-F]+)>>>BDC")
_SHOWS = re.compile(rb"T[jJ]")
_STREAM = re.compile(rb"(?P<before>.*?)/Length (?P<length>\d+)(?P<after>[^>]*>>\s*stream\r?\n)", re.DOTALL)
_ENTRY = 20


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
    last: re.Match[bytes] | None = None
    for found in _CLUSTER.finditer(content):
        if last and last[1] == found[1] and _adjoining(content, last.end(), found.start()):
            out += [content[at : found.start()], b"/Span<</ActualText<FEFF>>>BDC"]
            at = found.end()
        last = found
    return b"".join([*out, content[at:]])


def _adjoining(content: bytes, start: int, end: int) -> bool:
    """Whether nothing is shown between the end of one span and the start of the next."""
    closed = content.find(b"EMC", start, end)
    return closed >= 0 and not _SHOWS.search(content, closed, end)
