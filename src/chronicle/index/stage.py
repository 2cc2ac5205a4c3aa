"""Stage `index`: data/tables -> data/index/<rule>."""

from datetime import datetime, time
from pathlib import Path

from pydantic import ConfigDict, Field

from chronicle.core import params, store, workers
from chronicle.core.errors import ParamsError
from chronicle.core.params import Params
from chronicle.core.tables import EVENTS, INDEX
from chronicle.core.until import keep, until
from chronicle.index.rule import READ, Rule, index_times


class IndexParams(Params):
    """Section `index`: the rules by name."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Rule] = Field(init=False)


def run(tables: Path, index: Path) -> None:
    """Find the index times of one rule, the name of `index`, shard by shard."""
    rules = params.section("index", IndexParams).__pydantic_extra__
    if index.name not in rules:
        raise ParamsError(
            f"'{index.name}' is no index rule.",
            where=f"{params.FILE}: index",
            do=f"describe it there; there are: {', '.join(sorted(rules)) or 'none'}",
        )
    events = store.shards(tables / "events")
    last = until(events)
    with store.folder(index) as folder:
        keep(last, folder)
        workers.map_shards(
            write_shard,
            [path.name for path in events],
            tables=tables.resolve(),
            index=folder.resolve(),
            rule=rules[index.name],
            # What has a day and no hour is known from the end of that day on, so the
            # data end no earlier.
            data_end=last and datetime.combine(last, time.max),
        )


def write_shard(
    name: str, *, tables: Path, index: Path, rule: Rule, data_end: datetime | None
) -> None:
    """Write the index times of one shard."""
    events = store.read(EVENTS, tables / "events" / name, columns=READ)
    store.write(INDEX, index_times(events, rule, data_end), index / name)
