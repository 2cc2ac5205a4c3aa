"""dvc.lock after a crash: DVC by hand writes it in place, and a kill leaves half."""

import subprocess

from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.repo import Repo

from flows.graph import DVC_LOCK, project


def mend() -> bool:
    """Take the last committed dvc.lock, or none, for one that was torn; tell if it was.

    What that one does not know of, DVC's run cache does: it need not be made again.
    """
    with project() as repo:
        if _is_whole(repo):
            return False
        with repo.lock:  # Who looks while DVC writes sees half a file, too.
            if _is_whole(repo):
                return False
            show = ["git", "show", f"HEAD:{DVC_LOCK}"]
            kept = subprocess.run(show, capture_output=True)
            DVC_LOCK.write_bytes(kept.stdout)
            if kept.returncode or not _is_whole(repo):
                DVC_LOCK.unlink()
    return True


def _is_whole(repo: Repo) -> bool:
    try:
        Lockfile(repo, str(DVC_LOCK)).load()
    except DvcException:
        return not DVC_LOCK.exists()
    return True
