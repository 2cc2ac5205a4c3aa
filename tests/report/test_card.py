"""The model card of a disease, and its checklist."""

import re
from pathlib import Path

import pytest

from chronicle.core import store
from tests.report.test_page import CARDS, made  # noqa: F401


@pytest.mark.parametrize("slug", ["htn", "heart_failure", "t2dm"])
def test_all_27_items_are_answered_with_a_model_and_without(made, slug):  # noqa: F811
    made()
    told = (CARDS / f"{slug}.html").read_text()
    rows = re.findall(r'<tr id="item-(\d+)">.*?<td>(.*?)</td>', told, re.S)
    assert [int(item) for item, _ in rows] == list(range(1, 28))
    assert all(answer.strip() for _, answer in rows)
    assert "None" not in told
    assert not re.search(r"<script|url\(|@import|https?:", told)


def test_every_number_leads_to_a_file_that_the_run_makes(made):  # noqa: F811
    made()
    told = (CARDS / "htn.html").read_text()
    links = set(re.findall(r'href="([^"#]+)', told))
    made_by_others = {"../htn/metrics.json", "../htn/promotion.json"} | {
        f"../../models/htn/{name}" for name in ("model.json", "model.txt")
    }
    for link in links - made_by_others - {"../checks/index.html"}:
        assert (CARDS / link).resolve().exists(), link
    assert made_by_others <= links
    # What the run measured stands in links and nowhere else.
    bare = re.sub(r"<a href=.*?</a>", "", told.partition("<main>")[2], flags=re.S)
    value = store.read_json(Path("data/evaluations/htn.json"))["metrics"]["auroc"][
        "value"
    ]
    assert f"{value:.2f} (" in told
    assert not re.findall(r"\d\.\d\d ?\(", bare)
