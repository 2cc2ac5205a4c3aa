"""Rules asked of tables without a row: what cannot be asked is told before work begins.

Here a message may quote what polars says: there is no patient whom it could quote.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from chronicle.check import flag, wide
from chronicle.check.asked import Suite
from chronicle.core.errors import ParamsError
from chronicle.core.tables import EVENTS, PATIENTS, TIME

ENDS = pl.DataFrame(schema={"site": pl.String(), "extracted": TIME})


def all_askable(suites: Mapping[str, Suite], folder: Path) -> None:
    """See that every rule about rows can be asked of its table.

    Raises:
        ParamsError: A pattern is none, or a column is of another type than the rule's.
    """
    people, events = PATIENTS.empty(), EVENTS.empty()
    rows = {
        "patients": wide.patients(people, events.lazy(), ENDS),
        "events": wide.events(events.with_row_index("row"), people, ENDS),
    }
    for name, suite in suites.items():
        for entry in suite.ruled:
            try:
                flag.flag(rows[name], [entry])
            except pl.exceptions.PolarsError as fault:
                raise ParamsError(
                    f"{entry.id} cannot be asked: {' '.join(str(fault).split())}.",
                    where=str(folder / f"{name}.json"),
                    do="see meta.rule: a pattern must be a regular expression, and a "
                    "bound of its column's type",
                ) from None
