from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khlong.adoption import actions, replies
from khlong.adoption.models import Adoption, BudgetLine, Proposal, ReplyLink, Step
from khlong.adoption.tests.makers import SYSTEM, fresh, propose, step
from khlong.chain.models import Edge, Node, Visibility
from khlong.network.models import Organisation
from khlong.places.models import City
from khlong.record.models import Job
from khlong.record.tests import drawn
from khlong.strategy.models import Item, MeasureDetail

TYPED = {
    "name_th": "โครงการขุดลอกคลอง",
    "channel": "supplement",
    "form": "p02",
    "plan_from": "2571",
    "year_1": "๒๕๗๑",
    "money_1": "1.5 ล้านบาท",
}


def typed(measure: Item, organisation: Organisation, **more: Any) -> dict[str, Any]:
    return TYPED | {"measure": str(measure.pk), "organisation": str(organisation.pk)} | more


def read(answer: Any) -> str:
    """The words of a page without what keeps them together in lines."""
    text = re.sub(r"<[^>]+>|[\u200b\u2060]", "", answer.content.decode())
    return text.replace("\u00a0", " ")


def english(client: Client) -> Client:
    client.cookies["khlong_language"] = "en"
    return client


def add_url(city: City, measure: Item | None = None) -> str:
    query = f"?measure={measure.ref}" if measure else ""
    return reverse("adoption:add_proposal", args=[city.slug]) + query


# --- writing ----------------------------------------------------------------------------------------


def test_the_form_is_filled_from_the_measure(
    client_of: Any, city: City, measure: Item, municipality: Organisation
) -> None:
    detail, _made = MeasureDetail.objects.get_or_create(item=measure)
    detail.responsible, detail.gains = municipality, "ร้านค้าในตลาด 40 ร้าน"
    detail.cost_satang, detail.from_year, detail.to_year = 300_001_00, 2572, 2573
    detail.save()
    page = client_of("member").get(add_url(city, measure))
    form = page.context["form"]
    assert form["name_th"].value() == f"โครงการ{measure.node.title_th}"
    assert form["objective"].value().startswith("เพื่อขุดลอก")
    assert form["outcome"].value() == "ร้านค้าในตลาด 40 ร้าน"
    assert form["lead_unit"].value() == "เทศบาลตำบลพะตง"
    rows = [(form[f"year_{n}"].value(), form[f"money_{n}"].value()) for n in (1, 2)]
    assert rows == [(2572, "150,001"), (2573, "150,000")]


