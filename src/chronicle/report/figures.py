"""Points and places of the figures; the templates beside this file draw them.

A figure is drawn twice from one template: inside the page, whose colours it takes, and
as a file of its own on white paper.
"""

from typing import Any

from chronicle.report import shapes
from chronicle.report.chapter import Chapter
from chronicle.report.figure import Figure
from chronicle.report.forest import forest
from chronicle.report.names import readable
from chronicle.report.scale import Scale, round_top
from chronicle.report.words import inside, interval, percent

LEFT, RIGHT, TOP, BOTTOM = 54.0, 344.0, 12.0, 302.0
MOST_BARS = 12
ROW = 36
FOOT = 70.0  # height of the histogram of risks
LONGEST_NAME = 58  # characters that fit into the width at the size of the labels


def figures(chapter: Chapter) -> dict[str, Figure]:
    """Return the figures for which there is something to draw, by name."""
    found = chapter.evaluation
    made = {}
    if len(found["roc"]) > 1:
        made["roc"] = _roc(chapter)
    if len(found["precision_recall"]) > 1:
        made["precision_recall"] = _precision_recall(chapter)
    if any(each["observed"] is not None for each in found["calibration"]):
        made["calibration"] = _calibration(chapter)
    if len(found["decision"]) > 1 and found["decision"][0]["model"]["value"]:
        made["decision"] = _decision(chapter)
    if any(each["scored"] for one in found["groups"] for each in one["groups"]):
        made["forest"] = forest(chapter)
    if found["features"]:
        made["features"] = _features(chapter)
    return made | _more(chapter)


def _more(chapter: Chapter) -> dict[str, Figure]:
    about, made = (chapter.slug, chapter.disease.title), {}
    if len(chapter.evaluation["learning"]) > 1:
        made["learning"] = shapes.learning(*about, chapter.evaluation["learning"])
    curves = chapter.explanation.get("curves", [])
    if any(len(each["points"]) > 1 for each in curves):
        made["dependence"] = shapes.dependence(*about, curves)
    return made


def _roc(chapter: Chapter) -> Figure:
    x, y = Scale(1, LEFT, RIGHT), Scale(1, BOTTOM, TOP)
    points = chapter.evaluation["roc"]
    return Figure(
        "roc",
        f"{chapter.slug}-roc",
        f"{chapter.disease.title}: discrimination",
        f"ROC curve. AUROC {chapter.auroc}; the dashed diagonal is chance.",
        x,
        y,
        marks=[{"x": x.at(false), "y": y.at(true)} for false, true in points],
        note=f"AUROC {chapter.auroc}",
        band=_band(chapter.evaluation["roc_band"], x, y),
    )


def _precision_recall(chapter: Chapter) -> Figure:
    x, found = Scale(1, LEFT, RIGHT), chapter.evaluation
    drawn = [precision for _, precision in found["precision_recall"]]
    drawn += [each["high"] for each in found["precision_recall_band"]]
    y = Scale(min(round_top(drawn, least=0.05), 1.0), BOTTOM, TOP)
    told = interval(chapter.metrics.get("auprc"))
    return Figure(
        "precision_recall",
        f"{chapter.slug}-precision-recall",
        f"{chapter.disease.title}: precision and recall",
        f"Share of those flagged who got the diagnosis, by the share of all who got it "
        f"that is found. AUPRC {told}; dashed is flagging at random.",
        x,
        y,
        marks=[
            {"x": x.at(recall), "y": y.at(precision)}
            for recall, precision in found["precision_recall"]
        ],
        note=f"AUPRC {told}",
        band=_band(found["precision_recall_band"], x, y),
        bars=[{"y": y.at(found["prevalence"] or 0)}],
    )


def _band(points: list[dict[str, float]], x: Scale, y: Scale) -> str:
    there = [f"{x.at(each['at'])},{y.at(each['low'])}" for each in points]
    back = [f"{x.at(each['at'])},{y.at(each['high'])}" for each in reversed(points)]
    return " ".join([*there, *back])


