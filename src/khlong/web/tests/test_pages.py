"""The whole house from outside: headers, languages, the home page, what is not there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import NoReverseMatch, reverse
from django.urls import path as path_to

from khlong.chain.models import Node, Visibility
from khlong.people.models import User
from khlong.places.models import City, Source
from khlong.strategy.actions import make_version
from khlong.strategy.tests.makers import SYSTEM, VISION, whole_plan
from khlong.web import health, views
from khlong.web.samples import url_names

PLACES = ["/", "/cities/", "/signin/", "/strategies/", "/canals/", "/components/", "/nowhere/", "/health/"]


def policy(response: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {part[0]: part[1:] for part in parts if part}


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_bears_an_enforced_policy_without_anything_unsafe(
    city: City, client: Client, path: str
) -> None:
    response = client.get(path)
    assert "Content-Security-Policy-Report-Only" not in response
    found = policy(response)
    assert (
        found["default-src"]
        == found["object-src"]
        == found["base-uri"]
        == found["frame-ancestors"]
        == ["'none'"]
    )
    assert found["form-action"] == found["connect-src"] == ["'self'"]
    written = response["Content-Security-Policy"]
    for unsafe in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert unsafe not in written


def nonce(response: Any) -> str:
    found = [word for word in policy(response)["script-src"] if word.startswith("'nonce-")]
    return found[0][7:-1] if found else ""


def test_a_nonce_is_used_once_and_is_the_one_of_the_page() -> None:
    @override_settings(ROOT_URLCONF=__name__)
    def two() -> list[Any]:
        return [Client().get("/with-nonce/") for _time in range(2)]

    first, second = two()
    assert nonce(first)
    assert nonce(first) != nonce(second)
    assert f'nonce="{nonce(first)}"' in first.content.decode()


def with_nonce(request: Any) -> Any:
    return HttpResponse(f'<script nonce="{request.csp_nonce}"></script>')


@pytest.mark.parametrize("path", [path for path in PLACES if path != "/health/"])
def test_a_page_holds_no_inline_script_style_or_handler_and_names_no_other_host(
    city: City, client: Client, path: str
) -> None:
    html = client.get(path).content.decode()
    for script in re.findall(r"<script\b[^>]*>", html):
        assert "src=" in script or "nonce=" in script, script
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<[^>]+\son[a-z]+=", html)
    assert not re.search(r"""(?:src|<link[^>]+href)=["'](?:https?:)?//""", html)


@pytest.mark.parametrize("path", ["/", "/nowhere/"])
def test_browsers_are_told_not_to_guess_not_to_frame_and_not_to_tell(
    city: City, client: Client, path: str
) -> None:
    response = client.get(path)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(db: None, client: Client) -> None:
    User.objects.create_user("somying", "สายน้ำมีชีวิต-2565")
    client.get("/signin/")
    client.post("/signin/", {"username": "somying", "password": "สายน้ำมีชีวิต-2565"})
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"], name
        assert client.cookies[name]["samesite"] == "Lax", name


def test_a_foreign_host_is_not_answered(db: None, client: Client) -> None:
    assert client.get("/health/", headers={"host": "evil.example"}).status_code in {200, 400}
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_health_says_that_the_database_answers_and_is_never_kept(db: None, client: Client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, {"ok": True})
    assert "no-store" in response["Cache-Control"]


