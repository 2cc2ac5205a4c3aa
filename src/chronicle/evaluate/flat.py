"""The numbers alone, one level deep: what `dvc metrics` compares."""

from collections.abc import Iterator
from typing import Any

OTHERS = ("baselines", "published", "comparators")


def flat(found: dict[str, Any]) -> dict[str, Any]:
    """Return counts and scores of an evaluation, each with its interval."""
    told: dict[str, Any] = {"trained": int(found["trained"])}
    for split, counted in found["counts"].items():
        told |= {f"{split}_{name}": n for name, n in counted.items()}
    for name, each in _named(found):
        told |= {
            name: each["value"],
            f"{name}_low": each["low"],
            f"{name}_high": each["high"],
        }
    told |= {
        f"learning_auroc_at_{each['percent']:g}_percent": each["auroc"]
        for each in found["learning"]
    }
    if found["doubt"]:
        told["silent_share"] = found["doubt"]["silent"]["share"]
    return {name: value for name, value in told.items() if value is not None}


def _named(found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from (found["metrics"] or {}).items()
    for each in found["capacity"]:
        room = f"at_{each['capacity_percent']:g}_percent"
        for name in ("sensitivity", "ppv", "needed_to_screen"):
            yield f"{name}_{room}", each[name]
    for other in (each for kind in OTHERS for each in found[kind]):
        name = other["name"].replace(" ", "_")
        yield f"{name}_auroc", other["comparator"]["auroc"]
        for score, each in other["differences"].items():
            yield f"{score}_minus_{name}", each
    sets = (found["doubt"] or {}).get("sets") or {}
    for name in ("cases", "controls"):
        if name in sets:
            yield f"held_{name}", sets[name]
    newest = found["newest"] or {"metrics": None}
    for name, each in (newest["metrics"] or {}).items():
        yield f"newest_{name}", each
    for apart in found["apart"]:
        for name, each in (apart["metrics"] or {}).items():
            yield f"{apart['split']}_{name}", each
    for grouping in found["groups"]:
        for name, each in grouping["gaps"].items():
            yield f"{grouping['by']}_gap_{name}", each
