"""Stage `promote`: a model, and how it and the one in use did -> the one in use."""

import shutil
from pathlib import Path
from typing import Any

from chronicle.core import params, store
from chronicle.core.errors import TableError
from chronicle.core.store import fingerprint
from chronicle.promote.decide import decide
from chronicle.promote.settings import PromoteParams

ROWS = ("judged", "newest")  # of an evaluation: whom it was made on


def run(
    model: Path,
    evaluation: Path,
    metrics: Path,
    gate: Path,
    champion: Path,
    promotion: Path,
    verdict: Path,
) -> None:
    """Let a new model take the place of the one in use, or say why it does not.

    `champion` is kept between runs: the model, and how it did on the rows of today.
    """
    settings = params.section("promote", PromoteParams)
    new = store.read_json(evaluation)
    ours = fingerprint(model)
    theirs = fingerprint(champion / "model") if champion.exists() else None
    in_use = store.read_json(champion / "evaluation.json") if theirs else None
    if ours and ours == theirs:
        # It stays, and so does the verdict by which it came: same model, same bytes.
        found = store.read_json(champion / "promotion.json")
    else:
        told = _verdict(new, in_use, settings, store.read_json(gate)["passed"])
        found = told | {
            "challenger": ours if new["trained"] else None,
            "champion_before": theirs,
            "champion": ours if told["promoted"] else theirs,
            "champion_could_not_be_asked": _silent(in_use),
            # It then looks better than it is, and is harder to replace.
            "champion_may_have_seen_them": bool(in_use and in_use.get("may_have_seen")),
        }
        if told["promoted"]:
            crown(
                model, {"evaluation": evaluation, "metrics": metrics}, found, champion
            )
    champion.mkdir(parents=True, exist_ok=True)
    # For the report, and for whoever opens the folder of the disease.
    store.write_json(found, promotion)
    store.write_json(found, verdict)


def crown(
    model: Path, told: dict[str, Path], verdict: dict[str, Any], champion: Path
) -> None:
    """Put a model in use, with how it did (`told`, by name) and the verdict on it."""
    with store.folder(champion) as folder:
        shutil.copytree(model, folder / "model")
        for name, path in told.items():
            shutil.copyfile(path, folder / f"{name}.json")
        store.write_json(verdict, folder / "promotion.json")


def demand_the_same_rows(new: dict[str, Any], in_use: dict[str, Any]) -> None:
    """Raise where two evaluations were made on other people.

    Raises:
        TableError: They were.
    """
    names = ("index_times", "patients", "outcome_patients")
    if any(new[rows][name] != in_use[rows][name] for rows in ROWS for name in names):
        raise TableError(
            "the two models were not judged on the same rows.",
            where="the model in use",
            do="run the whole stage: it judges the model in use first (dvc.yaml)",
        )


def _verdict(
    new: dict[str, Any],
    in_use: dict[str, Any] | None,
    settings: PromoteParams,
    checks_passed: bool,
) -> dict[str, Any]:
    if not new["trained"]:
        reason = f"there is no new model: {new['reason']}"
        return {"promoted": False, "reasons": [reason], "questions": []}
    other = in_use if in_use and in_use["trained"] else None
    if other:
        demand_the_same_rows(new, other)
    return decide(new, other, settings, checks_passed=checks_passed)


def _silent(in_use: dict[str, Any] | None) -> str | None:
    return in_use["reason"] if in_use and not in_use["trained"] else None
