"""From a model file to four pictures: python -m khlong.engines.futures.examples.from_model_to_plots [FOLDER]

Read it from top to bottom, or open it in an editor that knows `# %%` cells. It needs matplotlib 3.11 or later, whose
text is shaped, so that Thai vowels and tone marks stand where they belong; the engine itself needs no matplotlib. All
numbers of the training model are invented.
"""

# %% What is needed
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap

import khlong
from khlong.engines.futures import packages, robustness, shortlist, tipping, waiting
from khlong.engines.futures.appraise import Engine
from khlong.engines.futures.lasting import exact
from khlong.engines.futures.modelfile import load
from khlong.engines.futures.sampling import draw

HERE = Path(__file__).parent
OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("futures-pictures")
OUT.mkdir(parents=True, exist_ok=True)
FUTURES, SEED = 1_000, 7

plt.switch_backend("Agg")
for face in ("Regular", "Bold"):
    font_manager.fontManager.addfont(str(Path(khlong.__file__).parent / f"paper/fonts/Sarabun-{face}.ttf"))
STYLE: Any = {
    "font.family": "Sarabun",
    "font.size": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}
plt.rcParams.update(STYLE)
BLUE, DEEP, WARM, GREY, PALE = "#2b6c8f", "#17435c", "#c8553d", "#8a8f94", "#d5dde2"

# %% A model, its futures, and every package of measures under each of them
model = load(HERE.parent / "models" / "training.yaml")
futures = draw(model, FUTURES, SEED)
engine = Engine(model)
table = engine.appraise(futures)
keys = [measure.key for measure in model.measures]


def number(*wanted: str) -> int:
    """The number of the package that holds these measures."""
    return packages.package_of(model, [keys.index(key) for key in wanted])


# %% A few packages to look at closely, each with a short name
ORDER = (
    "old-drain",
    "warn",
    "fund",
    "keep-plain",
    "dredge",
    "widen",
    "wetland",
    "wall",
    "raise",
    "shelter-homes",
)
SHORT = {
    "old-drain": "ท่อเดิม",
    "warn": "เตือนภัย",
    "fund": "กองทุน",
    "keep-plain": "ห้ามถมทุ่ง",
    "dredge": "ขุดลอก",
    "widen": "ขยายคลอง",
    "wetland": "ฟื้นพรุ",
    "wall": "คันตลาด",
    "raise": "ยกบ้าน",
    "shelter-homes": "ห้องเช่าชั้นบน",
}
people = ("old-drain", "warn", "fund", "keep-plain")
chosen = (
    0,
    packages.base(model),
    number("old-drain", "wall"),
    number("old-drain", "widen", "wall"),
    number("old-drain", "widen", "fund"),
    number(*people),
    number(*people, "dredge", "wetland"),
    int(np.argmin(table.regret[-1])),
    int(np.argmax(table.domain)),
)
looked_at = tuple(dict.fromkeys(chosen))


def named(package: int) -> str:
    """A package in a few words."""
    inside = {keys[each] for each in packages.measures_in(model, package)}
    if not inside:
        return "ไม่มีอะไรเลย"
    if package == packages.base(model):
        return "วันนี้ (ท่อเดิม)"
    names = [SHORT[key] for key in ORDER if key in inside and key != "old-drain"]
    lines = [" + ".join(names[at : at + 3]) for at in range(0, len(names), 3)]
    return " +\n".join(lines)


# %% Picture 1: what one may regret
regret = table.regret[-1, list(looked_at)] / 1e6
cost = table.cost[list(looked_at)] / 1e6
rows = np.argsort(regret)[::-1]
figure, axes = plt.subplots(figsize=(9, 6))
standing = (0, packages.base(model))
bars = [GREY if looked_at[row] in standing else DEEP if row == rows[-1] else BLUE for row in rows]
axes.barh(range(len(rows)), regret[rows], color=bars, height=0.62)
for at, row in enumerate(rows):
    said = f"{regret[row]:,.0f}   (ค่ามาตรการเฉลี่ย {cost[row]:,.0f})"
    axes.text(regret[row] + 15, at, said, va="center", color=DEEP)
