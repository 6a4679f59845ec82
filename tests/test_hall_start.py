"""./run --hall: which address, what is refused in words, what is shown, and what its page says."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone, translation

from khlong.chain.hall.packing import open_here
from khlong.people import hall as people_hall
from khlong.people.models import User
from khlong.record.models import AuditEntry
from khlong.web import hall, hallpage, lan, start
from khlong.web.lan import Interface
from khlong.web.start import RefusalError
from khlong.web.tests.halls import PASSPHRASE, Both, empty, quick_passphrase
from khlong.web.tests.world import build

ADDRESS = "http://192.168.1.20:8000/"


# --- the address ----------------------------------------------------------------------------


def test_the_wifi_goes_before_a_cable_and_a_cable_before_what_no_phone_is_in() -> None:
    found = [
        Interface("docker0", "172.17.0.1"),
        Interface("eth0", "10.0.0.7"),
        Interface("wlan0", "192.168.1.20", wireless=True),
        Interface("lo", "127.0.0.1"),
        Interface("eth1", "169.254.3.4"),
    ]
    assert [each.name for each in lan.chosen(found)] == ["wlan0", "eth0", "docker0"]


def test_this_machines_own_interfaces_are_found_and_none_is_the_loopback() -> None:
    assert all(lan.usable(each.address) for each in lan.chosen(lan.interfaces()))


def test_what_ifconfig_tells_on_a_mac_is_read() -> None:
    told = (
        "lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\n"
        "en0: flags=8863<UP,BROADCAST,SMART,RUNNING> mtu 1500\n\tether aa:bb\n\tinet 192.168.2.5 netmask 0xffffff00\n"
        "en1: flags=8822<BROADCAST,SMART> mtu 1500\n\tinet 10.1.1.1 netmask 0xff\n"
    )
    assert lan.chosen(lan._of_ifconfig(told)) == [Interface("en0", "192.168.2.5", wireless=True)]


@pytest.mark.parametrize("asked", ["127.0.0.1", "0.0.0.0", "169.254.1.1", "hall.local"])
def test_an_address_that_no_phone_can_open_is_refused(asked: str) -> None:
    with pytest.raises(RefusalError, match="--host"):
        hall.address_of(asked)


def test_a_machine_in_no_network_is_told_to_join_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "interfaces", lambda: [Interface("lo", "127.0.0.1")])
    with pytest.raises(RefusalError, match="join the hall's Wi-Fi"):
        hall.address_of(None)


def test_of_several_networks_the_others_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Interface("eth0", "10.0.0.7"), Interface("wlan0", "192.168.1.20", wireless=True)]
    monkeypatch.setattr(lan, "interfaces", lambda: found)
    assert hall.address_of(None) == "192.168.1.20"
    assert "10.0.0.7 (eth0)" in capsys.readouterr().err


def test_the_settings_of_a_hall_are_for_this_run_and_override_the_file() -> None:
    found = hall.environment("192.168.1.20", ADDRESS, "ศาลา", "secret of the wifi")
    assert found["KHLONG_HOSTS"] == "192.168.1.20"
    assert found["KHLONG_ORIGINS"] == "http://192.168.1.20:8000"
    assert found["KHLONG_HTTPS"] == found["KHLONG_REQUIRE_SECOND_FACTOR"] == "0"


def test_the_password_of_the_wifi_is_asked_for_and_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _words: "namlong2568")
    asked = argparse.Namespace(wifi="ศาลา", wifi_password=True)
    assert hall._wifi_password(asked) == "namlong2568"
    assert "namlong2568" not in hall.shown(ADDRESS, "ศาลา")
    assert start.parser().parse_args(["--hall", "--wifi", "x", "--wifi-password"]).wifi_password is True


def test_the_terminal_shows_a_code_of_the_address_that_is_larger_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda fallback=None: os.terminal_size((200, 80)))
    large = hall.terminal_qr(ADDRESS)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda fallback=None: os.terminal_size((80, 24)))
    assert len(large.splitlines()) > 1.8 * len(hall.terminal_qr(ADDRESS).splitlines())


# --- what must not be -----------------------------------------------------------------------


def refused(var: Path) -> str:
    with pytest.raises(RefusalError) as found:
        hall.refuse_unless_ready(var)
    return str(found.value)


@pytest.fixture
def ready(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing against it; the connection of the test stays open."""
    settings.SECRET_KEY = "Zq8-hZc1yB0m3kP9tR5wX7uVdE2fG4jLnS6aQoCiTbM"
    from django.db import connections

    monkeypatch.setattr(connections, "close_all", lambda: None)


def test_a_machine_with_nothing_against_it_is_opened(ready: None, tmp_path: Path) -> None:
    User.objects.create_user("darunee", "ผ้าขาวม้า-ริมคลอง-77")
    hall.refuse_unless_ready(tmp_path)


