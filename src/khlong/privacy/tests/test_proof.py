"""The proof of a withdrawal: no copy of the person can be read, in the files of the database or in an older backup."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64decode
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from khlong.people.keystore import Master, context_of
from khlong.people.sealed import taken_apart
from khlong.people.sealing import SealBrokenError, open_bytes
from khlong.privacy import actions
from khlong.privacy.tests.makers import NAME, SYSTEM, WITNESS, agreed
from khlong.record.backup.keycopies import INSIDE
from khlong.record.backup.locks import identity_from
from khlong.record.backup.sealed import unlock

TOLD = "ยายนวล บ้านริมคลอง"
ROOT = Path(__file__).resolve().parents[4]
GIVE = """
import django, json; django.setup()
from datetime import date
from uuid import uuid4
from django.db import connection
from khlong.people import keystore
from khlong.people.actor import system_actor
from khlong.privacy import actions
from khlong.people import spaces
from khlong.privacy.models import ConsentText
city = uuid4()
spaces.provide_spaces(lambda actor: [spaces.Space(city, "x")])
text = ConsentText.objects.get(space=None, purpose="contact")
said = actions.Said(how="spoken", name=NAME, witness=WITNESS, site="x", day=date(2026, 1, 5))
made = actions.give_consent(system_actor("t"), text, city, said)
"""
SAY = """
ring = keystore.rings_of([made.subject.pk])[made.subject.pk].values()
print(json.dumps({"subject": str(made.subject.pk), **{key.purpose: key.key.hex() for key in ring}}))
"""
GIVE_TWO = """
text = ConsentText.objects.get(space=None, purpose="plan")
said = actions.Said(how="spoken", name=TOLD, witness=WITNESS, site="x", day=date(2026, 1, 6))
actions.give_consent(system_actor("t"), text, city, said, made.subject)
"""
WITHDRAW = """
import django; django.setup()
from khlong.people.actor import system_actor
from khlong.people.models import Subject
from khlong.privacy import actions
from django.db import connection
actions.withdraw_everything(system_actor("t"), Subject.objects.get())
with connection.cursor() as cursor:
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
"""
RESTORE = """
import django; django.setup()
from khlong.people import keys
from khlong.people.models import Subject
from khlong.privacy.models import Consent
print(keys.sweep(), Subject.objects.get().destroyed_on is not None, Consent.objects.get().name)
"""
WITHDRAW_ONE = """
import django, os; django.setup()
from khlong.people import keystore
from khlong.people.actor import system_actor
from khlong.privacy import actions
from khlong.privacy.models import Consent
keystore.end = lambda *_what: os._exit(9)
actions.withdraw_consent(system_actor("t"), Consent.objects.get(text__purpose="plan"))
"""
START = """
import django; django.setup()
from django.db import connection
from khlong.people import keystore
from khlong.web.start import keys_in_order
before = sorted(key.purpose for ring in keystore.rings_of(keystore.holds()).values() for key in ring.values())
keys_in_order()
with connection.cursor() as cursor:
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print(before, sorted(key.purpose for ring in keystore.rings_of(keystore.holds()).values() for key in ring.values()))
"""
READ_TWO = """
import django; django.setup()
from khlong.people import keys
from khlong.privacy.models import Consent
for one in Consent.objects.order_by("given_on"):
    print(one.text.purpose, one.withdrawn_on is not None, keys.read(one, "name") == NAME, one.name is None)
"""
ASK = """
import django; django.setup()
from khlong.people import keystore
from khlong.people.models import Subject
print(Subject.objects.get().destroyed_on is not None, len(keystore.holds()))
"""


def everything() -> str:
    """All rows of all tables, as a dump of the database holds them."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if "search" not in name]
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [
                bytes(value) if isinstance(value, memoryview) else value for row in cursor for value in row
            ]
    readable = [
        value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value) for value in found
    ]
    return "\n".join(readable)


