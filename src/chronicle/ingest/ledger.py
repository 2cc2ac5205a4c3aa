"""What came in and what became of it: counts that add up, always."""

from collections import Counter

from chronicle.core.errors import LedgerError

FATES = ("accepted", "refused", "duplicate", "superseded", "deleted", "not_used")
Counts = Counter[tuple[str, str]]


def ledger(
    counts: Counts,
    reasons: Counter[str],
    *,
    files: dict[str, int],
    tables: dict[str, int],
    values: Counter[str],
) -> dict[str, object]:
    """Return the ledger.

    Args:
        counts: Resources by (type, fate); `read` is counted where they are read, the
            other fates where they are decided.
        reasons: Refusals by reason.
        files: Files read and refused.
        tables: Rows by table.
        values: What happened to measured values.

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
        "files": files,
        "tables": tables,
        "values": dict(sorted(values.items())),
    }
