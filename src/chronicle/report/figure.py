"""A figure, before it is drawn."""

from dataclasses import dataclass, field
from typing import Any

from chronicle.report.scale import Scale


@dataclass(frozen=True)
class Figure:
    """One figure.

    Args:
        name: `roc`, `precision_recall`, `calibration`, `decision`, `forest`,
            `features`, `learning` or `dependence`; its template is `<name>.svg.html`.
        key: Unique on the page; ids begin with it.
        title: Heading, and what a screen reader says first.
        told: The figure in a sentence, for those who do not see it.
        x: The horizontal axis.
        y: The vertical axis.
        height: Of the drawing, which is 360 wide.
        marks: What is drawn, as the template wants it.
        note: Told in the drawing.
        band: Corners of the area in which a curve may lie.
        bars: Of a histogram at the foot: x, y, width, height.
    """

    name: str
    key: str
    title: str
    told: str
    x: Scale
    y: Scale
    height: float = 352
    marks: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    band: str = ""
    bars: list[dict[str, str]] = field(default_factory=list)
