"""Makes the folder that the journeys start from: the real first start, the people, and what there is to visit.

Run as a program of its own with KHLONG_VAR set, so that the real settings hold and nothing of them gets into
the tests' own process. Prints JSON: the addresses of all pages.
"""

from __future__ import annotations

import json

from tests.e2e.people import PASSWORD, PEOPLE, STEWARD

OWNER_LABEL = "journeys"


def people() -> None:
    from khlong.chain.models import Node
    from khlong.network.actions import give_role
    from khlong.people.actions import set_account
    from khlong.people.actor import Role, system_actor

    actor = system_actor(OWNER_LABEL)
    set_account(STEWARD, PASSWORD, steward=True)
    for name, (space, role) in PEOPLE.items():
        user, _made = set_account(name, PASSWORD)
        give_role(actor, Node.objects.get(ref=space), user, Role(role))


def main() -> None:
    from khlong.web import start

    var = start.prepare_environment()
    start.prepare(var)
    people()

    from khlong.web import samples

    print(json.dumps(samples.pages()))


if __name__ == "__main__":
    main()
