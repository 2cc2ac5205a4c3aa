"""Tables drawn in tests, as a clinician would draw them: name, day, code, value."""

from datetime import datetime, timedelta

import polars as pl

from chronicle.core.tables import EVENTS, PATIENTS, RISKS

INDEX = datetime(2019, 1, 1)
NAMES = ("ann", "bob", "cid", "dot")


def number(name: str) -> int:
    return NAMES.index(name) + 1


def day(offset: float) -> datetime:
    return INDEX + timedelta(days=float(offset))


def events(text: str) -> pl.DataFrame:
    """Read lines of `name day code [value] [known=day] [status=word] [text=code]`.

    Or `[fate=word]`: what was done to the value; `[beyond=<]`: its comparator;
    `[during=word]`: at the encounter with `[id=word]`.
    """
    rows = [_event(*line.split()) for line in text.strip().splitlines() if line.strip()]
    schema = EVENTS.schema
    return pl.DataFrame(
        [dict.fromkeys(schema) | row for row in rows], schema, orient="row"
    )


def _event(name: str, offset: str, code: str, *more: str) -> dict[str, object]:
    named = dict(each.split("=", 1) for each in more if "=" in each)
    values = [each for each in more if "=" not in each]
    return {
        "subject_id": number(name),
        "time": day(float(offset)),
        "available_time": day(float(named.get("known", offset))),
        "code": code,
        "numeric_value": float(values[0]) if values else None,
        "text_value": named.get("text"),
        "status": named.get("status"),
        "value_fate": named.get("fate"),
        "comparator": named.get("beyond"),
        "encounter_id": named.get("during"),
        "resource_type": "Encounter" if "ENCOUNTER" in code else "Observation",
        "site": "-",
        "provenance": named.get("id")
        or f"Observation/{hash_of(name, offset, code, more)}",
    }


def hash_of(*words: object) -> str:
    from hashlib import blake2b

    return blake2b(repr(words).encode(), digest_size=8).hexdigest()


def patients(text: str) -> pl.DataFrame:
    """Read lines of `name born-year gender [dies-day]`."""
    rows = []
    for line in text.strip().splitlines():
        name, year, gender, *died = line.split()
        rows.append(
            {
                "subject_id": number(name),
                "birth_date": datetime(int(year), 1, 1).date(),
                "death_time": day(float(died[0])) if died else None,
                "gender": gender,
                "site": "-",
                "provenance": f"Patient/{hash_of(name)}",
            }
        )
    return pl.DataFrame(rows, PATIENTS.schema, orient="row")


def index_rows(*names: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": [number(name) for name in names],
            "prediction_time": [INDEX] * len(names),
        },
        {"subject_id": pl.Int64, "prediction_time": pl.Datetime("us")},
    )


def risks(text: str) -> pl.DataFrame:
    """Read lines of `name from-day until-day risk [by=word] [of=disease]`."""
    rows = [_risk(*line.split()) for line in text.strip().splitlines() if line.strip()]
    return pl.DataFrame(rows, RISKS.schema, orient="row")


def _risk(name: str, start: str, end: str, risk: str, *more: str) -> dict[str, object]:
    named = dict(each.split("=") for each in more)
    return {
        "patient": name,
        "disease": named.get("of", "htn"),
        "name": named.get("by", "oracle"),
        "from_time": day(float(start)),
        "until_time": day(float(end)),
        "risk": float(risk),
    }
