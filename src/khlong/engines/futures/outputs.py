"""A run as files: what came out, beside what went in, the versions and the rules.

`appraise_file` is the whole way from a model file to a folder, used by the command line and by the engine process. The
folder appears when everything in it is written, so that no half result is taken for a whole one. Its `manifest.json`
names every file with its SHA-256 and says what every column holds (`columns`); the same model, seed, machine and lock
file give the same bytes.

=================  ==============================================================================
`packages`         every package: its measures, cost, domains with errors, regret, mean of the total
`burdens`          every package and channel: mean, sd, extremes, regret, share within its threshold
`groups`           every package and group: within its thresholds, worse off than with nothing, than today
`measures`         what each measure does to each channel in company of the others (exact Shapley)
`tipping`          every package and group: tipping years with percentiles
`quantiles`        every package and channel, and the total: percentiles, 90th-percentile regret, undesirable
                   deviations, skew and peakedness, each with its error (`quantiles`)
`futures`          the value of every dimension in every future
=================  ==============================================================================
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures import inquiry, packages, quantiles, tipping, waiting
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.columns import COLUMNS
from khlong.engines.futures.folders import refuse_request, whole_or_not, write_rows
from khlong.engines.futures.lasting import lasting
from khlong.engines.futures.memory import refuse_futures, refuse_lattice
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.objectives import grouped, limits
from khlong.engines.futures.sampling import PATH_RULE, SAMPLER, draw
from khlong.engines.futures.watch import Watch
from khlong.engines.futures.work import MOST_CHAINS, SHORT, work

if TYPE_CHECKING:
    from khlong.engines.futures.errors import Words
    from khlong.engines.futures.folders import Row
    from khlong.engines.futures.model import Floats, Model, Name
    from khlong.engines.futures.sampling import Futures
    from khlong.engines.futures.table import Table
    from khlong.engines.futures.work import Patience

TRAINING = Path(__file__).with_name("models") / "training.yaml"
LEAST_DENSITY = 0.8
VERSION = "1"  # of the numbers: another one when the same model gives others
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Run:
    """A finished run, and what questions need to be asked of it."""

    engine: Engine
    futures: Futures
    table: Table
    rules: dict[str, str]
    watch: Watch = field(default_factory=Watch)

    @property
    def model(self) -> Model:
        return self.engine.model

    @property
    def shortlist(self) -> dict[str, int]:
        """The packages that are spoken of, by why: what exists, nothing, and the best by each of three views."""
        table, total = self.table, self.table.number()
        order = np.lexsort((table.mean[total], table.regret[total], -table.domain))
        return {
            "nothing": 0,
            "base": table.base,
            "widest_domain": int(order[0]),
            "least_regret": int(table.regret[total].argmin()),
            "least_mean": int(table.mean[total].argmin()),
        }

    @cached_property
    def quantiles(self) -> quantiles.Quantiles:
        """Quantile metrics of all packages: exact for the shortlist and those that stand best, else by sketch."""
        spoken = tuple(self.shortlist.values())
        return quantiles.quantiles(self.engine, self.futures, self.table, spoken, self.watch)

    @cached_property
    def tipped(self) -> dict[int, dict[str, Floats]]:
        """Tipping years of the shortlist, from one reading of the coefficients at every knot."""
        numbers = tuple(dict.fromkeys(self.shortlist.values()))
        paths = inquiry.paths(self.engine, self.futures, numbers)
        return {number: tipped_of(self.model, each) for number, each in zip(numbers, paths, strict=True)}


def run(
    model: Model,
    count: int,
    seed: int,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    scheduler: str = "",
    tables: bool = False,
) -> Run:
    """Appraise a model, here or on a Dask cluster.

    Parameters
    ----------
    progress : called with what is done and what there is in all, in futures times the parts of the run.
    tables : they will be written, which is a part of the run.
    """
    refuse_futures(model, count)
    engine, futures = Engine(model), draw(model, count, seed)
    watch = Watch(progress, cancelled, count, parts(model, tables=tables))
    if scheduler:
        from khlong.engines.futures.scale import appraise_all, connected

        with connected(scheduler) as client:
            (table,) = appraise_all(client, [model], [futures], progress=watch.told, cancelled=cancelled)
    else:
        table = engine.appraise(futures, progress=watch.told, cancelled=cancelled)
    watch.next()
    return Run(engine, futures, table, rules(model), watch)


def parts(model: Model, *, tables: bool) -> int:
    """How often a run goes through all futures: the table, quantile metrics, then tipping years and chains if told."""
    return 1 + quantiles.parts(model) + tables + has_chains(model)


def has_chains(model: Model) -> bool:
    """Whether it is told what building in steps is worth: not where the lattice is too large for it."""
    return packages.count(model) <= MOST_CHAINS and len(model.years) > 1


def rules(model: Model) -> dict[str, str]:
    """The name of every rule that moves a number."""
    by_hazard = {f"frequency of {each.key}": each.rule for each in model.hazards}
    return {
        **by_hazard,
        "burden": PATH_RULE,
        "tipping year": tipping.RULE,
        "futures": SAMPLER,
        "composition": "hazard, exposure, vulnerability, transfer; upstream first",
        "error of a share": "sqrt(p(1-p)/N), at least 1/N",
        "quantiles": quantiles.RULE,
    }


# --- what is told -----------------------------------------------------------------------------------


def summary(done: Run) -> dict[str, Any]:
    """The run in short: what the command prints, with the error beside every share."""
    model, table = done.model, done.table
    spoken = {why: package_words(done, number) for why, number in done.shortlist.items()}
    best = done.shortlist["widest_domain"]
    return {
        "model": model_words(model),
        "futures": table.count,
        "seed": table.seed,
        "packages": table.packages,
        "rules": done.rules,
        "shortlist": spoken,
        "fails": fails(done, best),
        "quantiles": quantile_words(done),
        **flexibility(done),
    }


def model_words(model: Model) -> dict[str, Any]:
    names = {each.key: both(each.name) for each in model.groups}
    names |= {each.key: both(each.name) for each in model.measures}
    return {
        "key": model.key,
        "name": both(model.name),
        "example": model.is_example,
        "names": names,
        "money": model.money,
    }


def flexibility(done: Run) -> dict[str, Any]:
    """What it is worth to build in steps, from what stands today; left out where the lattice is too large for it."""
    if not has_chains(done.model):
        return {}
    watch = done.watch
    chains = waiting.waiting(done.engine, done.futures, progress=watch.told, cancelled=watch.cancelled)
    watch.next()
    found = chains.flexibility
    numbers = {"regret_saved": plain(found.regret_saved), "mean_saved": plain(found.mean_saved)}
    return {"flexibility": numbers | {"sentence": said(waiting.sentence(found, done.model.money))}}


def quantile_words(done: Run) -> dict[str, Any]:
    """What the quantile metrics say of all packages: the best by those that rank, and how exact they are."""
    found, names = done.quantiles, [each.name for each in done.model.measures]
    best = {
        metric: {
            "package": number,
            "value": plain(found.value(metric)[number]),
            "exact": number in found.exact,
            "sure": found.sure(metric, number),
        }
        for metric in quantiles.RANKED
        for number in (found.best(metric),)
    }
    inside = packages.measures_in(done.model, found.best("regret_p90"))
    words = quantiles.sentence(found, [names[each] for each in inside], done.model.money)
    return {
        "exact": list(found.exact),
        "sketched": done.table.packages - len(found.exact),
        "largest_error": {metric: plain(np.max(found.error(metric))) for metric in quantiles.RANKED},
        "best": best,
        "sentence": said(words),
    }


def both(name: Name) -> dict[str, str]:
    return {"th": name.th, "en": name.en}


def said(words: Words) -> dict[str, str]:
    return {"th": words.th, "en": words.en}


def package_words(done: Run, number: int) -> dict[str, Any]:
    """One package: what is in it and how it stands."""
    table, total = done.table, done.table.number()
    inside = packages.measures_in(done.model, number)
    return {
        "package": number,
        "measures": [done.model.measures[each].key for each in inside],
        "cost": plain(table.cost[number]),
        "group_domain": share(table, table.domain[number]),
        "starr_domain": share(table, table.starr[number]),
        "regret": plain(table.regret[total][number]),
        "mean": plain(table.mean[total][number]),
        "quantiles": {metric: plain(done.quantiles.value(metric)[number]) for metric in quantiles.METRICS},
        "burdens": {
            f"{group}.{kind}": plain(table.mean[row][number])
            for row, (group, kind) in enumerate(done.model.channels)
        },
        "tipping": tipping_words(done, number),
        "worse_off": said(inquiry.worse_off(table, number)),
    }


def share(table: Table, value: float) -> dict[str, float]:
    return {"share": plain(value), "error": plain(table.error(value))}


def plain(value: Any) -> float:
    """A number as JSON has it: no nan, no infinity."""
    number = float(value)
    return (
        number if math.isfinite(number) else math.copysign(1e308, number) if not math.isnan(number) else 0.0
    )


def bearable(model: Model) -> Iterator[tuple[str, int, float]]:
    """Group, channel and the most it can bear, of the channels with a threshold."""
    most = limits(model, model.thresholds)
    for group, channels in grouped(model):
        for channel in channels:
            if math.isfinite(most[channel]):
                yield group, channel, float(most[channel])


def tipped(done: Run, number: int) -> dict[str, Floats]:
    """By group, the first year in every future in which one of its thresholds is missed. (N,)"""
    if number in done.tipped:
        return done.tipped[number]
    return tipped_of(done.model, inquiry.paths(done.engine, done.futures, (number,))[0])


def tipped_of(model: Model, paths: Floats) -> dict[str, Floats]:
    """The same from expected annual impacts at every knot. (C, N, K)"""
    found: dict[str, Floats] = {}
    for group, channel, most in bearable(model):
        years = tipping.tipping_years(model.years, paths[channel], most)
        found[group] = np.minimum(found[group], years) if group in found else years
    return found


def tipping_words(done: Run, number: int) -> dict[str, Any]:
    """By group: the years by which a tenth, half, nine tenths of the futures have tipped, and the sentence."""
    return tipping_said(done.model, tipped(done, number))


def tipping_said(model: Model, by_group: dict[str, Floats]) -> dict[str, Any]:
    names = {group.key: group.name for group in model.groups}
    found = {}
    for group, years in by_group.items():
        early, middle, late = (year_or_word(each) for each in tipping.percentiles(years))
        sentence = tipping.sentence(names[group], years, model.years[-1])
        found[group] = {"p10": early, "p50": middle, "p90": late, "sentence": said(sentence)}
    return found


def year_or_word(year: float) -> int | str:
    if math.isinf(year):
        return "never" if year > 0 else "already"
    return int(year)


def fails(done: Run, number: int) -> dict[str, Any]:
    """In which futures a package fails some group: the sentence, with coverage, density and mass of the box."""
    scenario = inquiry.scenario(done.engine, done.futures, number, density=LEAST_DENSITY)
    return {"package": number, **fails_said(scenario)}


def fails_said(scenario: inquiry.Scenario) -> dict[str, Any]:
    box = scenario.box
    numbers = {"coverage": box.coverage, "density": box.density, "mass": box.mass}
    told = {name: plain(value) for name, value in numbers.items()}
    return {
        "futures": int(scenario.failed.sum()),
        **told,
        "sentence": said(scenario.words),
    }


# --- tables -----------------------------------------------------------------------------------------


def package_rows(done: Run) -> Iterator[Row]:
    table, total = done.table, done.table.number()
    keys = [measure.key for measure in done.model.measures]
    domain_error, starr_error = table.error(table.domain), table.error(table.starr)
    for number in range(table.packages):
        yield {
            "package": number,
            "measures": " ".join(keys[each] for each in packages.measures_in(done.model, number)),
            "cost_mean": float(table.cost[number]),
            "group_domain": float(table.domain[number]),
            "group_domain_error": float(domain_error[number]),
            "starr_domain": float(table.starr[number]),
            "starr_domain_error": float(starr_error[number]),
            "total_mean": float(table.mean[total][number]),
            "total_sd": float(table.sd[total][number]),
            "total_lowest": float(table.lowest[total][number]),
            "total_highest": float(table.highest[total][number]),
            "total_regret": float(table.regret[total][number]),
        }


def burden_rows(done: Run) -> Iterator[Row]:
    table = done.table
    for row, (group, kind) in enumerate(done.model.channels):
        for number in range(table.packages):
            yield {
                "package": number,
                "group": group,
                "kind": kind,
                "mean": float(table.mean[row][number]),
                "sd": float(table.sd[row][number]),
                "lowest": float(table.lowest[row][number]),
                "highest": float(table.highest[row][number]),
                "regret": float(table.regret[row][number]),
                "kept": float(table.kept[row][number]),
            }


def group_rows(done: Run) -> Iterator[Row]:
    table = done.table
    for row, group in enumerate(table.groups):
        for number in range(table.packages):
            yield {
                "package": number,
                "group": group,
                "kept": float(table.group_kept[row][number]),
                "worse_than_nothing": float(table.worse_than_nothing[row][number]),
                "worse_than_base": float(table.worse_than_base[row][number]),
            }


def measure_rows(done: Run) -> Iterator[Row]:
    """The exact share of each lever's measure in what the largest package does, by channel."""
    last = done.table.packages - 1
    inside = packages.measures_in(done.model, last)
    mean = inquiry.shares(done.engine, done.futures, last).mean
    by_measure = {number: lever for lever, members in enumerate(done.model.levers) for number in members}
    for channel, (group, kind) in enumerate(done.model.channels):
        for number in inside:
            yield {
                "package": last,
                "measure": done.model.measures[number].key,
                "group": group,
                "kind": kind,
                "shapley": float(mean[channel, by_measure[number]]),
            }