def _calibration(chapter: Chapter) -> Figure:
    groups = [
        each
        for each in chapter.evaluation["calibration"]
        if each["observed"] is not None
    ]
    drawn = [
        each[key]
        for each in groups
        for key in ("predicted", "observed", "high")
        if each[key] is not None
    ]
    top = min(round_top(drawn, least=0.05), 1.0)
    x, y = Scale(top, LEFT, RIGHT), Scale(top, BOTTOM, TOP)
    return Figure(
        "calibration",
        f"{chapter.slug}-calibration",
        f"{chapter.disease.title}: calibration",
        f"Predicted against observed risk in {len(groups)} groups of visits, with "
        "intervals; the dashed diagonal is ideal.",
        x,
        y,
        marks=[_group(each, x, y) for each in groups],
        bars=_foot(chapter.evaluation["histogram"], x, y),
    )


def _foot(bars: list[dict[str, Any]], x: Scale, y: Scale) -> list[dict[str, str]]:
    """Return the bars of a histogram of risks, as high as a quarter of the figure."""
    most = max((each["onset"] + each["none"] for each in bars), default=0)
    made = []
    for each in bars:
        number = each["onset"] + each["none"]
        if not number or each["from"] >= x.top:
            continue
        high = FOOT * number / most
        left, right = float(x.at(each["from"])), float(x.at(each["to"]))
        made.append(
            {
                "x": f"{left:.1f}",
                "width": f"{max(right - left - 0.8, 0.8):.1f}",
                "y": f"{y.start - high:.1f}",
                "height": f"{high:.1f}",
            }
        )
    return made


def _group(group: dict[str, Any], x: Scale, y: Scale) -> dict[str, Any]:
    bounded = group["low"] is not None and group["high"] is not None
    return {
        "x": x.at(group["predicted"]),
        "y": y.at(group["observed"]),
        "low": y.at(group["low"]) if bounded else None,
        "high": y.at(group["high"]) if bounded else None,
        "told": f"predicted {percent(group['predicted'])}, observed "
        f"{percent(group['observed'])}, {group['index_times']:,} visits",
    }


def _decision(chapter: Chapter) -> Figure:
    points = chapter.evaluation["decision"]
    drawn = [each["model"]["value"] for each in points]
    x = Scale(points[-1]["threshold"], LEFT, RIGHT)
    y = Scale(round_top(drawn, least=0.002), BOTTOM, TOP)
    return Figure(
        "decision",
        f"{chapter.slug}-decision",
        f"{chapter.disease.title}: net benefit",
        "Net benefit of acting on the model, by the risk from which one acts; dashed, "
        "of acting on everybody. At the bottom, acting on nobody.",
        x,
        y,
        marks=[
            {
                "x": x.at(each["threshold"]),
                "y": y.at(each["model"]["value"]),
                "all": y.at(each["everybody"]),
                "told": f"from {percent(each['threshold'])} on: "
                f"{1000 * each['model']['value']:.1f} per 1,000",
            }
            for each in points
        ],
        note="dashed: acting on everybody",
    )


def _features(chapter: Chapter) -> Figure:
    shown = chapter.evaluation["features"][:MOST_BARS]
    sizes = [each["mean_abs_contribution"] for each in shown]
    # Zero everywhere would leave no axis.
    x = Scale(round_top(sizes, least=0.01), 8, 344)
    bottom = ROW * len(shown) + 8
    return Figure(
        "features",
        f"{chapter.slug}-features",
        f"{chapter.disease.title}: what moved the predictions",
        f"The {len(shown)} features that moved predictions of "
        f"{inside(chapter.disease.title)} most, the strongest being "
        f"{readable(shown[0]['name'])}.",
        x,
        Scale(1, bottom, 4),
        height=bottom + 74,
        marks=[_bar(each, row, x) for row, each in enumerate(shown)],
    )


def _bar(feature: dict[str, Any], row: int, x: Scale) -> dict[str, Any]:
    name = readable(feature["name"])
    long = len(name) > LONGEST_NAME
    return {
        "name": name[: LONGEST_NAME - 1] + "\N{HORIZONTAL ELLIPSIS}" if long else name,
        "told": f"{name}: {feature['mean_abs_contribution']:.3f}",
        "kind": {1: "raises", -1: "lowers"}.get(feature["direction"], "mixed"),
        "y": row * ROW + 4,
        "width": f"{float(x.at(feature['mean_abs_contribution'])) - x.start:.1f}",
    }
