"""What no template may hold, and which strings may name whose things.

    python -m tools.lint_templates

Templates: nothing that the content security policy refuses (inline style, handlers, scripts, other hosts)
and no unescaped output. Strings in templates and Python that name a template, url, model, static file, module
or template library name only a room's own or upstream things; the import contract sees only imports.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
ORDER = (
    *("thai", "paper", "ui", "people", "record", "privacy", "chain"),
    *("places", "network", "register", "assessment", "strategy", "deliberation"),
    *("adoption", "pilots", "reports", "journal", "training", "web"),
)
GROUND = frozenset({"thai", "paper", "ui"})
AGREED_URLS = frozenset({"home", "set_language"})
FOREIGN_FOLDERS = frozenset({"django"})
DATA_SCRIPTS = frozenset({"application/json", "application/ld+json", "text/plain"})
ADDRESSES = {"script": "src", "link": "href", "img": "src", "source": "src", "iframe": "src", "use": "href"}

COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
UNSAFE = re.compile(r"\|\s*safe(?:seq)?\b|^{%\s*autoescape\s+off\b")
REFERENCE = re.compile(r"^{%\s*(url|extends|include|static)\s+(['\"])(.+?)\2")
LOAD = re.compile(r"^{%\s*load\s+(.+?)\s*%}", re.DOTALL)
OTHER_HOST = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
ROOM = "|".join(ORDER)
PYTHON_REFERENCE = re.compile(
    rf"(?:(?P<url>{ROOM}):[\w-]+(?::[\w-]+)*|(?P<file>{ROOM})/[\w./-]+\.(?:html|txt|xml|svg|js|css|json)"
    rf"|(?P<model>{ROOM})\.[A-Z]\w*|khlong\.(?P<module>{ROOM})(?:\.\w+)+)"
)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def may_name(room: str, other: str) -> bool:
    """Whether a room may name another's things: its own, one upstream of it, or the ground."""
    return other in GROUND or ORDER.index(other) <= ORDER.index(room)


def blanked(text: str) -> str:
    """The text as spaces, with its lines kept."""
    return re.sub(r"[^\n]", " ", text)


# --- what no template may hold --------------------------------------------------------------


class Markup(HTMLParser):
    """Collects what the content security policy would refuse, as (line, what)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self.script_line = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        given = {name.lower(): value or "" for name, value in attrs}
        for name in given:
            if name == "style":
                self.found.append((line, "inline style=; use a class"))
            if name.startswith("on") or name.startswith("hx-on"):
                self.found.append((line, f"inline handler {name}=; listen in a script file"))
        if tag == "style":
            self.found.append((line, "<style>; put it in a style sheet"))
        if tag == "script":
            self.check_script(line, given)
        for name in {"href", "src", "action", "formaction"} & given.keys():
            if given[name].strip().lower().startswith("javascript:"):
                self.found.append((line, f"javascript: in {name}="))
        address = given.get(ADDRESSES.get(tag, ""), "")
        if OTHER_HOST.match(address):
            self.found.append((line, f"<{tag}> from another host: {address.strip()}"))

    def check_script(self, line: int, given: dict[str, str]) -> None:
        if given.get("type", "").strip().lower() in DATA_SCRIPTS:
            return
        self.script_line = line
        if "src" not in given and "nonce" not in given:
            self.found.append((line, "<script> with neither src nor nonce"))

    def handle_data(self, data: str) -> None:
        if self.script_line and data.strip():
            self.found.append((self.script_line, "<script> with a body; put it in a script file"))
            self.script_line = 0

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.script_line = 0


def without_comments(text: str) -> str:
    return COMMENT.sub(lambda match: blanked(match[0]), text)


def forbidden(text: str) -> Iterator[tuple[int, str]]:
    """Line and reason of everything in a template that is refused everywhere."""
    text = without_comments(text)
    markup = Markup()
    markup.feed(TAG.sub(lambda match: blanked(match[0]), text))
    markup.close()
    yield from markup.found
    for match in TAG.finditer(text):
        if UNSAFE.search(match[0]):
            yield line_of(text, match.start()), f"output is not escaped: {match[0]}"


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


# --- whose things a string names ------------------------------------------------------------


def owner_of_path(name: str) -> str | None:
    """The room that owns a template or static file; None for one that a library owns."""
    folder, slash, _ = name.partition("/")
    if folder in FOREIGN_FOLDERS:
        return None
    return folder if slash and folder in ORDER else "web"


def owner_of_url(name: str) -> str | None:
    if name in AGREED_URLS:
        return None
    namespace, colon, _ = name.partition(":")
    return namespace if colon and namespace in ORDER else "web"


def template_references(text: str, libraries: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    """Line, what is named, and the room that owns it, for every string reference of a template."""
    text = without_comments(text)
    for match in TAG.finditer(text):
        line = line_of(text, match.start())
        if named := REFERENCE.match(match[0]):
            kind, name = named[1], named[3]
            owner = owner_of_url(name) if kind == "url" else owner_of_path(name)
            if owner:
                yield line, f"{{% {kind} '{name}' %}}", owner
        elif loaded := LOAD.match(match[0]):
            for library in loaded[1].split(" from ")[-1].split():
                if library in libraries:
                    yield line, f"{{% load {library} %}}", libraries[library]


def python_references(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, string and owning room of every string in Python that names a room's thing."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if match := PYTHON_REFERENCE.fullmatch(node.value):
            yield node.lineno, repr(node.value), next(filter(None, match.groups()))


def template_libraries(package: Path) -> dict[str, str]:
    return {
        path.stem: path.parts[-3] for path in package.glob("*/templatetags/*.py") if path.stem != "__init__"
    }


# --- the whole house ------------------------------------------------------------------------


def misplaced(room: str, references: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str]]:
    for line, named, owner in references:
        if not may_name(room, owner):
            yield line, f"{named} names something of {owner}, which is downstream of {room}"


def lint_template(path: Path, room: str, libraries: dict[str, str]) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".html", ".svg"}:
        yield from forbidden(text)
    yield from misplaced(room, template_references(text, libraries))


def lint(package: Path) -> list[Finding]:
    """Every finding in the rooms below `package`, sorted by file and line."""
    libraries = template_libraries(package)
    findings: list[Finding] = []
    for room in ORDER:
        for path in sorted((package / room).rglob("*")):
            inside = path.relative_to(package / room).parts
            if not path.is_file() or "tests" in inside:
                continue
            told: Iterator[tuple[int, str]] = iter(())
            if inside[0] == "templates":
                told = lint_template(path, room, libraries)
            elif path.suffix == ".py":
                told = misplaced(room, python_references(path.read_text(encoding="utf-8")))
            name = path.relative_to(package.parent).as_posix()
            findings.extend(Finding(name, line, what) for line, what in told)
    return sorted(findings)


def main(arguments: list[str]) -> int:
    package = Path(arguments[0]).resolve() if arguments else ROOT / "src" / "khlong"
    findings = lint(package)
    for finding in findings:
        print(finding)
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
