"""The page as a browser shows it: quiet, whole, and no wider than a phone."""

import pytest

from tests.report import made_up
from tests.report.test_page import FIGURES, PAGE, WORDS

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
OVERLAPS = """svg => {
  const boxes = [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b =>
    a.left < b.right - 1 && b.left < a.right - 1 &&
    a.top < b.bottom - 3 && b.top < a.bottom - 3)).length;
}"""
OUTSIDE = """svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1;
  }).map(text => text.textContent);
}"""


@pytest.fixture
def browser(run, chromium):
    """Give a browser, and a report for it to open."""
    made_up.run_only("chd", "heart_failure", "htn", "t2dm")
    made_up.lay(
        {
            "chd": made_up.evaluation(outcomes=11)
            | {"comparators": [made_up.beside(), made_up.beside("w" * 40)]},
            "heart_failure": made_up.not_trained(),
            "htn": made_up.evaluation(),
            "t2dm": made_up.inestimable(),
        }
    )
    run(*WORDS)
    return chromium


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_is_quiet_and_whole(browser, width, scheme):
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    told, asked = [], []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda fault: told.append(str(fault)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(PAGE.resolve().as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert told == []
    assert asked == [PAGE.resolve().as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for svg in page.query_selector_all("svg"):
        box = svg.bounding_box()
        assert min(box["width"], box["height"]) > 100
        assert svg.evaluate(OVERLAPS) == 0
        assert svg.evaluate(OUTSIDE) == []


def test_every_link_inside_the_page_leads_somewhere(browser):
    page = browser.new_page()
    page.goto(PAGE.resolve().as_uri())
    for link in page.query_selector_all("a[href^='#']"):
        assert page.query_selector(link.get_attribute("href"))


def test_every_figure_opens_as_a_picture_on_white_paper(browser):
    for path in FIGURES.iterdir():
        page = browser.new_page(color_scheme="dark")
        page.goto(path.resolve().as_uri())
        paper = page.query_selector(".paper")
        assert paper.evaluate("e => getComputedStyle(e).fill") == "rgb(255, 255, 255)"
        assert paper.bounding_box() == page.query_selector("svg").bounding_box()
        page.close()
