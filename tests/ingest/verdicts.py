"""Cases with a verdict that is not ours, and what ingest says of each."""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

from chronicle.ingest import accept, read
from chronicle.ingest.types import USED

# Modules of HL7's validator that look at what is no structure of a resource.
ELSEWHERE = {
    **dict.fromkeys(("tx", "tx-advanced"), "codes that a terminology server knows"),
    **dict.fromkeys(
        ("profile", "matchetype", "extensions", "xver", "package-versioning",
         "questionnaire", "measure", "scoring", "sd", "logical"),
        "profiles, extensions' definitions, questionnaires, measures",
    ),
    "dsig": "signatures",
}  # fmt: skip
PROFILE = "a profile or package that is not here"
OTHER = "invariants and business rules of a type of which no row is made"
DISPLAY = "display texts and languages that a terminology server knows"
BUNDLE = "links and fullUrls of a bundle, which are no resource's"
XHTML = "narrative, which enters nowhere"
# What a case is about, where its module does not say it, from its first error.
ABOUT = {
    "Wrong Display Name": DISPLAY,
    "The fullUrl must be": BUNDLE,
    "The link relationship type": BUNDLE,
    "Invalid entity in the XHTML": XHTML,
    "The Extension 'http://hl7.org/fhir/StructureDefinition/narrativeLink'": XHTML,
}
STRUCTURAL = {"invalid", "structure", "value", "required"}
OURS = {"", "Bundle", *USED}


class Case(NamedTuple):
    """One case.

    Args:
        name: As its set calls it.
        path: Its file; or else
        resource: what it is about.
        is_valid: The verdict.
        beyond: Why it says nothing of what we do; empty where it does.
    """

    name: str
    path: Path | None
    resource: dict[str, Any] | None
    is_valid: bool
    beyond: str


def validator_cases(folder: Path) -> list[Case]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Case(
            row["case"],
            folder / "cases" / row["file"],
            None,
            row["expected"] == "valid",
            _beyond(row),
        )
        for row in rows
    ]


def _beyond(row: dict[str, str]) -> str:
    if row["module"] in ELSEWHERE:
        return ELSEWHERE[row["module"]]
    if row["needs_profile_or_package"] == "1":
        return PROFILE
    for words, about in ABOUT.items():
        if row["first_error"].startswith(words):
            return about
    codes = {*row["error_codes"].split("|")} - {""}
    known = row["resourceType"] in OURS or codes <= STRUCTURAL
    return "" if known else OTHER


def primitive_values(folder: Path) -> list[Case]:
    """Put each value into an extension, where every primitive has its place."""
    cases = []
    for path in sorted(folder.glob("*.ndjson")):
        kind, verdict, _ = path.name.split(".")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            name = f"{kind} {verdict} {number}: {line}"
            cases.append(_of_value(name, kind, line, verdict == "valid"))
    return cases


def _of_value(name: str, kind: str, line: str, is_valid: bool) -> Case:
    try:
        value = json.loads(line)
    except ValueError:
        return Case(name, None, None, is_valid, "no JSON, which the reader refuses")
    if line == "null":
        why = "JSON's null, which google/fhir reads as an element that is absent"
        return Case(name, None, None, is_valid, why)
    words = "".join(word.title() for word in kind.split("_"))
    resource = {"resourceType": "Patient", "id": "x"}
    if kind == "xhtml":
        resource["text"] = {"status": "generated", "div": value}
    else:
        resource["extension"] = [{"url": "http://a.b", f"value{words}": value}]
    return Case(name, None, resource, is_valid, "")


def r4b(case: Case) -> str:
    """Tell what the R4B models say, and the reader before them."""
    for _, raw, problem in _resources(case):
        if problem or accept.refusal(_loads(raw)):
            return "refused"
    return "accepted"


def ours(case: Case) -> str:
    """Tell what ingest says: `refused`, `warned` or `accepted`."""
    worst = "accepted"
    for kind, raw, problem in _resources(case):
        if problem:
            return "refused"
        said = accept.judged(kind, raw, full=False)
        if said.refusal:
            return "refused"
        worst = "warned" if said.warnings else worst
    return worst


def _loads(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _resources(case: Case) -> list[tuple[str, bytes, str | None]]:
    if case.path is None and case.resource is None:
        return [("", b"", "not-json")] if "no JSON" in case.beyond else []
    if case.path is None:
        raw = json.dumps(case.resource).encode()
        return [(str(case.resource["resourceType"]), raw, None)]
    return [
        (each.kind, each.raw or b"", each.problem) for each in read.entries(case.path)
    ]
