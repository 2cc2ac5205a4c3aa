"""The same checks as bare SQL in DuckDB: `python benchmarks/checks_sql.py TABLES`.

Each rule about rows that one pass of SQL can say is said in SQL, all in one query over
the same files, one thread. Beside it stand the flags of `check` for the same entries.
Both count how many rows are asked and how many fail, and the counts must be the same.
DuckDB is no part of the product: CHRONICLE_PEERS names a Python that has it.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

from chronicle.check import asked, flag, neighbours, rules, shard, stage, wide
from chronicle.core import store

ROOT = Path(__file__).resolve().parents[1]
END = "2026-01-01"
READER = """
import json, sys, time, duckdb
told = json.load(sys.stdin)
base = duckdb.connect(config={"threads": 1, "memory_limit": "6GB"})
began = time.process_time()
rows = base.execute(told["query"]).fetchall()
print(json.dumps([time.process_time() - began, rows]))
"""
# What `wide.py` adds to an event, as far as these rules ask for it; and neighbours.
SEEN = """
with visits as (
  select subject_id, provenance as encounter_id, min(time) as encounter_start,
    min(end_time) as encounter_end
  from read_parquet('{events}') where resource_type = 'Encounter' group by all),
people as (
  select subject_id, gender, birth_date::timestamp as born, death_time as died
  from read_parquet('{patients}')),
seen as (
  select e.*, gender, died,
    case when not coalesce(bool_or(greatest(time, available_time, end_time, died)
        between people.born + interval 90 years
        and people.born + interval 90 years + interval 2 days)
      over (partition by subject_id), false) then people.born end as born,
    v.encounter_start, v.encounter_end, timestamp '{end}' as extracted,
    case when e.encounter_id is not null then
      case when v.encounter_id is null then 'missing' else 'found' end
    end as encounter,
    count(*) filter (where resource_type = 'Encounter') over (partition by subject_id)
      as encounters,
    floor(epoch(time - people.born) / 86400) / 365.25 as age,
    case when numeric_value is not null then {neighbours} end as votes
  from read_parquet('{events}') e
  left join people using (subject_id)
  left join visits v on v.subject_id = e.subject_id and v.encounter_id = e.encounter_id
  window series as (partition by subject_id, code, numeric_value is null
    order by time, provenance, numeric_value, text_value))
