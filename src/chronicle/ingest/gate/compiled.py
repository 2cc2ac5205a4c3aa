"""The gate as this machine compiled it; where it did not, what to do."""

from pathlib import Path

from chronicle.core.errors import NotCompiled

HERE = Path(__file__).parent
WHERE = "src/chronicle/ingest/gate"
DO = "make .venv/run; it needs gcc and Python's headers"

try:
    from chronicle.ingest.gate import scan
except ImportError:
    raise NotCompiled(
        "the gate of ingest is not compiled.", where=WHERE, do=DO
    ) from None

# Parts are called after the sources: what was compiled from others may not make them.
BORN = Path(scan.__file__).stat().st_mtime
if any(each.stat().st_mtime > BORN for each in HERE.glob("*.[ch]")):
    raise NotCompiled(
        "the gate of ingest is older than its sources.", where=WHERE, do=DO
    )

Gate = scan.Gate
