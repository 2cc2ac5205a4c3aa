"""The gate says yes only where R4B does, and reads what R4B alone let in alike."""

import json
import os
import shutil
import subprocess
import sys
from array import array
from collections import Counter
from pathlib import Path

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import accept, allowed, read, types
from chronicle.ingest.gate import build, dump, judge, loose, scan
from chronicle.ingest.gate.primitives import PRIMITIVES
from chronicle.ingest.rules import declared, walk
from chronicle.ingest.source import Source
from tests.bundles import bundle, observation, patient, record, write
from tests.conftest import INGEST, KEYS, ROOT, digests
from tests.ingest.test_odd_values import WHOLE
from tests.mutations import DATES, NUMBERS, SHAPES, TEXTS, spoilt

R4 = (
    "bulk-ndjson-pathling", "cerner-sandbox", "hl7-r4-examples", "r4-primitive-values",
    "sql-on-fhir-tests", "synthea-15k-small-bundles", "synthea-collection-bundles",
    "synthea-hiv-ciel", "synthea-qicore-2025-california", "synthea-r4-2019",
    "validator-cases",
)  # fmt: skip
encode = msgspec.json.encode
CODED = {"code": {"text": "x"}}
PATIENT = {"resourceType": "Patient"}
CONTAINED = {"resourceType": "Organization", "id": "o"}
IGNORED = shutil.ignore_patterns("*.so", "__pycache__")
OF_EACH_TYPE = 20  # in a set: after that, the same generator says the same again


def passes(kind: str, raw: bytes, *, read: bool) -> bool:
    passed = build.GATE.look(raw, read)
    return passed is not None and passed[0] == kind


def wrongly_passed(kind: str, raw: bytes) -> bool:
    """Tell whether the gate accepts what R4B, or JSON, refuses, or a rule forbids."""
    told = [passes(kind, raw, read=each) for each in (False, True)]
    if not any(told):
        return False
    found = orjson.loads(raw)
    # What does not say its type is refused by that, and never brought to the gate.
    stated = found.get("resourceType", kind)
    if stated != kind or accept.refusal(found | {"resourceType": kind}):
        return True
    broken = {each.rule for each in walk.breaches(kind, found)}
    return any(told[1] or declared.RULES[each].everywhere for each in broken)


def test_the_shipped_rules_are_those_of_the_installed_models():
    for file, told in ((dump.FILE, dump.spec()), (dump.MACHINES, dump.machines())):
        assert file.read_text(encoding="utf-8") == dump.text(told), (
            "run: make gate-spec"
        )


def test_every_type_of_r4_has_a_gate_and_every_primitive_a_rule():
    kinds = {
        told.rstrip(build.MARKS)
        for each in build.SPEC.values()
        for told in each["fields"].values()
    }
    assert kinds <= {*build.SPEC, *PRIMITIVES, build.ANY}
    for kind in build.RESOURCES:
        assert build.number(kind) != build.number(kind, 0, True)


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_a_sound_resource_needs_no_second_opinion(resource):
    assert passes(resource["resourceType"], orjson.dumps(resource), read=True)


@pytest.mark.parametrize("kind", sorted(PRIMITIVES))
def test_a_primitive_that_passes_the_gate_passes_r4b_and_the_rules(kind):
    # An extension may hold a value of any type, so it tests the rule of each.
    element = f"value{kind[0].upper()}{kind[1:]}"
    if element not in build.SPEC[build.EXTENSION]["fields"]:
        pytest.skip("no extension holds it")
    passed = 0
    for odd in (*DATES, *TEXTS, *NUMBERS, *SHAPES):
        told = [{"url": "http://a.b", element: odd}]
        raw = json.dumps({"resourceType": "Basic", "extension": told, **CODED})
        passed += passes("Basic", raw.encode(), read=True)
        assert not wrongly_passed("Basic", raw.encode()), ascii(odd)
    assert passed


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_nothing_that_r4b_or_a_rule_refuses_passes_the_gate(resource):
    kind, verdicts = resource["resourceType"], Counter()
    for raw in spoilt(resource, 500, kind):
        verdicts[passes(kind, raw, read=True)] += 1
        assert not wrongly_passed(kind, raw), raw
    assert min(verdicts[True], verdicts[False]) > 25


def test_a_text_that_quotes_a_reference_refers_to_nothing():
    for text, meant in (("#o", True), ('see "#o', False)):
        told = {"contained": [CONTAINED], "name": [{"text": text}]}
        raw = encode(PATIENT | told)
        assert passes("Patient", raw, read=True) == meant
        assert not wrongly_passed("Patient", raw)


