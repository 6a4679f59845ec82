"""Working groups, seats in them, and tasks: who gives, who sees, who says that it is done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import strip_tags

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network import minutes, work
from khlong.network.actions import give_role, leave_space, take_role
from khlong.network.models import Decision, Membership, Minutes, Seat, Task, WorkGroup
from khlong.network.tests.makers import SYSTEM, make_meeting, make_organisation, page, words
from khlong.network.waits import own_tasks, unapproved_minutes
from khlong.network.work_models import Chair, TaskState
from khlong.people.actor import Role, account_actor
from khlong.people.models import User
from khlong.people.policy import Verb, can
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.record.waits import waiting


def a_group(city: City, name: str = "คณะทำงานสายคลอง", **links: Any) -> WorkGroup:
    made = new_thing(WorkGroup, Kind.WORKGROUP, space=city.node)
    return work.save_work_group(SYSTEM, made, {"name_th": name, "purpose_th": "ดูแลคลอง"}, links=links)


def a_task(city: City, **values: Any) -> Task:
    return work.save_task(SYSTEM, Task(space=city.node), {"what": "นัดเวที"} | values)


# --- working groups ----------------------------------------------------------------------------------


def test_the_public_reads_name_purpose_and_organisations_and_no_small_number_and_nobody(
    city: City, cast: Any, client_of: Any
) -> None:
    group = a_group(city, organisations=[make_organisation(city.node)])
    work.give_seat(SYSTEM, group, cast.owner, Chair.CHAIR)
    public = words(client_of("anonymous"), group.get_absolute_url())
    own = words(client_of("member"), group.get_absolute_url())
    for text in ("คณะทำงานสายคลอง", "ดูแลคลอง", "มูลนิธิชุมชนสงขลา", "น้อยกว่า 5"):
        assert text in public, text
    assert "owner" not in public
    assert "owner" in own
    assert "1 คน" in own


def test_the_public_reads_a_number_of_five_and_more(city: City, client_of: Any) -> None:
    group = a_group(city)
    for number in range(5):
        user = User.objects.create_user(f"sitter{number}")
        give_role(SYSTEM, city.node, user, Role.MEMBER)
        work.give_seat(SYSTEM, group, user, Chair.MEMBER)
    assert "5 คน" in words(client_of("anonymous"), group.get_absolute_url())


def test_only_who_has_a_role_in_the_city_sits_in_its_groups(city: City, cast: Any) -> None:
    group = a_group(city)
    with pytest.raises(Refused, match="ไม่มีบทบาทในเมือง"):
        work.give_seat(SYSTEM, group, cast.stranger, Chair.MEMBER)
    assert not Seat.objects.exists()


def test_a_member_makes_a_group_and_gives_and_takes_seats_in_the_browser(
    city: City, cast: Any, client_of: Any
) -> None:
    client = client_of("member")
    made = client.post("/working-groups/add/?space=C-PTG", {"name_th": "คณะทำงานสื่อสาร", "base": ""})
    group = WorkGroup.objects.get()
    assert made["Location"] == group.get_absolute_url() == f"/working-groups/{group.ref}/"
    assert group.ref.startswith("U-PTG-")
    url = f"{group.get_absolute_url()}seats/"
    assert client.post(url, {"person": cast.stranger.pk, "role": "chair"}).status_code == 422
    client.post(url, {"person": cast.observer.pk, "role": "secretary"})
    client.post(url, {"person": cast.observer.pk, "role": "chair"})
    seat = Seat.objects.get()
    assert (seat.user, seat.role) == (cast.observer, "chair")
    client.post(f"{url}{seat.pk}/take/")
    assert not Seat.objects.exists()
    assert "คณะทำงานสื่อสาร" in words(client_of("anonymous"), "/working-groups/")
    page(client, f"{group.get_absolute_url()}edit/")


def test_a_group_is_found_by_its_purpose(city: City, client: Any) -> None:
    a_group(city)
    assert "คณะทำงานสายคลอง" in words(client, "/search/?q=ดูแลคลอง")


# --- tasks -------------------------------------------------------------------------------------------


def test_a_task_has_one_holder_who_works_in_the_city(city: City, other_city: City, cast: Any) -> None:
    group = a_group(city)
    for values in ({}, {"person": cast.member, "group": group}, {"person": cast.stranger}):
        with pytest.raises(ValidationError):
            a_task(city, **values)
    with pytest.raises(ValidationError):
        a_task(city, group=a_group(other_city))
    assert not Task.objects.exists()
    assert a_task(city, person=cast.observer).holder == "observer"
    assert a_task(city, group=group).holder == group.name


def test_a_task_is_seen_by_its_city_alone(city: City, cast: Any, client_of: Any) -> None:
    task = a_task(city, person=cast.member)
    seen = {name for name in cast.actors if can(cast.actors[name], Verb.VIEW, task)}
    assert seen == {"owner", "member", "observer", "steward", "system"}
    assert client_of("stranger").get(task.get_absolute_url()).status_code == 404
    assert client_of("anonymous").get(task.get_absolute_url()).status_code == 302
    assert "นัดเวที" not in words(client_of("stranger"), "/tasks/")
    assert "นัดเวที" in words(client_of("observer"), "/tasks/")


def test_who_holds_a_task_says_that_it_is_done_and_only_writers_drop_it(city: City, cast: Any) -> None:
    actors = cast.actors
    task = a_task(city, person=cast.observer)
    with pytest.raises(Refused):
        work.end_task(actors["observer"], task, TaskState.DROPPED, "ไม่ว่าง")
    done = work.end_task(actors["observer"], task, TaskState.DONE, "เรียบร้อย")
    assert (done.state, done.ended_by, done.reason) == ("done", "observer", "เรียบร้อย")
    with pytest.raises(Refused):
        work.end_task(actors["observer"], done, TaskState.OPEN)
    assert work.end_task(actors["member"], done, TaskState.OPEN).ended_at is None


def test_who_sits_in_the_group_that_holds_a_task_says_so_too(city: City, cast: Any) -> None:
    group = a_group(city)
    task = a_task(city, group=group)
    with pytest.raises(Refused):
        work.end_task(cast.actors["observer"], task, TaskState.DONE)
    work.give_seat(SYSTEM, group, cast.observer, Chair.MEMBER)
    assert work.end_task(cast.actors["observer"], task, TaskState.DONE).state == "done"


def test_dropping_asks_for_a_reason_and_a_closed_task_is_not_changed(city: City, cast: Any) -> None:
    task = a_task(city, person=cast.member)
    with pytest.raises(ValidationError, match="บอกเหตุผล"):
        work.end_task(SYSTEM, task, TaskState.DROPPED, "  ")
    dropped = work.end_task(SYSTEM, task, TaskState.DROPPED, "ซ้ำกับงานอื่น")
    with pytest.raises(Refused, match="ปิดแล้ว"):
        work.save_task(SYSTEM, dropped, {"what": "อย่างอื่น"})


def test_a_task_goes_its_way_in_the_browser(city: City, cast: Any, client_of: Any) -> None:
    client, add = client_of("member"), "/tasks/add/?space=C-PTG"
    page(client, add)
    typed = {"what": "เชิญผู้ใหญ่บ้าน", "person": str(cast.observer.pk), "due": "ไม่รู้"}
    bad = client.post(add, typed)
    assert bad.status_code == 422
    assert "เชิญผู้ใหญ่บ้าน" in bad.content.decode()
    client.post(add, typed | {"due": "3 ก.ย. 2569"})
    task = Task.objects.get()
    assert (task.due, task.made_by) == (date(2026, 9, 3), "member")
    page(client, f"{task.get_absolute_url()}edit/")
    end = f"{task.get_absolute_url()}end/"
    refused = client.post(end, {"state": "dropped", "reason": ""})
    assert (refused.status_code, "บอกเหตุผล" in strip_tags(refused.content.decode())) == (422, True)
    assert client.post(end, {"state": "burnt"}).status_code == 404
    client_of("observer").post(end, {"state": "done", "reason": ""})
    task.refresh_from_db()
    assert task.state == "done"
    assert "เชิญผู้ใหญ่บ้าน" not in words(client, "/tasks/")
    assert "เชิญผู้ใหญ่บ้าน" in words(client, "/tasks/?state=done")
    assert "เชิญผู้ใหญ่บ้าน" not in words(client, "/tasks/?state=done&whose=mine")
    assert "เชิญผู้ใหญ่บ้าน" in words(client, "/tasks/?state=&space=C-PTG")


def test_a_decision_becomes_a_task_with_its_words_and_its_day(
    city: City, source: Source, cast: Any, client_of: Any
) -> None:
    held = make_meeting(city.node, source)
    head = minutes.save_minutes(SYSTEM, Minutes(meeting=held), {"body": "คณะทำงาน"})
    values = {"text": "ให้ขุดลอก", "due": date(2026, 8, 31)}
    decision = minutes.save_decision(SYSTEM, Decision(minutes=head), values)
    client, add = client_of("member"), f"/tasks/add/?decision={decision.pk}"
    html = page(client, add)
    assert "ให้ขุดลอก" in html
    assert "31 สิงหาคม 2569" in html
    client.post(add, {"what": "ให้ขุดลอก", "person": str(cast.member.pk), "due": "31 สิงหาคม 2569"})
    task = Task.objects.get()
    assert (task.decision, task.about, task.space) == (decision, held.node, city.node)
    assert "ให้ขุดลอก" in words(client, task.get_absolute_url())
    assert client_of("stranger").get(add).status_code == 404
    for wrong in ("x", "99999999", "๑", "1" * 40):
        assert client.get(f"/tasks/add/?decision={wrong}").status_code == 404


def test_a_stranger_gives_no_task_here(city: City, client_of: Any) -> None:
    assert client_of("stranger").get("/tasks/add/?space=C-PTG").status_code == 403
    assert client_of("observer").get("/tasks/add/?space=C-PTG").status_code == 403


# --- what waits --------------------------------------------------------------------------------------


def test_my_tasks_and_those_of_my_groups_wait_for_me(city: City, cast: Any) -> None:
    group = a_group(city)
    mine = a_task(city, person=cast.member, due=timezone.localdate() - timedelta(days=3))
    a_task(city, person=cast.owner)
    ours = a_task(city, group=group)
    assert set(own_tasks(cast.actors["member"])) == {mine}
    work.give_seat(SYSTEM, group, cast.member, Chair.MEMBER)
    assert set(own_tasks(cast.actors["member"])) == {mine, ours}
    found = [wait for wait in waiting(cast.actors["member"]) if wait.url == mine.get_absolute_url()]
    assert (found[0].title, found[0].due, found[0].city) == (mine.what, mine.due, "เมืองพะตง")
    work.end_task(SYSTEM, mine, TaskState.DONE)
    assert set(own_tasks(cast.actors["member"])) == {ours}


def test_nothing_waits_in_a_city_where_one_has_no_role_any_more(city: City, cast: Any) -> None:
    task = a_task(city, person=cast.member)
    take_role(SYSTEM, Membership.objects.get(space=city.node, user=cast.member))
    actor = account_actor(cast.member)
    assert not own_tasks(actor).exists()
    assert not can(actor, Verb.VIEW, task)
    with pytest.raises(Refused):
        work.end_task(actor, task, TaskState.DONE)


def test_minutes_wait_once_a_later_meeting_was_held(city: City, source: Source, cast: Any) -> None:
    held = make_meeting(city.node, source, "2022-03-04")
    taken = minutes.save_minutes(SYSTEM, Minutes(meeting=held), {"body": "คณะทำงาน"})
    assert not unapproved_minutes(cast.actors["member"]).exists()
    later = make_meeting(city.node, source, "2022-04-01")
    assert list(unapproved_minutes(cast.actors["member"])) == [taken]
    assert not unapproved_minutes(cast.actors["observer"]).exists()
    assert not unapproved_minutes(cast.actors["stranger"]).exists()
    minutes.approve_minutes(SYSTEM, taken, later)
    assert not unapproved_minutes(cast.actors["member"]).exists()


def test_the_list_of_what_waits_asks_once_for_each_sort(
    city: City, cast: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        a_task(city, person=cast.owner)
    client = client_of("owner")
    with django_assert_max_num_queries(12):
        assert "นัดเวที" in words(client, "/waits/")


# --- roles -------------------------------------------------------------------------------------------


def test_a_member_leaves_and_her_seats_with_her(city: City, cast: Any, client_of: Any) -> None:
    group = a_group(city)
    work.give_seat(SYSTEM, group, cast.member, Chair.CHAIR)
    client = client_of("member")
    assert "ออกจากเมืองนี้" in words(client, "/cities/phatong/members/")
    assert client.post("/cities/phatong/members/leave/")["Location"] == "/account/"
    assert not Membership.objects.filter(user=cast.member).exists()
    assert not Seat.objects.exists()
    assert client.post("/cities/phatong/members/leave/").status_code == 404


def test_the_last_owner_is_told_what_to_do_before_she_can_leave(
    city: City, cast: Any, client_of: Any
) -> None:
    client = client_of("owner")
    answer = client.post("/cities/phatong/members/leave/")
    assert answer.status_code == 422
    assert "ให้คนอื่นเป็นผู้ดูแลเมืองก่อน แล้วจึงออกได้" in strip_tags(answer.content.decode())
    give_role(SYSTEM, city.node, cast.member, Role.OWNER)
    assert client.post("/cities/phatong/members/leave/").status_code == 302
    assert [m.user for m in Membership.objects.filter(space=city.node, role="owner")] == [cast.member]


def test_an_observer_leaves_too_and_nobody_leaves_for_another(city: City, cast: Any, client_of: Any) -> None:
    with pytest.raises(Refused):
        leave_space(cast.actors["owner"], Membership.objects.get(user=cast.member))
    assert client_of("observer").post("/cities/phatong/members/leave/").status_code == 302
    assert not Membership.objects.filter(user=cast.observer).exists()


def test_one_person_has_different_roles_in_two_cities_and_each_holds_only_there(
    city: City, other_city: City, cast: Any, client_of: Any
) -> None:
    give_role(SYSTEM, other_city.node, cast.observer, Role.OWNER)
    actor, client = account_actor(cast.observer), client_of("observer")
    here, there = a_task(city, person=cast.member), a_task(other_city, person=cast.observer)
    assert [can(actor, Verb.CHANGE, task) for task in (here, there)] == [False, True]
    assert client.get("/cities/phatong/members/").status_code == 403
    assert client.get("/cities/bo-yang/members/").status_code == 200
    account = words(client, "/account/")
    assert "เมืองพะตง: ผู้สังเกตการณ์" in account
    assert "เมืองบ่อยาง: ผู้ดูแลเมือง" in account


def test_roles_that_nobody_has_used_for_half_a_year_are_shown_to_owners_only(
    city: City, cast: Any, client_of: Any
) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    Membership.objects.filter(user__in=[cast.member, cast.observer]).update(since=long_ago.date())
    User.objects.filter(pk=cast.observer.pk).update(last_login=long_ago)
    members = "/cities/phatong/members/"
    assert words(client_of("owner"), members).count("ไม่ได้เข้าสู่ระบบมาครึ่งปี") == 2
    assert "ครึ่งปี" not in words(client_of("member"), members)
    User.objects.filter(pk=cast.observer.pk).update(last_login=timezone.now())
    assert words(client_of("owner"), members).count("ไม่ได้เข้าสู่ระบบมาครึ่งปี") == 0
