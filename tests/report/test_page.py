"""The page, the summary and the figures, as the stage writes them."""

import html
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from chronicle.core import store
from tests.conftest import digests
from tests.report import made_up

PAGE, SUMMARY = Path("reports/report.html"), Path("reports/summary.txt")
FIGURES, CARDS = Path("reports/figures"), Path("reports/cards")
MINUS = "\N{MINUS SIGN}"
WORDS = [
    "report",
    "reports/ledger.json",
    "reports/checks",
    "data/cohorts",
    "data/evaluations",
    "data/promotions",
    "data/explained",
    "data/drifts",
    "diseases",
    "reports",
]


class Outward(HTMLParser):
    """Collects whatever an element may fetch or link to."""

    def __init__(self):
        super().__init__()
        self.found = set()
        self.tags = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        names = {"src", "href", "srcset", "data", "poster", "action", "xlink:href"}
        self.found |= {value for name, value in attrs if name in names}


@pytest.fixture
def made(run):
    """Make the report of the four made-up diseases, one of each kind."""
    made_up.run_only("chd", "heart_failure", "htn", "t2dm")

    def make(**changed) -> str:
        found = {
            "chd": made_up.evaluation(outcomes=11),
            "heart_failure": made_up.not_trained(),
            "htn": made_up.evaluation(),
            "t2dm": made_up.inestimable(),
        }
        made_up.lay(found | changed)
        run(*WORDS)
        return PAGE.read_text()

    return make


def section(page: str, slug: str) -> str:
    """Return what the page tells of one disease, without its line breaks."""
    told = page.partition(f'<section id="{slug}"')[2].partition("</section>")[0]
    return " ".join(told.split())


def numbers(tree: object) -> list[int]:
    if isinstance(tree, dict):
        return [number for each in tree.values() for number in numbers(each)]
    return [tree]


def test_every_number_of_the_ledger_is_on_the_page(made):
    page = made().partition('<section id="intake">')[2].partition("</section>")[0]
    for number in numbers(made_up.ledger()):
        assert re.search(rf"(?<![\d,]){number:,}(?![\d,])", page), number


def test_the_page_reaches_for_nothing_outside(made):
    page = made()
    outward = Outward()
    outward.feed(page)
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert not outward.tags & {"link", "img", "iframe", "object", "base"}
    assert outward.found - {f"#{name}" for name in ids} == {
        "checks/index.html",
        "drift.html",
        *(f"cards/{path.stem}.html" for path in CARDS.iterdir()),
    }
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    [digest] = [b64encode(sha256(each.encode()).digest()) for each in scripts]
    assert f"script-src 'sha256-{digest.decode()}'" in html.unescape(page)
    assert not re.search(r"url\(|@import|https?:|//[a-z]+\.[a-z]", page)


def test_it_says_whether_anything_has_changed_since_a_model_came_into_use(made):
    page = made()
    told = section(page, "htn")
    assert "Look at the source.</b> Warn: feature f4: 0.4; warn: feature f5" in told
    assert "; and 2 more" in told
    assert "drift.html" not in section(page, "heart_failure")


def test_no_id_stands_twice(made):
    ids = re.findall(r'\bid="([^"]+)"', made())
    assert len(ids) == len(set(ids))


def test_the_same_input_gives_the_same_bytes(made):
    made()
    before = digests(Path("reports"))
    made()
    assert digests(Path("reports")) == before


def test_it_says_what_a_model_leans_on_and_where_it_contradicts_medicine(made):
    told = section(made(), "htn")
    assert "its rank correlation is 0.93 (seldom below 0.81), and 4.2 of the" in told
    assert "0.31 (0.25 to 0.37)" in told
    assert "It contradicts medicine</b> in HDL cholesterol (the risk should go" in told
    assert "goes the other way by 0.21 log-odds" in told
    assert "together they raise it 23 % less than one by one" in told
    assert "moves nobody" not in told


def test_it_says_how_sure_a_model_is_and_what_more_patients_would_bring(made):
    told = section(made(), "htn")
    assert "It says nothing of 3 patients (1.2 % of visits)" in told
    assert "15 % to 19 % of visits were to have an outcome; 17 % had" in told
    assert "88 % (80 % to 93 %) had a risk of 6.0 % or more" in told
    assert "0.79 with 74 outcomes" in told
    before = made(htn=made_up.evaluation() | {"doubt": None, "learning": []})
    assert "How sure is it of itself" not in section(before, "htn")


def test_a_disease_without_a_model_says_why_and_still_shows_its_cohort(made):
    told = section(made(), "heart_failure")
    assert "There is no model of this disease" in told
    assert "3 patients with an onset in train (5 needed)" in told
    assert "disease already there: <b>21 patients</b>, 388 visits" in told
    assert "<svg" not in told


def test_what_cannot_be_estimated_is_said_and_breaks_nothing(made):
    told = section(made(), "t2dm")
    assert "0.71 (interval not estimable)" in told
    assert "<b>not estimable</b>" in told
    assert "None" not in told
    assert "nan" not in told


def test_a_model_without_any_metric_breaks_nothing(made):
    nothing = {"metrics": None, "prevalence": None, "calibration": [], "features": []}
    told = section(made(htn=made_up.inestimable() | nothing), "htn")
    assert "This could not be estimated" in told
    assert "No feature moved a prediction" in told
    assert "AUROC not estimable" in SUMMARY.read_text()


@pytest.mark.parametrize(("outcomes", "warned"), [(19, True), (20, False)])
def test_few_outcomes_in_test_are_warned_of(made, outcomes, warned):
    told = section(made(htn=made_up.evaluation(outcomes=outcomes)), "htn")
    assert ("Few outcomes." in told) is warned