axes.set_yticks(range(len(rows)), [named(looked_at[row]) for row in rows])
axes.set_xlim(0, float(np.max(regret)) * 1.5)
figure.supxlabel(
    "เสียมากกว่าทางที่ดีที่สุดของอนาคตนั้นมากที่สุดเท่าใด (ล้านบาท คิดลดแล้ว) · largest regret, million baht", fontsize=11
)
axes.set_title(f"เลือกชุดไหนแล้วอาจเสียดายเท่าใด: {table.packages:,} ชุด × {FUTURES:,} อนาคต")
figure.savefig(OUT / "regret.png", dpi=110)
plt.close(figure)

# %% Picture 2: metrics disagree. Ranks of the same packages by eleven metrics of the total, and by the group domain
totals = shortlist.totals(engine, futures, looked_at)
metrics = robustness.all_metrics(totals, float(np.median(totals)))
metrics["group_domain"] = table.domain[list(looked_at)]
WORDS = {
    "laplace": "เฉลี่ย\nmean",
    "maximin": "แย่สุด\nworst",
    "maximax": "ดีสุด\nbest",
    "hurwicz": "กึ่งกลาง\nHurwicz",
    "minimax_regret": "เสียดายสุด\nregret",
    "regret_90": "เสียดาย 90%\nregret p90",
    "mean_variance": "เฉลี่ย-ผันผวน\nmean-var.",
    "undesirable_deviations": "ครึ่งที่แย่\ndeviations",
    "skew": "เบ้\nskew",
    "peakedness": "โด่ง\npeaked",
    "domain": "พอรับได้\nStarr",
    "group_domain": "ทุกกลุ่มรับไหว\ngroups",
}
ranks = np.array(
    [
        robustness.ranks(
            metrics[key], higher_is_better=key == "group_domain" or key in robustness.HIGHER_IS_BETTER
        )
        for key in WORDS
    ]
)
rows = np.argsort(ranks[-1], kind="stable")
figure, axes = plt.subplots(figsize=(12.5, 6))
from_best_to_worst = LinearSegmentedColormap.from_list("ranks", [BLUE, "#ffffff", WARM])
axes.imshow(ranks[:, rows].T, cmap=from_best_to_worst, aspect="auto")
for column, by_package in enumerate(ranks[:, rows]):
    for row, rank in enumerate(by_package):
        strong = abs(rank - (len(rows) + 1) / 2) > 3
        axes.text(column, row, f"{rank:g}", ha="center", va="center", color="white" if strong else DEEP)
axes.set_xticks(range(len(WORDS)), list(WORDS.values()), fontsize=10)
axes.xaxis.tick_top()
axes.set_yticks(range(len(rows)), [named(looked_at[row]) for row in rows])
axes.tick_params(length=0)
axes.spines[:].set_visible(False)
axes.axvline(len(WORDS) - 1.5, color="white", linewidth=6)
axes.set_title("อันดับของชุดมาตรการเปลี่ยนไปตามเกณฑ์ที่ใช้ตัดสิน (1 ดีที่สุด) · ranks by metric", pad=14)
figure.savefig(OUT / "ranks.png", dpi=110)
plt.close(figure)

