"""Message catalogues of the rooms, without gettext installed.

    python -m tools.catalogues extract    bring the .po files in step with the sources, then compile
    python -m tools.catalogues compile    write the .mo files
    python -m tools.catalogues check      refuse missing, empty, left-over, mismatched, stale and disagreeing entries

Each room has khlong/<room>/locale/{th,en}/LC_MESSAGES/django.po and its .mo. The message ids are English; the
English catalogue repeats them, the Thai one is written by people and never guessed.
"""

from __future__ import annotations

import argparse
import ast
import io
import os
import re
import struct
import sys
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.extract import extract_python
from babel.messages.pofile import normalize, read_po

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PLURALS = {"th": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}
FORMS = {"th": 1, "en": 2}
MEND = "run  python -m tools.catalogues extract"
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
TEMPLATES = {".html", ".txt", ".xml"}
LEFT_OUT = {"tests", "migrations", "__pycache__", "vendor"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0+-]*[\d.]*[a-zA-Z]|%[#0+-]*[\d.]*[sdifgrxX]|\{[\w.!:\[\]]*\}")

Key = tuple[str, str]


@dataclass
class Entry:
    """One message: context, singular, plural ('' when there is none), translations, where it is used."""

    context: str
    singular: str
    plural: str = ""
    forms: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        return self.context, self.singular


# --- what the sources say -------------------------------------------------------------------


def sources(room: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(room):
        names[:] = sorted(name for name in names if name not in LEFT_OUT)
        for name in sorted(files):
            path = Path(folder) / name
            if path.suffix == ".py" or ("templates" in path.parts and path.suffix in TEMPLATES):
                yield path


def messages_of(path: Path) -> Iterator[Entry]:
    text = path.read_text(encoding="utf-8")
    try:
        calls = calls_of_python(text) if path.suffix == ".py" else calls_of_template(text, path)
    except (SyntaxError, tokenize.TokenError) as error:
        raise SystemExit(f"{path}: cannot be read: {error}") from error
    for function, found in calls:
        if (entry := entry_of(function, found)) is not None:
            yield entry


def calls_of_python(text: str) -> list[tuple[str, Any]]:
    """Read as a tree, not as tokens: what stands within an f-string is found by every version of Python."""
    calls = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            function = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if function in KEYWORDS:
                calls.append((function, [getattr(argument, "value", None) for argument in node.args]))
    return calls


def calls_of_template(text: str, path: Path) -> list[tuple[str, Any]]:
    """A template's strings become calls, and everything else in it is blanked out."""
    from django.utils.translation.template import templatize

    # Blanked-out lines keep the template's indentation, which Python's tokenizer would refuse.
    view = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    source = io.BytesIO(view.encode())
    found = extract_python(source, KEYWORDS, [], {"encoding": "utf-8"})
    return [(str(function), values) for _line, function, values, _comments in found]


def entry_of(function: str, found: Any) -> Entry | None:
    """The message of a call, or None when an argument is not a literal string."""
    values = list(found) if isinstance(found, (tuple, list)) else [found]
    wanted = KEYWORDS[function] or (1,)
    picked = []
    for place in wanted:
        index = (place[0] if isinstance(place, tuple) else place) - 1
        if index >= len(values) or not isinstance(values[index], str) or not values[index]:
            return None
        picked.append(values[index])
    context = picked.pop(0) if isinstance(wanted[0], tuple) else ""
    return Entry(context, picked[0], picked[1] if len(picked) > 1 else "")


def extracted(room: Path, base: Path) -> dict[Key, Entry]:
    entries: dict[Key, Entry] = {}
    for path in sources(room):
        for message in messages_of(path):
            entry = entries.setdefault(message.key, message)
            entry.plural = entry.plural or message.plural
            entry.places.add(path.relative_to(base).as_posix())
    return entries


# --- .po ------------------------------------------------------------------------------------


def read_catalogue(path: Path) -> tuple[dict[Key, Entry], list[str]]:
    """The entries of a .po file, and the message ids of its commented-out ones."""
    if not path.exists():
        return {}, []
    with path.open("rb") as source:
        catalogue = read_po(source, ignore_obsolete=False)
    entries = {}
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string or "",)
        entry = Entry(message.context or "", ids[0], ids[1], list(forms))
        entry.places.update(name for name, _line in message.locations)
        entry.notes.extend(message.user_comments)
        entry.flags.update(flag for flag in message.flags if flag == "fuzzy")
        entries[entry.key] = entry
    return entries, [str(key[0] if isinstance(key, tuple) else key) for key in catalogue.obsolete]


def header(language: str) -> str:
    lines = [f"Language: {language}", "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8"]
    lines += ["Content-Transfer-Encoding: 8bit", f"Plural-Forms: {PLURALS[language]}"]
    return "".join(f"{line}\n" for line in lines)


def quoted(keyword: str, text: str) -> str:
    return f"{keyword} {normalize(text, width=100)}\n"


def written_entry(entry: Entry) -> str:
    lines = [f"# {note}\n" for note in entry.notes]
    lines += [f"#: {place}\n" for place in sorted(entry.places)]
    if entry.context:
        lines.append(quoted("msgctxt", entry.context))
    lines.append(quoted("msgid", entry.singular))
    if entry.plural:
        lines.append(quoted("msgid_plural", entry.plural))
        lines += [quoted(f"msgstr[{number}]", form) for number, form in enumerate(entry.forms)]
    else:
        lines.append(quoted("msgstr", entry.forms[0]))
    return "".join(lines)


def written(entries: Iterable[Entry], language: str) -> str:
    """The text of a .po file: sorted by message id, with the files that use it but no line numbers."""
    ordered = sorted(entries, key=lambda entry: (entry.singular, entry.context))
    head = quoted("msgid", "") + quoted("msgstr", header(language))
    return "\n".join([head, *map(written_entry, ordered)])


def renewed(source: Entry, old: Entry | None, language: str) -> Entry:
    """The entry of a catalogue for a message of the sources, with its translation kept."""
    forms = [source.singular, source.plural] if source.plural else [source.singular]
    if language != "en":
        kept = old.forms if old else []
        forms = [*kept, "", ""][: FORMS[language] if source.plural else 1]
    notes = old.notes if old else []
    return Entry(source.context, source.singular, source.plural, forms, source.places, notes)


def updated(found: dict[Key, Entry], known: dict[Key, Entry], language: str) -> str:
    return written((renewed(entry, known.get(key), language) for key, entry in found.items()), language)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(path)


# --- .mo ------------------------------------------------------------------------------------


def compiled(entries: Iterable[Entry], language: str) -> bytes:
    """The bytes of a .mo file, the same for the same entries; untranslated ones are left out."""
    texts = {b"": header(language).encode()}
    for entry in entries:
        if entry.forms and all(entry.forms):
            key = "\0".join(filter(None, (entry.singular, entry.plural)))
            key = f"{entry.context}\x04{key}" if entry.context else key
            texts[key.encode()] = "\0".join(entry.forms).encode()
    ordered = sorted(texts.items())
    start = 28 + 16 * len(ordered)
    tables: list[bytes] = []
    strings = b""
    for column in (0, 1):
        for pair in ordered:
            tables.append(struct.pack("<II", len(pair[column]), start + len(strings)))
            strings += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(ordered), 28, 28 + 8 * len(ordered), 0, start)
    return head + b"".join(tables) + strings


