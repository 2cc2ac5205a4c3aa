"""Chance that belongs to one patient and one purpose, without any state.

What is drawn depends on the seed, the patient and the words that name the purpose. So
a patient is written the same whoever else there is, and one draw more or less moves no
other.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b, shake_128
from typing import TypeVar

# The output of SHAKE only ever grows at its end: a new word changes none before it.
WORDS = 42  # what one permutation of SHAKE-128 gives
UNIT = 1 << 32
_WORDS = struct.Struct(f"<{WORDS}I")
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Chance:
    """Draws for one patient, or for a site where `whose` is the site.

    Args:
        seed: The simulation's.
        whose: `Person.id`, or a site and a month.
    """

    seed: int
    whose: str

    def name(self, *purpose: object) -> bytes:
        """Return 16 bytes that stand for nothing else."""
        text = f"{self.seed}/{self.whose}/" + "/".join(map(str, purpose))
        return blake2b(text.encode(), digest_size=16).digest()

    def share(self, *purpose: object) -> float:
        """Return a number in [0, 1)."""
        return int.from_bytes(self.name(*purpose)[:7], "little") / (1 << 56)

    def pick(self, choices: Sequence[Choice], *purpose: object) -> Choice:
        """Return one of `choices`, each as likely as the other."""
        return choices[int(self.share(*purpose) * len(choices))]

    def words(self, purpose: str) -> tuple[int, ...]:
        """Return `WORDS` independent integers in [0, UNIT)."""
        text = f"{self.seed}/{self.whose}/{purpose}"
        return _WORDS.unpack(shake_128(text.encode()).digest(WORDS * 4))
