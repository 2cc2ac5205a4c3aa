"""Asks git. It knows the pointers to what DVC keeps, and never data."""

import os
import subprocess

from flows.errors import VersionError

# Nobody is there to be asked for a password, and words are read in English.
QUIETLY = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def git(*arguments: str) -> str:
    """Return what git says.

    Raises:
        VersionError: It cannot.
    """
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607, the site's own
            env={**os.environ, **QUIETLY},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise VersionError("there is no git.", where="PATH", do="install it") from None
    if done.returncode:
        raise explained(arguments[0], done.stderr)
    return done.stdout


def explained(word: str, told: str) -> VersionError:
    """Turn what git said into what, where and do."""
    if "tell me who you are" in told or "empty ident" in told:
        return VersionError(
            "git does not know in whose name.",
            where="git config",
            do="git config user.name NAME; git config user.email ADDRESS",
        )
    if "not a git repository" in told:
        return VersionError(
            "this is no git repository.", where="the project", do="git init, or clone"
        )
    lines = told.strip().splitlines() or ["it says nothing"]
    return VersionError(f"git {word}: {lines[0]}", where="git", do="see `git status`")
