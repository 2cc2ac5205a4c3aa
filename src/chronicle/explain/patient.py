"""A page about one patient, for whoever treats that patient, and for nobody else.

python -m chronicle.explain.patient CHECKED COHORTS FEATURES MODELS DISEASES EXPLAINED
    EVALUATIONS PROMOTIONS SUBJECT_ID...

It is written to `pages` in the private folder (`CHRONICLE_PRIVATE`, else `private`),
mode 600: no output of DVC's, whether or not the patient is a simulated one.
"""

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chronicle.core import params, store
from chronicle.core.errors import PipelineError, UsageError
from chronicle.core.things import title
from chronicle.explain import chart, names, portable
from chronicle.explain.chart import Folders, Told
from chronicle.explain.facts import reference
from chronicle.explain.timeline import Drawing, drawing, stated
from chronicle.explain.wanted import ExplainParams, Limits

log = logging.getLogger(__name__)
FOLDERS = 8
KEPT = "\N{NO-BREAK SPACE}"
DRAWN = 12


def main(words: list[str]) -> int:
    """Write a page for each patient; return the exit code of `core/errors.py`."""
    try:
        subjects = words[FOLDERS:]
        if not subjects or not all(each.isdecimal() for each in subjects):
            raise UsageError(
                "eight folders and the subject_id of at least one patient are needed.",
                where="command line",
                do="make patient SUBJECT=…; see docs/how-to/explain-a-risk.md",
            )
        folders = Folders(*map(Path, words[:FOLDERS]))
        settings = params.section("explain", ExplainParams)
        into = Path(os.environ.get("CHRONICLE_PRIVATE") or "private") / "pages"
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        for subject in map(int, subjects):
            _write(page(folders, subject, settings), into / f"{subject}.html")
        log.info("%d pages, for their owner alone: %s", len(subjects), into)
    except PipelineError as failure:
        log.error("%s: %s", type(failure).__name__, failure)
        return failure.exit_code
    return 0


def page(folders: Folders, subject: int, settings: ExplainParams) -> str:
    """Return the page of one patient: no id and no date is on it."""
    times = chart.asked(folders, subject)
    told, unsaid = _told(folders, times, subject, settings)
    row = {name: value for each in told for name, value in each.row.items()}
    newest = max(told, key=lambda each: times[each.slug])
    folder, time = folders.features / newest.disease.index, times[newest.slug]
    dictionary = store.read_json(folder / "dictionary.json")
    diagnoses, family, drugs = stated(chart.recorded(folder, dictionary, subject, time))
    return (
        _look()
        .get_template("patient.html")
        .render(
            told=told,
            unsaid=unsaid,
            age=row["age_years"],
            sex={1.0: "female", 0.0: "male"}.get(
                row.get("female", -1), "sex not known"
            ),
            diagnoses=diagnoses,
            family=family,
            drugs=drugs,
            drawings=_drawings(folders, subject, time, dictionary, settings, row),
            sliders=_sliders(told),
            data=portable.in_script(_data(folders, told)),
            ranges=_ranges(settings),
            largest=_largest(told),
        )
    )


def _told(
    folders: Folders, times: dict[str, Any], subject: int, settings: ExplainParams
) -> tuple[list[Told], list[str]]:
    """Return what is told, and of what no model says anything.

    Models in use come first, and of those the highest risk.
    """
    found = [
        chart.of_disease(folders, slug, subject, time, settings)
        for slug, time in times.items()
    ]
    every = [each for each in found if each]
    newest = max(times.values())
    told = [
        replace(each, days_before=(newest - times[each.slug]).total_seconds() / 86_400)
        for each in every
        if not each.silent
    ]
    if not told:
        raise UsageError(
            "no model says anything of this patient.",
            where=str(folders.models),
            do="there is none (see `reason` in each model.json), or the patient is too"
            " unlike those whom they learnt from (`train.abstain_percent`)",
        )
    told.sort(key=lambda each: (bool(each.refused), -float(each.why["risk"])))
    return told, [each.disease.title for each in every if each.silent]


def _look() -> Environment:
    look = Environment(
        loader=PackageLoader("chronicle.explain", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    look.filters |= {"percent": lambda each: _unbroken(names.percent(each))}
    look.filters |= {"points": lambda each: _unbroken(names.points(each))}
    look.filters |= {"kept": lambda words: words.replace(" points", f"{KEPT}points")}
    look.filters |= {"number": names.number, "span": names.span, "ago": names.ago}
    look.filters |= {"capital": lambda words: words[:1].upper() + words[1:]}
    return look


def _unbroken(number: str) -> str:
    """Keep a number and its unit on one line."""
    return number.replace(" ", KEPT)


def _drawings(
    folders: Folders,
    subject: int,
    time: Any,
    dictionary: list[dict[str, Any]],
    settings: ExplainParams,
    row: dict[str, float],
) -> list[Drawing]:
    last = (each for each in dictionary if each["name"].endswith("_last_ever"))
    measured = {each["thing"]: each for each in last}
    codes = {name: tuple(each["codes"]) for name, each in measured.items()}
    values = chart.record(folders.checked, subject, time, codes)
    order = [t for things in settings.concepts.values() for t in things if t in values]
    some = sorted(order, key=lambda each: -len(values[each]))[:DRAWN]
    longest = max((values[each][0][0] for each in some), default=1.0)
    found = []
    for name in (each for each in order if each in some):
        known = settings.ranges.get(name)
        limits = known.of(row.get("female")) if known else Limits()
        unit = names.unit(str(measured[name]["unit"]))
        args = (values[name], limits, max(longest, 1.0))
        found.append(drawing(title(name), unit, *args))
    return found


def _sliders(told: list[Told]) -> list[dict[str, Any]]:
    """Return one slider a change: as far down as any of the models allows.

    From where the value stands at the newest index time.
    """
    found: dict[str, dict[str, Any]] = {}
    for each in sorted(told, key=lambda each: each.days_before):
        for one in each.proposals:
            slider = found.setdefault(
                one.name,
                {
                    "name": one.name,
                    "title": title(one.thing),
                    "today": one.today,
                    "then": one.then,
                    "unit": one.unit,
                    "box": not one.unit,
                    "digits": names.digits(one.today),
                },
            )
            slider["then"] = min(slider["then"], one.then)
    return list(found.values())


def _data(folders: Folders, told: list[Told]) -> dict[str, Any]:
    found = {}
    for each in told:
        text = folders.models / each.slug / "model.txt"
        model = portable.portable(text, each.about)
        read = portable.columns_of(model)
        moves = [portable.movable(one) for one in each.proposals]
        read |= {move["column"] for one in moves for move in one["moves"]}
        row = {name: each.row[name] for name in sorted(read)}
        known = {n: v if names.known(v) else None for n, v in row.items()}
        found[each.slug] = {"model": model, "row": known, "changes": moves}
    return {"diseases": found}


def _ranges(settings: ExplainParams) -> list[tuple[str, str, str]]:
    return [
        (
            title(name),
            reference(each.model_dump(exclude_none=True, include={"low", "high"})),
            each.source,
        )
        for name, each in settings.ranges.items()
    ]


def _largest(told: list[Told]) -> float:
    parts: list[float] = [
        abs(one["part"]) for each in told for one in each.why["concepts"]
    ]
    return max([*parts, 1e-9])


def _write(text: str, path: Path) -> None:
    """Write a file that nobody but its owner can open, not even for a moment."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
