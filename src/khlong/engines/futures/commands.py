"""`./khlong appraise MODEL`: every package of a model file under many futures, on the command line.

Importing this loads neither numpy nor numba; running it does.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from khlong.engines.futures.client import cancelled_words
from khlong.engines.futures.errors import CancelledError, FuturesError

TRAINING = Path(__file__).with_name("models") / "training.yaml"
WIDTH = 30
ERA = 543
WORDS = {"already": ("ไม่ไหวตั้งแต่ปีแรก", "not from the start"), "never": ("ไหวตลอด", "all years")}
WHY = {
    "nothing": ("ไม่ทำอะไรเลย", "nothing at all"),
    "base": ("สิ่งที่มีอยู่วันนี้", "what exists today"),
    "widest_domain": ("ทุกกลุ่มรับไหวในอนาคตมากที่สุด", "every group bears it in most futures"),
    "least_regret": ("เสียใจภายหลังน้อยที่สุด", "least regret"),
    "widest_by_zone": (
        "แต่ละเขตเลือกชุดที่คนในเขตรับไหวในอนาคตมากที่สุด",
        "each zone's own package that its people bear in most futures",
    ),
    "regret_by_zone": ("แต่ละเขตเลือกชุดที่เสียใจภายหลังน้อยที่สุด", "each zone's own package of least regret"),
    "least_mean": ("ค่าใช้จ่ายรวมเฉลี่ยต่ำที่สุด", "least total on average"),
}


def register(commands: argparse._SubParsersAction[Any]) -> None:
    described = commands.add_parser(
        "appraise",
        help="every package of a model of measures under many futures",
        description="Appraises every package of a model file (docs/futures.md) under many futures.",
    )
    described.add_argument(
        "model", nargs="?", type=Path, default=TRAINING, help="model file; without one the training model"
    )
    described.add_argument("--futures", type=int, default=10_000, help="how many futures (10000)")
    described.add_argument("--seed", type=int, default=7, help="the same seed gives the same futures (7)")
    described.add_argument("--json", action="store_true", help="the summary as JSON")
    described.add_argument("--out", type=Path, help="a new folder for all tables with their manifest")
    described.add_argument(
        "--form", "--format", choices=("csv", "parquet"), default="csv", help="of the tables (csv)"
    )
    described.add_argument(
        "--dask", metavar="SCHEDULER", default="", help="spread the work, such as tcp://10.0.0.5:8786"
    )
    described.add_argument(
        "--zones",
        action="store_true",
        help="many measures: apart where they touch nothing in common, exactly",
    )
    described.add_argument("--long", action="store_true", help="begin also what takes more than five minutes")
    described.add_argument("--language", choices=("th", "en"), default="", help="of what is printed (both)")
    described.set_defaults(run=appraise)


class Bar:
    """Progress on the terminal; silent where nobody sits there."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        if self.shown:
            full = WIDTH * done // max(of, 1)
            sys.stderr.write(f"\r{'█' * full}{'·' * (WIDTH - full)} {done:,} / {of:,}")
            sys.stderr.flush()

    def end(self) -> None:
        if self.shown:
            sys.stderr.write("\r" + " " * (WIDTH + 24) + "\r")


def appraise(options: argparse.Namespace) -> int:
    """0 when done, 2 with words when the model or the request cannot stand, 130 when stopped by Ctrl-C."""
    bar = Bar()
    try:
        from khlong.engines.futures.outputs import appraise_file
        from khlong.engines.futures.work import Patience
        from khlong.engines.futures.zoned import appraise_zones_file

        found = (appraise_zones_file if options.zones else appraise_file)(
            options.model,
            futures=options.futures,
            seed=options.seed,
            out=options.out,
            form=options.form,
            scheduler=options.dask,
            patience=Patience(options.long, lambda words: say(words.th, words.en, options.language)),
            progress=bar,
        )
    except KeyboardInterrupt:
        bar.end()
        complain(cancelled_words(), options.language)
        return 130
    except FuturesError as error:
        bar.end()
        complain(error, options.language)
        return 130 if isinstance(error, CancelledError) else 2
    bar.end()
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(found, options.language or "th")))
        if not options.language:
            print("\n" + "\n".join(lines(found, "en")))
    if options.out:
        print(f"→ {options.out}", file=sys.stderr)
    return 0


def complain(error: FuturesError, language: str) -> None:
    say(error.in_words("th"), error.in_words("en"), language)


def say(thai: str, english: str, language: str) -> None:
    """On the terminal, beside what is printed: in one language or in both."""
    said = {"th": thai, "en": english}
    print(f"khlong: {said[language] if language else ' · '.join(said.values())}", file=sys.stderr)


