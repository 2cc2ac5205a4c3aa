"""Stage `audit`: cohorts and features -> verdicts on them, or exit code 13."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ConfigDict, Field

from chronicle.audit import alone, known
from chronicle.audit.asked import Suite, read_all
from chronicle.audit.drawn import Drawn
from chronicle.audit.matrix import Available, Built
from chronicle.audit.shard import Counted, Groups, count
from chronicle.core import params, store, workers
from chronicle.core.disease import Disease
from chronicle.core.errors import GateError
from chronicle.core.expect import shares, suite
from chronicle.core.expect.verdict import critical
from chronicle.core.params import Params
from chronicle.core.tables import COHORT, FEATURES

JUDGED = {table.name: table for table in (COHORT, FEATURES)}


class AuditParams(Params):
    """`diseases`: which run. Other keys are other stages'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    diseases: tuple[str, ...] = Field(min_length=1)


def run(
    tables: Path,
    cohorts: Path,
    features: Path,
    diseases: Path,
    expectations: Path,
    audit: Path,
) -> None:
    """Judge what models are to learn from; end badly where they must not.

    Raises:
        GateError: Something critical failed. The verdicts are written nevertheless.
    """
    asked = read_all(expectations, JUDGED)
    suite.all_understood(asked, expectations)
    slugs = params.load(params.FILE, AuditParams).diseases
    read = {slug: params.load(diseases / f"{slug}.yaml", Disease) for slug in slugs}
    with store.folder(audit) as folder:
        verdicts = [
            _cohorts(asked["cohort"], tables, cohorts, read),
            _features(asked["features"], tables, cohorts, features, read),
        ]
        failed = [name for each in verdicts for name in critical(each)]
        for verdict in verdicts:
            store.write_json(verdict, folder / f"{verdict['table']}.json")
        if not failed:
            # Without counts: of other diseases it says nothing that could change.
            store.write_json({"passed": True}, folder / "passed.json")
    if failed:
        raise GateError(
            f"{len(failed)} critical expectation(s) failed: {'; '.join(failed)}.",
            where=", ".join(str(audit / f"{name}.json") for name in JUDGED),
            do="these files say why each is asked; nothing is learnt until the stage "
            "that made it is mended, or, if the expectation is wrong, the suite",
        )


def _cohorts(
    asked: Suite, tables: Path, cohorts: Path, diseases: dict[str, Disease]
) -> dict[str, Any]:
    last = (
        pl.scan_parquet(store.shards(tables / "events"))
        .group_by("subject_id")
        .agg(last_seen=pl.col("time").max())
        .collect(engine="streaming")
    )
    told = workers.map_shards(
        drawn, list(diseases.items()), asked=asked, cohorts=cohorts.resolve(), last=last
    )
    return suite.judge(
        asked,
        sum(each[0] for each in told),
        pl.concat([each[1] for each in told]),
        shares.with_all(pl.concat([each[2] for each in told])),
    )


def drawn(
    one: tuple[str, Disease], *, asked: Suite, cohorts: Path, last: pl.DataFrame
) -> tuple[int, pl.DataFrame, pl.DataFrame]:
    """Ask one cohort; return its rows, and what they answered."""
    slug, disease = one
    rows = store.read(COHORT, cohorts / slug / "cohort.parquet")
    seen = rows.join(last, on="subject_id", how="left", maintain_order="left")
    flow = store.read_json(cohorts / slug / "flow.json")
    whole = Drawn(slug, disease, seen, flow)
    return rows.height, suite.ask(rows, asked), shares.of_whole(asked, whole)


def _features(
    asked: Suite,
    tables: Path,
    cohorts: Path,
    features: Path,
    diseases: dict[str, Disease],
) -> dict[str, Any]:
    built, answers = [], []
    for rule in sorted({each.index for each in diseases.values()}):
        mine = {slug: each for slug, each in diseases.items() if each.index == rule}
        counts = _counted(asked, tables, cohorts, features / rule, mine)
        answers += [each.asked for each in counts]
        built.append(_built(rule, features / rule, counts, mine))
    return suite.judge(
        asked,
        sum(each.rows for each in built),
        pl.concat(answers),
        shares.with_all(pl.concat([shares.of_whole(asked, each) for each in built])),
    )


def _counted(
    asked: Suite, tables: Path, cohorts: Path, features: Path, mine: dict[str, Disease]
) -> list[Counted]:
    dictionary = store.read_json(features / "dictionary.json")
    names = [path.name for path in store.shards(features)]
    first = store.read(FEATURES, features / names[0])
    return workers.map_shards(
        count,
        names,
        asked=asked,
        tables=tables.resolve(),
        features=features.resolve(),
        dictionary=dictionary,
        steps=alone.steps(first, [each["name"] for each in dictionary]),
        outcomes=outcomes(cohorts, mine),
        groups=_groups(asked, first.columns),
    )


def outcomes(cohorts: Path, mine: dict[str, Disease]) -> dict[str, pl.DataFrame]:
    """Read what came of each cohort, where it is known."""
    columns = [*known.KEY, "boolean_value"]
    return {
        slug: store.read(
            COHORT, cohorts / slug / "cohort.parquet", columns=columns
        ).drop_nulls("boolean_value")
        for slug in mine
    }


def _groups(asked: Suite, columns: Sequence[str]) -> Groups:
    rules = [each.meta.rule for each in asked.whole]
    wanted = [each for each in rules if isinstance(each, Available)]
    for each in wanted:
        each.require(columns)
    return tuple(names for each in wanted for names in each.of.values())


def _built(
    rule: str, features: Path, counts: list[Counted], mine: dict[str, Disease]
) -> Built:
    sums = pl.concat([each.beyond for each in counts]).group_by("part")
    patients = [each.patients for each in counts]
    return Built(
        rule,
        store.read_json(features / "dictionary.json"),
        counts[0].columns,
        tuple(sorted({code for each in counts for code in each.codes})),
        sum(each.rows for each in counts),
        sums.agg(pl.col("n", "failed").sum()).sort("part"),
        {
            name: sum(each.present[name] for each in counts)
            for name in counts[0].present
        },
        {slug: sum(each.alone[slug] for each in counts) for slug in mine},  # type: ignore[misc]
        {slug: sum(each[slug] for each in patients) for slug in mine},
        mine,
    )
