#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what `cosnic experiment --json` wrote: a picture an experiment, a panel a group of metrics.

usage: plots.py FILE.json FOLDER
"""
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of the back end)

COLOURS = ["#1b6ca8", "#d1495b", "#3a7d44", "#edae49"]
LINES = ["-", "--", ":"]
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


def draw_bars(axes, experiment, metrics, names):
    """A knob without numbers: a group of bars a setting."""
    bars = [(name, metric) for name in names for metric in metrics]
    width = 0.8 / len(bars)
    labels = {}
    for index, (name, metric) in enumerate(bars):
        points = [p for p in experiment["points"] if p["series"] == name]
        places = [p["x"] - 0.4 + width * (index + 0.5) for p in points]
        labels.update({p["x"]: p["label"] for p in points})
        axes.bar(places, [p["values"][metric] for p in points], width * 0.92, label=legend(experiment, metrics, names, name, metric),
                 color=COLOURS[names.index(name) % len(COLOURS)], alpha=1 - 0.45 * metrics.index(metric))
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
        axes.set_ylim(bottom=0)
        axes.set_xlabel(with_unit(experiment["knob"]["title"], experiment["knob"]["unit"]))
        unit = experiment["metrics"][metrics[0]]["unit"]
        axes.set_ylabel(label_of(experiment, metrics[0]) if len(metrics) == 1 else unit)
        if len(metrics) > 1 or len(names) > 1:
            low, high = axes.get_ylim()
            axes.set_ylim(low, high * (1 + 0.09 * len(axes.get_legend_handles_labels()[0])))
            axes.legend(fontsize=7.5, loc="upper left")
    figure.suptitle(experiment["question"], fontsize=10)
    for form, options in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 110})):
        figure.savefig(folder / f"{experiment['name']}.{form}", **options)
    plt.close(figure)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for experiment in json.loads(Path(sys.argv[1]).read_text())["experiments"]:
        draw(experiment, folder)
        print(f"{folder / experiment['name']}.svg")


main()
