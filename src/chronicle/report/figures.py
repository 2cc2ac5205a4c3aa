"""Plots as SVG, drawn here: a few kilobytes each, and the same bytes each time."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chronicle.report import words
from chronicle.report.findings import Findings, Outcome

SIZE, LEFT, TOP, PLOT = 360, 52, 16, 280  # pixels
MOST_BARS = 12
NICE = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)


def templates() -> Environment:
    """Return the templates of this room, with our words as filters."""
    made = Environment(
        loader=PackageLoader("chronicle.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "count": words.count,
        "span": words.span,
        "interval": words.interval,
        "value": words.value,
    }
    return made


def figures(found: Findings) -> dict[str, str]:
    """Return every figure by `<disease>-<kind>`."""
    return {
        f"{each.slug}-{kind}": svg
        for each in found.outcomes
        if each.trained
        for kind, svg in of(each).items()
    }


def of(outcome: Outcome) -> dict[str, str]:
    """Return the figures of one trained disease."""
    title = outcome.disease.title
    draw = templates().get_template
    return {
        "roc": draw("roc.svg.html").render(
            title=f"{title}: ROC curve",
            curve=_path([(x, y) for x, y in outcome.evaluation["roc"]], 1.0),
            label=f"AUROC {words.interval(outcome.metric('auroc'))}",
            ticks=_ticks(1.0),
            frame=_frame(),
        ),
        "calibration": draw("calibration.svg.html").render(
            title=f"{title}: risk against outcome",
            frame=_frame(),
            **_calibration(outcome.evaluation["calibration"]),
        ),
        "features": draw("features.svg.html").render(
            title=f"{title}: what moved predictions most",
            bars=_bars(outcome.evaluation["features"][:MOST_BARS]),
        ),
    }


def _calibration(groups: list[dict[str, Any]]) -> dict[str, Any]:
    known = [each for each in groups if each["observed"] is not None]
    most = max(
        (max(e["predicted"], e["high"] or e["observed"]) for e in known), default=1
    )
    top = next((nice for nice in NICE if nice >= most), 1.0)
    return {
        "ticks": _ticks(top),
        "points": [
            {
                "x": _x(each["predicted"] / top),
                "y": _y(each["observed"] / top),
                "low": _y((each["low"] if each["low"] is not None else 0) / top),
                "high": _y((each["high"] or each["observed"]) / top),
                "bar": each["low"] is not None,
            }
            for each in known
        ],
    }


def _bars(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    longest = max((each["mean_abs_contribution"] for each in features), default=1.0)
    return [
        {
            "name": words.feature(each["name"]),
            "length": round(190 * each["mean_abs_contribution"] / longest, 1),
            "size": words.value(each["mean_abs_contribution"]),
            "direction": each["direction"],
            "y": 30 + 26 * row,
        }
        for row, each in enumerate(features)
    ]


def _frame() -> dict[str, int]:
    return {"size": SIZE, "left": LEFT, "top": TOP, "plot": PLOT, "base": TOP + PLOT}


def _ticks(top: float) -> list[dict[str, Any]]:
    shares = (0, 0.25, 0.5, 0.75, 1)
    return [
        {"x": _x(each), "y": _y(each), "label": f"{100 * top * each:.3g}"}
        for each in shares
    ]


def _path(points: list[tuple[float, float]], top: float) -> str:
    return " ".join(f"{_x(x / top)},{_y(y / top)}" for x, y in points)


def _x(share: float) -> float:
    return round(LEFT + PLOT * share, 1)


def _y(share: float) -> float:
    return round(TOP + PLOT * (1 - share), 1)
