import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chronicle.core import params
from chronicle.core.disease import Disease
from chronicle.report import figures, page, summary, words
from chronicle.report.findings import Findings, Outcome
from tests.conftest import ROOT

FATES = ("accepted", "refused", "duplicate", "not_used")
TOTAL = {"read": 113_722, "accepted": 82_512, "refused": 3, "duplicate": 7}
TOTAL |= {"not_used": 31_200}
COUNTED = {
    "patients": 90,
    "index_times": 700,
    "outcomes": 12,
    "outcome_index_times": 40,
}


def metric(value, low=0.1, high=0.9) -> dict:
    return {"value": value, "low": low, "high": high}


def outcome(slug: str = "chd", *, title: str | None = None, **changes) -> Outcome:
    disease = params.load(ROOT / f"diseases/{slug}.yaml", Disease)
    if title:
        disease = disease.model_copy(update={"title": title})
    status = ("onset", "death", "horizon", "censored")
    evaluation = {
        "trained": True,
        "reason": None,
        "counts": {"train": COUNTED, "test": COUNTED},
        "metrics": {name: metric(0.5) for name, _, _ in page.METRICS},
        "prevalence": 0.061,
        "roc": [[0, 0], [0.2, 0.7], [1, 1]],
        "calibration": [
            {"predicted": 0.02, "observed": 0.01, "low": 0, "high": 0.04},
            {"predicted": 0.2, "observed": 0.3, "low": None, "high": None},
        ],
        "features": [
            {"name": "sbp_last_365d", "mean_abs_contribution": 0.4, "direction": 1},
            {"name": "stroke_ever", "mean_abs_contribution": 0.1, "direction": 0},
        ],
    }
    flow = {
        "steps": [
            {"what": "patients in the tables", "patients": 369, "index_times": None},
            {"what": "with a visit", "patients": 361, "index_times": 4428},
            {"excluded": "too little history", "patients": 114, "index_times": 1717},
            {"what": "at risk", "patients": 247, "index_times": 2711},
        ],
        "outcomes": {
            name: {"patients": 14 + n, "index_times": 51 + n}
            for n, name in enumerate(status)
        },
    }
    return Outcome(slug, disease, flow, evaluation | changes)


def findings(*outcomes: Outcome) -> Findings:
    ledger = {
        "total": TOTAL,
        "by_type": {"Observation": TOTAL},
        "by_reason": {"orphan": 2, "not-fhir": 1},
        "files": {"read": 372, "refused": 1},
        "tables": {"patients": 369, "events": 85_997},
        "values": {"unit-missing": 492},
    }
    verdict = {"table": "events", "rows": 85_997, "passed": False, "warnings": 1}
    verdict |= {"expectations": {"a": {}, "b": {}}}
    return Findings(ledger, [verdict], list(outcomes))


REASON = "too few outcomes: patients with an onset: 3 in train (5 needed)"
NOT_TRAINED = {"trained": False, "reason": REASON, "metrics": None, "prevalence": None}


def test_every_number_of_the_ledger_is_on_the_page():
    made = page.render(findings(outcome()))
    for number in (*TOTAL.values(), 372, 85_997, 492):
        assert f"{number:,}" in made


def test_the_page_asks_nothing_of_the_network():
    made = page.render(findings(outcome(), outcome("htn")))
    outward = re.findall(r"""(?:src|href)=["']([^"'#]+)|url\(([^)]+)\)|@import""", made)
    assert {each[0] for each in outward} == {"checks/index.html"}
    assert "<script" not in made


def test_the_same_findings_give_the_same_bytes():
    found = findings(outcome(), outcome("htn", **NOT_TRAINED))
    assert page.render(found) == page.render(found)
    assert figures.figures(found) == figures.figures(found)


def test_a_disease_that_was_not_trained_says_why_and_still_shows_who_was_at_risk():
    made = page.render(findings(outcome("htn", **NOT_TRAINED)))
    assert "Not trained." in made
    assert "3 in train (5 needed)" in made
    assert "247 people" in made
    assert "<svg" not in made


def test_what_a_disease_does_not_mean_is_said():
    found = outcome()
    assert found.disease.does_not_mean.split(",")[0] in page.render(findings(found))


def test_few_outcomes_are_warned_of_and_many_are_not():
    many = {"train": COUNTED, "test": COUNTED | {"outcomes": 200}}
    assert "Only 12 people" in page.render(findings(outcome()))
    assert "Only" not in page.render(findings(outcome(counts=many)))


def test_what_cannot_be_estimated_is_shown_as_such():
    metrics = {name: metric(None, None, None) for name, _, _ in page.METRICS}
    metrics["auroc"] = metric(0.7, None, None)
    made = page.render(findings(outcome(metrics=metrics)))
    assert "0.70 (interval not estimable)" in made
    assert words.MISSING in made


def test_marks_of_html_are_escaped():
    made = page.render(findings(outcome(title="<b>Heart & soul")))
    assert "&lt;b&gt;Heart &amp; soul" in made
    assert "<b>Heart" not in made


@pytest.mark.parametrize("kind", ["roc", "calibration", "features"])
def test_a_figure_is_a_picture_with_a_title(kind):
    svg = ElementTree.fromstring(
        figures.of(outcome(title="Heart & soul"))[kind].strip()
    )
    assert svg.find("{http://www.w3.org/2000/svg}title").text.startswith("Heart & soul")
    width = float(svg.get("width"))
    numbers = [
        float(each.get(name))
        for each in svg.iter()
        for name in ("x", "x1", "x2", "cx")
        if each.get(name)
    ]
    assert all(0 <= number <= width for number in numbers)


def test_a_curve_goes_from_the_lower_left_to_the_upper_right():
    svg = figures.of(outcome())["roc"]
    left, top, plot = figures.LEFT, figures.TOP, figures.PLOT
    points = re.search(r'polyline points="([^"]+)"', svg)[1].split()
    assert points[0] == f"{left:.1f},{top + plot:.1f}"
    assert points[-1] == f"{left + plot:.1f},{top:.1f}"


def test_the_summary_says_where_what_and_how_well():
    found = findings(outcome(), outcome("htn", **NOT_TRAINED))
    told = summary.render(found, page=Path("reports/report.html"))
    assert "reports/report.html" in told
    assert "113,722 read, 82,512 accepted, 3 refused, 7 duplicate" in told
    assert "events REJECTED" in told
    assert "chd            247 patients, 14 with an onset: AUROC 0.50 (0.10" in told
    assert (
        "htn            247 patients, 14 with an onset: too few outcomes: not" in told
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_reads_in_a_browser_and_asks_for_nothing(tmp_path, width, browser):
    path = tmp_path / "report.html"
    path.write_text(page.render(findings(outcome(), outcome("htn", **NOT_TRAINED))))
    view = browser.new_page(viewport={"width": width, "height": 900})
    said, asked = [], []
    view.on("console", lambda message: said.append(message.text))
    view.on("request", lambda request: asked.append(request.url))
    view.goto(path.as_uri())
    assert said == []
    assert asked == [path.as_uri()]
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [each.bounding_box() for each in view.locator("svg").all()]
    assert len(boxes) == 3
    assert all(box["width"] > 200 and box["height"] > 50 for box in boxes)