@pytest.mark.parametrize("key", ["only-for-tests-" + "x" * 40, "bench" * 12, "short", "a" * 60])
def test_a_key_that_everybody_can_look_up_is_refused(
    ready: None, settings: Any, tmp_path: Path, key: str
) -> None:
    settings.SECRET_KEY = key
    assert "secret.key" in refused(tmp_path)


def test_debug_pages_training_accounts_and_known_passwords_are_named_together(
    ready: None, settings: Any, tmp_path: Path
) -> None:
    settings.DEBUG = True
    User.objects.create_user("Training-owner", "ผ้าขาวม้า-ริมคลอง-77")
    User.objects.create_user("malee", "khlong")
    User.objects.create_user("somsak").password = make_password(None)
    told = refused(tmp_path)
    assert "KHLONG_DEBUG" in told
    assert "Training-owner" in told
    assert "./khlong account malee" in told
    assert "somsak" not in told


def test_an_account_that_is_closed_does_not_stop_the_hall(ready: None, tmp_path: Path) -> None:
    made = User.objects.create_user("training", "khlong")
    User.objects.filter(pk=made.pk).update(is_active=False)
    hall.refuse_unless_ready(tmp_path)


def test_a_clock_before_the_last_entry_of_the_audit_is_refused(ready: None, tmp_path: Path) -> None:
    entry = AuditEntry(actor_kind="system", action="test", model="x", object_id="1")
    entry.save()
    later = timezone.now() + timedelta(days=400)
    field = AuditEntry._meta.get_field("at")
    field.auto_now_add = False
    try:
        AuditEntry.objects.create(actor_kind="system", action="test", model="x", object_id="1", at=later)
    finally:
        field.auto_now_add = True
    assert str(later.year) in refused(tmp_path)


def test_a_disk_that_is_nearly_full_is_refused(
    ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: argparse.Namespace(free=10))
    assert "200 MB" in refused(tmp_path)


def test_a_room_may_add_what_must_not_be_and_both_languages_tell_it(
    ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_hall, "_checks", [lambda: [people_hall.TRAINING]])
    told = refused(tmp_path)
    assert "is one of the training" in told
    assert "เป็นบัญชีฝึก" in told


# --- the page -------------------------------------------------------------------------------


@pytest.fixture
def opened(settings: Any, tmp_path: Path) -> Path:
    settings.HALL = {"address": ADDRESS, "wifi": "ศาลาประชาคม", "wifi_password": "namlong2568"}
    settings.VAR_DIR = tmp_path
    hall.forget_who_was_here(tmp_path)
    return tmp_path


def test_there_is_no_hall_where_none_was_opened(db: None) -> None:
    assert Client().get("/hall/").status_code == 404
    assert Client().get("/hall/here/").status_code == 404


def test_the_page_shows_address_wifi_and_promises_in_both_languages(db: None, opened: Path) -> None:
    page = Client().get("/hall/").content.decode()
    assert ADDRESS in page
    assert "ศาลาประชาคม" in page
    assert page.count("<svg") >= 2
    assert "Open Khlong on your phone" in page
    assert "เปิดคลองด้วยโทรศัพท์" in page
    assert "namlong2568" not in page


def test_without_its_password_the_wifi_has_a_name_and_no_code(settings: Any, db: None, opened: Path) -> None:
    settings.HALL = settings.HALL | {"wifi_password": ""}
    page = Client().get("/hall/").content.decode()
    assert page.count('role="img"') == 1
    assert "ศาลาประชาคม" in page


def test_who_opened_a_page_lately_is_counted_once_and_not_known(db: None, opened: Path) -> None:
    for address in ("192.168.1.31", "192.168.1.31", "192.168.1.32"):
        Client(REMOTE_ADDR=address).get("/health/")
    assert hallpage.here(opened) == 2
    with translation.override("en"):
        answer = Client(REMOTE_ADDR="192.168.1.31", HTTP_COOKIE="khlong_language=en").get("/hall/here/")
    assert "2 phones" in answer.content.decode()
    names = [path.name for path in (opened / hall.HERE).iterdir()]
    assert not any("192" in name and "." in name for name in names)
    old = next((opened / hall.HERE).iterdir())
    os.utime(old, (0, 0))
    assert hallpage.here(opened) == 1


def test_no_secret_of_a_second_factor_is_shown_in_a_hall(cast: Any, opened: Path) -> None:
    client = Client()
    client.force_login(cast.member)
    for path in ("/account/second/", "/account/passkeys/"):
        assert client.get(path).status_code == 403
    assert client.get("/account/").status_code == 200


def test_an_owner_is_led_to_inviting_and_others_are_not(
    city: Any, source: Any, cast: Any, opened: Path, settings: Any
) -> None:
    build(city.node, city, source)
    both = Both(city, cast)
    empty()
    with quick_passphrase():
        open_here(both.packed, PASSPHRASE)
    owner, anonymous = Client(), Client()
    owner.force_login(User.objects.get(username="owner"))
    assert "/members/invite/" in owner.get("/hall/").content.decode()
    page = anonymous.get("/hall/").content.decode()
    assert "/members/invite/" not in page
    assert re.search("เมืองพะตง", page)