def tipping_rows(done: Run) -> Iterator[Row]:
    """Every package and every group that has a threshold."""
    watch = done.watch
    found = lasting(done.engine, done.futures, progress=watch.told, cancelled=watch.cancelled)
    watch.next()
    years = found.percentiles()
    for row, group in enumerate(found.groups):
        for number in range(done.table.packages):
            early, middle, late = (str(year_or_word(each)) for each in years[row, number])
            counts = {"already": int(found.years[row, number, 0]), "never": int(found.years[row, number, -1])}
            yield {"package": number, "group": group, "p10": early, "p50": middle, "p90": late, **counts}


def quantile_rows(done: Run) -> Iterator[Row]:
    found = done.quantiles
    for row, (group, kind) in enumerate(done.table.objectives):
        for number in range(done.table.packages):
            values = zip(quantiles.METRICS, found.values[row, :, number].tolist(), strict=True)
            errors = zip(quantiles.ERRORS, found.errors[row, :, number].tolist(), strict=True)
            by = "exact" if number in found.exact else "sketch"
            yield {"package": number, "group": group, "kind": kind, "by": by, **dict(values), **dict(errors)}


def future_rows(done: Run) -> Iterator[Row]:
    columns = {key: values.tolist() for key, values in done.futures.values.items()}
    for number in range(done.futures.count):
        yield {"future": number, **{key: values[number] for key, values in columns.items()}}


