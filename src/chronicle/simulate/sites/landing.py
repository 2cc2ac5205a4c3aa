"""Records into the files of their sites, and the truth about what was done to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chronicle.simulate.record import Record
from chronicle.simulate.sites import document, resources, spoil, writer
from chronicle.simulate.sites.spoil import Label, Plan
from chronicle.simulate.sites.writer import Item, Resource, Writer

NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass
class Truth:
    """What only the simulator knows; never written into the landing.

    Args:
        faults: One row a fault: file, resource_type, resource_id (empty where it hit
            the whole file), fault, element, original, written, expected.
        mentions: One row a condition that a note names: document_id, concept,
            polarity, who, when, start, end (characters of the plain text, end open).
        resources: How many were written of each type.
    """

    faults: list[Label] = field(default_factory=list)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    resources: Counter[str] = field(default_factory=Counter)


def write_part(
    records: Sequence[Record],
    part: int,
    folder: Path,
    *,
    seed: int,
    faults: Mapping[str, float],
    noted_only: Mapping[str, float] = NOTHING,
) -> Truth:
    """Write some patients below `folder`, a folder a site; return the truth.

    Args:
        records: The patients; their order does not matter.
        part: Which part of the population they are: NDJSON files carry the number.
        folder: The landing.
        seed: The simulation's.
        faults: Fault -> share of what it may hit; a fault not named does not occur.
        noted_only: Site -> share of the conditions that stand in its notes alone.

    Raises:
        ParamsError: `faults` names a fault that there is not.
    """
    spoil.check(faults)
    truth = Truth()
    tables: dict[str, list[bytes]] = {}
    plans: dict[str, Plan] = {}
    for record in sorted(records, key=lambda each: each.person.number):
        site = record.person.site
        if site not in plans:
            plans[site] = spoil.plan(site, seed, faults)
        hand = writer.of(record, seed, noted_only.get(site, 0.0))
        items = resources.written(hand)
        _mention(items, truth)
        if hand.site.document.form == "ndjson":
            _add_lines(hand, items, plans[site], part, tables, truth)
        else:
            _write_bundle(hand, items, plans[site], folder, truth)
    for file, lines in sorted(tables.items()):
        document.write(folder / file, b"".join(lines))
    return truth


def _mention(items: Sequence[Item], truth: Truth) -> None:
    for item in items:
        key = {"document_id": item.resource["id"]}
        truth.mentions += [key | each for each in item.mentions]


def _add_lines(
    hand: Writer,
    items: Sequence[Item],
    plan: Plan,
    part: int,
    tables: dict[str, list[bytes]],
    truth: Truth,
) -> None:
    for line, label in spoil.spoil(hand, items, plan):
        if line is not None:
            kind = line.resource["resourceType"]
            truth.resources[kind] += 1
            file = document.table_file(hand, kind, part)
            tables.setdefault(file, []).append(document.line(line, hand))
        if label is not None:
            file = document.table_file(hand, label["resource_type"], part)
            truth.faults.append({"file": file} | label)


def _write_bundle(
    hand: Writer, items: Sequence[Item], plan: Plan, folder: Path, truth: Truth
) -> None:
    whole = spoil.of_document(hand, plan)
    file = document.bundle_file(hand)
    found: list[Resource] = []
    # A bundle that is refused as a whole hides whatever else is wrong in it.
    for line, label in spoil.spoil(hand, items, spoil.NOTHING if whole else plan):
        if line is not None:
            found.append(line.resource)
            truth.resources[line.resource["resourceType"]] += 1
        if label is not None and not whole:
            truth.faults.append({"file": file} | label)
    text, version = document.bundle(hand, found, whole)
    if whole:
        truth.faults.append({"file": file} | spoil.of_file(whole, version))
    document.write(folder / file, text)