def test_a_proposal_is_a_draft_of_the_working_group_at_first(
    client_of: Any, city: City, measure: Item, municipality: Organisation
) -> None:
    answer = client_of("member").post(add_url(city), typed(measure, municipality))
    assert answer.status_code == 302, answer.context["form"].errors
    made = Proposal.objects.get()
    assert (made.total, made.city) == (1_500_000_00, city)
    assert Edge.objects.filter(up=measure.node, down=made.node).exists()
    assert client_of("anonymous").get(made.get_absolute_url()).status_code == 404
    client_of("member").post(reverse("adoption:publish_proposal", args=[made.ref]))
    assert client_of("anonymous").get(made.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"year_1": "2570"}, "year_1", "2570 is outside the plan of 2571-2575"),
        ({"year_1": ""}, "year_1", "for which fiscal year"),
        ({"money_1": "หลายบาท"}, "money_1", "450,000"),
        ({"year_2": "2571", "money_2": "5"}, "year_2", "stands twice"),
        ({"money_1": "-5"}, "year_1", "nought or more"),
        ({"year_1": "71"}, "year_1", "Buddhist era"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(
    client_of: Any, city: City, measure: Item, municipality: Organisation, more: Any, field: str, words: str
) -> None:
    answer = english(client_of("member")).post(add_url(city), typed(measure, municipality, **more))
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert TYPED["name_th"] in answer.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_who_does_not_write_in_the_city_gets_no_form(
    client_of: Any, city: City, proposal: Proposal, who: str
) -> None:
    pages = [
        add_url(city),
        *(
            reverse(f"adoption:{name}", args=[proposal.ref])
            for name in ("edit_proposal", "add_step", "add_adoption", "add_line", "reply_links")
        ),
    ]
    assert {client_of(who).get(page).status_code for page in pages} <= {302, 403}


def test_two_who_edit_at_once_see_each_other(client_of: Any, proposal: Proposal, measure: Item) -> None:
    where = reverse("adoption:edit_proposal", args=[proposal.ref])
    data = typed(measure, proposal.organisation, base="1", name_th="โครงการหนึ่ง")
    assert client_of("member").post(where, data).status_code == 302
    assert client_of("owner").post(where, data | {"name_th": "โครงการสอง"}).status_code == 409


# --- what happened ----------------------------------------------------------------------------------


def test_a_step_with_its_letter_stands_on_the_timeline(client_of: Any, proposal: Proposal) -> None:
    where = reverse("adoption:add_step", args=[proposal.ref])
    data = {"state": "submitted", "on": "10 ก.พ. 2569", "letter_no": "สค 12/2569"}
    data["upload"] = SimpleUploadedFile("letter.png", drawn.png((20, 20)), "image/png")  # type: ignore[assignment]
    assert client_of("member").post(where, data).status_code == 302
    kept = Step.objects.get()
    assert (kept.on, kept.letter_no) == (date(2026, 2, 10), "สค 12/2569")
    assert kept.file is not None
    told = client_of("anonymous").get(proposal.get_absolute_url()).content.decode()
    assert "สค 12/2569" in told
    assert "letter.png" not in told, "letters name people"
    assert "letter.png" in client_of("member").get(proposal.get_absolute_url()).content.decode()


def test_a_paper_that_came_stays_while_the_rest_is_mended(client_of: Any, proposal: Proposal) -> None:
    where, member = reverse("adoption:add_step", args=[proposal.ref]), english(client_of("member"))
    data: dict[str, Any] = {"state": "proclaimed", "on": "10 Feb 2026"}
    data["upload"] = SimpleUploadedFile("plan.png", drawn.png((20, 20)), "image/png")
    refused = member.post(where, data)
    assert refused.status_code == 422
    assert "Say in a few words why" in str(refused.context["form"].errors["note"])
    kept = str(refused.context["kept_file"].pk)
    del data["upload"]
    assert member.post(where, data | {"note": "โทรแจ้งแล้ว", "kept": kept}).status_code == 302
    assert str(Step.objects.get().file_id) == kept


def test_the_page_of_the_plan_is_cited_on_the_proposal(client_of: Any, proposal: Proposal) -> None:
    where = reverse("adoption:add_adoption", args=[proposal.ref])
    data = {
        "kind": "plan",
        "title": "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)",
        "edition": "supplement",
        "round": "๑/๒๕๗๑",
        "page": "๑๒",
        "order": "1",
    }
    assert client_of("member").post(where, data).status_code == 302
    told = client_of("anonymous").get(proposal.get_absolute_url()).content.decode()
    assert "ปรากฏในแผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575) เพิ่มเติม ครั้งที่ 1/2571 หน้าที่ 12 ลำดับที่ 1" in told


def test_the_dry_stretch_of_a_missing_page_leads_to_the_adoption_without_it(
    client_of: Any, proposal: Proposal
) -> None:
    made = actions.save_adoption(SYSTEM, Adoption(proposal=proposal), {"kind": "plan", "title": "แผน"})
    answer = client_of("member").get(reverse("adoption:add_adoption", args=[proposal.ref]))
    assert answer["Location"] == reverse("adoption:edit_adoption", args=[proposal.ref, made.pk])


def test_money_its_result_and_the_communitys_words_are_noted_one_after_the_other(
    client_of: Any, proposal: Proposal
) -> None:
    member = english(client_of("member"))
    where = reverse("adoption:add_line", args=[proposal.ref])
    refused = member.post(where, {"year": "2576", "source": "ordinance", "satang": "50,000"})
    assert "2576 is outside the plan of 2571-2575" in str(refused.context["form"].errors["year"])
    data = {"year": "2571", "source": "ordinance", "satang": "50,000"}
    assert member.post(where, data).status_code == 302
    line = BudgetLine.objects.get()
    more = {"result_th": "ขุดแล้ว 400 เมตร", "checked_by_community": "น้ำลงเร็วขึ้น", "spent_satang": "49,500.50"}
    assert (
        member.post(reverse("adoption:edit_line", args=[proposal.ref, line.pk]), data | more).status_code
        == 302
    )
    told = read(client_of("anonymous").get(proposal.get_absolute_url()))
    for words in ("50,000", "49,500.50", "ขุดแล้ว 400 เมตร", "น้ำลงเร็วขึ้น"):
        assert words in told


# --- lists ------------------------------------------------------------------------------------------


def test_lists_are_narrowed_by_state_organisation_and_overdue(
    client_of: Any, city: City, proposal: Proposal, measure: Item, municipality: Organisation
) -> None:
    late = propose(city, measure, municipality, name_th="โครงการที่รอคำตอบ", reply_due=date(2026, 1, 1))
    step(late, "submitted")
    where = reverse("adoption:proposals", args=[city.slug])

    def shown(query: str) -> set[str]:
        page = client_of("anonymous").get(f"{where}{query}")
        return {row.ref for row in page.context["page_obj"]}

    assert shown("") == {proposal.ref, late.ref}
    assert shown("?state=submitted") == {late.ref}
    assert shown("?overdue=1") == {late.ref}
    assert shown(f"?to={municipality.ref}&state=draft") == {proposal.ref}
    assert shown("?to=O-XXX-0001") == set()


def test_what_was_asked_of_an_organisation_stands_on_one_page(
    client_of: Any, proposal: Proposal, municipality: Organisation
) -> None:
    page = client_of("anonymous").get(reverse("adoption:asked", args=[municipality.ref]))
    assert [row.ref for row in page.context["page_obj"]] == [proposal.ref]
    hidden = Node.objects.filter(pk=proposal.pk)
    hidden.update(visibility=Visibility.MEMBERS)
    page = client_of("anonymous").get(reverse("adoption:asked", args=[municipality.ref]))
    assert list(page.context["page_obj"]) == []


def test_a_list_asks_as_often_for_one_proposal_as_for_many(
    client_of: Any, city: City, measure: Item, municipality: Organisation
) -> None:
    member = client_of("member")
    counts: list[int] = []
    for _round in range(2):
        for _number in range(1 if not counts else 12):
            propose(city, measure, municipality)
        with CaptureQueriesContext(connection) as queries:
            assert member.get(reverse("adoption:all")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_a_proposals_page_asks_at_most_twelve_times(client_of: Any, proposal: Proposal) -> None:
    for number in range(5):
        step(proposal, "", note=f"โทรครั้งที่ {number}")
    actions.save_adoption(
        SYSTEM, Adoption(proposal=fresh(proposal)), {"kind": "plan", "title": "แผน", "page": "1"}
    )
    member = client_of("member")
    member.get(proposal.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        assert member.get(proposal.get_absolute_url()).status_code == 200
    assert len(queries) <= 12, "\n".join(row["sql"][:160] for row in queries.captured_queries)
    assert not Job.objects.exists()


# --- forms as files ---------------------------------------------------------------------------------


def test_the_form_of_a_proposal_is_taken_in_word(client_of: Any, proposal: Proposal) -> None:
    answer = client_of("anonymous").get(reverse("adoption:one_form", args=[proposal.ref, "docx"]))
    made = docx.Document(BytesIO(answer.content))
    assert "เพิ่มเติม ครั้งที่" in made.paragraphs[1].text
    assert made.tables[0].rows[1].cells[-1].text == "เหตุผลความจำเป็น"
    assert (
        client_of("anonymous").get(reverse("adoption:one_form", args=[proposal.ref, "exe"])).status_code
        == 404
    )


def test_the_covering_letter_is_addressed_and_says_the_money_in_words(
    client_of: Any, proposal: Proposal
) -> None:
    step(proposal, "submitted", letter_no="สค 12/2569", letter_on=date(2026, 2, 10))
    answer = client_of("anonymous").get(reverse("adoption:letter", args=[proposal.ref]))
    lines = [line.text for line in docx.Document(BytesIO(answer.content)).paragraphs]
    text = "\n".join(lines).replace("\u00a0", " ")
    for words in (
        "ที่ สค ๑๒/๒๕๖๙",
        "๑๐ กุมภาพันธ์ ๒๕๖๙",
        "เรื่อง  ขอเสนอโครงการเพื่อพิจารณาบรรจุในแผนพัฒนาท้องถิ่น (พ.ศ. ๒๕๗๑ - ๒๕๗๕) เพิ่มเติม",
        "เรียน  นายกเทศมนตรีตำบลพะตง",
        "๗๕๐,๐๐๐ บาท (เจ็ดแสนห้าหมื่นบาทถ้วน)",
        "จึงเรียนมาเพื่อโปรดพิจารณา",
        "ขอแสดงความนับถือ",
    ):
        assert words in text, words


def test_the_forms_of_a_city_are_chosen_and_taken(client_of: Any, city: City, proposal: Proposal) -> None:
    where = reverse("adoption:form_file", args=[city.slug])
    asked = {
        "form": "p02",
        "plan": "issue",
        "edition": "supplement",
        "round": "1/2571",
        "kind": "xlsx",
        "long_head": "on",
    }
    answer = client_of("anonymous").get(where, asked)
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert client_of("anonymous").get(where, asked | {"kind": "pdf"}).content.startswith(b"%PDF-")
    for wrong in ({"edition": ""}, {"round": "ครั้งแรก"}, {"form": "p99"}):
        assert client_of("anonymous").get(where, asked | wrong).status_code == 422
    Node.objects.filter(pk=proposal.pk).update(visibility=Visibility.MEMBERS)
    assert client_of("anonymous").get(where, asked).status_code == 422, "a draft is printed for nobody else"
    assert client_of("member").get(where, asked).status_code == 200


def test_what_the_pdf_cannot_draw_is_said_in_words_and_word_is_offered(
    client_of: Any, city: City, proposal: Proposal
) -> None:
    actions.save_proposal(SYSTEM, fresh(proposal), {"outputs": "ကျွန်တော် 1 ป้าย"})
    asked = {"form": "p02", "plan": "issue", "edition": "supplement", "round": "1/2571", "kind": "pdf"}
    answer = english(client_of("member")).get(reverse("adoption:form_file", args=[city.slug]), asked)
    assert answer.status_code == 422
    assert "Take the DOCX or the XLSX instead" in answer.content.decode()
    one = english(client_of("member")).get(
        reverse("adoption:one_form", args=[proposal.ref, "pdf"]), follow=True
    )
    assert one.redirect_chain == [(proposal.get_absolute_url(), 302)]
    assert "Take the DOCX or the XLSX instead" in one.content.decode()
    assert (
        client_of("member").get(reverse("adoption:one_form", args=[proposal.ref, "docx"])).status_code == 200
    )


# --- changes and corrections ------------------------------------------------------------------------

OLD = {
    "was_name": "โครงการขุดลอกคลองตง",
    "was_outputs": "ขุดลอกคลองยาว 300 เมตร",
    "year_1": "2571",
    "money_1": "400,000",
}


def changed(proposal: Proposal, channel: str = "change") -> Proposal:
    actions.save_proposal(SYSTEM, fresh(proposal), {"channel": channel})
    return fresh(proposal)


def test_a_change_asks_how_the_project_stands_in_the_plan_and_keeps_it(
    client_of: Any, proposal: Proposal
) -> None:
    changed(proposal)
    where = reverse("adoption:old_words", args=[proposal.ref])
    told = english(client_of("anonymous")).get(proposal.get_absolute_url()).content.decode()
    assert "Nobody has written yet how the project stands in the plan" in told
    assert where not in told, "who cannot write is offered no form"
    assert where in client_of("member").get(proposal.get_absolute_url()).content.decode()
    assert client_of("member").post(where, OLD).status_code == 302
    kept = fresh(proposal)
    assert (kept.was_name, kept.was_years, kept.was_objective) == (OLD["was_name"], {2571: 400_000_00}, "")
    assert (kept.name_th, kept.total) == (proposal.name_th, proposal.total), "what shall stand is not touched"
    told = english(client_of("anonymous")).get(proposal.get_absolute_url()).content.decode()
    assert "โครงการขุดลอกคลองตง<" in told
    assert told.count("เป้าหมาย (ผลผลิตของโครงการ)") == 2, "what is asked, and how the plan has it"
    assert told.index("400 เมตร") < told.index("300 เมตร")


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"was_name": ""}, "was_name", "Fill in this field"),
        ({"year_1": "2570"}, "year_1", "2570 is outside the plan of 2571-2575"),
        ({"money_1": "หลายบาท"}, "money_1", "450,000"),
    ],
)
def test_old_words_that_cannot_be_are_said_at_their_field(
    client_of: Any, proposal: Proposal, more: Any, field: str, words: str
) -> None:
    changed(proposal)
    answer = english(client_of("member")).post(reverse("adoption:old_words", args=[proposal.ref]), OLD | more)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not fresh(proposal).was_outputs


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_who_does_not_write_in_the_city_writes_no_old_words(
    client_of: Any, proposal: Proposal, who: str
) -> None:
    changed(proposal)
    answer = client_of(who).post(reverse("adoption:old_words", args=[proposal.ref]), OLD)
    assert answer.status_code in {302, 403}
    assert not fresh(proposal).was_name


