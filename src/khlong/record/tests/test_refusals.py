"""A refused action as a page: the reason for those signed in, the way to sign in for the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from khlong.people.actor import ANONYMOUS, system_actor
from khlong.record.errors import Refused
from khlong.record.middleware import RefusalMiddleware


@pytest.fixture
def middleware() -> RefusalMiddleware:
    return RefusalMiddleware(lambda _request: HttpResponse("fine"))


def request(method: str, path: str = "/cities/phatong/edit/?page=2", **more: Any) -> Any:
    made = getattr(RequestFactory(), method)(path)
    made.user, made.actor = AnonymousUser(), ANONYMOUS
    vars(made).update(more)
    return made


def test_what_is_not_refused_goes_through(middleware: RefusalMiddleware) -> None:
    assert middleware(request("get")).content == b"fine"
    assert middleware.process_exception(request("get"), ValueError()) is None


def test_who_is_not_signed_in_is_sent_to_sign_in_with_the_way_back(middleware: RefusalMiddleware) -> None:
    response = middleware.process_exception(request("get"), Refused())
    assert response is not None
    assert response.status_code == 302
    assert response["Location"] == "/signin/?next=%2Fcities%2Fphatong%2Fedit%2F%3Fpage%3D2"


def test_what_was_sent_is_not_sent_around_and_is_refused(middleware: RefusalMiddleware, db: None) -> None:
    response = middleware.process_exception(request("post"), Refused("ปิดแล้ว"))
    assert response is not None
    assert response.status_code == 403
    assert "ปิดแล้ว" in response.content.decode()


def test_who_is_signed_in_reads_the_reason(cast: Any, middleware: RefusalMiddleware) -> None:
    made = request("get", actor=cast.actors["observer"], user=cast.observer)
    response = middleware.process_exception(made, Refused("ปิดแล้ว <b>"))
    assert response is not None
    assert response.status_code == 403
    assert "ปิดแล้ว &lt;b&gt;" in response.content.decode()


def test_the_reason_is_never_empty() -> None:
    assert str(Refused("").reason)
    assert system_actor("x").label == "x"
