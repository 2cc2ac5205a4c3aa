"""What came in and what became of it: counts that add up, always."""

from collections import Counter

from chronicle.core.errors import LedgerError
from chronicle.ingest.reasons import ISSUES

FATES = ("accepted", "refused", "duplicate", "superseded", "deleted", "not_used")
WARNED = "warned: "  # and the rule; beside the fates, since it is none
Counts = Counter[tuple[str, str]]


def ledger(
    counts: Counts,
    reasons: Counter[str],
    *,
    files: dict[str, int],
    tables: dict[str, int],
    values: Counter[str],
    notes: Counter[str],
) -> dict[str, object]:
    """Return the ledger.

    Args:
        counts: Resources by (type, fate); `read` is counted where they are read, the
            other fates where they are decided. Those that break a rule and enter all
            the same are counted under `WARNED` and the rule as well.
        reasons: Refusals by reason.
        files: Files read and refused.
        tables: Rows by table.
        values: What happened to measured values.
        notes: What became of the texts of notes, and mentions by whether they count.

    Raises:
        LedgerError: `read` is not the sum of the fates, for any type.
    """
    by_type = {
        kind: {fate: counts[kind, fate] for fate in ("read", *FATES)}
        for kind in sorted({kind for kind, _ in counts})
    }
    total = {
        fate: sum(row[fate] for row in by_type.values()) for fate in ("read", *FATES)
    }
    lost = [
        kind
        for kind, row in by_type.items()
        if row["read"] != sum(row[fate] for fate in FATES)
    ]
    if lost or total["refused"] != sum(reasons.values()):
        raise LedgerError(
            "what was read is not what was decided on, for "
            f"{', '.join(lost) or 'the reasons'}.",
            where="stage ingest",
            do="report this as a fault of ours: nothing was written",
        )
    return {
        "total": total,
        "by_type": by_type,
        "by_reason": dict(sorted(reasons.items())),
        "by_issue": _by_issue(reasons),
        "warnings": _warnings(counts),
        "files": files,
        "tables": tables,
        "values": dict(sorted(values.items())),
        "notes": dict(sorted(notes.items())),
    }


def _by_issue(reasons: Counter[str]) -> dict[str, int]:
    """Return the refusals by what an OperationOutcome would call them."""
    found: Counter[str] = Counter()
    for reason, n in reasons.items():
        found[ISSUES[reason]] += n
    return dict(sorted(found.items()))


def _warnings(counts: Counts) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_, told), n in counts.items():
        if told.startswith(WARNED):
            found[told.removeprefix(WARNED)] += n
    return dict(sorted(found.items()))