def test_a_proposal_that_amends_nothing_has_no_page_of_old_words(client_of: Any, proposal: Proposal) -> None:
    assert client_of("member").get(reverse("adoption:old_words", args=[proposal.ref])).status_code == 404


def test_old_words_begin_from_the_project_that_the_measure_brought_into_the_plan(
    client_of: Any, city: City, measure: Item, municipality: Organisation, proposal: Proposal
) -> None:
    page = {"kind": "plan", "title": "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)", "page": "12"}
    actions.save_adoption(SYSTEM, Adoption(proposal=fresh(proposal)), page)
    later = propose(city, measure, municipality, channel="change", name_th="โครงการขุดลอกคลองตงทั้งสาย")
    form = client_of("member").get(reverse("adoption:old_words", args=[later.ref])).context["form"]
    assert form["was_name"].value() == proposal.name_th
    assert form["was_outputs"].value() == proposal.outputs
    assert [money.value() for _year, money in form.budget_rows()[:2]] == ["500,000", "250,000"]


# --- the office's private page ----------------------------------------------------------------------


def opened(proposal: Proposal, *, binds: bool = True) -> tuple[Client, ReplyLink, str]:
    """A browser of an office that opened its link and began."""
    link, token = replies.make_reply_link(SYSTEM, fresh(proposal), "สำนักปลัด", binds=binds)
    browser = english(Client())
    address = reverse("adoption:reply", args=[token])
    assert browser.get(address)["Location"] == reverse("adoption:reply_page")
    return browser, link, address


