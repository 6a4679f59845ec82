from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from khlong.network.models import Meeting, Organisation, Part, Programme
from khlong.network.tests.makers import (
    hide,
    make_figure,
    make_organisation,
    make_part,
    make_statement,
    page,
    words,
)
from khlong.people.models import User
from khlong.places.models import City, Source

LIST = "/organisations/"


def test_the_list_is_paged_and_sorted_as_a_thai_dictionary(client: Client, programme: Programme) -> None:
    for number in range(25):
        make_organisation(programme.node, f"สมาคม {number:02d}")
    make_organisation(programme.node, "เกษตร")
    text = words(client, LIST)
    assert text.index("เกษตร") < text.index("สมาคม 00")
    assert "สมาคม 24" not in text
    assert "สมาคม 24" in words(client, f"{LIST}?page=2")


def test_an_organisation_without_a_role_is_hatched_and_not_blank(
    client: Client, organisation: Organisation, source: Source
) -> None:
    assert 'class="unpub"' in page(client, LIST)
    make_part(organisation, source, "ผู้ประสานงานภาคใต้")
    assert 'class="unpub"' not in page(client, LIST)


def test_an_empty_list_says_so(client: Client, programme: Programme) -> None:
    assert "ยังไม่มีองค์กรในระบบ" in page(client, LIST)


def test_the_page_shows_roles_with_their_source_meetings_and_facts(
    client: Client, organisation: Organisation, meeting: Meeting, source: Source, city: City
) -> None:
    make_part(organisation, source, "ร่วมดำเนินงาน", city=city)
    fact = make_statement(organisation.node, source, "เติบโตมาจากเครือข่ายเดิม", "history")
    text = page(client, organisation.get_absolute_url())
    for expected in ("ร่วมดำเนินงาน", "/cities/phatong/", "/sources/S10/", "17 มิ.ย. 2565"):
        assert expected in text
    assert meeting.get_absolute_url() in text
    assert fact.get_absolute_url() in text
    assert "Songkhla Community Foundation" in page(client, organisation.get_absolute_url(), "en")


def test_what_only_the_working_group_sees_is_not_found_by_others(
    client_of: Callable[[str], Client], city: City, programme: Programme
) -> None:
    hidden = make_organisation(city.node, "กลุ่มที่ยังไม่เปิดเผย")
    hide(hidden)
    for name, status in {"anonymous": 404, "stranger": 404, "observer": 200, "member": 200}.items():
        page(client_of(name), hidden.get_absolute_url(), status=status)
        assert (hidden.name in page(client_of(name), LIST)) is (status == 200)


def values(**more: Any) -> dict[str, Any]:
    return {"name_th": "สมาคมอาสาสร้างสุข", "kind": "association"} | more


def test_those_who_write_somewhere_add_an_organisation_there(
    client_of: Callable[[str], Client], programme: Programme, coordinator: User
) -> None:
    assert f"{LIST}add/" not in page(client_of("anonymous"), LIST)
    assert f"{LIST}add/" not in page(client_of("observer"), LIST)
    client = client_of("member")
    assert f"{LIST}add/?space=C-PTG" in page(client, LIST)
    assert client.post(f"{LIST}add/?space=C-PTG", values()).status_code == 302
    made = Organisation.objects.get()
    assert (made.ref, made.node.space_id) == ("O-PTG-0001", made.node.space_id)
    assert client.post(f"{LIST}add/", values()).status_code == 403
    assert client_of("stranger").post(f"{LIST}add/?space=C-PTG", values()).status_code == 403
    client.force_login(coordinator)
    assert client.post(f"{LIST}add/", values()).status_code == 302
    assert Organisation.objects.filter(node__ref="O-SCS-0001").exists()


def test_somebody_not_signed_in_is_led_to_sign_in(client: Client, organisation: Organisation) -> None:
    for url in (f"{LIST}add/", f"{organisation.get_absolute_url()}edit/"):
        assert client.get(url).headers["Location"].startswith("/signin/?next=")
    assert client.post(f"{LIST}add/", values()).status_code == 403


