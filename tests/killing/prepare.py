"""Makes the database that the killing starts from: tables, static files, people, and 50 jobs that wait.

Run as a program with KHLONG_VAR set: `python -m tests.killing.prepare`; and `… count` prints afterwards what
is there, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from tests.e2e.people import PASSWORD

PEOPLE = ("malee", "somsak", "prani", "wichai")
JOBS = 50


def fill() -> None:
    from khlong.chain.models import Kind
    from khlong.chain.things import new_thing
    from khlong.network.actions import give_role, save_programme
    from khlong.network.models import Programme
    from khlong.people.actions import set_account
    from khlong.people.actor import Role, account_actor, system_actor
    from khlong.record.jobs import enqueue
    from tests.killing.apps import JOB

    system = system_actor("killing")
    made = new_thing(Programme, Kind.PROGRAMME, space=None, ref="R-SCS")
    names = {"slug": "success", "name_th": "โครงการ", "full_name_th": "โครงการประชาสังคม"}
    programme = save_programme(system, made, names)
    for name in PEOPLE:
        user, _made = set_account(name, PASSWORD)
        give_role(system, programme.node, user, Role.MEMBER)
    actor = account_actor(user)
    for number in range(JOBS):
        enqueue(actor, JOB, {"number": number}, key=str(number))


def count() -> dict[str, object]:
    from khlong.places.models import FactTopic, Unit
    from khlong.record.models import AuditEntry, Job
    from tests.killing.apps import JOB

    jobs = Job.objects.filter(name=JOB)
    effects = Counter(Unit.objects.filter(label_en__startswith="job ").values_list("label_en", flat=True))
    return {
        "words": sorted(FactTopic.objects.values_list("label_en", flat=True)),
        "audited": AuditEntry.objects.filter(action="places.word.save").count(),
        "jobs": Counter(jobs.values_list("state", flat=True)),
        "attempts": sum(jobs.values_list("attempts", flat=True)),
        "effects": effects,
    }


def main(words: list[str]) -> None:
    from khlong.web import start

    var = start.prepare_environment()
    start.prepare(var, with_programme=False)
    if words:
        sys.stdout.write(json.dumps(count()))
    else:
        fill()


if __name__ == "__main__":
    main(sys.argv[1:])
