"""Reading data files so that every complaint can name file, line and mend."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from unicodedata import normalize

import yaml

from khlong.thai.dates import DateError, Span

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and how to mend it."""

    file: str
    line: int
    message: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" + (f" Mend: {self.mend}" if self.mend else "")


class LoadFailed(Exception):  # noqa: N818
    """Nothing was taken in; `problems` says why, file by file and line by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("\n".join(map(str, self.problems)))


class Table(dict[str, Any]):
    """A mapping of a file that knows the line of each key."""

    line = 0
    lines: dict[str, int]


@dataclass
class Complaints:
    """Collects problems, so that one run names them all."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, message: str, mend: str = "") -> None:
        self.found.append(Problem(file, line, message, mend))


class _Builder:
    """Makes tables, lists and texts of a file's nodes. A node is met once: what a `*name` repeats would be
    written out as often as it is named, which fills a machine from a few lines, or without end.
    """

    def __init__(self, file: str, complaints: Complaints) -> None:
        self.file, self.complaints = file, complaints
        self._met: set[int] = set()

    def build(self, node: yaml.Node) -> Any:
        if id(node) in self._met:
            line = node.start_mark.line + 1
            self.complaints.add(
                self.file, line, "This is repeated elsewhere by a *name.", "Write it out there."
            )
            return None
        self._met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.table(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item) for item in node.value]
        return _scalar(node)

    def table(self, node: yaml.MappingNode) -> Table:
        table = Table()
        table.line, table.lines = node.start_mark.line + 1, {}
        self._met.add(id(node))
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.complaints.add(self.file, line, "A key must be plain text.")
                continue
            key = str(key_node.value)
            if key in table:
                self.complaints.add(self.file, line, f"{key} stands twice here.", "Keep one of them.")
            table[key], table.lines[key] = self.build(value_node), line
        return table


def _scalar(node: yaml.Node) -> Any:
    """Text stays text, dates and codes too; only true, false, null and nothing are read as such."""
    tag, value = node.tag.rsplit(":", 1)[-1], str(node.value)
    if tag == "null":
        return None
    if tag == "bool":
        return value.lower() in {"true", "yes", "on"}
    return normalize("NFC", value)


def read(path: Path, root: Path, complaints: Complaints) -> Reader | None:
    """The whole of a file as a reader; None, and a complaint, when it is no YAML mapping."""
    file = str(path.relative_to(root))
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=Loader)
        made = _Builder(file, complaints).table(node) if isinstance(node, yaml.MappingNode) else None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        complaints.add(
            file,
            line,
            f"This cannot be read: {getattr(error, 'problem', error)}.",
            "Check the indents and quotes, and that the file is UTF-8.",
        )
        return None
    if made is None:
        complaints.add(
            file, 1, "The file is not a list of keys with values.", "Begin with a key such as  city:"
        )
        return None
    return Reader(made, file, complaints)