# %% Picture 3: how long it is enough, for whom
shown = (
    packages.base(model),
    number(*people),
    number(*people, "dredge", "wetland"),
    int(np.argmax(table.domain)),
)
groups, years = exact(engine, futures, shown)
first, last = model.years[0], model.years[-1]
early, late = first - 3.0, last + 2.5
spans = np.clip(tipping.percentiles(years), early, late)
figure, every = plt.subplots(len(shown), 1, figsize=(9, 9), sharex=True)
thai = {group.key: group.name.th for group in model.groups}
for axes, package, by_group in zip(every, shown, spans, strict=True):
    for row, (low, middle, high) in enumerate(by_group):
        axes.plot([low, high], [row, row], color=PALE, linewidth=9, solid_capstyle="round", zorder=1)
        axes.scatter(
            middle, row, s=70, color=WARM if middle < first else DEEP if middle > last else BLUE, zorder=2
        )
    axes.axvspan(early - 2, first, color="#f7e4df", zorder=0)
    axes.axvspan(last, late + 2, color="#e3efe6", zorder=0)
    axes.set_yticks(range(len(groups)), [thai[key] for key in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_title(named(package).replace("\n", " "), fontsize=12)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
ticks = [2570, 2575, 2580, 2585, 2590, 2595]
every[-1].set_xticks(
    [early, *(year - tipping.BUDDHIST_ERA for year in ticks), late], ["ไม่ไหวแล้ว", *map(str, ticks), "ไหวตลอด"]
)
every[-1].set_xlim(early - 2, late + 2)
figure.supxlabel(
    "ปี พ.ศ. ที่แต่ละกลุ่มเริ่มรับไม่ไหว · จุด: อนาคตกลาง · แถบ: หนึ่งในสิบถึงเก้าในสิบ · tipping years, p10–p50–p90",
    fontsize=11,
)
figure.savefig(OUT / "tipping.png", dpi=110)
plt.close(figure)

# %% Picture 4: pathways. Two chains that only grow; each step stands when the one before is no longer enough
chains = (
    (
        BLUE,
        tuple(
            number(*people, *more) for more in ((), ("dredge",), ("dredge", "wetland"), ("widen", "wetland"))
        ),
    ),
    (
        WARM,
        (number("old-drain", "widen", "fund"), number(*people, "widen"), number(*people, "widen", "wetland")),
    ),
)
row_of = {package: row for row, package in enumerate(dict.fromkeys((*chains[0][1], *chains[1][1][::-1])))}
_, years = exact(engine, futures, tuple(row_of))
spans = np.clip(tipping.percentiles(years.min(axis=1)), first, last)
figure, axes = plt.subplots(figsize=(10.5, 5.6))
for package, (low, _, high) in zip(row_of, spans, strict=True):
    axes.plot([low, high], [row_of[package]] * 2, color=PALE, linewidth=16, solid_capstyle="butt", zorder=1)
for colour, chain in chains:
    now, before = float(first), -1
    for package in chain:
        row, until = row_of[package], float(spans[list(row_of).index(package), 1])
        side = 0.05 if colour == BLUE else -0.05
        if before >= 0:
            axes.plot([now, now], [before + side, row + side], color=colour, linewidth=3, zorder=2)
            axes.scatter(
                now, before + side, s=90, facecolor="white", edgecolor=colour, linewidth=2.5, zorder=4
            )
        axes.plot([now, until], [row + side] * 2, color=colour, linewidth=4, solid_capstyle="butt", zorder=3)
        now, before = until, row
    axes.plot([now, now], [before - 0.22, before + 0.22], color=DEEP, linewidth=4, zorder=5)
axes.set_yticks(list(row_of.values()), [named(package) for package in row_of])
axes.set_ylim(len(row_of) - 0.4, -0.6)
ends = (2569, *ticks[1:], 2600)
axes.set_xticks([year - tipping.BUDDHIST_ERA for year in ends], [str(year) for year in ends])
axes.set_xlim(first - 0.3, last + 0.3)
axes.grid(axis="x", color=PALE, linewidth=0.7)
axes.set_axisbelow(True)
axes.spines["left"].set_visible(False)
axes.tick_params(axis="y", length=0)
figure.supxlabel(
    "วงกลม: ปีที่ชุดเดิมไม่พอในอนาคตกลาง ชุดถัดไปต้องเสร็จ · แถบ: หนึ่งในสิบถึงเก้าในสิบของอนาคต · ขีด: ไม่พออีกครั้ง",
    fontsize=11,
)
axes.set_title("เส้นทาง: เริ่มจากคนและผัง หรือเริ่มจากคลอง · two pathways, by the middle future")
figure.savefig(OUT / "pathways.png", dpi=110)
plt.close(figure)

# %% When a step must be decided, if the wide canal takes eight years and the wetland five
steps = waiting.triggers(engine, futures, chains[1][1], {"widen": 8.0, "wetland": 5.0, "keep-plain": 2.0})
worth = waiting.sentence(waiting.waiting(engine, futures).flexibility)
sentences = [each for words in (*(step.words for step in steps), worth) for each in (words.th, words.en)]
(OUT / "words.txt").write_text("\n".join(sentences) + "\n", encoding="utf-8")
