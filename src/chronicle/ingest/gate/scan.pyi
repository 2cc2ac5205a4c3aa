from collections.abc import Callable

Told = tuple[str, bytes, bytes, str | None, bytes]

class Gate:
    """Tables of types, and the one way through a resource that reads by them."""

    def __new__(
        cls,
        resources: dict[bytes, bool],
        define: Callable[[str, bool], int],
        is_reversed: Callable[[str, str], bool],
        /,
    ) -> Gate:
        """Make a gate.

        Args:
            resources: Every resource by name, with whether rows are made of it.
            define: Called once for a resource and whether all rules are asked; adds the
                types that it needs and returns its own number.
            is_reversed: Whether a period that starts and ends so ends before it starts.
        """
    def look(self, raw: bytes, read: bool = ..., /) -> Told | None:
        """Judge a resource.

        Args:
            raw: Its JSON.
            read: Whether all rules are asked, and it is written again; where it is not
                given, as `resources` says.

        Returns:
            Its type; it as JSON again, without white space, its elements in the order
            of its type; the same without what is `apart`; its id; the JSON of its
            identifiers, or of its one identifier, empty without. The second and third
            are empty where it is not `read`. None where it is not accepted.
        """
    def bundle(
        self, text: bytes | bytearray, /
    ) -> list[tuple[str | None, bytes, Told | None]] | None:
        """Judge all that is in a bundle, as `look` does.

        Returns:
            For each entry its fullUrl, its resource's JSON and what `look` tells of it.
            None where the text is no JSON, or no bundle of which each entry holds one
            resource: then it has to be cut first.
        """
    def form(self, classes: bytes, rows: bytes, accepted: bytes, width: int, /) -> int:
        """Add a machine, and return its number.

        Args:
            classes: The class of each byte.
            rows: Unsigned shorts: for where a state's row begins, and a class, where
                the row of the next state begins.
            accepted: 1 where a text may end, for each place in `rows`.
            width: How many classes there are.
        """
    def words(self, words: tuple[bytes, ...], /) -> int:
        """Add words of which an element is one, and return their number."""
    def bound(self, system: bytes, codes: tuple[bytes, ...], /) -> int:
        """Add the codes that a coding of a system may have; return their number."""
    def type(
        self,
        fields: tuple[tuple[bytes, int, int, bool, int, int, int], ...],
        needed: tuple[int, ...],
        apart: tuple[int, ...],
        choices: tuple[tuple[int, int, int], ...],
        id_: int,
        identifier: int,
        pair: tuple[int, int],
        is_period: bool,
        is_resource: bool,
        /,
    ) -> int:
        """Add a type, and return its number.

        Args:
            fields: `,"name":`, a number of `build.WHAT`, the number of its form, words
                or type, whether it repeats, the number of its bound or -1, the least
                and the greatest value (of a text: the least length).
            needed: Numbers of fields that must be there.
            apart: Numbers of fields that say whose a resource is, or when it was sent.
            choices: Of the fields from the first on, so many, at least 0 or 1, and not
                more than 1, may be there.
            id_: The number of that field, -1 without.
            identifier: So.
            pair: The numbers of a period's start and end, of a coding's system and
                code; else -1.
            is_period: Which of the two.
            is_resource: Whether it stands for itself.
        """
