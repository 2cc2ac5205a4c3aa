"""Drift on one static page that opens offline: counts, shares and distances only."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chronicle.core.things import title
from chronicle.drift.profile import ALL

DRAWN = 10
WIDTH, LABEL, ROW = 640.0, 250.0, 20
FEATURES = ("feature", "scores")


def page(found: dict[str, dict[str, Any]], limits: dict[str, float]) -> str:
    """Return the page.

    Args:
        found: What `compare` says, by disease.
        limits: Of the population stability index, by what they are for.
    """
    pages = Environment(
        loader=PackageLoader("chronicle.drift", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["title"] = title
    shown = {
        slug: each | {"bars": bars(each["items"], limits)}
        for slug, each in found.items()
    }
    return pages.get_template("page.html").render(found=shown, row=ROW, width=WIDTH)


def bars(items: list[dict[str, Any]], limits: dict[str, float]) -> dict[str, Any]:
    """Return the farthest features, and the scores, as bars.

    Args:
        items: The farthest first.
        limits: As in `page`.
    """
    mine = [e for e in items if e["site"] == ALL and e["about"] in FEATURES]
    some = sorted(mine, key=lambda e: (e["about"] != "scores", -e["distance"]))[:DRAWN]
    ends = [each["distance"] for each in some]
    top = max([*ends, 1.2 * max(limits.values())])

    def at(value: float) -> str:
        return f"{LABEL + (WIDTH - LABEL - 50) * value / top:.1f}"

    return {
        "rows": [
            {
                "name": each["name"],
                "y": place * ROW,
                "end": at(each["distance"]),
                "width": f"{float(at(each['distance'])) - LABEL:.1f}",
                "value": f"{each['distance']:.2f}",
                "verdict": each["verdict"],
            }
            for place, each in enumerate(some)
        ],
        "lines": [{"name": n, "x": at(value)} for n, value in limits.items()],
        "height": len(some) * ROW + 24,
        "label": LABEL,
    }
