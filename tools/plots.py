#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what `cosnic experiment --json` wrote: a picture an experiment, a panel a group of metrics.

usage: plots.py FILE.json FOLDER

Into FOLDER: NAME.svg, NAME.png, and NAME.json, the points of the picture, from which it can be drawn again.
"""
import io
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of the back end)
from PIL import Image  # noqa: E402

COLOURS = ["#1b6ca8", "#d1495b", "#3a7d44", "#edae49"]
LINES = ["-", "--", ":"]
PNG_COLOURS = 64  # a palette: a quarter of the bytes
LARGEST = 7.2  # inches across, whatever the number of panels
plt.rcParams.update({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "axes.spines.top": False,
                     "axes.spines.right": False, "svg.hashsalt": "cosnic", "legend.frameon": False})


def with_unit(title, unit):
    return f"{title} [{unit}]" if unit else title


def series_of(experiment):
    names = []
    for point in experiment["points"]:
        if point["series"] not in names:
            names.append(point["series"])
    return names


def label_of(experiment, metric):
    found = experiment["metrics"][metric]
    return with_unit(found["title"], found["unit"])


def panel_label(experiment, metrics):
    """The words that the metrics' names end with alike, and their unit."""
    if len(metrics) == 1:
        return label_of(experiment, metrics[0])
    titles = [experiment["metrics"][metric]["title"].split() for metric in metrics]
    alike = []
    for words in zip(*map(reversed, titles)):
        if len(set(words)) > 1:
            break
        alike.insert(0, words[0])
    unit = experiment["metrics"][metrics[0]]["unit"]
    return with_unit(" ".join(alike), unit) if alike else unit


def short(value):
    """Three digits that count."""
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def draw_bars(axes, experiment, metrics, names):
    """A knob without numbers: a group of bars a setting."""
    bars = [(name, metric) for name in names for metric in metrics]
    width = 0.8 / len(bars)
    labels = {}
    for index, (name, metric) in enumerate(bars):
        points = [p for p in experiment["points"] if p["series"] == name]
        places = [p["x"] - 0.4 + width * (index + 0.5) for p in points]
        labels.update({p["x"]: p["label"] for p in points})
        drawn = axes.bar(places, [p["values"][metric] for p in points], width * 0.92,
                         label=legend(experiment, metrics, names, name, metric),
                         color=COLOURS[names.index(name) % len(COLOURS)], alpha=1 - 0.45 * metrics.index(metric))
        axes.bar_label(drawn, [short(p["values"][metric]) for p in points], fontsize=6.5, padding=1)
    axes.set_xticks(sorted(labels), [labels[x] for x in sorted(labels)], rotation=30, ha="right")
    axes.grid(axis="x", visible=False)


def draw_lines(axes, experiment, metrics, names):
    scale = experiment["knob"]["scale"]
    for name in names:
        points = sorted((p for p in experiment["points"] if p["series"] == name), key=lambda p: p["x"])
        for metric in metrics:
            axes.plot([p["x"] for p in points], [p["values"][metric] for p in points], marker="o", markersize=3.5,
                      linestyle=LINES[metrics.index(metric) % len(LINES)],
                      color=COLOURS[names.index(name) % len(COLOURS)],
                      label=legend(experiment, metrics, names, name, metric))
    ticks = sorted({p["x"] for p in experiment["points"]})
    if scale == "log":
        axes.set_xscale("log")
        axes.minorticks_off()
    if scale == "log" or len(ticks) <= 5:
        axes.set_xticks(ticks, [f"{x:g}" for x in ticks], rotation=40 if len(ticks) > 5 else 0)


def legend(experiment, metrics, names, name, metric):
    parts = ([name] if len(names) > 1 else []) + ([experiment["metrics"][metric]["title"]] if len(metrics) > 1 else [])
    return ", ".join(parts)


def draw(experiment, folder):
    panels = experiment["panels"]
    names = series_of(experiment)
    figure, all_axes = plt.subplots(1, len(panels), figsize=(LARGEST * max(1, len(panels) / 2), 3.4),
                                    layout="constrained", squeeze=False)
    for axes, metrics in zip(all_axes[0], panels):
        bars = experiment["knob"]["scale"] == "labels"
        (draw_bars if bars else draw_lines)(axes, experiment, metrics, names)
        highest = max(point["values"][metric] for point in experiment["points"] for metric in metrics)
        axes.set_ylim(0, 1.08 * highest if highest > 0 else 1)
        axes.set_xlabel(with_unit(experiment["knob"]["title"], experiment["knob"]["unit"]))
        axes.set_ylabel(panel_label(experiment, metrics))
        if len(metrics) > 1 or len(names) > 1:
            low, high = axes.get_ylim()
            axes.set_ylim(low, high * (1 + 0.1 * len(axes.get_legend_handles_labels()[0])))
            axes.legend(fontsize=7.5, loc="upper left")
    figure.suptitle(experiment["question"], fontsize=10)
    figure.savefig(folder / f"{experiment['name']}.svg", metadata={"Date": None})
    pixels = io.BytesIO()
    figure.savefig(pixels, format="png", dpi=110)
    Image.open(pixels).convert("RGB").quantize(PNG_COLOURS).save(folder / f"{experiment['name']}.png", optimize=True)
    plt.close(figure)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    written = json.loads(Path(sys.argv[1]).read_text())
    for experiment in written["experiments"]:
        draw(experiment, folder)
        alone = {**written, "experiments": [experiment]}
        (folder / f"{experiment['name']}.json").write_text(json.dumps(alone, indent=1) + "\n")
        print(f"{folder / experiment['name']}.svg")


main()
