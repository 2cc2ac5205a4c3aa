"""Models in use: all of them can be asked, or nobody is scored.

python -m chronicle.score.champion CHAMPIONS FEATURES

The first command of stage `score`. A disease that never had a model is no fault.
"""

import logging
import sys
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
from pydantic import ConfigDict, Field

from chronicle.core import params, store
from chronicle.core.errors import ModelRefused, PipelineError, UsageError
from chronicle.core.params import Params

log = logging.getLogger(__name__)
PRESENT = "today"  # the index rule


@dataclass(frozen=True)
class Champion:
    """A model in use.

    Args:
        version: SHA-256 of its files, as the verdict on it says.
        about: `model.json`.
    """

    version: str
    about: dict[str, Any]


class ScoreParams(Params):
    """`diseases`: those that run. Other keys are other stages'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    diseases: tuple[str, ...] = Field(min_length=1)


def main(words: list[str]) -> int:
    """Demand that all can be asked; return the code of `core/errors.py`."""
    try:
        if len(words) != 2:
            raise UsageError(
                "two folders are needed.",
                where="command line",
                do="see stage `score` in dvc.yaml",
            )
        demand(*map(Path, words))
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def demand(champions: Path, features: Path) -> None:
    """Raise where a model in use cannot be asked.

    Raises:
        ModelRefused: One or more; each is named with the reason.
    """
    made = made_in(features)
    slugs = params.load(params.FILE, ScoreParams).diseases
    faults = {slug: fault(champions / slug, made) for slug in slugs}
    told = [f"{slug}: {why}" for slug, why in faults.items() if why]
    if told:
        raise ModelRefused(
            f"{len(told)} model(s) in use cannot be asked: {'; '.join(told)}.",
            where=str(champions),
            do="train, and let `promote` judge (run `nightly`), or bring back what was "
            "in use: python -m flows.models rollback VERSION; nobody is scored until "
            "then",
        )


def made_in(features: Path) -> set[str]:
    """Return the features that there are today."""
    dictionary = store.read_json(features / PRESENT / "dictionary.json")
    return {each["name"] for each in dictionary}


def fault(folder: Path, made: Set[str]) -> str:
    """Say why the model in use cannot be asked; empty: it can, or there is none.

    Args:
        folder: What `promote` keeps of the disease.
        made: From `made_in`.
    """
    model = folder / "model"
    if not is_there(folder):
        return ""
    try:
        if store.fingerprint(model) != read_version(folder):
            return "its files are not those that were put in use"
        about = store.read_json(model / "model.json")
        if gone := set(about["features"]) - made:
            return f"it reads {len(gone)} feature(s) that are made no more"
        lgb.Booster(model_file=model / "model.txt")
    except (OSError, ValueError, KeyError, lgb.basic.LightGBMError) as error:
        return f"it cannot be read ({type(error).__name__})"
    return ""


def is_there(folder: Path) -> bool:
    """Say whether a model was ever put in use, whatever is left of it."""
    return any((folder / name).exists() for name in ("model", "promotion.json"))


def read_version(folder: Path) -> str | None:
    """Return the SHA-256 of the model that was put in use."""
    version: str | None = store.read_json(folder / "promotion.json")["champion"]
    return version


def champion(folder: Path) -> Champion | None:
    """Read the model in use, if there is one."""
    if not is_there(folder):
        return None
    about = store.read_json(folder / "model" / "model.json")
    return Champion(str(read_version(folder)), about)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