@pytest.mark.parametrize(("size", "passed"), [(64, True), (65, False)])
def test_many_contained_resources_are_left_to_r4b_which_takes_no_square_of_them(
    size, passed
):
    held = [CONTAINED | {"id": f"o{number}"} for number in range(size)]
    texts = [{"text": f"#{each['id']}"} for each in held]
    raw = encode(PATIENT | {"contained": held, "name": texts})
    assert passes("Patient", raw, read=True) == passed
    assert passes("Patient", raw, read=False)


def test_only_bytes_are_looked_at_as_no_other_buffer_has_an_end():
    (part,) = msgspec.json.decode(b'[{"resourceType":"Basic"}]', type=list[msgspec.Raw])
    with pytest.raises(TypeError):
        build.GATE.look(part)


def test_a_call_of_python_may_move_the_tables_that_are_read():
    def grows(*_: object) -> bool:
        for _ in range(100):
            gate.bound(b"other", (b"other",))
        return False

    def typed(*names: str, of: int = -1, bound: int = -1, period: bool = False) -> int:
        what = build.WHAT.index("OBJECT" if of >= 0 else "TEXT")
        fields = [
            (f',"{name}":'.encode(), what, of + number, False, bound, 0, 0)
            for number, name in enumerate(names)
        ]
        return gate.type(tuple(fields), (), (), (), -1, -1, (0, 1), period, False)

    gate = scan.Gate({b"Basic": False}, lambda *_: basic, grows)
    period = typed("start", "end", period=True)
    typed("system", "code")
    concept = typed("period", "coding", of=period)
    kind = (b',"resourceType":', 0, -1, False, -1, 0, 0)
    code = (b',"code":', 8, concept, False, gate.bound(b"ours", (b"ours",)), 0, 0)
    basic = gate.type((kind, code), (), (), (), -1, -1, (-1, -1), False, True)
    told = {"period": {"start": "2019", "end": "2019-01"}}
    for coded, passed in (("other", False), ("ours", True)):
        told["coding"] = {"system": "ours", "code": coded}
        raw = encode({"resourceType": "Basic", "code": told})
        assert (gate.look(raw) is not None) == passed


def test_no_machine_is_taken_that_would_run_beyond_the_end_of_a_text():
    rows = array("H", [0, 1])  # of two states: one has failed, the other takes any byte
    with pytest.raises(ValueError, match="no such form"):
        build.GATE.form(bytes(256), rows.tobytes(), b"\0\1", 1)


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_what_the_slow_path_lets_in_is_read_alike(resource):
    kind = resource["resourceType"]
    for raw in (orjson.dumps(resource), *spoilt(resource, 200, f"{kind} again")):
        found = judge.passed(raw)
        if found is None:
            continue
        fast = allowed.narrowed(kind, found.written)
        slow = loose.loosely(kind, orjson.loads(raw))
        slow = allowed.narrowed(kind, found.written, slow)
        assert types.refusal(kind, fast) == types.refusal(kind, slow)
        if types.refusal(kind, fast):
            continue
        ours, theirs = (Source(kind, each, "A/b", {}, KEYS) for each in (fast, slow))
        assert types.USED[kind](ours) == types.USED[kind](theirs)
        assert ours.subject_id() == theirs.subject_id()
        assert types.status(kind, fast) == types.status(kind, slow)