# --- checking -------------------------------------------------------------------------------


def placeholders(text: str) -> list[str]:
    return sorted(match[0] for match in PLACEHOLDER.finditer(text.replace("%%", "")))


def placeholder_mismatch(entry: Entry) -> bool:
    """Whether a translated form has other placeholders than the original it stands for."""
    originals = [placeholders(entry.singular)]
    if entry.plural:
        # A language with one form for every number stands for the plural.
        originals = [*(originals if len(entry.forms) > 1 else []), placeholders(entry.plural)]
    return any(form and placeholders(form) not in originals for form in entry.forms)


def complaints(name: str, language: str, found: dict[Key, Entry], path: Path) -> Iterator[str]:
    """What is wrong with one catalogue, a line each with room, message and mend."""
    known, obsolete = read_catalogue(path)
    where = f"{name}/{language}"
    for key in sorted(found.keys() - known.keys()):
        yield f"{where}: {key[1]!r} is missing from the catalogue; {MEND}"
    for key in sorted(known.keys() - found.keys()):
        yield f"{where}: {key[1]!r} is no longer used; {MEND}"
    for text in obsolete:
        yield f"{where}: {text!r} is left over as a comment; {MEND}"
    for key in sorted(known.keys() & found.keys()):
        entry = known[key]
        if not entry.forms or not all(entry.forms):
            yield f"{where}: {key[1]!r} has no translation; write its msgstr in {path.name}"
        if entry.plural != found[key].plural:
            yield f"{where}: {key[1]!r} has got another plural; {MEND}"
        if "fuzzy" in entry.flags:
            yield f"{where}: {key[1]!r} is marked fuzzy; check its msgstr and remove the mark"
        if placeholder_mismatch(entry):
            yield f"{where}: {key[1]!r} has other placeholders in its msgstr; make them the same"
    machine = path.with_suffix(".mo")
    if not machine.exists() or machine.read_bytes() != compiled(known.values(), language):
        yield f"{where}: {machine.name} is stale; run  python -m tools.catalogues compile"


