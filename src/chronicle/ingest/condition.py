"""Condition: a diagnosis or problem, in every code the source gives."""

from typing import Any

from chronicle.ingest import coding, times
from chronicle.ingest.source import Row, Source


def events(source: Source) -> list[Row]:
    """Return one event a coding; `status` is the verificationStatus.

    Onset comes before recording; what was never recorded with a date is known from its
    encounter on.
    """
    condition = source.resource
    onset_period, end_period = (
        condition.get(name) for name in ("onsetPeriod", "abatementPeriod")
    )
    onset = (condition.get("onsetDateTime"), times.start_of(onset_period))
    recorded = condition.get("recordedDate")
    return [
        source.event(
            code,
            times.first(*onset, recorded),
            times.last(recorded),
            end_time=times.last(
                condition.get("abatementDateTime"), times.end_of(end_period)
            ),
            status=_verification(condition),
        )
        for code in coding.codes(condition.get("code"), otherwise="UNCODED//Condition")
    ]


def _verification(condition: dict[str, Any]) -> str | None:
    codings = (condition.get("verificationStatus") or {}).get("coding") or [{}]
    code = codings[0].get("code")
    return code if isinstance(code, str) else None