def turned(value: object) -> object:
    """Return JSON with the keys of each object in the other order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    return [turned(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("resource", WHOLE, ids=lambda each: each["resourceType"])
def test_what_passes_is_written_again_in_one_order_whatever_its_own(resource):
    kind = resource["resourceType"]
    for raw in (orjson.dumps(resource), *spoilt(resource, 200, f"{kind} written")):
        passed = judge.passed(raw)
        if passed is None:
            continue
        found = orjson.loads(raw)
        assert orjson.loads(passed.written) == found
        told = {name: each for name, each in found.items() if name not in build.APART}
        assert orjson.loads(passed.told) == told
        for indent in (None, 2):
            again = judge.passed(json.dumps(turned(found), indent=indent).encode())
            assert again is not None
            assert again._replace(labels=b"") == passed._replace(labels=b"")
            assert again.identifier == passed.identifier


@given(
    st.lists(st.sampled_from(WHOLE), min_size=1, max_size=4), st.sampled_from([None, 1])
)
def test_a_bundle_is_judged_as_its_resources_are(some, indent):
    text = json.dumps(bundle(*some), indent=indent).encode()
    found = judge.bundle(text)
    assert [(told, orjson.loads(raw)) for _, raw, told in found or ()] == [
        (judge.passed(raw), each) for each, (_, raw, _) in zip(some, found, strict=True)
    ]
    for end in range(0, len(text), 7):
        assert judge.bundle(text[:end]) is None


@pytest.mark.parametrize("odd", [b'"x"', b'"fullUrl"', b'"x":', b"", b'"x":1 1'])
def test_a_bundle_that_is_no_json_is_not_judged_as_one(odd):
    before, after = b'{"resourceType":"Bundle","entry":[{"resource":', b"}]}"
    sound = encode(PATIENT | {"id": "ann"})
    assert judge.bundle(before + sound + b',"x":1' + after)
    assert judge.bundle(before + sound + b"," + odd + after) is None


def test_what_another_entry_says_refers_to_nothing_that_is_contained():
    held = patient() | {"contained": [{"resourceType": "Medication", "id": "g"}]}
    refers = {"link": [{"other": {"reference": "#g"}, "type": "seealso"}]}
    for first, second, passed in (
        (held, patient() | refers, [False, True]),
        (held | refers, patient(), [True, True]),
    ):
        found = judge.bundle(encode(bundle(first, second)))
        assert [told is not None for _, _, told in found or ()] == passed


def ingested(run, landing: Path, validate: str) -> dict:
    params = Path("params.yaml").read_text()
    Path("params.yaml").write_text(
        params.replace("validate: gate", f"validate: {validate}")
    )
    run("ingest", str(landing), *INGEST[2:])
    Path("params.yaml").write_text(params)
    return digests(Path("data")) | {"ledger": Path("ledger.json").read_bytes()}


def test_asking_r4b_about_everything_changes_no_byte(run):
    odd = [
        observation(number=n, valueQuantity={"value": value, "unit": "%"})
        for n, value in enumerate(("6.3", 6, "x", 1e300), 2)
    ]
    for each in WHOLE[:4]:
        odd += [
            found
            for raw in spoilt(each, 40, f"landed {each['resourceType']}")
            if isinstance(found := parsed(raw), dict)
        ]
    write(Path("landing"), ann=bundle(*record(), *odd), bob=bundle(*record("bob")))
    both = [ingested(run, Path("landing"), each) for each in ("gate", "full")]
    assert both[0] == both[1]


def test_a_landing_without_a_doubt_never_imports_the_models(project):
    write(Path("landing"), ann=bundle(*record()))
    told = (
        "import sys; from chronicle.__main__ import main;"
        f"code = main({list(INGEST)!r});"
        "sys.exit(code or any(name.startswith('fhir') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", told], cwd=project).returncode == 0


def test_a_gate_that_is_not_compiled_or_from_other_sources_says_what_to_do(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=IGNORED)
    (compiled,) = (ROOT / "src").rglob("scan.*.so")
    there = tmp_path / compiled.relative_to(ROOT)
    for at, told in ((None, "not compiled"), (0, "older than its sources")):
        if at is not None:
            shutil.copy(compiled, there)
            os.utime(there, (at, at))
        done = subprocess.run(
            [sys.executable, "-m", "chronicle", *INGEST],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 23
        assert told in done.stderr
        assert "make" in done.stderr


def test_make_compiles_the_gate_again_where_it_is_gone_and_nowhere_else(tmp_path):
    wanted = ("requirements.lock", "pyproject.toml", ".venv/bin/python", ".venv/run")
    compiled = tmp_path / "src/chronicle/ingest/gate/scan.so"
    for name in (*wanted, compiled):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    asked = ["make", "-q", "-f", ROOT / "Makefile", ".venv/run"]
    assert subprocess.run(asked, cwd=tmp_path, check=False).returncode == 0
    compiled.unlink()
    assert subprocess.run(asked, cwd=tmp_path, check=False).returncode == 1


def parsed(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hl7-r4-examples", "validator-cases"])
def test_asking_r4b_about_everything_changes_no_byte_of_real_data(run, shared, name):
    both = [ingested(run, shared / name, each) for each in ("gate", "full")]
    assert both[0] == both[1]


def sampled(folder: Path) -> list[tuple[str, bytes]]:
    """Return the first resources of each type of a set."""
    kept: dict[str, list[bytes]] = {}
    for path in read.files(folder):
        for entry in read.entries(path):
            some = kept.setdefault(entry.kind, [])
            if entry.raw is not None and not entry.problem and len(some) < OF_EACH_TYPE:
                some.append(entry.raw)
    return [(kind, raw) for kind, some in kept.items() for raw in some]


@pytest.mark.slow
@pytest.mark.parametrize("name", R4)
def test_real_resources_sound_and_spoilt_get_r4bs_verdict(shared, name):
    for number, (kind, raw) in enumerate(sampled(shared / name)):
        assert not wrongly_passed(kind, raw)
        for bad in spoilt(orjson.loads(raw), 2, f"{name} {number}"):
            assert not wrongly_passed(kind, bad), bad