def lines(found: dict[str, Any], language: str) -> list[str]:
    """The summary as people read it: each package with domain, regret and tipping years, then where the best fails."""
    thai = language == "th"
    name = found["model"]["name"][language]
    mark = (
        (" (ตัวอย่าง ไม่ใช่ข้อเท็จจริง)" if thai else " (an example, no fact)") if found["model"]["example"] else ""
    )
    packages, futures = f"{found['packages']:,}", f"{found['futures']:,}"
    size = f"{packages} ชุดมาตรการ {futures} อนาคต" if thai else f"{packages} packages, {futures} futures"
    made = [f"{name}{mark}: {size}"]
    made += zone_lines(found, language)
    shown: list[Any] = []
    for number in (package["package"] for package in found["shortlist"].values()):
        if number in shown:
            continue
        shown.append(number)
        whys = [why for why, package in found["shortlist"].items() if package["package"] == number]
        told = ", ".join(WHY[why][0 if thai else 1] for why in whys)
        made += ["", *package_lines(told, found["shortlist"][whys[0]], found, language)]
    rules = "; ".join(f"{what}: {rule}" for what, rule in found["rules"].items())
    fails = found["fails"]["sentence"][language]
    asked = "ชุดที่ทุกกลุ่มรับไหวในอนาคตมากที่สุด" if thai else "The package that holds in most futures"
    if "zones" in found:
        asked = "ชุดข้างบนที่รับไหวในอนาคตมากที่สุด" if thai else "Of those above, the one that holds in most futures"
    steps = [found[part]["sentence"][language] for part in ("quantiles", "flexibility") if part in found]
    return [*made, "", f"{asked}: {fails}", *steps, f"{'กฎที่ใช้' if thai else 'Rules'}: {rules}"]


def zone_lines(found: dict[str, Any], language: str) -> list[str]:
    """Which measures each zone has, where the run was one of zones."""
    names, thai = found["model"]["names"], language == "th"
    return [
        f"{'เขต' if thai else 'Zone'} {number}: {zone['packages']:,} {'ชุด' if thai else 'packages'} ("
        + ", ".join(names[key][language] for key in zone["measures"])
        + ")"
        for number, zone in enumerate(found.get("zones", ()), start=1)
    ]


def package_lines(why: str, package: dict[str, Any], found: dict[str, Any], language: str) -> list[str]:
    thai, money = language == "th", found["model"]["money"]
    names = found["model"]["names"]
    inside = ", ".join(names[key][language] for key in package["measures"]) or (
        "ไม่มีมาตรการ" if thai else "no measure"
    )
    domain, starr = (percent(package[each]) for each in ("group_domain", "starr_domain"))
    cost, regret = f"{package['cost']:,.0f} {money}", f"{package['regret']:,.0f} {money}"
    said = (
        f"ทุกกลุ่มรับไหวใน {domain} ของอนาคต และอยู่ในงบด้วยใน {starr}"
        if thai
        else f"every group within its thresholds in {domain} of futures, within the money too in {starr}"
    )
    mostly = f"{package['quantiles']['regret_p90']:,.0f} {money}"
    paid = (
        f"ค่ามาตรการเฉลี่ย {cost} เสียใจภายหลังมากที่สุด {regret} และไม่เกิน {mostly} ในเก้าในสิบของอนาคต"
        if thai
        else f"cost on average {cost}, largest regret {regret}, at most {mostly} in nine tenths of futures"
    )
    head = "รับไหวถึงปี (หนึ่งในสิบแรก · กลาง · เก้าในสิบ)" if thai else "enough until (p10 · p50 · p90)"
    years = [
        f"    {names[group][language]}: {span(each, language)}" for group, each in package["tipping"].items()
    ]
    return [
        f"● {why}: {inside}",
        f"  {said}",
        f"  {paid}",
        f"  {head}",
        *years,
        f"  {package['worse_off'][language]}",
    ]


def span(tipping: dict[str, Any], language: str) -> str:
    """The years by which a tenth, half and nine tenths of the futures have tipped, as people count years."""
    return " · ".join(year_words(tipping[each], language) for each in ("p10", "p50", "p90"))


def year_words(year: int | str, language: str) -> str:
    if isinstance(year, str):
        return WORDS[year][0 if language == "th" else 1]
    return str(year + ERA if language == "th" else year)


def percent(share: dict[str, float]) -> str:
    return f"{100 * share['share']:.1f} ± {100 * share['error']:.1f} %"