TABLES: dict[str, Callable[[Run], Iterator[Row]]] = {
    "packages": package_rows,
    "burdens": burden_rows,
    "groups": group_rows,
    "measures": measure_rows,
    "tipping": tipping_rows,
    "quantiles": quantile_rows,
    "futures": future_rows,
}


# --- files ------------------------------------------------------------------------------------------


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions() -> dict[str, str]:
    """What computed it: the same versions on the same machine give the same bytes."""
    import numba
    import scipy

    made = {"engine": VERSION, "python": platform.python_version(), "numpy": np.__version__}
    return made | {"scipy": scipy.__version__, "numba": numba.__version__, "machine": platform.machine()}


def inputs(path: Path) -> dict[str, str]:
    """The model file and the array files beside it that it names, with their hashes."""
    found = {path.name: sha256(path)}
    text = path.read_text(encoding="utf-8")
    for other in sorted(path.parent.iterdir()):
        if other.suffix in {".npz", ".parquet"} and other.name in text:
            found[other.name] = sha256(other)
    return found


def write(done: Run, source: Path, out: Path, form: str = "csv") -> None:
    """All tables, the summary and the manifest in the folder `out`, which must not be there yet or be empty.

    Raises
    ------
    FuturesError
        The folder holds something already, or cannot be written.
    """

    def fill(folder: Path) -> None:
        write_tables(done, folder, form)
        write_json(summary(done), folder / "summary.json")
        made = manifest(done.model, source, folder, done.futures, done.table.packages, done.rules)
        write_json(made, folder / "manifest.json")

    whole_or_not(out, fill)