PAGE = "/proposals/answer/"


def begun(proposal: Proposal, *, binds: bool = True) -> tuple[Client, ReplyLink, str]:
    browser, link, address = opened(proposal, binds=binds)
    assert browser.post(PAGE, {"begin": "1"}).status_code == 302
    return browser, link, address


def test_the_office_is_asked_before_anything_begins_and_sees_whom_the_link_is_for(proposal: Proposal) -> None:
    browser, link, _address = opened(proposal)
    told = browser.get(PAGE).content.decode()
    assert "สำนักปลัด" in told
    assert "Whoever answers here answers for this office." in told
    assert "กองช่าง" not in told, "the proposal is shown once begun"
    link.refresh_from_db()
    assert (link.browsers, link.bound_to) == (0, "")


def test_the_office_reads_the_form_answers_and_is_told_that_it_is_informal(proposal: Proposal) -> None:
    Node.objects.filter(pk=proposal.pk).update(visibility=Visibility.MEMBERS)
    browser, _link, _address = begun(proposal)
    told = read(browser.get(PAGE))
    for words in ("แบบ ผ. 02", "เหตุผลความจำเป็น", "ขุดลอกคลองยาว 400 เมตร", "งบประมาณ"):
        assert words in told
    assert "informal until a letter number or a resolution is attached" in told
    step(proposal, "submitted")
    answer = browser.post(PAGE, {"state": "support_draft", "note": "อยู่ในร่างแล้ว"}, follow=True)
    assert "Thank you." in answer.content.decode()
    assert "Informal until a letter number" in answer.content.decode()
    assert fresh(proposal).state == "submitted"


