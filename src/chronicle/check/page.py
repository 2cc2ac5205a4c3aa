"""Verdicts into one static page that opens offline and quotes no value."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

ORDER = {"critical": 0, "warning": 1, "info": 2}


def render(verdicts: list[dict[str, Any]]) -> str:
    """Return the page; what failed comes first.

    Args:
        verdicts: As `suite.judge` returns them.
    """
    pages = Environment(
        loader=PackageLoader("chronicle.check", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [
        verdict | {"asked": sorted(verdict["expectations"].items(), key=_urgency)}
        for verdict in verdicts
    ]
    return pages.get_template("page.html").render(verdicts=shown)


def _urgency(asked: tuple[str, dict[str, Any]]) -> tuple[bool, int, str]:
    name, answer = asked
    urgency = 0 if answer["errored"] else ORDER[answer["severity"]]
    return answer["passed"], urgency, name
