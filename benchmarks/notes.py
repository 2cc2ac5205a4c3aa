"""What is read out of notes, beside others who read the same, and at what cost.

`python benchmarks/notes.py [NEGEX]`. The sentences of the NegEx test set are beside the
repository (CHRONICLE_TEST_DATA). NEGEX is a folder with the reference implementation's
`negex.py` and `negex_triggers.txt`; negspacy is asked where it is installed. Neither is
a package of the product: what is not there is left out, and it says so.
"""

import csv
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

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
"""Sentences of the reports up to here were read while the words were written."""


class Case(NamedTuple):
    """One annotated sentence; the concept stands at text[start:end]."""

    report: int
    text: str
    concept: str
    start: int
    end: int
    is_negated: bool


Judge = Callable[[Case], bool]


def main() -> int:
    """Print the tables."""
    if SENTENCES.is_file():
        negation(list(cases()))
    else:
        print("negation: left out, the NegEx sentences are not on this machine")
    gold()
    cost()
    return 0


def cases() -> Iterator[Case]:
    """Read the sentences; quotes are irregular in them."""
    with SENTENCES.open(encoding="latin-1", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for report, concept, text, said in rows:
            bare = _bare(concept)
            parts = [re.escape(each) for each in bare.upper().split()]
            pattern = r"\s+".join(parts)
            found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
            start, end = found.span() if found else (len(text), len(text))
            yield Case(int(report), text, bare, start, end, said.strip() == "Negated")


def _bare(text: str) -> str:
    return text.strip().strip('"').replace('""', '"').strip()


def ours(case: Case) -> bool:
    """Ask the context of this product."""
    for each in sentences(case.text):
        if each.start <= case.start < each.end:
            said = words(case.text, each.start, each.end)
            inside = [
                i
                for i, (start, end) in enumerate(
                    zip(said.starts, said.ends, strict=True)
                )
                if start < case.end and end > case.start
            ]
            if inside:
                span = (inside[0], inside[-1] + 1)
                return "negated" in reached(said, [span])[0][0] | each.says
    return False


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


def scores(some: list[Case], judge: Judge) -> tuple[float, float, float]:
    """Return precision, recall and F1 of "negated"."""
    told = Counter((case.is_negated, judge(case)) for case in some)
    right = told[True, True]
    precision = right / (right + told[False, True])
    recall = right / (right + told[True, False])
    return precision, recall, 2 * precision * recall / (precision + recall)


def gold() -> None:
    """Print how much of the gold notes is right in concept and in status."""
    print("| gold notes | notes | marks | right in concept and status | spurious "
          "| identifiers planted | scrubbed |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for half in marked.HALVES:
        notes = marked.gold(half)
        told, _ = marked.judged(notes)
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
