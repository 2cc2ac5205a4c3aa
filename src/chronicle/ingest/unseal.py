"""Open what left sealed: for whoever has the key, on the machine where it may be read.

python -m chronicle.ingest.unseal REFUSED OUT      what was refused, and where it lies
python -m chronicle.ingest.unseal SUBJECT_ID...    whose Patient resource that is
"""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from chronicle.core.errors import PipelineError, UsageError
from chronicle.ingest import keep, keys, linkage, seal

log = logging.getLogger(__name__)


def main(words: list[str]) -> int:
    """Open what is asked for; return the exit code that `core/errors.py` documents."""
    try:
        if words and all(each.isdecimal() for each in words):
            people = linkage.read(keys.private(), [int(each) for each in words], _own())
            for subject, told in people.items():
                sys.stdout.write(f"{subject}\t{' '.join(told)}\n")
        elif len(words) == 2:
            unsealed(Path(words[0]), Path(words[1]), _own())
        else:
            raise UsageError(
                "neither a folder and an empty one, nor numbers.",
                where="command line",
                do="python -m chronicle.ingest.unseal data/refused OUT, or SUBJECT_ID…",
            )
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def unsealed(refused: Path, out: Path, own: keys.Keys) -> None:
    """Write `refused.ndjson` and `duplicates.ndjson`, for their owner alone.

    Args:
        refused: The folder that `ingest` wrote.
        out: A folder; made if it is not there.
        own: The keys of that run.

    Raises:
        KeyRefused: It was sealed with another key.
    """
    sealed = (refused / keep.FILES).read_bytes()
    paths = orjson.loads(seal.unseal(sealed, own, keep.PURPOSE))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (keep.FILE, keep.DOUBLES):
        target = (out / name).with_suffix(".ndjson")
        keys.write_private(target, b"")
        with target.open("ab") as file:
            file.writelines(
                orjson.dumps(_opened(row, paths, own)) + b"\n"
                for row in _rows(refused / name)
            )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of a table, a group at a time: it may be larger than memory."""
    yield from (
        row
        for batch in pl.scan_parquet(path).collect_batches(chunk_size=keep.GROUP_ROWS)
        for row in batch.iter_rows(named=True)
    )


def _opened(
    row: dict[str, Any], paths: dict[str, str], own: keys.Keys
) -> dict[str, Any]:
    named = {name: paths.get(row[name]) for name in row if name.endswith("file")}
    text = row.pop("sealed", None)
    if text is not None:
        raw = seal.unseal(text, own, keep.PURPOSE)
        named["raw"] = raw.decode("utf-8", "replace")
    return row | named


def _own() -> keys.Keys:
    """Return the key that is there; here, none is made."""
    return keys.load(make=False)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    sys.exit(main(sys.argv[1:]))
