"""The versions of this project: `python -m flows.models COMMAND`.

list            every version: data, parameters, what was decided, when and by whom
diff A [B]      what differs between two versions, or one and what is here
keep            make a version of what is here
rollback A      put an earlier version's data and models in use again
promote A       the same for a later one
verify          hash every byte that DVC keeps here, against its md5
"""

import sys
from collections.abc import Callable

from flows import graph, settings, version, whole
from flows.alone import alone, demand_project
from flows.errors import FlowError, UsageError, VersionError
from flows.git import git
from flows.version import Version


def shown() -> None:
    """Print every version, newest last; a star is before the one that is here."""
    here = version.here()
    for each in version.versions():
        print(line(each, here))
        for name, told in each.told.get("decided", {}).items():
            state = "in use" if told["in_use"] else "not in use"
            values = ", ".join(f"{k} {v}" for k, v in told["asked"].items() if v)
            print(f"      {name}: {state}: {'; '.join(told['why'])}; {values}")
    if not here:
        print("* what is here is no version: `keep` makes one")


def line(each: Version, here: str) -> str:
    """Return a version in a line."""
    data = " ".join(
        f"{name} {md5[:8]}" for name, md5 in each.told.get("data", {}).items()
    )
    star = "*" if each.tag == here else " "
    how = each.told.get("how", "by hand")
    params = each.told.get("params", "")
    told = [each.tag, each.made[:19], each.by, how, data, f"params {params}"]
    return f"{star} {'  '.join(told)}"


def diff(before: str, now: str = "") -> None:
    """Print what differs: data, parameters, what people wrote, metrics."""
    demand(before)
    other = now or None
    if other:
        demand(other)
    old, new = version.data_of(before), version.data_of(other)
    for name in sorted(old | new):
        if old.get(name) != new.get(name):
            print(f"data     {name}: {old.get(name)} -> {new.get(name)}")
    inputs = graph.read().inputs
    names = ["diff", "--name-only", before, *([other] if other else [])]
    for name in git(*names, "--", *inputs).splitlines():
        print(f"written  {name}")
    with graph.project() as repo:
        told(repo.params.diff(a_rev=before, b_rev=other), "params ")
        told(repo.metrics.diff(a_rev=before, b_rev=other), "metrics")


def told(found: dict[str, dict[str, dict[str, dict[str, object]]]], word: str) -> None:
    """Print a difference that DVC found."""
    for file, keys in sorted(found.get("diff", {}).items()):
        for key, each in sorted(keys.items()):
            more = f" ({each['diff']:+})" if "diff" in each else ""
            print(f"{word}  {file}: {key}: {each['old']} -> {each['new']}{more}")


def keep() -> None:
    """Make a version of what is here, as the schedule does after a run."""
    print(version.make("by hand", graph.read().inputs))


def promote(tag: str) -> None:
    """Put a version's data and models in use, and say so in a version of its own."""
    bring(tag, promote.__name__)


def rollback(tag: str) -> None:
    """Put an earlier version's data and models in use again."""
    bring(tag, rollback.__name__)


def bring(tag: str, how: str) -> None:
    """Make data, models and reports those of a version, to the byte.

    Raises:
        VersionError: They are nowhere any more, or damaged; all is as it was then.
    """
    demand(tag)
    before = git("rev-parse", "HEAD").strip()
    if version.changed():
        version.commit(f"as it was before {how} {tag}")
        before = git("rev-parse", "HEAD").strip()
    try:
        restore(tag)
    except VersionError:
        restore(before)
        raise
    print(f"{tag} is here, and every byte of it is what its md5 says")
    inputs = graph.read().inputs
    differ = git("diff", "--name-only", tag, "--", *inputs).split()
    if differ:
        print(f"written otherwise since: {', '.join(differ)}; the next run heeds that")
    print(version.make(f"{how} {tag}", inputs))
    print("the next run judges its model against this one: mend why, or stop it first")


def restore(revision: str) -> None:
    """Let the pointers be those of a revision, and fetch what they point to."""
    files = git("ls-tree", "-r", "--name-only", revision, "--", *version.pointers())
    git("restore", f"--source={revision}", "--", *files.split())
    with graph.project() as repo:
        has_remote = bool(repo.config["core"].get("remote"))
    for _ in range(2):
        with graph.project() as repo:
            try:
                if has_remote:
                    repo.fetch()
                outs = whole.made(repo)
                repo.checkout([out.fs_path for out in outs], force=True)
            except Exception as error:  # each store, and DVC, has errors of its own
                raise gone(revision, type(error).__name__) from None
            # What is damaged is removed, and comes from the remote the second time.
            if not [out for out in outs if whole.remove_damaged(out, repo)]:
                return
    raise gone(revision, "damaged")


def gone(revision: str, why: str) -> VersionError:
    """Say that a version cannot be had here any more."""
    return VersionError(
        f"{revision} is not whole, neither here nor in the DVC remote ({why}).",
        where="DVC's cache and remote",
        do=f"bring the remote back, or: git checkout {revision} && dvc repro",
    )


def demand(tag: str) -> None:
    """Raise when there is no such version."""
    known = [each.tag for each in version.versions()]
    if tag not in known:
        raise UsageError(
            f"there is no version {tag}.",
            where="git tag",
            do=f"name one of: {', '.join(known) or 'none yet; `keep` makes one'}",
        )


def verify() -> None:
    """Hash all that DVC keeps here."""
    with graph.project() as repo:
        found = whole.damaged(repo)
    if found:
        raise VersionError(
            f"{len(found)} not what their md5 says: {', '.join(found)}.",
            where="the project",
            do="run again: it makes them anew; or `dvc checkout` if a stage is edited",
        )
    print("every byte is what its md5 says")


COMMANDS: dict[str, Callable[..., None]] = {
    "list": shown,
    **{each.__name__: each for each in (diff, keep, rollback, promote, verify)},
}
TAKES = {shown: (0,), diff: (1, 2), keep: (0,), rollback: (1,), promote: (1,)}


def demand_command(arguments: list[str]) -> Callable[..., None]:
    """Return the command that is asked for.

    Raises:
        UsageError: There is no such command, or it takes another number of versions.
    """
    if not arguments or arguments[0] not in COMMANDS:
        problem = "no such command."
    else:
        command, given = COMMANDS[arguments[0]], len(arguments) - 1
        takes = TAKES.get(command, (0,))
        if given in takes:
            return command
        many = " or ".join(map(str, takes))
        problem = f"'{arguments[0]}' takes {many} version(s) and was given {given}."
    raise UsageError(problem, where="command line", do=(__doc__ or "").strip())


def main(arguments: list[str]) -> int:
    """Carry out a command; return the exit code."""
    try:
        command = demand_command(arguments)
        demand_project()
        if command is shown:  # It reads what git has, and a run may take hours.
            shown()
            return 0
        with alone() as nobody_else:
            if not nobody_else:
                raise VersionError(
                    "a run is under way.", where=str(settings.HOME.parent), do="wait"
                )
            command(*arguments[1:])
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
