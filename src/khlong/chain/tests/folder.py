"""A small data folder that loads, and ways to spoil it: for the tests of the loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps

VOCABULARY = """\
topics:
  population: {th: ประชากร, en: population}
  log: {th: สิ่งที่เกิดขึ้น, en: what happened}
  history: {th: ประวัติ, en: history}
units:
  people: {th: คน, en: people}
"""
SOURCES = """\
sources:
  S1:
    publisher: {th: สถาบันสิ่งแวดล้อมไทย, en: Thailand Environment Institute}
    url: https://example.org/s1
    date: "2022-06-17"
  S2:
    publisher: {th: เทศบาลตำบลพะตง}
    date: undated
"""
PROGRAMME = """\
programme:
  ref: R-SCS
  slug: success
  name: {th: โครงการ SUCCESS, en: SUCCESS}
  full_name: {th: โครงการประชาสังคมร่วมแรง, en: Strengthening urban climate governance}
"""
BASIN = """\
canals:
  - ref: K-SCS-0001
    name: {th: คลองอู่ตะเภา, en: Khlong U-Taphao}
    flows_into: {th: ทะเลสาบสงขลา, en: Songkhla Lake}
    cities: [phatong]
"""
CITY = """\
city:
  ref: C-PTG
  slug: phatong
  name: {th: เมืองพะตง, en: Phatong}
  region: south
  full: true
  province: "90"
  source: S1
  mark: A
groups:
  - name: {th: คนดั้งเดิม, en: long-time residents}
    source: S2
    mark: A
communities:
  - ref: B-PTG-0001
    name: {th: บ้านหลบมุม, en: Ban Lop Mum}
    source: S1
    mark: A
    zones:
      - name: {th: โซนตลาด, en: the market}
        source: S1
        mark: A
facts:
  - ref: D-PTG-0001
    topic: population
    figure: 10412
    unit: people
    time: "2022"
    source: S1
    mark: A
  - ref: D-PTG-0002
    topic: log
    statement: {th: น้ำท่วมตลาด, en: The market was flooded.}
    time: 2022-09-03/2022-09-04
    source: S2
    mark: B
"""
FILES = {
    "vocabulary.yaml": VOCABULARY,
    "sources.yaml": SOURCES,
    "programme.yaml": PROGRAMME,
    "basin.yaml": BASIN,
    "cities/phatong.yaml": CITY,
}


def make_folder(root: Path) -> Path:
    """The whole folder, written under `root`."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def spoil(root: Path, name: str, old: str, new: str) -> int:
    """Put `new` in the place of `old`, which must be there once; the line at which the change begins."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def model(label: str) -> Any:
    """A model of a room downstream, which this room does not import."""
    return apps.get_model(label)


def fact(ref: str) -> Any:
    return model("places.Fact").objects.select_related("node", "source").get(node__ref=ref)
