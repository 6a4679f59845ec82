"""Files go to a hall with the rows that show them, and come home with what was written there."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import strip_tags

from khlong.assessment.actions import save_finding
from khlong.assessment.models import Finding
from khlong.chain.hall import envelope, files
from khlong.chain.hall.merging import Unmerged, receive
from khlong.chain.hall.models import HallFile
from khlong.chain.hall.packing import close
from khlong.chain.hall.threeway import CLASH, combine_files
from khlong.chain.models import Node, Visibility
from khlong.journal.actions import save_report
from khlong.journal.models import Report
from khlong.journal.tests.makers import keep_photo, make_report, photo_of
from khlong.people.actor import Actor
from khlong.places.models import City, Source
from khlong.record import store
from khlong.record.errors import Refused
from khlong.record.filed import MEMBERS, PUBLIC, Blob, File
from khlong.record.files import keep_file
from khlong.record.sweeping import sweep
from khlong.record.tests import drawn
from khlong.web.tests.halls import Both
from khlong.web.tests.world import SYSTEM, World, build

PAGE = "/cities/phatong/halls/"


class TwoFolders(Both):
    """Both sides, each with a folder of files of its own."""

    def __init__(self, city: City, cast: Any, settings: Any, laptop: Path) -> None:
        self.settings, self.laptop = settings, laptop
        super().__init__(city, cast)

    @contextmanager
    def in_the_hall(self) -> Iterator[Actor]:
        here, self.settings.FILES_DIR = self.settings.FILES_DIR, self.laptop
        try:
            with super().in_the_hall() as member:
                yield member
        finally:
            self.settings.FILES_DIR = here


@pytest.fixture
def world(city: City, source: Source, settings: Any, tmp_path: Path) -> World:
    settings.FILES_DIR = tmp_path / "server"
    return build(city.node, city, source, "ของเรา")


@pytest.fixture
def photo(world: World, city: City) -> File:
    return keep_photo(SYSTEM, city.node, size=(700, 500), name="ก่อนไป.jpg")


@pytest.fixture
def report(photo: File, city: City) -> Report:
    return make_report(city.node, photos=[photo_of(photo)], shown_agree=True, visibility=Visibility.MEMBERS)


@pytest.fixture
def two(report: Report, city: City, cast: Any, settings: Any, tmp_path: Path) -> TwoFolders:
    return TwoFolders(city, cast, settings, tmp_path / "laptop")


def again(thing: Any) -> Any:
    return type(thing)._base_manager.get(pk=thing.pk)


def shows(row: Report) -> list[str]:
    return [one["file"] for one in again(row).photos]


def add_photo(report: Report, made: list[File], **more: Any) -> Callable[[Actor], None]:
    """In the hall: one more photo into a report."""

    def write(member: Actor) -> None:
        here = again(report)
        made.append(keep_photo(member, here.node.space, size=(640, 480), name="ในที่ประชุม.jpg"))
        save_report(member, here, {"photos": [*here.photos, photo_of(made[-1], "คนในที่ประชุม")], **more})

    return write


def lose(file: File) -> None:
    store.path_of(file.digest).unlink()


def damage(file: File) -> None:
    path = store.path_of(file.digest)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


# --- to the hall ----------------------------------------------------------------------------


def test_photos_go_along_with_their_report_and_are_seen_in_the_hall(
    two: TwoFolders, photo: File, report: Report
) -> None:
    assert two.left == []
    with two.in_the_hall():
        assert shows(report) == [str(photo.pk)]
        assert list(again(report).files.all()) == [photo]
        digests = [photo.digest, *again(photo).blob.renditions.values_list("blob_id", flat=True)]
        assert len(digests) > 1
        assert all(store.is_whole(store.path_of(digest)) for digest in digests)


def test_what_no_row_shows_and_what_another_city_hides_stays_at_home(
    world: World, city: City, other_city: City, report: Report, cast: Any, settings: Any, tmp_path: Path
) -> None:
    loose = keep_photo(SYSTEM, city.node, size=(300, 200))
    theirs = keep_photo(SYSTEM, other_city.node, size=(310, 200))
    hidden = make_report(other_city.node, photos=[photo_of(theirs)], visibility=Visibility.MEMBERS)
    two = TwoFolders(city, cast, settings, tmp_path / "laptop")
    with two.in_the_hall():
        assert not File.objects.filter(pk__in=[loose.pk, theirs.pk]).exists()
        assert not Report.objects.filter(pk=hidden.pk).exists()
        assert Blob.objects.exists()
        for file in (loose, theirs):
            assert not store.path_of(file.digest).exists()


def test_the_same_bytes_go_once(
    city: City, report: Report, photo: File, cast: Any, settings: Any, tmp_path: Path
) -> None:
    same = keep_photo(SYSTEM, city.node, size=(700, 500), name="อีกชื่อ.jpg")
    assert same.digest == photo.digest
    make_report(city.node, "อีกรายงาน", photos=[photo_of(same)], shown_agree=True)
    two = TwoFolders(city, cast, settings, tmp_path / "laptop")
    found = envelope.opened(*envelope.split(two.packed, envelope.PACKED))
    assert [digest for digest, _size in found.content["parts"]].count(photo.digest) == 1
    with two.in_the_hall():
        assert File.objects.filter(blob=photo.digest).count() == 2


@pytest.mark.parametrize(("break_it", "why"), [(lose, files.MISSING), (damage, files.DAMAGED)])
def test_a_missing_or_damaged_file_is_named_and_the_rest_goes_and_nothing_of_it_is_lost(
    report: Report, photo: File, city: City, cast: Any, settings: Any, tmp_path: Path, break_it: Any, why: str
) -> None:
    break_it(photo)
    two = TwoFolders(city, cast, settings, tmp_path / "laptop")
    assert [(one.name, one.why) for one in two.left] == [("ก่อนไป.jpg", why)]
    made: list[File] = []
    two.meet(lambda member: save_report(member, again(report), {"place_th": "ตลาด"}), add_photo(report, made))
    two.merge()
    assert shows(report) == [str(photo.pk), str(made[0].pk)], "the one that stayed at home stands"
    assert again(report).place_th == "ตลาด"


def test_of_too_many_files_the_newest_go_and_the_others_are_named(
    report: Report, photo: File, city: City, cast: Any, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    new = keep_photo(SYSTEM, city.node, size=(720, 500), name="ใหม่กว่า.jpg")
    make_report(city.node, "รายงานใหม่", photos=[photo_of(new)], shown_agree=True)
    made = sum(one.blob.size for one in new.blob.renditions.all())
    monkeypatch.setattr(files, "MOST_OUT", new.size + made + 10)
    two = TwoFolders(city, cast, settings, tmp_path / "laptop")
    assert {one.why for one in two.left} == {files.TOO_MUCH}
    assert photo.name in {one.name for one in two.left}
    assert new.name not in {one.name for one in two.left}
    with translation.override("en"):
        assert two.left[0].words == "there are too many large files to go along"


def test_a_part_that_is_not_what_its_digest_says_is_refused(two: TwoFolders, photo: File) -> None:
    found = envelope.opened(*envelope.split(two.packed, envelope.PACKED))
    content = {key: value for key, value in found.content.items() if key != "parts"}
    for parts in ({**found.parts, photo.digest: b"another picture"}, {}):
        body = envelope._body(content, parts)
        assert parts or envelope.opened(found.label, body).parts == {}
        if parts:
            with pytest.raises(Refused) as refused:
                envelope.opened(found.label, body)
            assert refused.value.reason is envelope.DAMAGED
    with pytest.raises(Refused):
        envelope.opened(found.label, envelope._body(content, found.parts)[:-1])


def test_a_file_of_the_first_format_opens_without_files(two: TwoFolders) -> None:
    old = envelope.Label(envelope.PACKED, 1, two.hall.pk)
    assert envelope.opened(old, envelope.packed({"hall": "ศาลา"})).content == {"hall": "ศาลา"}


# --- and home -------------------------------------------------------------------------------


def test_a_photo_of_the_hall_comes_home_with_its_report_under_its_own_name(
    two: TwoFolders, report: Report, photo: File
) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made))
    assert not File.objects.filter(pk=made[0].pk).exists()
    two.merge()
    file = File.objects.get(pk=made[0].pk)
    assert shows(report) == [str(photo.pk), str(file.pk)]
    assert (file.name, file.by, file.visibility) == ("ในที่ประชุม.jpg", "member", MEMBERS)
    assert file.space == two.city.pk
    assert store.is_whole(store.path_of(file.digest))
    assert file.blob.renditions.exists()


def test_bringing_it_again_keeps_nothing_twice(two: TwoFolders, report: Report) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made))
    two.merge()
    count = (File.objects.count(), Blob.objects.count())
    two.merge()
    assert (File.objects.count(), Blob.objects.count()) == count
    assert two.plan().is_done


def test_photos_of_both_sides_stand_side_by_side(two: TwoFolders, report: Report, photo: File) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made))
    ours = keep_photo(SYSTEM, two.city.node, size=(500, 500), name="บนเครื่องแม่.jpg")
    save_report(SYSTEM, again(report), {"photos": [*report.photos, photo_of(ours)]})
    assert two.plan().conflicts == []
    two.merge()
    assert shows(report) == [str(photo.pk), str(ours.pk), str(made[0].pk)]


def test_agreement_given_here_does_not_hold_for_photos_of_the_hall(two: TwoFolders, report: Report) -> None:
    save_report(SYSTEM, again(report), {"shown_agree": True})
    made: list[File] = []
    two.meet(add_photo(report, made, shown_agree=False))
    save_report(SYSTEM, again(report), {"place_th": "ริมคลอง"})
    two.merge()
    assert again(report).shown_agree is False
    assert File.objects.get(pk=made[0].pk).visibility == MEMBERS


def test_agreement_given_in_the_hall_does_not_hold_for_photos_put_in_here(
    report: Report, city: City, cast: Any, settings: Any, tmp_path: Path
) -> None:
    save_report(SYSTEM, again(report), {"shown_agree": False})
    two = TwoFolders(city, cast, settings, tmp_path / "laptop")
    made: list[File] = []
    two.meet(add_photo(report, made, shown_agree=True))
    ours = keep_photo(SYSTEM, city.node, size=(500, 500))
    save_report(SYSTEM, again(report), {"photos": [*report.photos, photo_of(ours)]})
    two.merge()
    assert len(shows(report)) == 3
    assert again(report).shown_agree is False


def test_a_public_report_is_not_given_photos_that_nobody_agreed_to(two: TwoFolders, report: Report) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made, shown_agree=False))
    Node.objects.filter(pk=report.pk).update(visibility=Visibility.PUBLIC)
    with pytest.raises(Unmerged) as unmerged:
        two.merge()
    assert [problem.row.key for problem in unmerged.value.problems] == [str(report.pk)]
    assert not File.objects.filter(pk=made[0].pk, visibility=PUBLIC).exists()


def test_papers_of_a_finding_go_along_and_those_of_the_hall_come_home(
    world: World, city: City, cast: Any, settings: Any, tmp_path: Path
) -> None:
    paper = keep_photo(SYSTEM, city.node, size=(333, 222), name="แผนที่.jpg")
    words = {"caption_th": "แผนที่น้ำท่วม", "alt_th": "แผนที่"}
    row: Finding = save_finding(SYSTEM, again(world.finding), {"papers": [{"file": str(paper.pk), **words}]})
    two = TwoFolders(city, cast, settings, tmp_path / "laptop")
    made: list[File] = []

    def write(member: Actor) -> None:
        here = again(row)
        assert [one["file"] for one in here.papers] == [str(paper.pk)]
        made.append(keep_photo(member, here.node.space, size=(334, 222)))
        save_finding(member, here, {"papers": [*here.papers, {"file": str(made[0].pk), **words}]})

    two.meet(write)
    two.merge()
    assert [one["file"] for one in again(row).papers] == [str(paper.pk), str(made[0].pk)]


@pytest.mark.parametrize(("break_it", "why"), [(lose, "missing"), (damage, "damaged")])
def test_what_shows_a_file_that_the_laptop_lost_waits_and_is_named_and_the_rest_comes_home(
    two: TwoFolders, report: Report, client: Client, break_it: Any, why: str
) -> None:
    made: list[File] = []
    with two.in_the_hall() as member:
        add_photo(report, made)(member)
        make_report(again(two.city).node, "รายงานที่ไม่มีภาพ", actor=member, visibility=Visibility.MEMBERS)
        break_it(made[0])
        closed = close()
    two.closed = closed.data
    assert [(one.name, one.why) for one in closed.left] == [("ในที่ประชุม.jpg", why)]
    with translation.override("en"), pytest.raises(Unmerged) as unmerged:
        two.merge()
    [problem] = unmerged.value.problems
    with translation.override("en"):
        assert problem.words.startswith("The file ในที่ประชุม.jpg did not come home (its bytes ")
    client.force_login(two.cast.owner)
    html = client.get(f"{PAGE}files/{two.receive().pk}/").content.decode()
    assert "ในที่ประชุม.jpg" in strip_tags(html)
    assert two.merge(leave=[problem.row.id]).new == 1
    assert len(shows(report)) == 1
    assert Report.objects.filter(name_th="รายงานที่ไม่มีภาพ").exists()


def test_more_files_than_one_closing_takes_are_named_and_stay_on_the_laptop(
    two: TwoFolders, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_HOME", 10)
    made: list[File] = []
    with two.in_the_hall() as member:
        add_photo(report, made)(member)
        left = close().left
        assert store.is_whole(store.path_of(made[0].digest))
    assert [one.why for one in left] == [files.TOO_MUCH]


def test_a_file_mended_on_the_laptop_comes_with_the_next_closing(two: TwoFolders, report: Report) -> None:
    made: list[File] = []
    with two.in_the_hall() as member:
        add_photo(report, made)(member)
        data = store.path_of(made[0].digest).read_bytes()
        lose(made[0])
        broken = close().data
        store.put(made[0].digest, [data])
        two.closed = close().data
    receive(two.owner, broken)
    two.merge()
    assert shows(report)[-1] == str(made[0].pk)


def test_a_file_of_no_kind_that_is_kept_is_named_and_not_kept(two: TwoFolders, report: Report) -> None:
    row = {"file": str(UUID(int=7)), "name": "ก.exe", "why": "", "digest": "", "by": "member"}
    data = b"MZ\x90\x00 a program"
    row["digest"] = store.digest_of(io.BytesIO(data))
    came, left = files.look(two.hall, [row], {row["digest"]: data})
    assert (came, [one.why for one in left]) == ([], [files.REFUSED])
    assert not store.path_of(row["digest"]).exists()


def test_other_bytes_under_the_uuid_of_a_file_that_stands_are_refused(two: TwoFolders, photo: File) -> None:
    data = drawn.png()
    digest = store.digest_of(io.BytesIO(data))
    row = {"file": str(photo.pk), "name": "x.png", "why": "", "digest": digest, "by": "member"}
    with pytest.raises(Refused) as refused:
        files.look(two.hall, [row], {digest: data})
    assert refused.value.reason is envelope.DAMAGED


@pytest.mark.parametrize("who", ["member", "observer", "stranger", "anonymous"])
def test_who_is_no_owner_brings_no_file_in(two: TwoFolders, report: Report, cast: Any, who: str) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made))
    with pytest.raises(Refused):
        receive(cast.actors[who], two.closed)
    assert not File.objects.filter(pk=made[0].pk).exists()
    assert not store.path_of(made[0].digest).exists()


def test_what_came_home_and_is_not_merged_yet_is_not_swept(two: TwoFolders, report: Report) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made))
    two.receive()
    File.objects.update(at="2020-01-01T00:00:00Z")
    sweep()
    assert File.objects.filter(pk=made[0].pk).exists()
    HallFile.objects.update(files=[])
    sweep()
    assert not File.objects.filter(pk=made[0].pk).exists()


def test_the_page_takes_a_file_larger_than_any_that_is_kept(
    two: TwoFolders, report: Report, client: Client, settings: Any
) -> None:
    made: list[File] = []
    two.meet(add_photo(report, made))
    settings.FILES_LIMITS = dict.fromkeys(settings.FILES_LIMITS, 1 << 20)
    client.force_login(two.cast.owner)
    sent = io.BytesIO(two.closed + b" " * (2 << 20))
    sent.name = "home.hall"
    assert client.post(PAGE, {"file": sent})["Location"].startswith("/jobs/"), "it came in whole"
    assert File.objects.get(name="home.hall").size == len(two.closed) + (2 << 20)


# --- lists of files -------------------------------------------------------------------------


def rows(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"file": key, "alt_th": words} for key, words in pairs]


@pytest.mark.parametrize(
    ("theirs", "ours", "both"),
    [
        ("ab+c", "ab+d", "abdc"),
        ("b", "ab+c", "bc"),
        ("ab", "a", "a"),
        ("ba", "ab+c", "abc"),
    ],
)
def test_lists_of_files_keep_what_both_added_without_what_either_took_away(
    theirs: str, ours: str, both: str
) -> None:
    made = [rows(*((key, key) for key in text.replace("+", ""))) for text in ("ab", theirs, ours, both)]
    assert combine_files(made[0], made[1], made[2]) == made[3]


def test_words_of_a_photo_changed_on_one_side_are_taken_and_on_both_asked_about() -> None:
    base = rows(("a", "คลอง"), ("b", "ตลาด"))
    there = rows(("a", "คลองตง"), ("b", "ตลาด"))
    here = rows(("a", "คลอง"), ("b", "ตลาดเก่า"))
    assert combine_files(base, there, here) == rows(("a", "คลองตง"), ("b", "ตลาดเก่า"))
    assert combine_files(base, there, rows(("a", "คลองใหญ่"), ("b", "ตลาด"))) is CLASH


def test_keeping_a_file_by_the_form_and_by_a_hall_looks_at_the_same_things(two: TwoFolders) -> None:
    here = keep_file(SYSTEM, drawn.upload(drawn.jpeg((90, 60)), "a.jpg"), space=two.city.pk)
    data = store.path_of(here.digest).read_bytes()
    row = {"file": str(UUID(int=9)), "name": "b.jpg", "why": "", "digest": here.digest, "by": "member"}
    [came], _left = files.look(two.hall, [row], {here.digest: data})
    assert (came.checked.digest, came.checked.media_type) == (here.digest, here.media_type)
