"""What allocators keep of freed memory: less than they would.

They are told before they begin to give, so this is called before polars is loaded.
Local workers take it over with the environment.
"""

import ctypes
import os

ARENAS = -8  # `M_ARENA_MAX` of glibc's malloc.h


def spare() -> None:
    """Tell the allocators of polars and of C to keep less, where they are told nothing.

    Each arena of polars' keeps what was freed for itself, and there are four for each
    core: a sixth of the memory of a large landing. And it keeps for a second what it
    then gives back lazily, which the kernel counts as ours until somebody needs it.
    C's has up to eight for each core, one for each thread in which polars asks for the
    rows that we make: those that `keep` writes took twice the memory. A fit of LightGBM
    takes as long with one (measured on two cores).
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,muzzy_decay_ms:0")
    if os.environ.setdefault("MALLOC_ARENA_MAX", "1") == "1":
        # Read when a process starts, and this one runs already; glibc alone has it.
        tell = getattr(ctypes.CDLL(None), "mallopt", None)
        if tell is not None:
            tell(ARENAS, 1)