@pytest.mark.parametrize("who", ["member", "observer"])
def test_informal_words_are_marked_wherever_they_are_shown(
    client_of: Any, proposal: Proposal, who: str
) -> None:
    browser, _link, _address = begun(proposal)
    browser.post(PAGE, {"note": "จะพิจารณา"})
    for cookie, words in (
        ("en", "Informal until a letter number"),
        ("th", "ยังไม่เป็นทางการ จนกว่าจะแนบเลขที่หนังสือหรือมติ"),
    ):
        client = client_of(who)
        client.cookies["khlong_language"] = cookie
        assert words in client.get(proposal.get_absolute_url()).content.decode()


def test_an_answer_that_says_nothing_is_asked_for_at_its_field(proposal: Proposal) -> None:
    browser, _link, _address = begun(proposal)
    refused = browser.post(PAGE, {"state": "declined", "letter_no": "สข 1"})
    assert refused.status_code == 422
    assert "why" in str(refused.context["form"].errors["note"])
    assert "สข 1" in refused.content.decode()


def test_a_resolution_with_its_paper_moves_the_proposal(client_of: Any, proposal: Proposal) -> None:
    step(proposal, "submitted")
    browser, _link, _address = begun(proposal)
    paper = SimpleUploadedFile("resolution.png", drawn.png((20, 20)), "image/png")
    data = {"state": "committee", "resolution": "คกก.พัฒนาท้องถิ่น ครั้งที่ 2/2569", "upload": paper}
    assert browser.post(PAGE, data).status_code == 302
    assert fresh(proposal).state == "committee"
    kept = Step.objects.get(by_official=True)
    assert kept.file is not None
    assert kept.file.space_id == proposal.node.space_id
    assert browser.get(kept.file.get_absolute_url()).status_code == 404, "papers are for the working group"
    given = client_of("member").get(kept.file.get_absolute_url())
    assert given.status_code == 200
    assert b"".join(given.streaming_content)


