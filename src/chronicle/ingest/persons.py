"""One person under several Patient ids: who is united with whom, and who is not.

A link is the source's own word and is taken. An identifier alone is not: numbers are
mistyped, reused and shared, and of those who share one in public data nearly all are
strangers. So what stands beside it must agree as well (see `alike`). Names without a
number unite nobody.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import polars as pl

from chronicle.core.tables import CONFLICTS, MERGED
from chronicle.ingest import alike
from chronicle.ingest.batch import GONE
from chronicle.ingest.union import Pair, Union

# Who stays of two, by the type of a link: the one who says it, or the other. `seealso`
# says nothing of it. Source: HL7 FHIR R4, code system link-type.
STAYS = {"replaced-by": "other", "refer": "other", "replaces": "one"}
NAMED, GOES = -1, 1
DATES = ("birth_date", "death_time")
FILLED = ("gender", "race", "ethnicity", "zip3")


class Merges(NamedTuple):
    """Who is united with whom.

    Args:
        merged: As `tables.MERGED`: a row for each id that is given up.
        conflicts: As `tables.CONFLICTS`: who share a number and are not united.
        hubs: Numbers that too many share to say anything.
    """

    merged: pl.DataFrame
    conflicts: pl.DataFrame
    hubs: int


def merged(
    people: pl.DataFrame, identifiers: pl.DataFrame, links: pl.DataFrame
) -> Merges:
    """Return who is one person.

    Args:
        people: `subject_id` of each Patient resource that stays.
        identifiers: Of those resources, as `batch.IDENTIFIERS`.
        links: Of those resources, as `batch.LINKS`.

    Returns:
        The ids that are given up. The one that stays has a Patient resource; a link
        says that it stays, or at least none says that it goes; and of those it is the
        least. An id without a Patient resource that a link names is given up, too, so
        that what refers to it is not lost.
    """
    linked = Union()
    linked.join(links.select("subject_id", "other").iter_rows())
    verdicts, hubs = alike.verdicts(identifiers, linked)
    same = [pair for pair, said in verdicts.items() if said == "same"]
    against = [pair for pair, said in verdicts.items() if said == "conflict"]
    whole = _united(links, _consistent(same, against, linked))
    rows = [
        (
            goes,
            stays,
            "link" if linked.root(goes) == linked.root(stays) else "identifier",
        )
        for goes, stays in _given_up(whole, people, links)
    ]
    told = [
        (*pair, said)
        for pair, said in verdicts.items()
        if said != "same" and whole.root(pair[0]) != whole.root(pair[1])
    ]
    return Merges(
        pl.DataFrame(rows, MERGED.schema, orient="row").sort("subject_id"),
        pl.DataFrame(told, CONFLICTS.schema, orient="row").sort("subject_id", "other"),
        hubs,
    )


def counts(merges: Merges) -> dict[str, int]:
    """Return how many ids were given up and why, and how many pairs were not united."""
    why = Counter(merges.merged["by"].to_list())
    not_united = Counter(merges.conflicts["by"].to_list())
    return {
        "by_identifier": why["identifier"],
        "by_link": why["link"],
        "conflict": not_united["conflict"],
        "unsure": not_united["unsure"],
        "hubs": merges.hubs,
    }


def follow(rows: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    """Give rows the subject_id of the one that stays."""
    if merged.is_empty():
        return rows
    into = pl.col("subject_id").replace(merged["subject_id"], merged["into"])
    return rows.with_columns(into)


def united(patients: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Unite the rows of `patients`; what the one that stays does not say is filled.

    Args:
        patients: As `batch.SCHEMAS["patients"]`, one row a Patient resource that stays,
            under the subject_id that stays, with `own`, the one under which it came.

    Returns:
        A row for each person: birth and death, where not stated, are the earliest that
        others state, and who is dead for one is dead; the rest is that of the least id
        that states it. And the resources
        that are given up, as `batch.GONE`, of fate `duplicate`.
    """
    given_up = pl.col("own") != pl.col("subject_id")
    rows = patients.sort("subject_id", given_up, "own")
    others = rows.filter(given_up)
    if others.is_empty():
        return patients.drop("own"), pl.DataFrame(schema=GONE)
    stays = rows.group_by("subject_id", maintain_order=True).agg(
        pl.all().exclude("own", "deceased", *FILLED, *DATES).first(),
        pl.max("deceased"),
        pl.col(*FILLED).drop_nulls().first(),
        *(pl.coalesce(pl.first(name), pl.min(name)) for name in DATES),
    )
    kept = stays.select("subject_id", kept_file="file", kept_entry="entry")
    gone = others.join(kept, on="subject_id", maintain_order="left").with_columns(
        resource_type=pl.lit("Patient"), fate=pl.lit("duplicate")
    )
    return stays.select(patients.drop("own").columns), gone.select(*GONE)


def lives(events: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    """Keep one birth and one death of each: that of the resource that stays.

    Args:
        events: Under the subject_id that stays.
        patients: As `united` gives them.

    Returns:
        The others' first birth and death where that resource states none.
    """
    theirs = pl.col("resource_type") == "Patient"
    stays = pl.col("provenance").is_in(patients["provenance"].implode())
    once = (
        events.filter(theirs)
        .sort(~stays, "time", "available_time", "provenance")
        .unique(["subject_id", "code"], keep="first", maintain_order=True)
    )
    return pl.concat([events.filter(~theirs), once])


def _united(links: pl.DataFrame, pairs: Iterable[Pair]) -> Union:
    whole = Union()
    whole.join(links.select("subject_id", "other").iter_rows())
    whole.join(pairs)
    return whole


def _consistent(same: list[Pair], against: list[Pair], linked: Union) -> list[Pair]:
    """Leave out all that hangs together with two who contradict each other.

    Where ann is bob by one number and bob is cid by another, but ann is not cid, one of
    the two is wrong, and nothing says which.
    """
    tried = Union()
    tried.join((each, root) for each in linked.above if (root := linked.root(each)))
    tried.join(same)
    wrong = {
        tried.root(one)
        for one, other in against
        if tried.root(one) == tried.root(other)
        and linked.root(one) != linked.root(other)
    }
    return [pair for pair in same if tried.root(pair[0]) not in wrong]


def _given_up(
    whole: Union, people: pl.DataFrame, links: pl.DataFrame
) -> Iterator[Pair]:
    """Return each id that is given up, with the one that stays."""
    ranks, groups = _ranks(links), whole.groups()
    met = pl.Series([each for group in groups for each in group], dtype=pl.Int64)
    present = people["subject_id"].filter(people["subject_id"].is_in(met.implode()))
    there = set(present.to_list())
    for group in groups:
        here = there.intersection(group)
        stays = min(here, key=lambda each: (ranks[each], each), default=None)
        if stays is not None:
            yield from ((goes, stays) for goes in group if goes != stays)


def _ranks(links: pl.DataFrame) -> Counter[int]:
    """Return how far each id is from staying: it stays, nothing is said, it goes."""
    ranks: Counter[int] = Counter()
    for one, other, kind in links.select("subject_id", "other", "type").iter_rows():
        if kind in STAYS and one != other:
            stays, goes = (one, other) if STAYS[kind] == "one" else (other, one)
            ranks[goes] = GOES
            ranks[stays] = ranks[stays] or NAMED
    return ranks
