from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from khlong.ui import nav

Render = Callable[..., str]


@pytest.fixture(autouse=True)
def thai() -> Iterator[None]:
    with translation.override("th"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def render() -> Render:
    """Render template source with values; `request` may be among them."""

    def of(source: str, **values: Any) -> str:
        return Template("{% load ui %}" + source).render(Context(values))

    return of


@pytest.fixture
def get() -> Callable[[str], HttpRequest]:
    return RequestFactory().get


@pytest.fixture
def empty_nav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nav, "_entries", {})
