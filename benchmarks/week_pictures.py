"""Takes pictures of Prefect's pages with the system's Chromium."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]
WIDTH = 1400
MENU = 262  # pixels of every page that say nothing of a run
DRAWN_MS = 6000  # a page has drawn itself


def runs(url: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest runs, as the server tells them."""
    return asked(f"{url}/flow_runs/filter", sort="START_TIME_DESC", limit=limit)


def asked(url: str, **wanted: Any) -> list[dict[str, Any]]:
    """Return what the server answers."""
    request = urllib.request.Request(  # noqa: S310, our own server
        url,
        data=json.dumps(wanted).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def take(told: list[dict[str, Any]], base: str, folder: Path) -> None:
    """Take the list of runs, and the newest run of each state."""
    with browser() as page:
        page.goto(f"{base}/runs")
        page.wait_for_timeout(DRAWN_MS)
        shoot(page, folder / "week-runs.png", top=600, bottom=710 + 85 * len(told))
        for state, run in {each["state"]: each["run"] for each in told}.items():
            page.goto(f"{base}/runs/flow-run/{run}")
            page.wait_for_timeout(DRAWN_MS)
            page.get_by_text("Details", exact=True).first.click()
            page.wait_for_timeout(DRAWN_MS // 2)
            more = page.get_by_text("See More")
            if more.count():
                more.first.click()
            page.wait_for_timeout(DRAWN_MS // 6)
            below = page.get_by_text("Flow configuration").bounding_box()["y"]
            shoot(page, folder / f"week-{state.lower()}.png", bottom=round(below) - 20)
        page.goto(f"{base}/artifacts/artifact/{summary_of(told[-1]['run'], base)}")
        page.wait_for_timeout(DRAWN_MS)
        below = page.get_by_text("Show raw data").bounding_box()["y"]
        shoot(page, folder / "week-summary.png", bottom=round(below) - 20)


def summary_of(run: str, base: str) -> str:
    """Return which artifact says what a run did."""
    its = {"key": {"any_": ["run-summary"]}, "flow_run_id": {"any_": [run]}}
    [found] = asked(f"{base}/api/artifacts/filter", artifacts=its)
    return found["id"]


@contextmanager
def browser() -> Iterator[Any]:
    """Give a page of the system's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=QUIET
        )
        size = {"width": WIDTH, "height": 1500}
        yield found.new_context(viewport=size).new_page()
        found.close()


def shoot(page: Any, path: Path, bottom: int, top: int = 0) -> None:
    """Take what a page shows right of the menu."""
    area = {"x": MENU, "y": top, "width": WIDTH - MENU, "height": bottom - top}
    page.screenshot(path=path, clip=area)
