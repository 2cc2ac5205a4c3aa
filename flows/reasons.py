"""Why a stage is out of date, in words, out of what DVC says of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SHOWN = 4  # reasons; the rest is counted
NEVER = "it never ran here"
WORDS = {"modified": "changed", "deleted": "is missing", "new": "is new"}


def why(told: Sequence[Any], *, known: bool) -> str:
    """Say why a stage has to run.

    Args:
        told: What `dvc status` says of the stage.
        known: Whether the lock has the stage, from a run before.

    >>> why([{"changed deps": {"a.csv": "modified", "p.yaml": {"n": "new"}}}],
    ...     known=True)
    'a.csv changed; p.yaml: n is new'
    """
    if not known:
        return NEVER
    reasons = [reason for entry in told for reason in of(entry)]
    more = len(reasons) - SHOWN
    rest = [f"and {more} more"] if more > 0 else []
    return "; ".join(reasons[:SHOWN] + rest)


def of(entry: Any) -> Iterator[str]:
    """Yield the reasons in one entry: a sentence, or paths with what is so of each."""
    if not isinstance(entry, Mapping):
        yield str(entry)
        return
    for paths in entry.values():
        for path, state in paths.items():
            if isinstance(state, Mapping):
                for key, its in state.items():
                    yield f"{path}: {key} {WORDS.get(its, its)}"
            else:
                yield f"{path} {WORDS.get(state, state)}"
