"""The model in use of one disease, or why there is none to be asked."""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chronicle.core import store


@dataclass(frozen=True)
class Champion:
    """A model in use.

    Args:
        version: SHA-256 of its files, as the verdict on it says.
        about: `model.json`.
    """

    version: str
    about: dict[str, Any]


def champion(folder: Path, made: Set[str]) -> Champion | str:
    """Read the model in use, or say why nothing can be scored.

    Args:
        folder: What `promote` keeps of the disease.
        made: Features that there are today.
    """
    if not (folder / "model" / "model.json").exists():
        return "no model is in use: see the verdict of promote"
    about = store.read_json(folder / "model" / "model.json")
    if gone := set(about["features"]) - made:
        return f"the model in use reads {len(gone)} feature(s) that are made no more"
    return Champion(store.read_json(folder / "promotion.json")["champion"], about)