"""
STEPS = ("lag({0}, 2)", "lag({0}, 1)", "lead({0}, 1)", "lead({0}, 2)")
OTHERS = [each.format("numeric_value::double") + " over series" for each in STEPS]


def main(words: list[str]) -> int:
    """Print CPU seconds of both, and the first count that is not the same."""
    tables = Path(words[0])
    told = asked.read_all(ROOT / "expectations", stage.JUDGED)["events"]
    said = {each.id: text for each in told.ruled if (text := sql(each)) is not None}
    some = [each for each in told.ruled if each.id in said]
    theirs, his = duck(tables, said)
    ours, mine = polars(tables, some)
    rows = pl.scan_parquet(tables / "events/*.parquet").select(pl.len()).collect()
    print(f"{rows.item():,} events, {len(some)} of {len(told.ruled)} rules about rows")
    print(f"polars {ours:.1f} CPU s, DuckDB {theirs:.1f}, ratio {ours / theirs:.2f}")
    differ = [name for name in said if mine.get(name, (0, 0)) != his[name]]
    print("counts agree" if not differ else f"counts differ: {differ}")
    return bool(differ)


def sql(entry: asked.Entry) -> str | None:
    """Return what is true of a row that fails, false of others that are asked."""
    failed = condition(entry.meta.rule)
    if failed is None:
        return None
    where = ["true"]
    if entry.meta.rows.types:
        where.append(f"resource_type in {texts(entry.meta.rows.types)}")
    if codes := (*entry.meta.rows.codes, *flag.named_codes(entry)):
        some = [
            f"starts_with(code, '{each[:-1]}')"
            if each.endswith("*")
            else f"code = '{each}'"
            for each in codes
            if each.endswith("*")
        ]
        whole = [each for each in codes if not each.endswith("*")]
        where.append(f"({' or '.join([*some, f'code in {texts(whole)}'])})")
    return f"case when {' and '.join(where)} then {failed} end"


def condition(rule: object) -> str | None:
    """Return a rule as SQL; None where one pass cannot say it, or not simply."""
    match rule:
        case rules.Range(column=name, low=low, high=high):
            ends = [("<", low), (">", high)]
            told = [f"{name} {sign} {at(end)}" for sign, end in ends if end is not None]
            return f"({' or '.join(told)})"
        case rules.Limits(of=limits, least_age=age):
            odd = f"not numeric_value between {case(limits, 0)} and {case(limits, 1)}"
            asked_of = f"coalesce(age >= {age}, true)" if age else "true"
            return f"case when {asked_of} then {odd} end"
        case rules.Regex(column=name, pattern=pattern, never=never):
            return f"regexp_matches({name}, '{pattern}') = {never}"
        case rules.Set(column=name, values=values, never=never):
            return f"({name} in {texts(values)}) = {never}"
        case rules.Null(column=name, beside=beside, unless=unless):
            other = f"coalesce(value_fate in {texts(unless)}, false)"
            there = f"{beside} is not null" if beside else "true"
            return f"case when {there} and not {other} then {name} is null end"
        case rules.Fate(words=words):
            return f"coalesce(value_fate in {texts(words)}, false)"
        case rules.Order(first=first, then=then, slack_days=slack):
            return f"{first} - {then} > interval {int(slack * 86400)} seconds"
        case rules.Heaping(of=of):
            return f"numeric_value % {of} = 0"
        case rules.Midnight():
            return "time = date_trunc('day', time)"
        case neighbours.Jump():
            return jump(rule)
    return None


def jump(rule: neighbours.Jump) -> str:
    """Return `neighbours.Jump`: the votes of four neighbours, of adults."""
    limit = case(rule.ratio)
    each = [f"votes[{n}]" for n in range(1, 5)]
    offs = [
        f"abs(numeric_value - {one}) / least(abs(numeric_value), abs({one}))"
        f" > {limit} - 1"
        for one in each
    ]
    known = " + ".join(f"(({one}) is not null)::int" for one in offs)
    against = " + ".join(f"coalesce({one}, false)::int" for one in offs)
    near = " and ".join(f"coalesce({one}, true)" for one in offs[1:3])
    voted = f"({known}) >= 2 and ({against}) >= 2 and ({against}) >= ({known}) - 1"
    old = "coalesce(age, 18) >= 18 and numeric_value is not null"
    odd = f"({voted} and {near})"
    if rule.back is None or not rule.usual:
        return f"case when {old} and ({known}) >= 2 then {odd} end"
    usual = [case(rule.usual, at) for at in (0, 1)]
    logs = [f"case when {one} > 0 then ln({one}) end" for one in each]
    some = f"[{', '.join(logs)}]"
    low, high = f"list_min({some})", f"list_max({some})"
    mine = "(case when numeric_value > 0 then ln(numeric_value::double) end)"
    off = f"abs({mine} - list_avg({some}))"
    back = (
        f"(({known}) >= 3 and votes[2] is not null and votes[3] is not null"
        f" and not {mine} between {low} and {high}"
        f" and {off} > {rule.back} * ln({limit})"
        f" and {off} > {neighbours.ALIKE} * ({high} - {low}))"
    )
    right = " or ".join(
        f"coalesce({one} between {usual[0]} and {usual[1]}, false)" for one in each
    )
    alone = (
        f"(({known}) = 1 and ({against}) = 1 and ({right})"
        f" and not numeric_value between {usual[0]} and {usual[1]})"
    )
    odd = f"{odd} or coalesce({back}, false) or coalesce({alone}, false)"
    return f"case when {old} and ({known}) >= 1 then {odd} end"


def texts(words: object) -> str:
    """Return words as a list in SQL; no list is empty there."""
    return "(" + ", ".join(f"'{each}'" for each in (*words, "")) + ")"


def at(end: object) -> str:
    """Return a bound: a number, or a time."""
    return str(end) if isinstance(end, int | float) else f"timestamp '{end}'"


def case(numbers: dict, place: int | None = None) -> str:
    """Return the number of a code."""
    pairs = [
        f"when '{code}' then {each if place is None else each[place]}::double"
        for code, each in numbers.items()
    ]
    return f"(case code {' '.join(pairs)} end)"


def duck(tables: Path, said: dict[str, str]) -> tuple[float, dict]:
    """Return CPU seconds, and rows that are asked and that fail by name."""
    told = [f"{each} as {name}" for name, each in said.items()]
    sums = [f"count({name}), count(*) filter (where {name})" for name in said]
    seen = SEEN.format(
        events=tables / "events/*.parquet",
        patients=tables / "patients/*.parquet",
        end=END,
        neighbours=f"[{', '.join(OTHERS)}]",
    )
    asks = ", ".join(told)
    query = f"{seen}, told as (select {asks} from seen) select "  # noqa: S608, ours
    query += ", ".join(sums) + " from told"
    done = subprocess.run(
        [os.environ["CHRONICLE_PEERS"], "-c", READER],
        input=json.dumps({"query": query}),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    cpu, ((*counts,),) = json.loads(done.stdout.splitlines()[-1])
    pairs = zip(counts[::2], counts[1::2], strict=True)
    return cpu, dict(zip(said, pairs, strict=True))


def polars(tables: Path, entries: list[asked.Entry]) -> tuple[float, dict]:
    """Return the same of `check`: what it reads, its joins and its flags."""
    began = time.process_time()
    counts = []
    for path in store.shards(tables / "events"):
        people = pl.read_parquet(tables / "patients" / path.name)
        ends = people.select(pl.col("site").unique()).with_columns(
            extracted=pl.lit(END).str.to_datetime(time_unit="us")
        )
        for rows in shard.slices(path):
            counts.append(flag.flag(wide.events(rows, people, ends), entries)[0])
    sums = pl.concat(counts).group_by("id").agg(pl.col("n", "failed").sum())
    found = {name: (n, failed) for name, n, failed in sums.iter_rows()}
    return time.process_time() - began, found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
