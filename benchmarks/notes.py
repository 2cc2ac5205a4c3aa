"""What is read out of notes, beside others who read the same, and at what cost.

`python benchmarks/notes.py [NEGEX]`. The sentences of the NegEx test set are beside the
repository (CHRONICLE_TEST_DATA). NEGEX is a folder with the reference implementation's
`negex.py` and `negex_triggers.txt`; negspacy is asked where it is installed. Neither is
a package of the product: what is not there is left out, and it says so. A model of your
own reads the gold notes as well, where `params.yaml` names one: ingest.model.
"""

import csv
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chronicle.ingest.notes.matcher import words  # noqa: E402, it is below the root
from chronicle.ingest.notes.reach import reached  # noqa: E402
from chronicle.ingest.notes.read import mentions  # noqa: E402
from chronicle.ingest.notes.sentences import sentences  # noqa: E402
from tests.conftest import SHARED  # noqa: E402
from tests.ingest.notes import marked  # noqa: E402

SENTENCES = SHARED / "negation-negex" / "annotations-negation.tsv"
LOOKED_AT = 60
"""Wrong sentences of the reports up to here were read while the words were written."""
STATUSES = SENTENCES.with_name("annotations-negation-temporality-experiencer.tsv")
LINES_LOOKED_AT = 1250
"""The same of these sentences, by the number of their line."""


class Case(NamedTuple):
    """One annotated sentence; the concept stands at text[start:end].

    `report` is the number of its report, or of its line; `said` has the statuses that
    it has by the annotation.
    """

    report: int
    text: str
    concept: str
    start: int
    end: int
    said: frozenset[str]


Judge = Callable[[Case], bool]


def main() -> int:
    """Print the tables."""
    if SENTENCES.is_file():
        negation(list(cases()))
        told = list(status_cases())
        statuses(told, ("negated", "historical", "hypothetical", "other"))
        statuses([case for case in told if tells_when(case)], ("historical",))
    else:
        print("negation: left out, the NegEx sentences are not on this machine")
    gold()
    cost()
    return 0


def cases() -> Iterator[Case]:
    """Read the sentences that are annotated for negation."""
    for report, concept, text, said in _rows(SENTENCES):
        status = {"negated"} if said.strip() == "Negated" else set()
        yield _case(report, concept, text, status)


def status_cases() -> Iterator[Case]:
    """Read those that are annotated for negation, time and person."""
    for line, concept, text, polarity, when, who in _rows(STATUSES):
        told = (
            ("negated", polarity.strip() == "Negated"),
            ("historical", when.strip() == "Historical"),
            ("hypothetical", when.strip() == "Not particular"),
            ("other", who.strip() != "Patient"),
        )
        yield _case(line, concept, text, {name for name, so in told if so})


