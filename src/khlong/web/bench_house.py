"""Fill an empty Khlong for a bench of requests: the real start, and people who each may write a fact of their own.

Run as a program of its own with KHLONG_VAR (and KHLONG_DATABASE_URL) set. Prints one line of JSON: for each
person the name, the password, the address of the fact's form, and what the form holds; and pages to read.
"""

from __future__ import annotations

import json
import sys
from typing import Any

CITY = "C-PTG"
PASSWORD = "bench-น้ำขึ้นให้รีบตัก"
FACTS_TO_READ = 40
LISTS_TO_READ = 10


def main() -> None:
    from khlong.web import start

    var = start.prepare_environment()
    start.prepare(var)
    told = {"people": [_person(number) for number in range(int(sys.argv[1]))], "pages": _pages()}
    sys.stdout.write(json.dumps(told) + "\n")


def _person(number: int) -> dict[str, Any]:
    from khlong.chain.models import Node
    from khlong.network.actions import give_role
    from khlong.people.actions import set_account
    from khlong.people.actor import Role, system_actor

    actor, city = system_actor("bench"), Node.objects.get(ref=CITY)
    user, _made = set_account(f"bench{number}", PASSWORD)
    give_role(actor, city, user, Role.MEMBER)
    fact = _fact(actor, city, number)
    return {
        "name": user.username,
        "password": PASSWORD,
        "address": f"/facts/{fact.ref}/correct/",
        "form": _form(fact),
    }


def _fact(actor: Any, city: Any, number: int) -> Any:
    from khlong.places.actions import new_fact, save_fact
    from khlong.places.models import FactTopic, Source

    values = {
        "topic": FactTopic.objects.order_by("key").first(),
        "statement_th": f"ข้อเท็จจริงที่ {number} เพื่อวัดความเร็ว",
        "source": Source.objects.order_by("key").first(),
        "mark": "A",
    }
    return save_fact(actor, new_fact(city), values)


def _form(fact: Any) -> dict[str, str]:
    """What a browser would send back from the form of the fact as it stands."""
    from khlong.places.forms import FactForm

    form = FactForm(instance=fact)
    held = {field.html_name: field.value() for field in form}
    return {name: str(value) for name, value in held.items() if value not in (None, False, "")}


def _pages() -> list[str]:
    from khlong.places.models import Fact

    refs = Fact.objects.order_by("node__ref").values_list("node__ref", flat=True)[:FACTS_TO_READ]
    return [f"/facts/{ref}/" for ref in refs] + [f"/facts/?page={n + 1}" for n in range(LISTS_TO_READ)]


if __name__ == "__main__":
    main()
