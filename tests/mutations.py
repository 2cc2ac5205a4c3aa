"""Resources spoilt in the ways in which senders spoil them; the same ones each time."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from chronicle.ingest.gate.build import SPEC

Json = Any
Place = tuple[str | int, ...]
ABSENT = {"extension": [{"url": "http://a.b/c", "valueCode": "unknown"}]}
DATES = (
    "2019-02-29", "2020-02-29", "1900-02-29", "2000-02-29", "2019-13", "2019-00-10",
    "2019-04-31", "0000", "0001-01-01", "999", "2019-1-1", "20190101", "01/02/2019",
    "2019-01-01T10:00:00", "2019-01-01T10:00Z", "2019-01-01 10:00:00Z",
    "2019-01-01t10:00:00z", "2019-01-01T24:00:00Z", "2019-01-01T10:00:00+14:01",
    "2019-01-01T10:00:00+14:00", "2016-12-31T23:59:60Z", "2019-01-01T10:00:00.1Z",
    "2019-01-01T10:00:00.0123456789012Z", "2019-01-01T10:00:00-00:00", "2019-01-01\n",
    "9999-12-31T23:59:59-12:00", "soon", "10:00:00", "24:00:00", "10:00", "٢٠١٩",
)  # fmt: skip
TEXTS = (
    "", " ", "\t", "\n", "\x0b", "\x0c", "\x1c", "\x00", "\u00a0", "\u2003\u2003",
    "\u200b", "\u3000", "\x85", " a", "a ", "a  b", "a\tb", "a\u00a0b", "é",
    "x" * 300, "A" * 65, "has space", "under_score", "urn:oid:1.2.3", "urn:oid:9.1",
    "urn:uuid:x", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "/", "#",
    "not a url", "AAAA", "AAA", "AA==", "A A A A", "-1", "6.3", "true", "1e999", "null",
)  # fmt: skip
NUMBERS = (0, 1, -1, 1.0, 1.5, 2**31, -(2**31) - 1, 2**63, 10**30, 1e-9, 1e300, -0.0)
SHAPES = (None, True, False, [], {}, [None], [[]], [{}], ["x"], {"resourceType": "X"})
ENDS = (
    "2019", "2020", "2019-03", "2019-04", "2019-03-05", "2019-03-06",
    "2019-03-05T10:00:00Z", "2019-03-05T10:00:00.5Z", "2019-03-05T11:00:00+02:00",
    "2019-03-05T23:00:00-05:00", "2019-03-06T01:00:00+14:00", "2019-03-05T09:59:59Z",
)  # fmt: skip
REFERENCES = (
    "#a", "#b", "#", "Patient/1", "Patient/1/_history/2", "Patient?identifier=a|b",
    "http://a.b/Patient/1", "urn:uuid:x", "Patient/", "Patient/a_b", "patient", "a b",
)  # fmt: skip
CODES = ("final", "active", "entered-in-error", "banana", "<", "female", "finished")
ODD: tuple[Json, ...] = (*DATES, *TEXTS, *NUMBERS, *SHAPES)


def spoilt(resource: dict[str, Json], times: int, seed: str) -> Iterator[bytes]:
    """Give `times` spoilt copies of a resource, as bytes."""
    chance = random.Random(seed)  # noqa: S311, it plays
    for _ in range(times):
        changed = copy.deepcopy(resource)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            chance.choice(CHANGES)(changed, chance)
        yield chance.choice(WRITERS)(changed, chance)


def places(found: Json, at: Place = ()) -> Iterator[Place]:
    """Return every place in a resource."""
    pairs: Any = ()
    if isinstance(found, dict):
        pairs = found.items()
    elif isinstance(found, list):
        pairs = enumerate(found)
    for key, value in pairs:
        yield (*at, key)
        yield from places(value, (*at, key))


def holder(found: Json, place: Place) -> Json:
    for step in place[:-1]:
        found = found[step]
    return found


def _objects(found: Json) -> list[dict[str, Json]]:
    inside = [holder(found, (*place, "")) for place in places(found)]
    return [found, *(each for each in inside if isinstance(each, dict))]


def _put_odd(found: Json, chance: random.Random) -> None:
    place = chance.choice([*places(found)] or [("id",)])
    holder(found, place)[place[-1]] = copy.deepcopy(chance.choice(ODD))


def _put_alike(found: Json, chance: random.Random) -> None:
    """Another date for a date, another number for a number, another text for a text."""
    place = chance.choice([*places(found)] or [("id",)])
    inside = holder(found, place)
    old = inside.get(place[-1]) if isinstance(inside, dict) else inside[place[-1]]
    alike: tuple[Json, ...] = NUMBERS if isinstance(old, int | float) else SHAPES
    if isinstance(old, str):
        alike = DATES if old[:2] in ("19", "20") else TEXTS
    inside[place[-1]] = copy.deepcopy(chance.choice(alike))


def _drop(found: Json, chance: random.Random) -> None:
    if some := [*places(found)]:
        place = chance.choice(some)
        del holder(found, place)[place[-1]]


def _write_as_text(found: Json, chance: random.Random) -> None:
    if some := [*places(found)]:
        place = chance.choice(some)
        inside = holder(found, place)
        inside[place[-1]] = json.dumps(inside[place[-1]])


def _wrap_or_unwrap(found: Json, chance: random.Random) -> None:
    if some := [*places(found)]:
        place = chance.choice(some)
        inside = holder(found, place)
        old = inside[place[-1]]
        inside[place[-1]] = old[0] if isinstance(old, list) and old else [old]


def _name_unknown(found: Json, chance: random.Random) -> None:
    name = chance.choice(
        ("nonsense", "class_fhir", "fhir_comments", "resource_type", "")
    )
    chance.choice(_objects(found))[name] = "x"


def _choose_twice(found: Json, chance: random.Random) -> None:
    kind = str(found.get("resourceType"))
    choices = [*SPEC.get(kind, {}).get("one_of", {}).values(), *EXTENSIONS]
    names = chance.choice(choices)
    target = found if names is not EXTENSIONS[0] else chance.choice(_objects(found))
    for name in chance.sample(names, min(2, len(names))):
        target[name] = copy.deepcopy(chance.choice((1, "x", {}, "2019", True)))


def _null_in_list(found: Json, chance: random.Random) -> None:
    lists = [holder(found, (*place, "")) for place in places(found)]
    if some := [each for each in lists if isinstance(each, list)]:
        chance.choice(some).append(None)


def _extend_primitive(found: Json, chance: random.Random) -> None:
    target = chance.choice(_objects(found))
    if some := [each for each in target if not each.startswith("_")]:
        name = chance.choice(some)
        extended = chance.choice((ABSENT, {}, {"id": "x"}, [ABSENT], [None], None))
        target[f"_{name}"] = copy.deepcopy(extended)
        if chance.random() < 0.6:
            del target[name]


def _contain(found: Json, chance: random.Random) -> None:
    held: Json = {"resourceType": "Organization", "id": "o", "name": "x"}
    more: tuple[Json, ...] = (
        {},
        {"nonsense": 1},
        {"resourceType": "Nope"},
        {"name": ""},
    )
    bad: Json = {"resourceType": "MeasureReport"}
    inside: Json = {"resourceType": "Bundle", "type": "collection"}
    more = (*more, inside | {"entry": [{"resource": bad}]}, inside)
    held |= chance.choice((*more, {"contained": [dict(held)]}, {"resourceType": "Age"}))
    if chance.random() < 0.1:
        del held["resourceType"]
    found["contained"] = [held]


def _say_nothing(found: Json, chance: random.Random) -> None:
    """An empty list or element, or one with an id alone, where something stood."""
    place = chance.choice([*places(found)] or [("id",)])
    nothing: tuple[Json, ...] = ([], {}, [{}], {"id": "x"}, [{"id": "x"}])
    holder(found, place)[place[-1]] = copy.deepcopy(chance.choice(nothing))


def _end_before_start(found: Json, chance: random.Random) -> None:
    period = {"start": chance.choice(ENDS), "end": chance.choice(ENDS)}
    names = (
        "period",
        "onsetPeriod",
        "effectivePeriod",
        "valuePeriod",
        "abatementPeriod",
    )
    fields = SPEC.get(str(found.get("resourceType")), {}).get("fields", {})
    own = [name for name in names if name in fields]
    if own and chance.random() < 0.7:
        found[chance.choice(own)] = period
    else:
        found["identifier"] = [{"value": "x", "period": period}]


def _refer(found: Json, chance: random.Random) -> None:
    stated = chance.choice(REFERENCES)
    found["contained"] = [{"resourceType": "Organization", "id": chance.choice("ab")}]
    found[chance.choice(("subject", "patient", "encounter", "extension"))] = {
        "reference": stated
    }


def _miscode(found: Json, chance: random.Random) -> None:
    """Another code for one that may be bound to a value set."""
    coded = [
        place for place in places(found)
        if place[-1] in ("status", "code", "intent", "gender", "use", "comparator")
    ]  # fmt: skip
    if coded:
        place = chance.choice(coded)
        holder(found, place)[place[-1]] = chance.choice(CODES)


def _nest(found: Json, chance: random.Random) -> None:
    deep: Json = {"url": "http://a.b", "valueCode": "x"}
    for _ in range(chance.choice((1, 2, 3, 4, 10, 60, 200))):
        deep = {"url": "http://a.b", "extension": [deep]}
    chance.choice(_objects(found))["extension"] = [deep]


def _assign(found: Json, chance: random.Random) -> None:
    deep: Json = {"reference": "Organization/o"}
    for _ in range(chance.choice((1, 2, 3, 30))):
        deep = {"identifier": {"value": "x", "assigner": deep}}
    found[chance.choice(("subject", "patient", "managingOrganization"))] = deep


def _plain(found: Json, _: random.Random) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _escaped(found: Json, _: random.Random) -> bytes:
    return json.dumps(found, indent=2).encode()


def _doubled(found: Json, chance: random.Random) -> bytes:
    """Write a key twice, with another value before or after its own."""
    name = chance.choice([*found, "resourceType"])
    again = (
        f"{json.dumps(name)}: {json.dumps(chance.choice((*TEXTS, *NUMBERS, *SHAPES)))}"
    )
    text = json.dumps(found)
    at_front = f"{{{again}, {text[1:]}" if found else f"{{{again}}}"
    at_end = f"{text[:-1]}, {again}}}" if found else f"{{{again}}}"
    return chance.choice((at_front, at_end)).encode()


def _broken(found: Json, chance: random.Random) -> bytes:
    text = json.dumps(found).encode()
    at = chance.randrange(len(text))
    junk = (
        b"",
        b"\x00",
        b"\xff",
        b"NaN",
        b'"',
        b"}",
        b"\\ud800",
        b"\\u0000",
        b"0",
        b",",
    )
    return text[:at] + chance.choice(junk) + text[at + chance.choice((0, 1)) :]


EXTENSIONS = [SPEC["Extension"]["one_of"]["value"]]
CHANGES = (
    _put_odd, _put_odd, _put_alike, _put_alike, _put_alike, _drop, _drop,
    _write_as_text, _wrap_or_unwrap, _name_unknown, _choose_twice, _null_in_list,
    _extend_primitive, _extend_primitive, _contain, _nest, _assign, _say_nothing,
    _end_before_start, _refer, _miscode,
)  # fmt: skip
WRITERS = (*(_plain,) * 6, *(_escaped,) * 3, _doubled, _broken)
