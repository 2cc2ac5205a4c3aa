"""Where work runs: in this process, in N processes, or on a Dask cluster.

The seam is `concurrent.futures.Executor`, which Dask offers too. Where work runs never
changes what it makes: results come back in the order of the shards.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

from chronicle.core.errors import UsageError, WorkersLost

VARIABLE = "CHRONICLE_WORKERS"
Shard = TypeVar("Shard")
Result = TypeVar("Result")
_HIRED: ContextVar[tuple[ExitStack, dict[str, Executor]] | None] = ContextVar(
    "hired", default=None
)


@contextmanager
def hired() -> Iterator[None]:
    """Let each `map_shards` in the block have the same workers.

    A local process takes a second to start and to import what it works with.
    """
    with ExitStack() as stack:
        token = _HIRED.set((stack, {}))
        try:
            yield
        finally:
            _HIRED.reset(token)


def map_shards(
    work: Callable[..., Result],
    shards: Sequence[Shard],
    /,
    progress: Callable[[Result], None] | None = None,
    **fixed: object,
) -> list[Result]:
    """Apply `work` to each shard; return results in the order of `shards`.

    Args:
        work: Takes a shard, and `fixed` by their names.
        shards: What differs.
        progress: Is called here, in this process, with each result in that order, as
            soon as it and those before it are there.
        fixed: What does not differ.

    `CHRONICLE_WORKERS` unset: in this process, one by one. A number: that many local
    processes. An address such as `tcp://scheduler:8786`: a Dask cluster, which must
    see the same paths as this machine.

    Raises:
        UsageError: `CHRONICLE_WORKERS` is neither a number nor an address.
        WorkersLost: A worker died or the cluster cannot be reached.
    """
    task = partial(work, **fixed)
    where = os.environ.get(VARIABLE, "")
    if where in ("", "0", "1") or len(shards) < 2:
        return _told(map(task, shards), progress)
    try:
        with ExitStack() as ending:
            return _told(_pool(where, ending).map(task, shards), progress)
    except BrokenProcessPool as fault:
        raise _lost("a worker process died") from fault


def _told(
    results: Iterable[Result], progress: Callable[[Result], None] | None
) -> list[Result]:
    told = []
    for result in results:
        told.append(result)
        if progress is not None:
            progress(result)
    return told


def _pool(where: str, ending: ExitStack) -> Executor:
    """Return workers: those that are hired, or some until `ending`."""
    stack, pools = _HIRED.get() or (ending, {})
    if where not in pools:
        pools[where] = stack.enter_context(_workers(where))
    return pools[where]


@contextmanager
def _workers(where: str) -> Iterator[Executor]:
    if where.isdecimal():
        # Polars holds threads that a forked child would inherit locked.
        with ProcessPoolExecutor(int(where), mp_context=get_context("spawn")) as pool:
            yield pool
        return
    if "://" not in where:
        raise UsageError(
            f"{VARIABLE} is neither a number nor the address of a Dask scheduler.",
            where="environment",
            do=f"unset it, or set {VARIABLE}=4 or {VARIABLE}=tcp://scheduler:8786",
        )
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            f"{VARIABLE} names a Dask cluster, and Dask is not installed.",
            where="environment",
            do="pip install distributed",
        ) from None
    try:
        client = Client(where, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as fault:
        raise _lost("the Dask scheduler does not answer") from fault
    with client, client.get_executor() as pool:  # type: ignore[no-untyped-call]
        yield pool


def _lost(what: str) -> WorkersLost:
    return WorkersLost(
        f"{what}.",
        where=f"{VARIABLE} in the environment",
        do="see that the machine has memory and the cluster runs, then run again",
    )