def _rows(file: Path) -> Iterator[list[str]]:
    # Quotes are irregular in them.
    with file.open(encoding="latin-1", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        yield from rows


def _case(number: str, concept: str, text: str, said: set[str]) -> Case:
    bare = _bare(concept)
    pattern = r"\s+".join(re.escape(each) for each in bare.upper().split())
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    start, end = found.span() if found else (len(text), len(text))
    return Case(int(number), text, bare, start, end, frozenset(said))


def _bare(text: str) -> str:
    return text.strip().strip('"').replace('""', '"').strip()


def ours(case: Case) -> bool:
    """Ask the context of this product whether it is negated."""
    return "negated" in status(case)


def status(case: Case) -> set[str]:
    """Ask the context of this product for all that it says."""
    for each in sentences(case.text):
        if each.start <= case.start < each.end:
            said = words(case.text, each.start, each.end)
            places = enumerate(zip(said.starts, said.ends, strict=True))
            inside = [i for i, (a, b) in places if a < case.end and b > case.start]
            if inside:
                span = (inside[0], inside[-1] + 1)
                return reached(said, [span])[0][0] | each.says
    return set()


def negex() -> Judge | str:
    """Return the reference implementation, or why it is not asked."""
    if len(sys.argv) < 2:
        return "no folder was given"
    sys.path.insert(0, sys.argv[1])
    import negex as reference

    rules = reference.sortRules(
        (Path(sys.argv[1]) / "negex_triggers.txt").read_text().splitlines()
    )
    return lambda case: (
        reference.negTagger(
            sentence=case.text, phrases=[case.concept], rules=rules, negP=False
        ).getNegationFlag()
        == "negated"
    )


def negspacy() -> Judge | str:
    """Return negspacy on a blank spaCy, or why it is not asked."""
    try:
        import spacy
        from negspacy.negation import Negex  # noqa: F401, it registers itself
    except ImportError:
        return "it is not installed"
    reader = spacy.blank("en")
    reader.add_pipe("sentencizer")
    reader.add_pipe("negex", config={"ent_types": []})
    negate = reader.get_pipe("negex")
    sentencize = reader.get_pipe("sentencizer")

    def judge(case: Case) -> bool:
        told = sentencize(reader.make_doc(case.text))
        span = told.char_span(
            case.start, case.end, label="CONCEPT", alignment_mode="expand"
        )
        if span is None or case.start == case.end:
            return False
        told.ents = [span]
        return bool(negate(told).ents[0]._.negex)

    return judge


def negation(all_cases: list[Case]) -> None:
    """Print precision, recall and F1 of "negated" for each who is there."""
    read = [case for case in all_cases if case.report <= LOOKED_AT]
    unread = [case for case in all_cases if case.report > LOOKED_AT]
    print(f"| negation, {len(all_cases)} sentences | precision | recall | F1 "
          f"| F1, {len(read)} seen | F1, {len(unread)} unseen |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- |")
    for name, judge in (("ours", ours), ("negspacy", negspacy()), ("negex", negex())):
        if isinstance(judge, str):
            print(f"| {name} | left out: {judge} | | | | |")
            continue
        halves = [scores(half, judge)[2] for half in (read, unread)]
        told = " | ".join(
            f"{each:.3f}" for each in (*scores(all_cases, judge), *halves)
        )
        print(f"| {name} | {told} |")
    print()


def statuses(all_cases: list[Case], names: tuple[str, ...]) -> None:
    """Print the same of each status, for ours alone."""
    read = [case for case in all_cases if case.report <= LINES_LOOKED_AT]
    unread = [case for case in all_cases if case.report > LINES_LOOKED_AT]
    print(f"| {len(all_cases)} sentences | annotated | precision | recall | F1 "
          f"| F1, {len(read)} seen | F1, {len(unread)} unseen |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in names:

        def judge(case: Case, name: str = name) -> bool:
            return name in status(case)

        halves = [scores(half, judge, name)[2] for half in (read, unread)]
        figures = (*scores(all_cases, judge, name), *halves)
        told = " | ".join(f"{each:.3f}" for each in figures)
        print(f"| {name} | {sum(name in case.said for case in all_cases)} | {told} |")
    print()


def tells_when(case: Case) -> bool:
    """Tell whether the sentence may say when it was, as we take that.

    Not where it is the concept alone: a header that is not there said it. Nor under
    "Social history" and "Allergies", which these annotators call historical.
    """
    bare, concept = (re.sub(r"\W+", "", each.upper()) for each in case[1:3])
    return bare != concept and not re.match(
        r"\s*(social history|allergies)\b", case.text, re.IGNORECASE
    )


def scores(
    some: list[Case], judge: Judge, name: str = "negated"
) -> tuple[float, float, float]:
    """Return precision, recall and F1 of one status."""
    told = Counter((name in case.said, judge(case)) for case in some)
    right = told[True, True]
    precision = right / max(1, right + told[False, True])
    recall = right / max(1, right + told[True, False])
    return (
        precision,
        recall,
        2 * right / max(1, 2 * right + told[False, True] + told[True, False]),
    )


def gold() -> None:
    """Print how much of the gold notes is right in concept and in status."""
    with readers() as found:
        for name, read in found.items():
            read_gold(name, read)


@contextmanager
def readers() -> Iterator[dict[str, marked.Read]]:
    """Give the rules, and beside them a model where params name one."""
    found: dict[str, marked.Read] = {"gold notes": mentions}
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    if settings["ingest"]["model"] is None:
        yield found
        return
    # Only then: what they import would be in the memory that is told of the rules.
    from chronicle.ingest.keys import DEMO, derived
    from chronicle.ingest.model import address
    from chronicle.ingest.model.prompt import ModelParams
    from chronicle.ingest.model.reader import Asked, opened

    asked = Asked(ModelParams(**settings["ingest"]["model"]), address.read())
    with opened(asked, ROOT / "data" / "parts", derived(DEMO)) as reader:
        name = f"gold notes without numbers, read by {asked.model.name}"
        yield found | {name: partial(reader.read, counts=Counter())}


def read_gold(name: str, read: marked.Read) -> None:
    """Print it of one reader; of scrubbing, the rules alone."""
    print(f"| {name} | notes | marks | right in concept and status | spurious "
          "| identifiers planted | scrubbed |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for half in marked.HALVES:
        notes = marked.gold(half)
        if read is not mentions:
            notes = [marked.without_numbers(each) for each in notes]
        told, _ = marked.judged(notes, read)
        planted, left = marked.scrubbing(notes)
        print(f"| {half} | {len(notes)} | {told['marks']} "
              f"| {told['right'] / told['marks']:.1%} | {told['spurious']} "
              f"| {planted} | {1 - left / planted:.1%} |")  # fmt: skip
    print()


def cost(copies: int = 40) -> None:
    """Print sentences and notes a second, in one process, and its memory."""
    notes = [note.text for half in marked.HALVES for note in marked.gold(half)] * copies
    lines = sum(1 for note in notes for _ in sentences(note))
    mentions(notes[0])
    began = time.process_time()
    for note in notes:
        mentions(note)
    took = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{lines / took:,.0f} sentences/s, {len(notes) / took:,.0f} notes/s a core, "
          f"{memory:.0f} MiB in all")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