def test_special_characters_are_escaped_in_page_and_figures(made):
    path = Path("diseases/htn.yaml")
    disease = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(disease | {"title": "<b>A & 'B'</b>"}))
    page = made()
    assert "<b>A &" not in page
    assert "&lt;b&gt;A &amp; &#39;B&#39;&lt;/b&gt;" in page
    drawn = ElementTree.parse(FIGURES / "htn-roc.svg")
    assert drawn.find("{*}title").text == "<b>A & 'B'</b>: discrimination"


def test_groups_stand_with_their_gaps_and_small_ones_by_name_alone(made):
    told = section(made(), "htn")
    assert "0.81 (0.71 to 0.91)" in told
    assert "Native Hawaiian or Pacific Islander" in told
    assert "too few outcomes to be scored" in told
    assert f"0.07 ({MINUS}0.02 to 0.16)" in told
    assert f"7.0 % ({MINUS}2.0 % to 16 %)" in told


def test_the_line_can_be_moved_by_keys_and_stands_at_one_in_ten_without_a_script(made):
    told = section(made(), "htn")
    assert re.search(
        r'<input id="htn-line" type="range" min="0" max="3" value="0"', told
    )
    assert '<label for="htn-line">' in told
    assert "From 2.0 % on: flags 5.0 % of the visits; finds 22 %" in told


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ({}, "Yes.</b> Reaches every floor."),
        ({"promoted": False, "champion": "0ff"}, "of an earlier run stays in use"),
        ({"promoted": False, "champion": None}, "No model is in use."),
    ],
)
def test_whether_the_model_is_in_use_is_told(made, run, verdict, words):
    made()
    found = made_up.promotion(made_up.evaluation(), **verdict)
    store.write_json(found, Path("data/promotions/htn.json"))
    run(*WORDS)
    assert words in section(PAGE.read_text(), "htn")


def test_what_is_predicted_is_the_disease_file_in_words(made):
    path = Path("diseases/htn.yaml")
    disease = yaml.safe_load(path.read_text())
    disease["eligible"] = {
        "min_age_years": 40,
        "max_age_years": 75,
        "min_history_days": 730,
    }
    disease["onset"]["any_of"] = [{"codes": ["stated"], "count": 2}]
    disease["prevalent"] = [{"codes": ["drugs"]}]
    path.write_text(yaml.safe_dump(disease | {"horizon_days": 400, "gap_days": 1}))
    told = section(made(), "htn")
    assert (
        "A first record of hypertension between 1 day and 400 days after a visit, in "
        "people of 40 to 75 years with at least 2 years of records" in told
    )
    assert "a code of the list stated on two different days" in told
    assert " ".join(disease["does_not_mean"].split()) in told


def test_every_figure_is_a_picture_that_stands_alone_and_tells_what_it_shows(made):
    made()
    names = {path.stem for path in FIGURES.iterdir()}
    whole = {
        f"{slug}-{kind}"
        for slug in ("chd", "htn")
        for kind in (
            "roc",
            "precision-recall",
            "calibration",
            "decision",
            "forest",
            "features",
            "learning",
            "dependence",
        )
    }
    some = {f"t2dm-{kind}" for kind in ("calibration", "features", "dependence")}
    assert names == whole | some
    for path in FIGURES.iterdir():
        root = ElementTree.parse(path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("role") == "img"
        assert root.find("{*}title").text
        assert root.find("{*}desc").text
        assert "url(" not in path.read_text()


def test_the_figures_of_a_disease_that_is_no_longer_run_go(made):
    made()
    made_up.run_only("htn")
    made()
    assert all(path.name.startswith("htn-") for path in FIGURES.iterdir())


def test_files_of_other_stages_in_the_folder_are_left_alone(made):
    store.write_text("theirs", Path("reports/htn/metrics.json"))
    made()
    assert Path("reports/htn/metrics.json").read_text() == "theirs"


def test_a_rejected_table_is_said_to_be_rejected(made, run):
    made()
    verdict = made_up.verdict("events", warnings=3)
    verdict |= {"passed": False, "critical_failures": 1, "warnings": 2}
    store.write_json(verdict, Path("reports/checks/events.json"))
    run(*WORDS)
    assert "Rejected." in PAGE.read_text()
    assert "events rejected (1 critical failure, 2 warnings)" in SUMMARY.read_text()


def test_a_run_without_a_record_breaks_nothing(made, run):
    made()
    empty = made_up.ledger() | {"by_type": {}, "by_reason": {}, "values": {}}
    empty["total"] = dict.fromkeys(empty["total"], 0)
    store.write_json(empty, Path("reports/ledger.json"))
    run(*WORDS)
    assert "Nothing was refused." in PAGE.read_text()


def test_the_summary_is_the_run_in_a_few_lines(made):
    made()
    told = SUMMARY.read_text()
    assert "reports/report.html" in told
    assert "113,953 read: 97,267 accepted, 14,849 not used, 1,363 duplicate" in told
    assert "1,363 duplicate, 375 superseded, 66 deleted, 33 refused" in told
    assert "patients passed (0 warnings); events passed (2 warnings)" in told
    assert "121 with an outcome: AUROC 0.79 (0.74 to 0.84), 95 % interval\n" in told
    assert "too few outcomes: not trained (3 patients with an onset in train" in told
    assert len(told.splitlines()) == 9


def test_params_without_diseases_end_with_ten_and_say_so(made, run):
    made()
    Path("params.yaml").write_text("ingest: {shards: 4}\n")
    assert "diseases: Field required" in run(*WORDS, exits=10)
