"""Files far larger than what a worker may take of memory."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundles import bundle, observation
from tests.ingest.test_read import text

MB = 1_000_000
PEAK = """
import re, sys
from pathlib import Path
from chronicle.ingest import read
if len(sys.argv) > 1:
    found = sum(each.problem is None for each in read.entries(Path(sys.argv[1])))
    assert found == int(sys.argv[2]), found
# Not getrusage: it counts what the process that started this one had.
print(1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]))
"""


def peak(*arguments: object) -> int:
    """Return the bytes of memory that another process needs at most."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def resources(size: int) -> list[bytes]:
    return [text(observation(number=n)) for n in range(size // 700)]


@pytest.mark.slow
def test_lines_take_the_same_memory_however_many_they_are(tmp_path: Path):
    needed = []
    for size in (20 * MB, 80 * MB):
        path = tmp_path / f"{size}.ndjson.gz"
        some = resources(size)
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.writelines(each + b"\n" for each in some)
        needed.append(peak(path, len(some)))
    assert needed[1] <= needed[0] + 10 * MB
    assert needed[1] <= peak() + 60 * MB


@pytest.mark.slow
def test_a_bundle_takes_little_more_than_its_text(tmp_path: Path):
    some = resources(50 * MB)
    start, end = text(bundle(observation())).split(text(observation()))
    path = tmp_path / "large.json"
    path.write_bytes(start + b'},{"resource":'.join(some) + end)
    size = path.stat().st_size
    assert peak(path, len(some)) <= peak() + 1.6 * size
