"""What a database is made of, printed as JSON: `python -m tests.schema at-once|one-by-one` makes it first.

Tables with their columns and checks in any order, indexes, constraints, triggers, functions, and how many rows each
table has: two databases that print the same behave the same.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
POSTGRESQL = {
    "column": """SELECT table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length,
        is_nullable, column_default, identity_generation, collation_name, numeric_precision, numeric_scale)
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraint": """SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": """SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prolang IN
            (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))""",
    "table": """SELECT relname, reloptions::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'""",
}


def parts(statement: str) -> list[str]:
    """The columns and constraints of CREATE TABLE, sorted: what stands between commas outside of all brackets."""
    body = statement[statement.index("(") + 1 : statement.rindex(")")]
    found, depth, begun, quoted = [], 0, 0, False
    for place, letter in enumerate(body):
        quoted ^= letter == "'"
        depth += (letter == "(") - (letter == ")") if not quoted else 0
        if letter == "," and not depth and not quoted:
            found.append(body[begun:place].strip())
            begun = place + 1
    return sorted([*found, body[begun:].strip()])


def of_sqlite(cursor: Any) -> list[list[Any]]:
    cursor.execute(SQLITE)
    return sorted(
        [kind, name, parts(sql) if sql.startswith("CREATE TABLE") else sql]
        for kind, name, sql in cursor.fetchall()
    )


def of_postgresql(cursor: Any) -> list[list[Any]]:
    found: list[list[Any]] = []
    for kind, question in POSTGRESQL.items():
        cursor.execute(question)
        found += [[kind, *map(str, row)] for row in cursor.fetchall()]
    return sorted(found)


def rows(cursor: Any, tables: list[str]) -> dict[str, int]:
    counted = {}
    for table in tables:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        counted[table] = cursor.fetchone()[0]
    return counted


def main(way: str) -> None:
    django.setup()
    from django.core.management import call_command
    from django.core.management.commands import migrate
    from django.db import connection

    from khlong.privacy.models import ConsentText

    call_command("migrate" if way == "at-once" else migrate.Command(), verbosity=0)
    with connection.cursor() as cursor:
        made = of_sqlite(cursor) if connection.vendor == "sqlite" else of_postgresql(cursor)
        counted = rows(cursor, sorted(connection.introspection.table_names(cursor)))
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = sorted(map(list, cursor.fetchall()))
    words = list(
        ConsentText.objects.order_by("purpose").values_list("purpose", "words", "sensitive", "is_draft")
    )
    print(json.dumps({"made": made, "rows": counted, "applied": applied, "words": words}, default=str))


if __name__ == "__main__":
    main(sys.argv[1])
