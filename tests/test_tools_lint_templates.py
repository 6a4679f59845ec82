from __future__ import annotations

from pathlib import Path

import pytest
from tools.lint_templates import forbidden, lint, main, may_name, python_references


def told(text: str) -> list[str]:
    return [what for _line, what in forbidden(text)]


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ('<p style="color: red">a</p>', "inline style="),
        ('<p class="{% if a > b %}x{% endif %}" style="">a</p>', "inline style="),
        ('<button onclick="go()">a</button>', "inline handler onclick="),
        ('<button hx-on:click="go()">a</button>', "inline handler hx-on:click="),
        ("<style>p { color: red }</style>", "<style>"),
        ("<script>go()</script>", "<script> with"),
        ('<script nonce="{{ request.csp_nonce }}">go()</script>', "<script> with a body"),
        ('<script src="https://example.org/a.js"></script>', "from another host"),
        ('<link rel="stylesheet" href="//example.org/a.css">', "from another host"),
        ('<img src="http://example.org/a.png" alt="">', "from another host"),
        ('<a href="javascript:go()">a</a>', "javascript:"),
        ("{{ text|safe }}", "not escaped"),
        ("{{ text | safe }}", "not escaped"),
        ("{% autoescape off %}{{ a }}{% endautoescape %}", "not escaped"),
    ],
)
def test_what_the_policy_refuses_is_refused_in_a_template(markup: str, reason: str) -> None:
    assert any(reason in what for what in told(markup))


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="style">style="x" onclick=</p>',
        "<script src=\"{% static 'ui/app.js' %}\" defer></script>",
        '<script type="application/json">{"a": 1}</script>',
        '<a href="https://example.org/">another place</a>',
        '<rect fill="none" stroke="blue"></rect>',
        '{# <p style="x"> #}{% comment %}<script>go()</script>{{ a|safe }}{% endcomment %}',
        "{{ text|safer }}{% autoescape on %}{% endautoescape %}",
    ],
)
def test_what_the_policy_allows_passes(markup: str) -> None:
    assert told(markup) == []


def test_a_finding_names_its_line() -> None:
    assert [line for line, _what in forbidden("{# one\n#}\n\n<p onclick='x'>\n{{ a|safe }}")] == [4, 5]


def test_a_room_may_name_itself_upstream_and_the_ground_only() -> None:
    assert may_name("chain", "chain")
    assert may_name("chain", "people")
    assert may_name("people", "ui")
    assert not may_name("chain", "places")
    assert not may_name("people", "web")


@pytest.mark.parametrize(
    ("source", "owner"),
    [
        ("models.ForeignKey('strategy.Measure', on_delete=models.CASCADE)", "strategy"),
        ("reverse('web:about')", "web"),
        ("render(request, 'journal/list.html')", "journal"),
        ("import_string('khlong.places.queries.cities')", "places"),
    ],
)
def test_strings_in_python_name_the_room_that_owns_the_thing(source: str, owner: str) -> None:
    assert [found for _line, _named, found in python_references(source)] == [owner]


def test_words_that_only_look_alike_name_nothing() -> None:
    source = '"""See places.City and web:home."""\nx = ["people", "web/", "chain.", "places.city", "12:30"]'
    assert list(python_references(source)) == []


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "khlong"
    for room in ("ui", "chain", "places", "web"):
        (package / room / "templates" / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "places" / "templatetags").mkdir()
    (package / "places" / "templatetags" / "place_tags.py").touch()
    return package


@pytest.mark.parametrize(
    "line",
    [
        "{% url 'places:city' slug %}",
        '{% extends "places/base.html" %}',
        "{% include 'web/part.html' %}",
        "{% static 'places/map.js' %}",
        "{% load i18n place_tags %}",
        "{% load shown from place_tags %}",
        "{% url 'about' %}",
    ],
)
def test_a_template_that_names_something_downstream_is_found(package: Path, line: str) -> None:
    (package / "chain" / "templates" / "chain" / "page.html").write_text(f"\n{line}\n")
    found = lint(package)
    assert [(finding.path, finding.line) for finding in found] == [
        ("khlong/chain/templates/chain/page.html", 2)
    ]
    assert main([str(package)]) == 1


def test_a_template_that_names_upstream_and_agreed_things_passes(package: Path) -> None:
    text = (
        "{% extends 'ui/base.html' %}{% load i18n %}{% url 'home' %}{% url 'chain:node' ref %}{% url name %}"
    )
    (package / "places" / "templates" / "places" / "page.html").write_text(
        text + "{% url name %}{% load place_tags %}"
    )
    assert lint(package) == []
    assert main([str(package)]) == 0


def test_a_foreign_key_downstream_is_found_and_tests_are_left_alone(package: Path) -> None:
    (package / "chain" / "tests").mkdir()
    (package / "chain" / "tests" / "test_x.py").write_text("x = 'places:city'")
    (package / "chain" / "models.py").write_text("\nx = ForeignKey('places.City')\n")
    assert [str(finding) for finding in lint(package)] == [
        "khlong/chain/models.py:2: 'places.City' names something of places, which is downstream of chain"
    ]
