"""A run zone by zone, as words and as files: `./khlong appraise MODEL --zones`.

Where measures fall into zones that share nothing (`zones`), the lattice of all of them is never walked. Of the whole
are told: doing nothing, what exists today, the choice with the least total on average of all there are (exact), and
two that put together what each zone by itself would take: the widest domain of its own groups, its least regret. Every
number of these is exact for the whole, regret against every package there is.

In the folder each zone has its own tables (`zone-1` and so on, as in `outputs`); there nothing is done in other zones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures import equity, inquiry, outputs, quantiles
from khlong.engines.futures.errors import ModelError, Words
from khlong.engines.futures.folders import refuse_request, whole_or_not, write_rows
from khlong.engines.futures.memory import refuse_futures, refuse_lattice
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.objectives import ROUNDING, WORSE, grouped
from khlong.engines.futures.outputs import Run, plain, said
from khlong.engines.futures.sampling import draw
from khlong.engines.futures.watch import Watch
from khlong.engines.futures.work import SHORT, work
from khlong.engines.futures.zones import Zoned, appraise_zones, zones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from khlong.engines.futures.folders import Row
    from khlong.engines.futures.model import Floats, Model
    from khlong.engines.futures.outputs import Progress
    from khlong.engines.futures.table import Table
    from khlong.engines.futures.work import Patience

RULE = "each zone apart; zones share no exposure, so that sums over zones are exact"
Choice = tuple[int, ...]


@dataclass(frozen=True)
class ZonedRun:
    """A finished run in zones."""

    zoned: Zoned
    rules: dict[str, str]
    watch: Watch = field(default_factory=Watch)

    @property
    def model(self) -> Model:
        return self.zoned.model

    @property
    def runs(self) -> list[Run]:
        """Each zone as a run of its own."""
        return [
            Run(part.engine, part.futures, part.table, self.rules, self.watch) for part in self.zoned.parts
        ]

    @cached_property
    def choices(self) -> dict[str, Choice]:
        """The choices that are spoken of, by why."""
        by_zone = [each.shortlist for each in self.runs]
        return {
            "nothing": (0,) * len(by_zone),
            "base": self.zoned.base,
            "widest_by_zone": tuple(widest(part.table) for part in self.zoned.parts),
            "regret_by_zone": tuple(each["least_regret"] for each in by_zone),
            "least_mean": self.zoned.best_on_average(),
        }

    @cached_property
    def least(self) -> Floats:
        return self.zoned.least()

    @cached_property
    def told(self) -> dict[Choice, dict[str, Any]]:
        """How each choice stands."""
        return {choice: choice_words(self, choice) for choice in dict.fromkeys(self.choices.values())}

    @property
    def packages(self) -> int:
        """How many packages of the whole there are."""
        return prod(part.table.packages for part in self.zoned.parts)


def widest(table: Table) -> int:
    """The package of a zone whose own groups bear it in most futures, the worst of them first.

    A group of another zone, for which no package here makes a difference, is left out: nothing is done there yet.
    """
    own = table.group_kept[np.ptp(table.group_kept, axis=1) > 0]
    kept = own.min(axis=0) if len(own) else np.zeros(table.packages)
    total = table.number()
    return int(np.lexsort((table.mean[total], table.regret[total], -kept))[0])


def summary(done: ZonedRun) -> dict[str, Any]:
    """The run in short, as `outputs.summary`, and what the zones are."""
    model, futures = done.model, done.zoned.futures
    best = max(done.choices.values(), key=lambda each: done.zoned.domain(each)[0])
    failed = ~done.zoned.kept(best)
    where = inquiry.where(model, futures, failed, density=outputs.LEAST_DENSITY)
    return {
        "model": outputs.model_words(model),
        "futures": futures.count,
        "seed": futures.seed,
        "packages": done.packages,
        "zones": [
            {
                "measures": [model.measures[each].key for each in part.measures],
                "packages": part.table.packages,
            }
            for part in done.zoned.parts
        ],
        "rules": done.rules,
        "shortlist": {why: done.told[each] for why, each in done.choices.items()},
        "fails": {"package": list(best), **outputs.fails_said(where)},
    }


def choice_words(done: ZonedRun, choice: Choice) -> dict[str, Any]:
    """One choice: what is in it and how it stands; the package numbers are by zone."""
    zoned, model = done.zoned, done.model
    totals, costs, burdens = (ask(choice) for ask in (zoned.totals, zoned.costs, zoned.burdens))
    kept = zoned.kept(choice)
    regret = totals - done.least
    regret[regret <= ROUNDING * np.abs(totals)] = 0.0
    paid = costs <= model.most_cost * (1 + ROUNDING)
    error = zoned.parts[0].table
    return {
        "package": list(choice),
        "measures": [model.measures[each].key for each in zoned.measures(choice)],
        "cost": plain(costs.mean()),
        "group_domain": outputs.share(error, float(kept.mean())),
        "starr_domain": outputs.share(error, float((kept & paid).mean())),
        "regret": plain(np.max(regret)),
        "mean": plain(totals.mean()),
        "quantiles": dict(
            zip(quantiles.METRICS, quantiles.exactly(totals[None], regret[None])[:, 0].tolist(), strict=True)
        ),
        "burdens": {
            f"{group}.{kind}": plain(burdens[row].mean()) for row, (group, kind) in enumerate(model.channels)
        },
        "tipping": outputs.tipping_said(model, outputs.tipped_of(model, zoned.paths(choice))),
        "worse_off": said(worse_off(zoned, burdens)),
    }


def worse_off(zoned: Zoned, burdens: Floats) -> Words:
    """Who is worse off than with nothing done, in one sentence."""
    nothing = zoned.burdens((0,) * len(zoned.parts))
    worse = burdens > nothing * (1 + WORSE)
    names = {group.key: group.name for group in zoned.model.groups}
    by_group = grouped(zoned.model)
    counts = [int(worse[list(channels)].any(axis=0).sum()) for _, channels in by_group]
    return equity.sentence([names[key] for key, _ in by_group], counts, zoned.futures.count)


def choice_rows(done: ZonedRun) -> Iterator[Row]:
    """Every choice that is spoken of, with the numbers of the whole."""
    for why, choice in done.choices.items():
        told = done.told[choice]
        yield {
            "why": why,
            "packages": " ".join(str(each) for each in choice),
            "measures": " ".join(told["measures"]),
            "cost_mean": told["cost"],
            **{
                f"{name}{end}": told[name][word]
                for name in ("group_domain", "starr_domain")
                for end, word in (("", "share"), ("_error", "error"))
            },
            "total_mean": told["mean"],
            "total_regret": told["regret"],
            **told["quantiles"],
        }


def write(done: ZonedRun, source: Path, out: Path, form: str = "csv") -> None:
    """The choices, the tables of every zone, the summary and the manifest.

    Raises
    ------
    FuturesError
        The folder holds something already, or cannot be written.
    """

    def fill(folder: Path) -> None:
        write_rows(choice_rows(done), folder / f"choices.{form}")
        for number, run in enumerate(done.runs, start=1):
            zone = folder / f"zone-{number}"
            zone.mkdir()
            outputs.write_tables(run, zone, form)
        told = summary(done)
        outputs.write_json(told, folder / "summary.json")
        futures, packages = done.zoned.futures, done.packages
        made = outputs.manifest(done.model, source, folder, futures, packages, done.rules)
        outputs.write_json(made | {"zones": told["zones"]}, folder / "manifest.json")

    whole_or_not(out, fill)


def appraise_zones_file(
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
    """From a model file to its summary zone by zone, and to a folder of results if one is named.

    Parameters
    ----------
    patience : as in `outputs.appraise_file`.

    Raises
    ------
    FuturesError
        The model or the request cannot stand, one zone is too large, all are too long, or it was stopped.
    """
    refuse_request(out, form)
    if scheduler:
        raise ModelError(
            "dask",
            Words("การคำนวณแยกเขตทำบนเครื่องนี้เท่านั้น", "Zones are computed on this machine only."),
            Words("ให้ใช้ --zones หรือ --dask อย่างใดอย่างหนึ่ง", "Use --zones or --dask, not both."),
        )
    model, tables = load(path), out is not None
    refuse_futures(model, futures)
    apart = [
        replace(model, measures=tuple(model.measures[each] for each in measures)) for measures in zones(model)
    ]
    for each in apart:
        refuse_lattice(each)
    patience.ask(work(apart, futures, metrics=False, tables=tables, zoned=True))
    by_zone = 2 + quantiles.parts(model) if tables else 1
    watch = Watch(progress, cancelled, futures, by_zone * len(apart))
    zoned = appraise_zones(model, draw(model, futures, seed), progress=watch.told, cancelled=cancelled)
    watch.next(len(apart))
    done = ZonedRun(zoned, outputs.rules(model) | {"zones": RULE}, watch)
    if out is not None:
        write(done, path, out, form)
    return summary(done)