def disagreements(package: Path, language: str) -> Iterator[str]:
    """Messages that two rooms translate differently: Django merges catalogues, so one would show in both."""
    said: dict[Key, dict[tuple[str, ...], list[str]]] = {}
    for room in rooms(package):
        for key, entry in read_catalogue(catalogue_path(room, language))[0].items():
            if all(entry.forms):
                said.setdefault(key, {}).setdefault(tuple(entry.forms), []).append(room.name)
    for (_context, text), forms in sorted(said.items()):
        if len(forms) > 1:
            told = "; ".join(f"{' / '.join(form)} ({', '.join(names)})" for form, names in forms.items())
            yield f"{language}: {text!r} differs between rooms: {told}; agree on one, or give one a context"


def catalogue_path(room: Path, language: str) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def rooms(package: Path) -> list[Path]:
    return sorted(path.parent for path in package.glob("*/__init__.py"))


def extract(package: Path) -> int:
    for room in rooms(package):
        found = extracted(room, package.parent)
        for language in PLURALS:
            path = catalogue_path(room, language)
            if not found and not path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            text = updated(found, read_catalogue(path)[0], language)
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
        known = read_catalogue(catalogue_path(room, "th"))[0].values()
        if open_ones := sum(not all(entry.forms) for entry in known):
            print(f"{room.name}: {open_ones} of {len(known)} messages wait for Thai")
    return compile_all(package)


def compile_all(package: Path) -> int:
    for room in rooms(package):
        for language in PLURALS:
            path = catalogue_path(room, language)
            if path.exists():
                entries = read_catalogue(path)[0].values()
                replace_file(path.with_suffix(".mo"), compiled(entries, language))
    return 0


def check(package: Path) -> int:
    wrong: list[str] = []
    for room in rooms(package):
        found = extracted(room, package.parent)
        for language in PLURALS:
            path = catalogue_path(room, language)
            if found or path.exists():
                wrong.extend(complaints(room.name, language, found, path))
    for language in PLURALS:
        wrong.extend(disagreements(package, language))
    for line in wrong:
        print(line)
    return int(bool(wrong))


def main(arguments: list[str]) -> int:
    described = argparse.ArgumentParser(prog="python -m tools.catalogues")
    described.add_argument("what", choices=["extract", "compile", "check"])
    described.add_argument(
        "--package", type=Path, default=ROOT / "src" / "khlong", help="folder that holds the rooms"
    )
    asked = described.parse_args(arguments)
    return {"extract": extract, "compile": compile_all, "check": check}[asked.what](asked.package.resolve())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
