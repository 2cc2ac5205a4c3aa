"""One resource that a fault is about to hit, and what the fault did to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from chronicle.simulate.sites.writer import Item, Resource, Writer

# What a careful reader does with it: refuse the resource; see a duplicate; keep the row
# without its value; convert the value; mark it; or nothing, because nobody can know.
Fate = Literal["refuse", "duplicate", "null_value", "convert", "flag", "none"]
Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Case:
    """A fault and its resource.

    Args:
        fault: The kind.
        writer: Whose, and how the site writes.
        item: The clean resource; never changed.
        resource: A deep copy of it, to be changed in place.
    """

    fault: str
    writer: Writer
    item: Item
    resource: Resource

    @property
    def id(self) -> str:
        """The resource's id."""
        return str(self.resource["id"])

    def share(self, purpose: str = "") -> float:
        """Return a number in [0, 1) of this fault in this resource."""
        return self.writer.chance.share(self.fault, self.id, purpose)

    def pick(self, choices: Sequence[Choice], purpose: str = "") -> Choice:
        """Return one of `choices`."""
        return choices[int(self.share(purpose) * len(choices))]

    def new_id(self) -> str:
        """Return an id for a second resource."""
        return self.writer.id(self.resource["resourceType"], self.id, self.fault)


@dataclass(frozen=True, slots=True)
class Struck:
    """What was done.

    Args:
        element: Which element differs; empty for the resource as a whole.
        original: What stood there.
        written: What stands there now.
        expected: What a careful reader does.
        extra: A second resource; then the first is written as it was.
        gone: The resource is not written at all.
        torn: Its line ends in the middle.
    """

    element: str
    original: object
    written: object
    expected: Fate
    extra: Resource | None = None
    gone: bool = False
    torn: bool = False


# A fault returns None where the resource gives it nothing to do.
Strike = Callable[[Case], Struck | None]