class Reader:
    """One mapping of a file; every method complains with file and line instead of raising."""

    def __init__(self, table: Table, file: str, complaints: Complaints) -> None:
        self.table, self.file, self.complaints = table, file, complaints
        self._asked: set[str] = set()
        self.is_bad = False

    def line(self, key: str = "") -> int:
        return self.table.lines.get(key, self.table.line)

    def complain(self, key: str, message: str, mend: str = "") -> None:
        self.is_bad = True
        self.complaints.add(self.file, self.line(key), message, mend)

    def has(self, key: str) -> bool:
        return self.table.get(key) is not None

    def raw(self, key: str) -> Any:
        self._asked.add(key)
        return self.table.get(key)

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        value = self.raw(key)
        if value is None or value == "":
            if required:
                self.complain(key, f"{key} is missing.", f"Add a line  {key}: …")
            return default
        if isinstance(value, dict | list | bool):
            self.complain(key, f"{key} must be plain text.")
            return default
        return str(value).strip()

    def pair(self, key: str, *, required: bool = False) -> tuple[str, str]:
        """Thai and English of a text; plain text is taken as Thai."""
        value = self.raw(key)
        if value is None:
            if required:
                self.complain(key, f"{key} is missing.", f"Add  {key}: {{th: …, en: …}}")
            return "", ""
        if not isinstance(value, Table):
            return str(value).strip(), ""
        if unknown := set(value) - {"th", "en"}:
            self.complain(
                key, f"{key} has the language {sorted(unknown)[0]!r}.", "Only th and en exist here."
            )
        th, en = (str(value.get(lang) or "").strip() for lang in ("th", "en"))
        if not th:
            self.complain(key, f"{key} has no Thai text.", "Thai is the text that counts: add  th: …")
        return th, en

    def span(self, key: str, *, undated: bool = False, required: bool = False) -> Span | None:
        text = self.text(key, required=required)
        if not text or (undated and text == "undated"):
            return None
        try:
            return Span.from_iso(text)
        except DateError as error:
            mend = (
                f"Write {error.suggestion}."
                if error.suggestion
                else "Write 2022-09-03, 2022-09, 2022 or two of them with / between."
            )
            if error.code == "other_era":
                mend += " Files use the common era (ค.ศ. = พ.ศ. - 543)."
            self.complain(key, f"{key}: {text!r} is not a date that can be used ({error}).", mend)
            return None

    def number(self, key: str) -> Decimal | None:
        text = self.text(key).replace(",", "").replace("_", "")
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            self.complain(
                key, f"{key}: {text!r} is not a number.", "Write digits, with a point for decimals."
            )
            return None
        if not value.is_finite() or abs(value) >= 10**16:
            self.complain(key, f"{key}: {text} is too large or no number.")
            return None
        if value != round(value, 4):
            self.complain(key, f"{key}: {text} has more than four decimals.", "Round it as the source does.")
            return None
        return value

    def integer(self, key: str) -> int | None:
        value = self.number(key)
        if value is not None and value != value.to_integral():
            self.complain(key, f"{key} must be a whole number.")
            return None
        return None if value is None else int(value)

    def flag(self, key: str) -> bool:
        value = self.raw(key)
        if value not in (None, True, False):
            self.complain(key, f"{key} is neither true nor false.")
        return value is True

    def choice(self, key: str, choices: Collection[str], *, required: bool = True, default: str = "") -> str:
        text = self.text(key, required=required, default=default)
        if text and text not in choices:
            self.complain(key, f"{key}: {text!r} is not known.", choose(text, choices))
            return default
        return text

    def words(self, key: str) -> list[str]:
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(key, f"{key} must be a list.", f"Write  {key}: [first, second]")
            return []
        return [str(item) for item in value]

    def one(self, key: str) -> Reader | None:
        value = self.raw(key)
        if isinstance(value, Table):
            return Reader(value, self.file, self.complaints)
        if value is not None:
            self.complain(key, f"{key} must hold keys and values of its own.")
        return None

    def each(self, key: str) -> Iterator[Reader]:
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            self.complain(key, f"{key} must be a list of items that begin with a dash.")
            return
        for item in value or []:
            if isinstance(item, Table):
                yield Reader(item, self.file, self.complaints)
            else:
                self.complain(key, f"{key} holds {item!r} where keys and values are wanted.")

    def named(self, key: str) -> Iterator[tuple[str, Reader]]:
        """The items of a mapping of mappings."""
        inner = self.one(key)
        for name, value in (inner.table if inner else {}).items():
            if isinstance(value, Table):
                yield name, Reader(value, self.file, self.complaints)
            elif inner:
                inner.complain(name, f"{name} must hold keys and values of its own.")

    def done(self) -> None:
        """Complain of keys that nobody asked for: most are typing mistakes."""
        for key in self.table:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.complain(key, f"{key} is not a key that is used here.", f"Known here: {known}.")

    def digest(self, *without: str) -> str:
        """A hash of what stands here, leaving out keys that are taken in on their own."""
        kept = {key: value for key, value in self.table.items() if key not in without}
        text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class _Dumper(yaml.SafeDumper):
    """Writes files as a person would: lists indented, texts folded, Thai as it is."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class Flow(dict[str, Any]):
    """A mapping to be written on one line."""


_Dumper.add_representer(
    Flow,
    lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True),
)
_Dumper.add_representer(
    Decimal,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", f"{value.normalize():f}"),
)


def write(data: dict[str, Any]) -> str:
    """A file's text from plain data; keys stay in the order given, empty ones are left out."""
    return yaml.dump(_lean(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=140)


def _lean(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _lean(item) for key, item in value.items() if item not in (None, "", [], {})}
        return Flow(kept) if isinstance(value, Flow) else kept
    if isinstance(value, list):
        return [_lean(item) for item in value]
    return value


def pair(th: str, en: str) -> dict[str, str] | None:
    """A pair of texts for a file, on one line when short."""
    if not th:
        return None
    both = {"th": th, "en": en} if en else {"th": th}
    return Flow(both) if len(th) + len(en) <= 110 else both


def choose(text: str, choices: Collection[str]) -> str:
    """The mend for a word that is not known: all choices when they are few, the nearest when they are many."""
    if len(choices) <= 14:
        return f"Choose one of: {', '.join(sorted(choices))}."
    near = get_close_matches(text, choices, n=6, cutoff=0.3) or sorted(choices)[:6]
    return f"Nearest of {len(choices)} choices: {', '.join(near)}."