def test_a_space_that_is_none_is_not_found(client_of: Callable[[str], Client], programme: Programme) -> None:
    page(client_of("steward"), f"{LIST}add/?space=C-NON", status=404)
    page(client_of("steward"), f"{LIST}add/?space={'x' * 40}", status=404)


def test_a_refused_form_keeps_what_was_typed(
    client_of: Callable[[str], Client], programme: Programme
) -> None:
    response = client_of("steward").post(f"{LIST}add/", values(name_th="", short_th="อสส.", url="ไม่ใช่ที่อยู่"))
    text = response.content.decode()
    assert response.status_code == 422
    assert 'value="อสส."' in text
    assert 'value="ไม่ใช่ที่อยู่"' in text
    assert not Organisation.objects.exists()


def test_a_second_saver_sees_both_texts_and_saves_over_what_was_seen(
    client_of: Callable[[str], Client], organisation: Organisation
) -> None:
    url, client = f"{organisation.get_absolute_url()}edit/", client_of("steward")
    assert client.post(url, values(name_th="มูลนิธิ ก", base=1)).status_code == 302
    late = client.post(url, values(name_th="มูลนิธิ ข", base=1))
    assert late.status_code == 409
    for text in ("มูลนิธิ ก", "มูลนิธิ ข", "มูลนิธิชุมชนสงขลา", 'name="base" value="2"'):
        assert text in late.content.decode()
    assert client.post(url, values(name_th="มูลนิธิ ข", base=2)).status_code == 302
    assert Organisation.objects.get().name_th == "มูลนิธิ ข"


def role(source: Source, **more: Any) -> dict[str, Any]:
    return {"role_th": "ผู้ประสานงานภาคใต้", "source": source.pk, "mark": "A"} | more


def test_a_role_is_added_and_changed_by_who_writes_for_the_organisation(
    client_of: Callable[[str], Client], organisation: Organisation, source: Source, city: City
) -> None:
    url = f"{organisation.get_absolute_url()}parts/add/"
    assert client_of("member").post(url, role(source)).status_code == 403
    client = client_of("steward")
    assert client.post(url, role(source, city=city.pk)).status_code == 302
    part = Part.objects.get()
    assert part.city == city
    edit = f"{organisation.get_absolute_url()}parts/{part.pk}/edit/"
    assert edit in page(client, organisation.get_absolute_url())
    assert edit not in page(client_of("member"), organisation.get_absolute_url())
    assert client.post(edit, role(source, role_en="Coordinator")).status_code == 302
    part.refresh_from_db()
    assert [part.role_en, part.city_id] == ["Coordinator", None]


def test_the_same_role_is_not_entered_twice(
    client_of: Callable[[str], Client], organisation: Organisation, source: Source, city: City
) -> None:
    make_part(organisation, source, "ผู้ประสานงานภาคใต้")
    url, client = f"{organisation.get_absolute_url()}parts/add/", client_of("steward")
    answer = client.post(url, role(source, role_en="kept"))
    assert answer.status_code == 422
    assert 'value="kept"' in answer.content.decode()
    assert client.post(url, role(source, city=city.pk)).status_code == 302
    assert Part.objects.count() == 2


def test_a_role_is_found_only_under_its_own_organisation(
    client_of: Callable[[str], Client], organisation: Organisation, programme: Programme, source: Source
) -> None:
    other = make_organisation(programme.node, "อีกองค์กร")
    part = make_part(other, source, "ร่วมงาน")
    page(client_of("steward"), f"{organisation.get_absolute_url()}parts/{part.pk}/edit/", status=404)


def test_the_pages_ask_at_most_twelve_questions_of_the_database(
    client_of: Callable[[str], Client],
    organisation: Organisation,
    meeting: Meeting,
    source: Source,
    city: City,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(3):
        make_part(organisation, source, f"บทบาท {number}", city=city)
        make_statement(organisation.node, source, f"เรื่อง {number}")
        make_figure(organisation.node, source, number)
        make_part(make_organisation(city.node, f"องค์กร {number}"), source, "ร่วมงาน", city=city)
    client = client_of("member")
    with django_assert_max_num_queries(12):
        page(client, LIST)
    with django_assert_max_num_queries(12):
        page(client, organisation.get_absolute_url())
