"""Working groups, attendance and former names in the data files: taken in, written out, and refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from khlong.chain.load import dump_all, load_all
from khlong.chain.tests.folder import make_folder
from khlong.chain.yamlfile import LoadFailed, write
from khlong.network.models import Attendance, Meeting, Programme, WorkGroup
from khlong.people.actor import system_actor
from khlong.places.actions import save_group
from khlong.places.models import Group

ORGANISATIONS = """\
organisations:
  - ref: O-SCS-0001
    name: {th: มูลนิธิชุมชนสงขลา}
    kind: foundation
"""
GROUPS = """\
working_groups:
  - ref: U-PTG-0001
    name: {th: คณะทำงานสายคลองตง, en: Khlong Tong working group}
    purpose: {th: ดูแลคลอง}
    city: phatong
    organisations: [O-SCS-0001]
"""
MEETINGS = """\
meetings:
  - ref: W-PTG-0001
    name: {th: ประชุมคณะทำงาน}
    date: "2026-03-04"
    cities: [phatong]
    working_group: U-PTG-0001
    source: S1
    mark: A
    attendance:
      - group: {city: phatong, name: คนดั้งเดิม}
        invited: 30
        attended: 20
        women: 12
        men: 8
      - organisation: O-SCS-0001
        presence: apologies
        reason: ติดราชการ
      - others: {th: นักเรียน, en: pupils}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_folder(tmp_path)
    for name, text in (("organisations", ORGANISATIONS), ("working_groups", GROUPS), ("meetings", MEETINGS)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_files_are_taken_in_and_a_second_time_changes_nothing(db: None, folder: Path) -> None:
    load_all(folder)
    group, meeting = WorkGroup.objects.get(), Meeting.objects.get()
    assert (group.ref, group.node.space_id, meeting.work_group) == (
        "U-PTG-0001",
        meeting.cities.get().pk,
        group,
    )
    rows = {row.name: row for row in Attendance.objects.select_related("group", "organisation")}
    assert (rows["คนดั้งเดิม"].attended, rows["คนดั้งเดิม"].men) == (20, 8)
    assert rows["มูลนิธิชุมชนสงขลา"].presence == "apologies"
    assert rows["นักเรียน"].attended is None
    assert load_all(folder).changed == {}


def test_what_is_written_out_reads_back_and_says_the_same(db: None, folder: Path, tmp_path: Path) -> None:
    load_all(folder)
    once = dump_all()
    for name, data in once.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(write(data), encoding="utf-8")
    load_all(folder)
    assert dump_all() == once
    assert Attendance.objects.count() == 3


def test_a_small_number_is_never_written_out(db: None, folder: Path) -> None:
    load_all(folder)
    Attendance.objects.filter(attended=20).update(attended=4, women=None, men=None, invited=3)
    (meeting,) = dump_all()["meetings.yaml"]["meetings"]
    line = next(row for row in meeting["attendance"] if row.get("group"))
    assert not {"attended", "invited", "women", "men"} & {key for key, value in line.items() if value}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("women: 12", "women: 3", "under five"),
        ("name: คนดั้งเดิม}", "name: คนอื่น}", "names no group"),
        ("working_group: U-PTG-0001", "working_group: U-PTG-0009", "nothing called"),
        ("presence: apologies", "presence: asleep", "asleep"),
    ],
)
def test_what_cannot_stand_is_complained_of(db: None, folder: Path, old: str, new: str, words: str) -> None:
    assert old in MEETINGS
    (folder / "meetings.yaml").write_text(MEETINGS.replace(old, new), encoding="utf-8")
    with pytest.raises(LoadFailed, match=words):
        load_all(folder)
    assert not Attendance.objects.exists()


def test_a_programme_names_its_cities(db: None, folder: Path) -> None:
    path = folder / "programme.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  cities: [phatong]\n", encoding="utf-8")
    load_all(folder)
    assert [city.slug for city in Programme.objects.get().cities.all()] == ["phatong"]
    assert load_all(folder).changed == {}


def test_a_group_that_chooses_another_name_keeps_what_it_was_called(
    db: None, folder: Path, client: Any
) -> None:
    load_all(folder)
    group = Group.objects.get()
    save_group(system_actor("test"), group, {"name_th": "คนคลองตง", "name_en": "people of Khlong Tong"})
    save_group(system_actor("test"), group, {"name_en": "the people of Khlong Tong"})
    group.refresh_from_db()
    assert [(old.name_th, old.name_en) for old in group.former_names] == [("คนดั้งเดิม", "long-time residents")]
    page = client.get("/cities/phatong/").content.decode()
    assert "คนคลองตง" in page
    assert "เคยเรียกว่า" in page.replace('<span class="nb">', "").replace("</span>", "")
    (city,) = [data for name, data in dump_all().items() if name == "cities/phatong.yaml"]
    assert city["groups"][0]["former"][0]["name"] == {"th": "คนดั้งเดิม", "en": "long-time residents"}
