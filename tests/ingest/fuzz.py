"""The reader under a fuzzer that watches which lines run. Not a test: it has no end.

    pip install atheris
    python -m tests.ingest.fuzz -max_total_time=600 [FOLDER OF FOUND INPUTS]

atheris is in no lock: it has wheels for some Pythons on Linux alone. What it finds
becomes an `@example` in `test_fuzz.py`, which asks the same of hypothesis' files.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chronicle.ingest"]):
    from chronicle.ingest import read  # noqa: F401

from tests.ingest.test_fuzz import FORMS, PACKINGS, is_counted

NAMES = ("x.json", "x.ndjson", "x.json.gz", "x.jsonl.zst")


def one_input(content: bytes) -> None:
    """Read a file of a name that its first byte chooses."""
    is_counted(content[1:], NAMES[content[0] % len(NAMES)] if content else NAMES[0])


def plant(folder: Path) -> None:
    """Begin with sound files, which a fuzzer would not find in a lifetime."""
    folder.mkdir(parents=True, exist_ok=True)
    for form, text in enumerate(FORMS):
        for packing, pack in enumerate(PACKINGS):
            (folder / f"{form}-{packing}").write_bytes(bytes([form]) + pack(text))


if __name__ == "__main__":
    folders = [Path(each) for each in sys.argv[1:] if not each.startswith("-")]
    for each in folders[:1]:
        plant(each)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
