"""Reports: written, refused without loss, published with their photos, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.test import Client

from khlong.chain.models import Edge, Kind, Node, ThingRevision, Visibility
from khlong.chain.things import new_thing
from khlong.journal.actions import publish_report, save_report, withdraw_report
from khlong.journal.models import Report
from khlong.journal.photos import files_of_reports
from khlong.journal.tests.makers import TEXT, keep_photo, make_report, photo_of
from khlong.network.models import Meeting, Organisation, Programme
from khlong.network.tests.makers import make_meeting, make_organisation, page, words
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.record.filed import File
from khlong.record.models import SearchEntry
from khlong.record.search import find, words_of
from khlong.record.tests import drawn

LIST, ADD = "/reports/", "/reports/add/?space=C-PTG"


@pytest.fixture
def member(cast: Any) -> Any:
    return cast.actors["member"]


def typed(**more: Any) -> dict[str, Any]:
    values = {"name_th": "ขุดลอกคลองตง", "date": "2-3 พฤษภาคม 2569", "place_th": "หน้าตลาด", "text_th": TEXT}
    return values | more


def draft(member: Any, city: City, **more: Any) -> Report:
    return make_report(city.node, actor=member, visibility=Visibility.MEMBERS, **more)


# --- writing ---------------------------------------------------------------------------------------


def test_a_report_is_written_in_the_browser_and_is_a_draft_until_it_is_published(
    client_of: Callable[[str], Client], city: City
) -> None:
    client = client_of("member")
    response = client.post(ADD, typed(cities=[city.pk]))
    report = Report.objects.get()
    assert response["Location"] == report.get_absolute_url() == "/reports/A-PTG-0001/"
    assert report.node.visibility == Visibility.MEMBERS
    assert report.date is not None
    assert report.date.iso() == "2026-05-02/2026-05-03"
    assert client_of("anonymous").get(report.get_absolute_url()).status_code == 404
    assert client_of("stranger").get(report.get_absolute_url()).status_code == 404
    assert "ขุดลอก" not in page(client_of("anonymous"), LIST)
    assert "ขุดลอก" in page(client_of("observer"), LIST)
    client.post(f"{report.get_absolute_url()}publish/")
    assert "<h2>สิ่งที่ทำ</h2>" in page(client_of("anonymous"), report.get_absolute_url())


def test_only_the_working_group_writes(client_of: Callable[[str], Client], city: City) -> None:
    for name in ("stranger", "observer"):
        assert client_of(name).get(ADD).status_code == 403
        photo = drawn.upload(drawn.jpeg())
        assert client_of(name).post(ADD, typed(photos=[photo])).status_code == 403
    assert client_of("anonymous").post(ADD, typed(photos=[drawn.upload(drawn.jpeg())])).status_code in {
        302,
        403,
    }
    assert not Report.objects.exists()
    assert not File.objects.exists()


def test_photos_survive_a_form_that_is_refused(client_of: Callable[[str], Client], city: City) -> None:
    client = client_of("member")
    photos = [drawn.upload(drawn.jpeg(), "หนึ่ง.jpg"), drawn.upload(drawn.png(), "สอง.png")]
    response = client.post(ADD, typed(name_th="", date="เมื่อวาน", photos=photos))
    assert response.status_code == 422
    text = response.content.decode()
    first, second = File.objects.order_by("name")
    assert {first.name, second.name} == {"หนึ่ง.jpg", "สอง.png"}
    assert all(f'value="{file.pk}"' in text for file in (first, second))
    assert "ชาวบ้านริมคลองตง" in text
    assert "เขียนหนึ่งประโยคว่าภาพนี้แสดงอะไร" in text
    again = typed(**{"photo-0-file": str(second.pk), "photo-0-alt_th": "คลอง", "photo-0-place": "2"})
    again |= {
        "photo-1-file": str(first.pk),
        "photo-1-alt_th": "ตลาด",
        "photo-1-place": "1",
        "photo-1-credit": "มาลี",
    }
    assert client.post(ADD, again).status_code == 302
    report = Report.objects.get()
    assert [(one["file"], one["alt_th"], one["credit"]) for one in report.photos] == [
        (str(first.pk), "ตลาด", "มาลี"),
        (str(second.pk), "คลอง", ""),
    ]
    assert set(files_of_reports()) == {first.pk, second.pk}


def test_photos_can_be_put_in_before_anything_else_is_right(
    client_of: Callable[[str], Client], city: City
) -> None:
    response = client_of("member").post(
        ADD, typed(name_th="", cities=[city.pk], upload="1", photos=[drawn.upload(drawn.jpeg())])
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert 'class="errors"' not in text
    assert str(File.objects.get().pk) in text
    assert "ชาวบ้านริมคลองตง" in text
    assert "2-3 พฤษภาคม 2569" in text
    assert "checked" in text


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (drawn.PDF, "แผน.pdf", "PDF"),
        (b"<svg onload=alert(1)>", "a.svg", "SVG"),
        (b"", "a.jpg", "ว่างเปล่า"),
        (b"x" * (21 << 20), "a.jpg", "20 MB"),
        (drawn.picture("JPEG") + b"\0" * (13 << 20), "a.jpg", "12 MB"),
    ],
)
def test_a_photo_that_is_none_is_refused_in_words_and_the_rest_stays(
    client_of: Callable[[str], Client], city: City, data: bytes, name: str, said: str
) -> None:
    good = drawn.upload(drawn.jpeg(), "ดี.jpg")
    response = client_of("member").post(ADD, typed(photos=[good, drawn.upload(data, name)]))
    text = response.content.decode()
    assert response.status_code == 422
    assert said in text
    assert "ชาวบ้านริมคลองตง" in text
    assert [file.name for file in File.objects.all()] == ["ดี.jpg"]
    assert str(File.objects.get().pk) in text


def test_a_full_disk_keeps_the_words(client_of: Callable[[str], Client], city: City, settings: Any) -> None:
    settings.FILES_RESERVE = 1 << 60
    response = client_of("member").post(ADD, typed(photos=[drawn.upload(drawn.jpeg())]))
    text = response.content.decode()
    assert response.status_code == 422
    assert "พื้นที่เก็บไฟล์" in text
    assert "ชาวบ้านริมคลองตง" in text
    assert not File.objects.exists()


def test_what_was_typed_and_the_other_writers_words_stand_side_by_side_in_a_conflict(
    client_of: Callable[[str], Client], member: Any, city: City
) -> None:
    report = draft(member, city)
    photo = keep_photo(member, city.node)
    save_report(member, report, {"text_th": "คนอื่นเขียน"}, base=1)
    sent = typed(base="1", text_th="ฉันเขียน", **{"photo-0-file": str(photo.pk), "photo-0-alt_th": "คลอง"})
    response = client_of("member").post(f"{report.get_absolute_url()}edit/", sent)
    text = response.content.decode()
    assert response.status_code == 409
    assert "ฉันเขียน" in text
    assert "คนอื่นเขียน" in text
    assert str(photo.pk) in text
    assert Report.objects.get().text_th == "คนอื่นเขียน"


# --- photos and rights -----------------------------------------------------------------------------


def test_a_photo_of_another_city_cannot_be_put_into_a_report(
    cast: Any, member: Any, city: City, other_city: City, client_of: Callable[[str], Client]
) -> None:
    theirs = keep_photo(cast.actors["stranger"], other_city.node)
    with pytest.raises(ValidationError):
        draft(member, city, photos=[photo_of(theirs)])
    client_of("member").post(ADD, typed(**{"photo-0-file": str(theirs.pk), "photo-0-alt_th": "ขโมย"}))
    assert Report.objects.get().photos == []
    assert client_of("member").get(theirs.url_of(400)).status_code == 404


def test_photos_are_public_while_a_public_report_shows_them(
    member: Any, city: City, client_of: Callable[[str], Client]
) -> None:
    one, two = keep_photo(member, city.node), keep_photo(member, city.node, (600, 800))
    report = draft(member, city, photos=[photo_of(one), photo_of(two)], shown_agree=True)
    anyone = client_of("anonymous")
    assert anyone.get(one.url_of(400)).status_code == 404
    publish_report(member, report)
    assert anyone.get(one.url_of(400)).status_code == 200
    save_report(member, report, {"photos": [photo_of(two)]})
    assert anyone.get(one.url_of(400)).status_code == 404
    assert anyone.get(two.url_of(400)).status_code == 200
    withdraw_report(member, Report.objects.get())
    assert anyone.get(two.url_of(400)).status_code == 404
    assert anyone.get(report.get_absolute_url()).status_code == 404


def test_a_photo_needs_words_for_those_who_cannot_see_it(member: Any, city: City) -> None:
    with pytest.raises(ValidationError) as caught:
        draft(member, city, photos=[photo_of(keep_photo(member, city.node), " ")])
    assert "photos" in caught.value.message_dict


@pytest.mark.parametrize(
    ("lacking", "field"),
    [({"date": None}, "date"), ({"text_th": " "}, "text_th"), ({"shown_agree": False}, "shown_agree")],
)
def test_nothing_is_published_before_it_is_fit(
    member: Any, city: City, client_of: Callable[[str], Client], lacking: dict[str, Any], field: str
) -> None:
    photo = photo_of(keep_photo(member, city.node))
    report = draft(member, city, **{"photos": [photo], "shown_agree": True, **lacking})
    with pytest.raises(ValidationError) as caught:
        publish_report(member, report)
    assert list(caught.value.message_dict) == [field]
    client = client_of("member")
    response = client.post(f"{report.get_absolute_url()}publish/", follow=True)
    assert "messages" in response.content.decode()
    assert Node.objects.get(pk=report.pk).visibility == Visibility.MEMBERS


def test_a_public_report_cannot_be_saved_with_photos_of_people_who_were_not_asked(
    member: Any, city: City, client_of: Callable[[str], Client]
) -> None:
    report = make_report(city.node, actor=member)
    photo = keep_photo(member, city.node)
    sent = typed(base="1", **{"photo-0-file": str(photo.pk), "photo-0-alt_th": "คนสามคน"})
    address = f"{report.get_absolute_url()}edit/"
    response = client_of("member").post(address, sent)
    assert response.status_code == 422
    assert "ถามคนในภาพก่อน" in response.content.decode()
    assert client_of("member").post(address, sent | {"shown_agree": "on"}).status_code == 302
    with pytest.raises(ValidationError):
        save_report(member, Report.objects.get(), {"shown_agree": False})


def test_who_may_not_publish_is_refused(cast: Any, member: Any, city: City) -> None:
    report = draft(member, city)
    for name in ("anonymous", "stranger", "observer"):
        with pytest.raises(Refused):
            publish_report(cast.actors[name], report)
    assert not scope(ANONYMOUS, Report.objects.all()).exists()


# --- reading ---------------------------------------------------------------------------------------


def test_the_page_shows_photos_with_their_words_and_no_original(
    member: Any, city: City, client_of: Callable[[str], Client], source: Source, programme: Programme
) -> None:
    body = make_organisation(programme.node)
    one = keep_photo(member, city.node, (1600, 1200))
    two = keep_photo(member, city.node, (600, 900))
    photos = [photo_of(one, caption_th="เช้าวันแรก", credit="มาลี"), photo_of(two, "เด็กวัดน้ำ", alt_en="A child")]
    report = make_report(
        city.node,
        actor=member,
        photos=photos,
        shown_agree=True,
        organisers=[body],
        cities=[city],
        place_th="ตลาด",
    )
    text = page(client_of("anonymous"), report.get_absolute_url())
    assert 'alt="ชาวบ้านยืนอยู่ริมคลอง"' in text
    assert f'srcset="{one.url_of(400)} 400w, {one.url_of(1000)} 1000w"' in text
    assert 'width="600" height="900"' in text
    assert "มูลนิธิชุมชนสงขลา" in text
    assert f'src="{one.get_absolute_url()}"' not in text
    assert 'alt="A child"' in page(client_of("anonymous"), report.get_absolute_url(), "en")
    assert "เช้าวันแรก" in words(client_of("anonymous"), report.get_absolute_url())


def test_what_is_typed_as_html_is_read_as_words(member: Any, city: City, client: Client) -> None:
    report = make_report(city.node, actor=member, text_th="<b>หนา</b> <script>alert(1)</script>")
    text = page(client, report.get_absolute_url())
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_a_report_is_found_by_words_of_its_text_and_of_its_photos(
    member: Any, city: City, client: Client
) -> None:
    photo = photo_of(keep_photo(member, city.node), "เรือท้องแบนหน้ามัสยิด")
    report = draft(member, city, photos=[photo], shown_agree=True)
    assert not find(words_of("ไม้ที่ล้ม"), Q(visibility="public")).total
    publish_report(member, report)
    for query in ("ไม้ที่ล้ม", "ท้องแบน", "ขุดลอก", "A-PTG-0001"):
        assert "ขุดลอกคลองตง" in words(client, f"/search/?q={query}"), query
    assert "# สิ่ง" not in SearchEntry.objects.get(node=report.pk).body


def test_the_list_is_paged_and_can_be_of_one_city(
    member: Any, city: City, other_city: City, client: Client
) -> None:
    for number in range(14):
        make_report(city.node, f"เรื่องที่ {number + 1}", cities=[city])
    make_report(other_city.node, "ของบ่อยาง", cities=[other_city])
    assert page(client, LIST).count("<h2><a") == 12
    assert page(client, f"{LIST}?page=2").count("<h2><a") == 3
    ours = page(client, f"{LIST}?city=bo-yang")
    assert "ของบ่อยาง" in ours
    assert ours.count("<h2><a") == 1
    assert client.get(f"{LIST}?city=nowhere").status_code == 404


def test_an_empty_list_says_so(client: Client, city: City) -> None:
    assert "ยังไม่มีใครเผยแพร่รายงาน" in page(client, LIST)


def test_a_city_shows_its_reports_and_their_days(member: Any, city: City, client: Client) -> None:
    make_report(city.node, cities=[city], actor=member)
    text = page(client, "/cities/phatong/")
    assert text.count("ขุดลอกคลองตง") >= 2
    assert "/reports/?city=phatong" in text
    draft(member, city, name_th="ร่าง")
    assert ">ร่าง<" not in page(client, "/cities/phatong/")


def test_a_report_follows_from_its_meeting_in_the_chain(
    member: Any, city: City, programme: Programme, source: Source
) -> None:
    first, second = (
        make_meeting(programme.node, source),
        make_meeting(programme.node, source, name_th="อีกครั้ง"),
    )
    report = make_report(city.node, actor=member, meeting=first)
    assert [edge.up_id for edge in Edge.objects.filter(down=report.pk)] == [first.pk]
    save_report(member, report, {"meeting": second})
    assert [edge.up_id for edge in Edge.objects.filter(down=report.pk)] == [second.pk]
    save_report(member, Report.objects.get(), {"meeting": None})
    assert not Edge.objects.filter(down=report.pk).exists()


def test_the_history_names_what_changed_photos_by_their_words(
    member: Any, city: City, client_of: Callable[[str], Client]
) -> None:
    photo = keep_photo(member, city.node)
    report = make_report(city.node, actor=member, photos=[photo_of(photo, "เรือสองลำ")], shown_agree=True)
    save_report(member, report, {"photos": []}, base=1, why="คนในภาพขอ")
    assert ThingRevision.objects.filter(node=report.pk).count() == 2
    text = page(client_of("member"), report.get_absolute_url())
    assert "เรือสองลำ" in text
    assert "คนในภาพขอ" in text


def test_forms_offer_what_the_writer_may_see(
    client_of: Callable[[str], Client], city: City, programme: Programme, source: Source
) -> None:
    make_organisation(programme.node)
    make_meeting(programme.node, source)
    text = page(client_of("member"), ADD)
    assert "มูลนิธิชุมชนสงขลา" in text
    assert "ประชุมร่างแผนยุทธศาสตร์เมือง" in text
    assert 'type="file"' in text
    assert 'enctype="multipart/form-data"' in text
    assert Organisation.objects.count() == Meeting.objects.count() == 1


def test_an_unsaved_report_belongs_to_its_space(city: City) -> None:
    assert new_thing(Report, Kind.REPORT, space=city.node).space_id == city.pk
