"""Audit the licences of what Khlong installs and carries, and keep THIRD_PARTY.md in step.

    python -m tools.licences            refuse what is not allowed, unknown, changed, or not listed
    python -m tools.licences --write    write THIRD_PARTY.md

Packages are those of requirements/base.txt, engine.txt and scale.txt, read from their installed metadata; carried
files are those of the vendored manifest, compared with their hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = tuple(ROOT / "requirements" / f"{layer}.txt" for layer in ("base", "engine", "scale"))
MANIFEST = ROOT / "src" / "khlong" / "ui" / "static" / "ui" / "vendor" / "manifest.json"
TABLE = ROOT / "THIRD_PARTY.md"

ALLOWED = frozenset(
    [
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC-BY-4.0", "CC0-1.0"),
        *("HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0"),
        *("Unicode-3.0", "Unlicense", "Zlib"),
    ]
)
LGPL = frozenset({"LGPL-3.0-only", "LGPL-3.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later"})
LGPL_ALLOWED_FOR = frozenset({"psycopg", "psycopg-binary", "psycopg-pool"})
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: The Unlicense (Unlicense)": "Unlicense",
}
UNSTATED = {"pyrage": "MIT"}
"""What a distribution leaves out of its metadata, read in its repository's LICENSE."""
ON_SOME_PYTHONS = {
    "importlib-metadata": ("Apache-2.0", "https://github.com/python/importlib_metadata"),
    "lazy-importer": ("Apache-2.0", ""),
    "zipp": ("MIT", "https://github.com/jaraco/zipp"),
}
"""Installed below Python 3.12 only, so read from their metadata by hand: the table is the same everywhere."""
NOTES = {
    "pyrage": "its metadata states no licence; its README and LICENSE say MIT",
    "psycopg": "an installed dependency, unchanged",
    "pythainlp": "words_th.txt, which Khlong reads, is CC0-1.0; other corpora have other licences",
    "geothai": "the code is MIT, the place names CC-BY-4.0",
}
HEADER = """# Third-party software

Written by `python -m tools.licences --write`; the tests check that it is in step.

| Name | Version | Licence | Home | Note |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Part:
    name: str
    version: str
    licence: str
    home: str


def allowed(expression: str, name: str) -> bool:
    """Whether an SPDX expression may be used: of OR one side is enough, of AND both are needed."""
    expression = re.sub(r"\bWITH\s+\S+", "", expression).replace("(", " ").replace(")", " ").strip()
    permitted = ALLOWED | (LGPL if name in LGPL_ALLOWED_FOR else frozenset())
    return any(
        all(part.strip() in permitted for part in re.split(r"\s+AND\s+", choice))
        for choice in re.split(r"\s+OR\s+", expression)
    )


def stated(fields: metadata.PackageMetadata, name: str) -> list[str]:
    return [str(value).strip() for value in fields.get_all(name) or []]


def stated_licence(fields: metadata.PackageMetadata) -> str:
    """The licence a distribution states: its SPDX expression, a short licence field, or a classifier."""
    if expression := stated(fields, "License-Expression"):
        return expression[0]
    short = "".join(stated(fields, "License"))
    if short in ALLOWED | LGPL:
        return short
    named = [CLASSIFIERS[entry] for entry in stated(fields, "Classifier") if entry in CLASSIFIERS]
    return " OR ".join(dict.fromkeys(named)) or short.partition("\n")[0] or "unknown"


def home_page(fields: metadata.PackageMetadata) -> str:
    if home := stated(fields, "Home-page"):
        return home[0]
    pairs = [entry.partition(", ") for entry in stated(fields, "Project-URL")]
    by_label = {label.lower(): address for label, _comma, address in pairs}
    for label in ("homepage", "home", "repository", "github", "source", "source code", "documentation"):
        if label in by_label:
            return by_label[label]
    return ""


def pinned(requirements: str) -> list[tuple[str, str]]:
    """Name and version of every package that a pinned file installs on this platform's family."""
    lines = re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)([^\n]*)", requirements)
    pairs = [
        (name.lower(), version) for name, version, rest in lines if "sys_platform == 'win32'" not in rest
    ]
    return list(dict.fromkeys(pairs))


def installed_parts(requirements: str) -> list[Part]:
    parts = []
    for name, version in pinned(requirements):
        if name in ON_SOME_PYTHONS:
            parts.append(Part(name, version, *ON_SOME_PYTHONS[name]))
            continue
        try:
            fields = metadata.distribution(name).metadata
        except metadata.PackageNotFoundError:
            parts.append(Part(name, version, "not installed", ""))
        else:
            licence = UNSTATED.get(name) or stated_licence(fields)
            parts.append(Part(name, version, licence, home_page(fields)))
    return parts


def carried_parts(manifest: dict[str, Any]) -> list[Part]:
    return [
        Part(entry["name"], entry["version"], entry.get("licence") or "unknown", entry.get("home", ""))
        for entry in manifest["packages"]
    ]


def changed_files(manifest: dict[str, Any], root: Path) -> list[str]:
    """One line for every carried file that is missing or has another hash than the manifest says."""
    found = []
    for entry in manifest["packages"]:
        for name, expected in entry["files"].items():
            path = root / name
            if not path.is_file():
                found.append(f"{name}: missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                found.append(f"{name}: differs from the manifest's hash")
    return found


def refusals(parts: list[Part]) -> list[str]:
    return [
        f"{part.name} {part.version}: licence {part.licence!r} is not among the allowed ones"
        for part in parts
        if not allowed(part.licence, part.name)
    ]


def table(parts: list[Part]) -> str:
    rows = [
        f"| {part.name} | {part.version} | {part.licence} | {part.home} | {NOTES.get(part.name, '')} |"
        for part in parts
    ]
    return HEADER + "\n".join(rows) + "\n"


def main(arguments: list[str]) -> int:
    manifest = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else {"packages": []}
    wanted = "\n".join(path.read_text() for path in INSTALLED)
    parts = [*installed_parts(wanted), *carried_parts(manifest)]
    wrong = [*refusals(parts), *changed_files(manifest, ROOT)]
    if "--write" in arguments:
        TABLE.write_text(table(parts))
    elif not TABLE.exists() or TABLE.read_text() != table(parts):
        wrong.append("THIRD_PARTY.md is not in step: run  python -m tools.licences --write")
    for line in wrong:
        print(line)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