def test_health_fails_when_the_database_does_not_answer(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise DatabaseError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", broken)
        with pytest.raises(DatabaseError):
            health.health(RequestFactory().get("/health/"))


@pytest.mark.parametrize("lang", ["th", "en"])
def test_what_is_not_there_is_told_on_a_page_with_the_way_home(db: None, client: Client, lang: str) -> None:
    client.cookies["khlong_language"] = lang
    response = client.get("/nowhere/")
    assert response.status_code == 404
    html = response.content.decode()
    assert f'<html lang="{lang}"' in html
    assert f'href="{reverse("home")}"' in html


def test_what_was_asked_for_is_never_markup_on_the_page(db: None, client: Client) -> None:
    assert "<b>evil" not in client.get("/<b>evil</b>/").content.decode()
    request = RequestFactory().get("/x/")
    assert views.not_found(request, Http404("evil")).status_code == 404


def test_a_form_sent_from_elsewhere_is_refused_with_a_page_in_words(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/signin/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "<html" in response.content.decode()


def test_the_language_is_thai_until_somebody_chooses_another(city: City, client: Client) -> None:
    for accepted in ("", "fr", "th"):
        assert '<html lang="th"' in client.get("/", headers={"accept-language": accepted}).content.decode()
    response = client.post("/language/setlang/", {"language": "en", "next": "/cities/"})
    assert response["Location"] == "/cities/"
    assert client.cookies["khlong_language"].value == "en"
    page = client.get("/cities/").content.decode()
    assert '<html lang="en"' in page
    assert "Phatong" in page
    client.post("/language/setlang/", {"language": "th", "next": "/"})
    assert '<html lang="th"' in client.get("/").content.decode()


@pytest.mark.parametrize("language", ["ms", "", "../x"])
def test_a_language_that_is_not_there_changes_nothing(db: None, client: Client, language: str) -> None:
    client.post("/language/setlang/", {"language": language, "next": "/"})
    assert '<html lang="th"' in client.get("/").content.decode()


def test_choosing_a_language_leads_to_no_other_host_and_is_done_by_post(db: None, client: Client) -> None:
    response = client.post("/language/setlang/", {"language": "en", "next": "https://evil.example/"})
    assert response["Location"] == "/"
    client.cookies.clear()
    client.get("/language/setlang/?language=en")
    assert "khlong_language" not in client.cookies


def bare(html: str) -> str:
    return re.sub(r"<[^>]*>|[\s\u00a0\u200b\u2060]", "", html)


def test_home_shows_the_cities_and_a_vision_in_its_own_words(
    city: City, other_city: City, source: Source, client: Client
) -> None:
    make_version(SYSTEM, whole_plan(city, source))
    City.objects.filter(pk=city.pk).update(slug=views.FACE)
    response = client.get("/")
    page = response.context["page"]
    assert page.face["vision"] == VISION
    assert bare(VISION) in bare(response.content.decode())
    assert [row["city"].slug for row in page.full] == [views.FACE, "bo-yang"]
    assert [place.published for place in page.places] == [True, False]


def test_home_of_an_empty_house_is_a_page(db: None, client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.context["page"].face is None


def test_home_shows_no_city_and_no_plan_that_is_not_published(
    city: City, source: Source, client: Client, client_of: Any
) -> None:
    plan = whole_plan(city, source)
    make_version(SYSTEM, plan)
    Node.objects.filter(pk=plan.pk).update(visibility=Visibility.MEMBERS)
    assert bare(VISION) not in bare(client.get("/").content.decode())
    Node.objects.filter(pk=city.pk).update(visibility=Visibility.MEMBERS)
    assert "phatong" not in client.get("/").content.decode()
    assert "phatong" in client_of("observer").get("/").content.decode()


def test_home_takes_no_more_queries_for_more_cities(
    city: City, other_city: City, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.get("/")
    with django_assert_max_num_queries(8):
        client.get("/")


def test_every_room_that_has_pages_has_names_for_them() -> None:
    spaces = {name.split(":")[0] for name in url_names() if ":" in name}
    assert spaces >= {"people", "ui", "chain", "places", "network", "assessment", "strategy", "journal"}
    with pytest.raises(NoReverseMatch):
        reverse("places:nothing")


urlpatterns = [path_to("with-nonce/", with_nonce)]


@pytest.mark.parametrize(
    "path",
    ["/facts/%00/", "/sources/S%00/", "/facts/add/?like=%00", "/events/add/?space=%00", "/facts/?q=%00"],
)
def test_an_address_with_a_nul_is_not_there_on_any_database(city: City, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
