"""Say so where the tables that are there were made with another key than today's.

DVC sees no key. So where nothing else changed it runs no stage, and what the key of
today was given for never happens; this says what to do, and stops nothing.

python -m chronicle.ingest.fingerprint LEDGER
"""

import logging
import sys
from pathlib import Path

from chronicle.core import store
from chronicle.core.errors import PipelineError, UsageError
from chronicle.ingest import keys

log = logging.getLogger(__name__)


def main(words: list[str]) -> int:
    """Compare; return the exit code that `core/errors.py` documents."""
    try:
        if len(words) != 1:
            raise UsageError(
                "no ledger was named.",
                where="command line",
                do="python -m chronicle.ingest.fingerprint reports/ledger.json",
            )
        compare(Path(words[0]), keys.load(make=False))
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def compare(ledger: Path, own: keys.Keys) -> None:
    """Warn if a ledger names another key; where there is none yet, there is no old."""
    made = store.read_json(ledger)["key"] if ledger.exists() else own.fingerprint
    if made == own.fingerprint:
        return
    if own.demo:
        # Simulated patients have the public key as long as no other is there.
        log.warning(
            "the tables that are there were made with key %s, and none is given here: "
            "real records would get a new key. Give the old one before anything runs; "
            "see %s",
            made,
            keys.HOWTO,
        )
        return
    log.warning(
        "the tables that are there were made with key %s, and the key now is %s. If "
        "ingest does not run, they stay so. Give the old key again, or make all anew: "
        "dvc repro --force --single-item ingest; see %s",
        made,
        own.fingerprint,
        keys.HOWTO,
    )


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s")
    sys.exit(main(sys.argv[1:]))
