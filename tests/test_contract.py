"""A started server under attack: its API does what its description says, and its pages give scanners nothing."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from tools.scanners import ScannerMissingError, schemathesis, wapiti

from tests.e2e.house import House, environment, prepared_once, served
from tests.e2e.people import OWNER, PASSWORD

pytestmark = pytest.mark.slow

PUBLIC = ["/", "/signin/", "/search/?q=a", "/facts/?q=a", "/cities/phatong/", "/facts/D-PTG-0010/", "/api/"]
INSIDE = ["/account/", "/cities/phatong/members/", "/facts/D-PTG-0010/correct/", "/meetings/add/"]
ENDS_THE_SESSION = (
    "signout/*",
    "account/sessions/*",
    "account/password/*",
    "cities/phatong/members/*/take/*",
)
PLAIN_HTTP = {"Secure Flag cookie"}
"""The server of the test speaks HTTP on loopback; tests of settings prove the flag behind HTTPS."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    model, pages = prepared_once(tmp_path_factory)
    with served(model, tmp_path_factory.mktemp("contract") / "var", pages) as running:
        yield running


def signed_in(address: str) -> str:
    """The cookies of an owner, as a browser gets them from the form."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", "/signin/")
    answer = connection.getresponse()
    jar = SimpleCookie(answer.getheader("Set-Cookie"))
    token = answer.read().decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    body = urlencode({"username": OWNER, "password": PASSWORD, "csrfmiddlewaretoken": token})
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"{address}/signin/"}
    connection.request("POST", "/signin/", body, sent | {"Cookie": _line(jar)})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302, answer.status
    for header in answer.headers.get_all("Set-Cookie") or []:
        jar.load(header)
    connection.close()
    return _line(jar)


def _line(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def test_the_api_answers_everything_as_its_description_says(house: House) -> None:
    description = f"{house.address}/api/v1/openapi.json"
    assert schemathesis(description, examples=20) == ""


def test_the_api_holds_for_somebody_signed_in_too(house: House) -> None:
    description = f"{house.address}/api/v1/openapi.json"
    assert schemathesis(description, examples=5, headers={"Cookie": signed_in(house.address)}) == ""


def written_with(house: House) -> str:
    """A token of an owner that writes, made as the account page makes it."""
    words = (
        "import django; django.setup(); from khlong.people.models import User; "
        "from khlong.people.tokens import make_token; "
        f"print(make_token(User.objects.get(username={OWNER!r}), 'contract', writes=True)[1])"
    )
    told = subprocess.run(
        [sys.executable, "-c", words], env=environment(house.var), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()[-1]


def test_the_api_writes_with_a_token_as_its_description_says(house: House) -> None:
    description = f"{house.address}/api/v1/openapi.json"
    token = {"Authorization": f"Bearer {written_with(house)}"}
    assert schemathesis(description, examples=5, headers=token) == ""


@pytest.mark.parametrize("inside", [False, True])
def test_a_scanner_finds_nothing_on_the_pages(house: House, tmp_path: Path, inside: bool) -> None:
    cookie = signed_in(house.address) if inside else ""
    starts = INSIDE if inside else PUBLIC
    try:
        found = wapiti(house.address, starts, tmp_path, leave=ENDS_THE_SESSION, cookie=cookie)
    except ScannerMissingError as missing:
        pytest.skip(str(missing))
    told = {kind: rows for kind, rows in found.items() if kind not in PLAIN_HTTP}
    assert not told, json.dumps(told, indent=1, ensure_ascii=False)[:4000]