@pytest.mark.django_db
def test_a_dump_of_the_database_holds_no_name_before_and_after_a_withdrawal(city: Any) -> None:
    made = agreed(city, how="spoken", witness=WITNESS)
    assert str(made.pk).replace("-", "") in everything().replace("-", "")
    for moment in ("before", "after"):
        dump = everything()
        assert not any(word in dump for name in (NAME, WITNESS) for word in name.split()), moment
        actions.withdraw_everything(SYSTEM, made.subject)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database and its keys, that is only copied."""
    folder = tmp_path_factory.mktemp("model") / "var"
    folder.mkdir()
    run(folder, "from django.core.management import call_command; import django; django.setup();"
        "call_command('migrate', verbosity=0)")  # fmt: skip
    return folder


@pytest.fixture
def var(model: Path, tmp_path: Path) -> Path:
    shutil.copytree(model, tmp_path / "var")
    return tmp_path / "var"


def run(var: Path, code: str, code_of_end: int = 0) -> str:
    """Run in a process of its own, on a database of files."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
    env |= {"KHLONG_VAR": str(var), "DJANGO_SETTINGS_MODULE": "khlong.web.settings_test"}
    code = f"NAME, WITNESS, TOLD = {NAME!r}, {WITNESS!r}, {TOLD!r}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code_of_end, done.stderr
    return done.stdout


def sealed_in(database: Path) -> list[bytes | None]:
    """What is sealed in a file of the database: the names of consents, without the ids of their keys."""
    with closing(sqlite3.connect(database)) as copy:
        rows = copy.execute("SELECT name FROM privacy_consent ORDER BY given_on")
        return [taken_apart(name, UUID(int=0))[1] if name else None for (name,) in rows]


@pytest.mark.slow
def test_neither_the_files_nor_a_backup_made_before_can_be_read_after_a_withdrawal(
    var: Path, tmp_path: Path
) -> None:
    given = json.loads(run(var, GIVE + SAY))
    key, subject = bytes.fromhex(given["contact"]), given["subject"]
    backup = tmp_path / "backup.sqlite3"
    with closing(sqlite3.connect(var / "db.sqlite3")) as live, closing(sqlite3.connect(backup)) as copy:
        live.backup(copy)
    (sealed,) = sealed_in(backup)
    assert sealed is not None
    context = f"{subject}:privacy_consent.name"
    assert open_bytes(key, sealed, context).decode() == NAME
    with closing(sqlite3.connect(var / "keys.sqlite3")) as store:
        (wrapped,) = store.execute("SELECT wrapped FROM data_key WHERE purpose = 'contact'").fetchone()
    assert wrapped not in backup.read_bytes()

    run(var, WITHDRAW)
    secrets = [*(word.encode() for name in (NAME, WITNESS) for word in name.split()), key, wrapped]
    for file in (file for file in var.rglob("*") if file.is_file()):
        assert not any(secret in file.read_bytes() for secret in [*secrets, sealed]), file
    assert not any(secret in backup.read_bytes() for secret in secrets)
    for other in var.glob("*.key"):
        with pytest.raises(SealBrokenError):
            open_bytes(other.read_bytes()[:32], sealed, context)

    for name in ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"):
        (var / name).unlink(missing_ok=True)
    backup.rename(var / "db.sqlite3")
    assert run(var, RESTORE).split() == ["1", "True", "None"]


# --- with the commands that people use ------------------------------------------------------------------


