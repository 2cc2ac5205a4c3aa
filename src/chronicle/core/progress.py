"""How far long work has come: a line every few seconds, counts only.

`flows/` reads these lines and draws them; so their form is fixed.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

EVERY_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass
class Progress:
    """Tells how far a stage has come.

    Args:
        stage: Whose work it is.
        total: How much there is to do, in any unit that time goes with.
        what: What that is, as `1,200 files`.
        rate: What is counted beside it, as `resources`.
        clock: Gives seconds.
    """

    stage: str
    total: int
    what: str
    rate: str
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    counted: int = 0
    began: float = field(init=False)
    told: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin now."""
        self.began = self.told = self.clock()

    def add(self, done: int, counted: int) -> None:
        """Take note of work that is done; tell it if the last word was long ago.

        Args:
            done: Of `total`.
            counted: Of what is counted beside it.
        """
        self.done += done
        self.counted += counted
        now = self.clock()
        if now - self.told >= EVERY_SECONDS and 0 < self.done < self.total:
            self.told = now
            log.info("%s", self.line(now - self.began))

    def line(self, seconds: float) -> str:
        """Return the line.

        >>> Progress("ingest", 8, "3 files", "resources", done=2, counted=90).line(3)
        'ingest: 25 % of 3 files, 30 resources/s, 9 s left'
        """
        left = seconds * (self.total - self.done) / self.done
        return (
            f"{self.stage}: {100 * self.done // self.total} % of {self.what}, "
            f"{self.counted / seconds:,.0f} {self.rate}/s, {left:.0f} s left"
        )