def write_tables(done: Run, folder: Path, form: str) -> None:
    for name, rows in TABLES.items():
        write_rows(done.watch.rows(rows(done)), folder / f"{name}.{form}")


def manifest(
    model: Model, source: Path, folder: Path, futures: Futures, packages: int, rules: dict[str, str]
) -> dict[str, Any]:
    there = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): sha256(path) for path in there}
    return {
        "format": "khlong-appraisal/1",
        "model": model.key,
        "example": model.is_example,
        "inputs": inputs(source),
        "futures": futures.count,
        "seed": futures.seed,
        "packages": packages,
        "rules": rules,
        "versions": versions(),
        "columns": COLUMNS,
        "files": files,
    }


def write_json(what: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(what, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def appraise_file(
    path: Path,
    *,
    futures: int,
    seed: int,
    out: Path | None = None,
    form: str = "csv",
    scheduler: str = "",
    patience: Patience = SHORT,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """From a model file to its summary, and to a folder of results if one is named.

    Parameters
    ----------
    patience : how long it may take, and who is told beforehand (`work`).

    Raises
    ------
    FuturesError
        The model or the request cannot stand, the run is too large or too long, or it was stopped.
    """
    refuse_request(out, form)
    model, tables = load(path), out is not None
    refuse_futures(model, futures)
    refuse_lattice(model)
    planned = work([model], futures, metrics=True, tables=tables, elsewhere=bool(scheduler))
    patience.ask(planned)
    done = run(
        model, futures, seed, progress=progress, cancelled=cancelled, scheduler=scheduler, tables=tables
    )
    if out is not None:
        write(done, path, out, form)
    return summary(done)