def khlong(var: Path, *words: str) -> str:
    """A command of Khlong on this folder, as its keeper gives it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KHLONG_")}
    env |= {"KHLONG_VAR": str(var), "DJANGO_SETTINGS_MODULE": "khlong.web.settings_test"}
    done = subprocess.run(
        [sys.executable, "-m", "khlong", *words],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def opened(copy: Path, identity: Path) -> dict[str, Any]:
    """What whoever has the copy of the keys and the secret key of the backups reads in it."""
    found: dict[str, bytes] = {}
    unlock(copy, identity_from(identity), lambda name, content: found.update({name: content.read()}))
    document: dict[str, Any] = json.loads(found[INSIDE])
    return document


def keys_in(document: dict[str, Any]) -> dict[tuple[str, str], bytes]:
    """The data keys, by person and purpose, that the copy opens with the master key that lies in it."""
    (text,) = (value.strip() for name, value in document["files"].items() if name == "master.key")
    master = Master.of(text)
    return {
        (who, purpose): open_bytes(master.wraps, b64decode(row["b"]), context_of(which, who, purpose))
        for which, who, purpose, _master, row in document["tables"]["data_key"]
    }


@pytest.mark.slow
def test_neither_an_older_backup_nor_the_copy_of_the_keys_gives_a_person_who_withdrew(
    var: Path, tmp_path: Path
) -> None:
    given = json.loads(run(var, GIVE + SAY))
    key, subject = bytes.fromhex(given["contact"]), given["subject"]
    identity, out = tmp_path / "identity", tmp_path / "out"
    identity.write_text(khlong(var, "backup", "keys"))
    khlong(var, "backup", "--out", str(out), "--pace", "0")
    (older,) = out.glob("khlong-2*.khb")
    copy = out / "khlong-keys.khk"
    assert keys_in(opened(copy, identity))[subject, "contact"] == key, "before, the copy gives the key"

    before = tmp_path / "before"
    khlong(var, "restore", str(older), "--identity", str(identity), "--into", str(before))
    (sealed,) = sealed_in(before / "db.sqlite3")
    assert sealed is not None
    assert open_bytes(key, sealed, f"{subject}:privacy_consent.name").decode() == NAME

    run(var, WITHDRAW)
    khlong(var, "jobs", "work", "--once")
    document = opened(copy, identity)
    assert keys_in(document) == {}
    assert [who for who, _day in document["tables"]["destroyed"]] == [subject]

    after = tmp_path / "after"
    told = khlong(var, "restore", str(older), "--identity", str(identity), "--into", str(after))
    assert "1 people had withdrawn since, in all or one purpose: that was destroyed again." in told
    assert sealed_in(after / "db.sqlite3") == [None]
    assert run(after, ASK).split() == ["True", "0"]


@pytest.mark.slow
def test_one_purpose_of_two_is_noise_in_an_older_backup_and_the_other_is_read_from_it(
    var: Path, tmp_path: Path
) -> None:
    """The machine stops between the record of the withdrawal and the end of the key; the next start finishes it."""
    given = json.loads(run(var, GIVE + GIVE_TWO + SAY))
    subject, key = given["subject"], bytes.fromhex(given["plan"])
    identity, out = tmp_path / "identity", tmp_path / "out"
    identity.write_text(khlong(var, "backup", "keys"))
    khlong(var, "backup", "--out", str(out), "--pace", "0")
    (older,) = out.glob("khlong-2*.khb")
    before = tmp_path / "before"
    khlong(var, "restore", str(older), "--identity", str(identity), "--into", str(before))
    _contact, taken_back = sealed_in(before / "db.sqlite3")
    context = f"{subject}:privacy_consent.name"
    assert taken_back is not None
    assert open_bytes(key, taken_back, context).decode() == TOLD
    with closing(sqlite3.connect(var / "keys.sqlite3")) as store:
        (wrapped,) = store.execute("SELECT wrapped FROM data_key WHERE purpose = 'plan'").fetchone()

    run(var, WITHDRAW_ONE, code_of_end=9)
    assert run(var, START).strip() == "['', 'contact', 'plan'] ['', 'contact']"
    khlong(var, "jobs", "work", "--once")
    secrets = [*(word.encode() for word in TOLD.split()), key, wrapped, taken_back]
    for file in (file for file in var.rglob("*") if file.is_file()):
        assert not any(secret in file.read_bytes() for secret in secrets), file
    left = keys_in(opened(out / "khlong-keys.khk", identity))
    assert {purpose for _who, purpose in left} == {"", "contact"}
    for other in left.values():
        with pytest.raises(SealBrokenError):
            open_bytes(other, taken_back, context)

    after = tmp_path / "after"
    told = khlong(var, "restore", str(older), "--identity", str(identity), "--into", str(after))
    assert "1 people had withdrawn since, in all or one purpose: that was destroyed again." in told
    assert "from before each purpose" not in told
    assert run(after, READ_TWO).splitlines() == ["contact False True False", "plan True False True"]
