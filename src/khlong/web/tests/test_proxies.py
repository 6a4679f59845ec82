"""Whose address a request comes from when servers stand before Khlong."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from khlong.web.proxies import ProxyMiddleware, Trusted, address_of, may_look_inside


def passed(proxies: list[str], peer: str, https: bool = False, **headers: Any) -> HttpRequest:
    """The request as it comes out of the middleware."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    known = {**settings.KHLONG, "trusted_proxies": proxies}
    with override_settings(KHLONG=known, BEHIND_HTTPS=https):
        request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
        ProxyMiddleware(view)(request)
    return seen[0]


def address(*given: Any, **headers: Any) -> str:
    return str(passed(*given, **headers).META["REMOTE_ADDR"])


CHAINS = [
    (["10.0.0.1"], "10.0.0.1", "203.0.113.7", "203.0.113.7"),
    (["10.0.0.1"], "10.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
    (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
    (["10.0.0.1"], "192.0.2.9", "203.0.113.7", "192.0.2.9"),
    ([], "127.0.0.1", "203.0.113.7", "127.0.0.1"),
    (["unix"], "", "203.0.113.7", "203.0.113.7"),
    (["10.0.0.1"], "10.0.0.1", "nonsense", "10.0.0.1"),
    (["10.0.0.1"], "10.0.0.1", "203.0.113.7, nonsense", "10.0.0.1"),
    (["10.0.0.1"], "10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
    (["::1"], "::1", "[2001:db8::7]:4711", "2001:db8::7"),
    (["10.0.0.1"], "::ffff:10.0.0.1", "2001:db8::7", "2001:db8::7"),
    (["10.0.0.0/8"], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
]


@pytest.mark.parametrize(("proxies", "peer", "chain", "expected"), CHAINS)
def test_only_servers_of_ours_say_for_whom_they_ask(
    proxies: list[str], peer: str, chain: str, expected: str
) -> None:
    assert address(proxies, peer, x_forwarded_for=chain) == expected


def test_a_stranger_cannot_say_that_the_way_was_safe() -> None:
    request = passed(["10.0.0.1"], "192.0.2.9", x_forwarded_proto="https", forwarded="for=1.1.1.1")
    assert not {"HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED"} & set(request.META)
    request = passed(["10.0.0.1"], "10.0.0.1", x_forwarded_proto="https")
    assert request.META["HTTP_X_FORWARDED_PROTO"] == "https"


def test_behind_https_the_server_on_this_machine_is_ours_unless_the_settings_say_otherwise() -> None:
    assert address([], "127.0.0.1", True, x_forwarded_for="203.0.113.7") == "203.0.113.7"
    assert address(["10.0.0.1"], "127.0.0.1", True, x_forwarded_for="203.0.113.7") == "127.0.0.1"


def test_a_server_that_is_forgotten_in_the_settings_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    passed(["10.0.0.1"], "172.18.0.3", True, x_forwarded_proto="https")
    (record,) = caplog.records
    assert "172.18.0.3" in record.getMessage()
    assert "KHLONG_TRUSTED_PROXIES" in record.getMessage()


@pytest.mark.parametrize(
    ("peer", "headers", "local"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("", {}, True),
        ("127.0.0.1", {"x_forwarded_for": "203.0.113.7"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("192.168.1.9", {}, False),
        ("", {"x_real_ip": "203.0.113.7"}, False),
    ],
)
def test_what_a_proxy_on_this_machine_asks_is_not_asked_by_this_machine(
    peer: str, headers: dict[str, Any], local: bool
) -> None:
    assert may_look_inside(passed([], peer, **headers)) is local


def test_the_token_opens_from_elsewhere_and_nothing_like_it_does() -> None:
    with override_settings(KHLONG={**settings.KHLONG, "metrics_token": "t" * 20}):
        for given, opens in (
            ("Bearer " + "t" * 20, True),
            ("Bearer t", False),
            ("", False),
            ("Bearer é", False),
        ):
            request = passed([], "192.0.2.9", authorization=given)
            with override_settings(KHLONG={**settings.KHLONG, "metrics_token": "t" * 20}):
                assert may_look_inside(request) is opens
    assert may_look_inside(passed([], "192.0.2.9", authorization="Bearer ")) is False


@pytest.mark.parametrize("text", ["", "a.b", "1.2.3", "[::1", "1:2:3", "unknown", "_hidden"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address_of(text) is None or text == "[::1"
    assert text not in Trusted(["0.0.0.0/0"]) or not text


@pytest.mark.django_db
def test_readers_behind_a_proxy_are_counted_apart() -> None:
    """One reader's dead links do not close the door to another behind the same proxy."""
    from khlong.people import throttle

    known = {**settings.KHLONG, "trusted_proxies": ["127.0.0.1"]}
    with override_settings(KHLONG=known):
        client = Client()
        for _ in range(throttle.LINKS_PER_ADDRESS):
            throttle.note_dead_link("203.0.113.7")
        assert throttle.too_many_links("203.0.113.7")
        response = client.get("/invited/", headers={"x-forwarded-for": "203.0.113.8"})
        assert response.wsgi_request.META["REMOTE_ADDR"] == "203.0.113.8"
        assert not throttle.too_many_links("203.0.113.8")