def test_a_link_that_was_forwarded_opens_nothing_in_another_browser(proposal: Proposal) -> None:
    _browser, _link, address = begun(proposal)
    other = english(Client())
    other.get(address)
    refused = other.get(PAGE)
    assert refused.status_code == 410
    assert "works only in the browser that opened it first" in refused.content.decode()
    assert other.post(PAGE, {"note": "ตอบแทน"}).status_code == 410
    assert not Step.objects.exists()


def test_of_a_link_for_several_people_the_working_group_sees_in_how_many_browsers_it_began(
    client_of: Any, proposal: Proposal
) -> None:
    _browser, link, address = begun(proposal, binds=False)
    other = english(Client())
    other.get(address)
    assert other.post(PAGE, {"begin": "1"}).status_code == 302
    assert other.get(PAGE).status_code == 200
    link.refresh_from_db()
    assert link.browsers == 2
    told = (
        english(client_of("member"))
        .get(reverse("adoption:reply_links", args=[proposal.ref]))
        .content.decode()
    )
    assert "begun in 2 browsers: it may have been passed on" in told


def test_a_withdrawn_link_opens_nothing_not_even_the_form(client_of: Any, proposal: Proposal) -> None:
    browser, link, _address = begun(proposal)
    form = reverse("adoption:reply_form", args=["docx"])
    assert browser.get(form).status_code == 200
    client_of("member").post(reverse("adoption:withdraw_link", args=[proposal.ref, link.pk]))
    assert browser.get(PAGE).status_code == 410
    assert browser.get(form).status_code == 404
    assert browser.post(PAGE, {"note": "ยังอยู่ไหม"}).status_code == 410


def test_a_link_shows_one_proposal_and_nothing_else_of_the_city(
    proposal: Proposal, city: City, measure: Item, municipality: Organisation
) -> None:
    other = propose(city, measure, municipality)
    Node.objects.filter(pk__in=[other.pk, proposal.pk]).update(visibility=Visibility.MEMBERS)
    browser, _link, _address = begun(proposal)
    assert browser.get(other.get_absolute_url()).status_code == 404
    assert browser.get(proposal.get_absolute_url()).status_code == 404
    assert browser.get(reverse("adoption:one_form", args=[other.ref, "docx"])).status_code == 404


def test_a_token_nobody_knows_says_so(proposal: Proposal) -> None:
    browser = english(Client())
    browser.get(reverse("adoption:reply", args=["nobody-made-this"]))
    assert browser.get(PAGE).status_code == 404


def test_who_is_signed_in_is_asked_to_sign_out_first(client_of: Any, proposal: Proposal) -> None:
    _link, token = replies.make_reply_link(SYSTEM, fresh(proposal), "กองช่าง")
    member = english(client_of("member"))
    member.get(reverse("adoption:reply", args=[token]))
    refused = member.get(PAGE)
    assert refused.status_code == 410
    assert "You are signed in" in refused.content.decode()


def test_the_link_is_made_on_a_page_to_send_that_is_shown_once(client_of: Any, proposal: Proposal) -> None:
    where, member = reverse("adoption:reply_links", args=[proposal.ref]), english(client_of("member"))
    printed = member.post(where, {"name": "กองช่าง", "days": "30", "binds": "on"}).content.decode()
    address = printed.split('translate="no">')[-1].split("<")[0]
    assert "/proposals/answer/" in address
    assert address not in member.get(where).content.decode()
    assert member.post(where, {"name": "กองช่าง", "days": "400"}).status_code == 422
