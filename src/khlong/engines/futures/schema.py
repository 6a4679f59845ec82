"""The JSON Schema of the open model file, made from the words the reader knows.

    python -m khlong.engines.futures.schema            print it
    python -m khlong.engines.futures.schema --write    write schema.json beside this file

Editors check and complete a model with it while it is typed; whether the model can stand is `check.check`'s to say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from khlong.engines.futures.curves import JRC_SHARES, JRC_SPREADS
from khlong.engines.futures.hazards import Ladder, Plotting
from khlong.engines.futures.model import SHAPE_ACTS, ActKind, Spread
from khlong.engines.futures.modelfile import ACT_WORDS, FORMAT, LENGTHS, STEP_OF
from khlong.engines.futures.reading import KEY, NUMBER, STEPS

FILE = Path(__file__).with_name("schema.json")
Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def several(of: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least}


def table(needed: Schema, free: Schema | None = None) -> Schema:
    """A mapping of exactly these words."""
    return {
        "type": "object",
        "properties": {**needed, **(free or {})},
        "required": list(needed),
        "additionalProperties": False,
    }


def by_place(one: Schema) -> Schema:
    return {"anyOf": [one, several(one), ref("array"), {"type": "object", "additionalProperties": one}]}


def act(kind: ActKind) -> Schema:
    needed, free = ACT_WORDS[kind]
    shape = kind in SHAPE_ACTS
    words = {
        word: ref("quantity") if shape and word in LENGTHS else ref("number") for word in (*needed, *free)
    }
    return table(
        {"kind": {"const": str(kind)}, **{word: words[word] for word in needed}}
        | ({"hazard": ref("key")} if shape else {}),
        {word: words[word] for word in free}
        | ({} if shape else {"hazard": ref("key")})
        | {
            "places": ref("mask"),
            "groups": several(ref("key")),
            "kinds": several(ref("key")),
            "order": {"type": "integer"},
        },
    )


def parts() -> Schema:
    """The definitions that the document refers to."""
    words = {"type": "string", "minLength": 1}
    number = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{NUMBER.pattern}$"}]}
    rules = {"rule": {"enum": [str(one) for one in Ladder]}}
    depths = {"intensity": by_place(ref("quantity"))}
    rung = table({"every": ref("number"), **depths}, {"called": ref("name")})
    worst = table({"remembered": ref("number"), **depths}, {"called": ref("name")})
    ladder = table({"rungs": several(rung, 1)}, {**rules, "begins": ref("number")})
    memory = table(
        {"ordinary": rung, "bad": rung, "worst": worst},
        {**rules, "plotting": {"enum": [str(one) for one in Plotting]}},
    )
    columns = {
        word: {"anyOf": [several(ref("number")), ref("array")]}
        for word in ("event", "place", "intensity", "frequency")
    }
    return {
        "key": {"type": "string", "pattern": f"^{KEY.pattern}$"},
        "name": table({"th": words, "en": words}),
        "number": number,
        "numbers": several(ref("number")),
        "quantity": {"type": "string", "description": "a number and its unit, such as 30 cm"},
        "array": table({"file": words, "array": words}),
        "mask": {"anyOf": [{"const": "all"}, several(words), ref("array")]},
        "group": table(
            {"key": ref("key"), "name": ref("name")},
            {"people": ref("number"), "income": ref("number"), "newcomers": {"type": "boolean"}},
        ),
        "kind": table({"key": ref("key"), "name": ref("name"), "unit": words}, {"price": ref("number")}),
        "hazard": {
            **table(
                {"key": ref("key"), "name": ref("name"), "unit": words},
                {
                    "source": words,
                    "events": table(columns, {"rule": words}),
                    "ladder": ladder,
                    "memory": memory,
                },
            ),
            "oneOf": [{"required": [one]} for one in ("events", "ladder", "memory")],
        },
        "curve": {
            "anyOf": [
                table(
                    {"key": ref("key"), "jrc": {"enum": sorted(JRC_SHARES)}},
                    {"spread_of": {"enum": sorted(JRC_SPREADS)}},
                ),
                table(
                    {"key": ref("key"), "above": ref("quantity")},
                    {"unit": {"enum": sorted(STEPS)}, "source": words},
                ),
                table(
                    {
                        "key": ref("key"),
                        "unit": {"enum": sorted(STEP_OF)},
                        "intensity": ref("numbers"),
                        "share": ref("numbers"),
                    },
                    {"spread": ref("numbers"), "source": words},
                ),
            ]
        },
        "layer": table(
            {each: ref("key") for each in ("key", "group", "kind", "hazard", "curve")}
            | {"value": by_place(ref("number"))},
            {"driver": ref("key")},
        ),
        "dimension": table(
            {
                "key": ref("key"),
                "name": ref("name"),
                "unit": words,
                "spread": {"enum": [str(one) for one in Spread]},
            }
            | {"base": ref("number")},
            {each: ref("number") for each in ("low", "middle", "high", "floor", "ceiling")}
            | {"at": ref("numbers"), "values": ref("numbers"), "source": words},
        ),
        "series": table(
            {"key": ref("key"), "dimension": ref("key"), "ramp": ref("numbers")},
            {"grows": {"type": "boolean"}},
        ),
        "climate": table(
            {"hazard": ref("key")}, {each: ref("key") for each in ("warming", "rain", "frequency")}
        ),
        "rise": table(
            {"key": ref("key"), "hazard": ref("key"), "by": ref("quantity"), "series": ref("key")},
            {"places": ref("mask"), "name": ref("name")},
        ),
        "act": {"oneOf": [act(kind) for kind in ActKind]},
        "measure": table(
            {"key": ref("key"), "name": ref("name"), "acts": several(ref("act"))},
            {
                "cost": ref("number"),
                "upkeep": ref("number"),
                "strength": ref("numbers"),
                "existing": {"type": "boolean"},
            }
            | {each: ref("key") for each in ("effectiveness", "cost_factor", "lever", "kind")},
        ),
        "threshold": table({"group": ref("key"), "kind": ref("key"), "most": ref("number")}),
    }


def schema() -> Schema:
    """The whole schema, draft 2020-12."""
    words = {"type": "string", "minLength": 1}
    needed = {
        "format": {"const": FORMAT},
        "key": ref("key"),
        "name": ref("name"),
        "years": several({"type": "integer"}, 2),
        "places": several(words, 1),
        **{each: several(ref(each[:-1]), 1) for each in ("groups", "kinds", "hazards", "curves", "layers")},
        "measures": several(ref("measure")),
    }
    free = {
        "about": words,
        "era": {"enum": ["BE", "CE"]},
        "example": {"type": "boolean"},
        "money": words,
        "dimensions": several(ref("dimension")),
        "series": several(ref("series")),
        "climates": several(ref("climate")),
        "rises": several(ref("rise")),
        "thresholds": several(ref("threshold")),
        "most_cost": ref("number"),
        "curve_position": ref("key"),
        "discount": ref("key"),
        "weights": {"type": "object", "additionalProperties": ref("number")},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Khlong futures model"}
    return head | table(needed, free) | {"$defs": parts()}


def written() -> str:
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        FILE.write_text(written(), encoding="utf-8")
    else:
        sys.stdout.write(written())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
