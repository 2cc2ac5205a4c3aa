"""Figures of how a model learns, and of how its risks go with single values."""

from typing import Any

from chronicle.report.figure import Figure
from chronicle.report.names import readable
from chronicle.report.scale import Scale

LEFT, RIGHT, TOP, BOTTOM = 54.0, 344.0, 12.0, 302.0
PANELS, ACROSS = 6, 2
WIDE, HIGH, HEAD = 176.0, 118.0, 30.0
UNITS = {"1": "", "a": "years"}
ROOM, FOOT = 8.0, 16.0  # beside the curve, and under it


def learning(slug: str, title: str, points: list[dict[str, Any]]) -> Figure:
    """Draw the AUROC by the share of patients learnt from."""
    x, y = Scale(100, LEFT, RIGHT), Scale(1, BOTTOM, TOP)
    last = points[-1]
    told = ", ".join(f"{e['percent']:g} %: {e['auroc']:.2f}" for e in points)
    return Figure(
        "learning",
        f"{slug}-learning",
        f"{title}: what more patients bring",
        f"AUROC on patients left out, by the share of patients learnt from: {told}.",
        x,
        y,
        marks=[
            {
                "x": x.at(each["percent"]),
                "y": y.at(each["auroc"]),
                "told": f"{each['patients']:,} patients, {each['outcome_patients']:,} "
                f"with an outcome: {each['auroc']:.3f}",
            }
            for each in points
        ],
        note=f"{last['auroc']:.2f} with {last['outcome_patients']:,} outcomes",
    )


def dependence(slug: str, title: str, curves: list[dict[str, Any]]) -> Figure:
    """Draw the parts of the first columns against their values, panel by panel."""
    shown = [each for each in curves if len(each["points"]) > 1][:PANELS]
    far = max(abs(point["part"]) for each in shown for point in each["points"])
    rows = -(-len(shown) // ACROSS)
    return Figure(
        "dependence",
        f"{slug}-dependence",
        f"{title}: risk by value",
        "How the risk goes with each of "
        + "; ".join(readable(each["column"]) for each in shown)
        + ": mean part in log-odds of groups of visits.",
        Scale(1, 0, WIDE),
        Scale(1, HIGH, 0),
        height=rows * (HIGH + HEAD + FOOT),
        marks=[_panel(each, place, far or 1.0) for place, each in enumerate(shown)],
    )


def _panel(curve: dict[str, Any], place: int, far: float) -> dict[str, Any]:
    left = (place % ACROSS) * (WIDE + ROOM) + ROOM
    top = (place // ACROSS) * (HIGH + HEAD + FOOT) + HEAD
    values = [each["value"] for each in curve["points"]]
    wide = max(values) - min(values) or 1.0
    most = max(each["share"] for each in curve["points"])
    dots = [
        {
            "x": f"{left + (WIDE - 2 * ROOM) * (e['value'] - values[0]) / wide:.1f}",
            "y": f"{top + HIGH / 2 * (1 - 0.92 * e['part'] / far):.1f}",
            "size": f"{2 + 3 * e['share'] / most:.1f}",
        }
        for e in curve["points"]
    ]
    name, _, what = readable(curve["column"]).partition(", ")
    return {
        "left": f"{left:.1f}",
        "right": f"{left + WIDE - 2 * ROOM:.1f}",
        "over": f"{top - 16:.1f}",
        "under": f"{top - 3:.1f}",
        "middle": f"{top + HIGH / 2:.1f}",
        "bottom": f"{top + HIGH + 10:.1f}",
        "name": name,
        "what": what,
        "least": f"{values[0]:.3g}",
        "most": f"{values[-1]:.3g}",
        "unit": UNITS.get(curve["unit"], curve["unit"]),
        "line": " ".join(f"{each['x']},{each['y']}" for each in dots),
        "dots": dots,
    }
