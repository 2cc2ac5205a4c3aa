"""dvc.lock after a crash: DVC by hand writes it in place, and a kill leaves half."""

from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.repo import Repo

from flows import version
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
            kept = version.shown("HEAD", str(DVC_LOCK))
            DVC_LOCK.write_text(kept, encoding="utf-8")
            if not _is_whole(repo):
                DVC_LOCK.unlink()
    return True


def _is_whole(repo: Repo) -> bool:
    try:
        Lockfile(repo, str(DVC_LOCK)).load()
    except DvcException:
        return not DVC_LOCK.exists()
    return True
