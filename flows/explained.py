"""What DVC says of a declaration that it cannot read, in words of ours."""

import re

from dvc.exceptions import DvcException

from flows.errors import PipelineError

MISSING_KEY = re.compile(r"Could not find '([^']+)'")
NAMED_FILE = re.compile(r"[\w./@-]+\.(?:ya?ml|lock|dvc)\b")
FILES = ("dvc.yaml", "params.yaml")


def explained(error: Exception) -> PipelineError:
    """Turn what DVC raised into what, where and do."""
    causes: list[BaseException] = [error]
    while cause := causes[-1].__cause__:
        causes.append(cause)
    # A blank line ends what is wrong; advice about DVC's own workings follows it.
    told = [" ".join(str(cause).split("\n\n")[0].split()) for cause in causes]
    text = "; ".join(dict.fromkeys(told))
    if "not a git repository" in text:
        do = "git init, or clone: DVC keeps what it knows in git"
    elif key := MISSING_KEY.search(text):
        do = f"add `{key[1]}` to params.yaml"
    elif isinstance(error, DvcException):
        do = "correct it; `dvc status` tells more"
    else:
        do = "look for a value of another type than it should be: list, word, date"
    files = dict.fromkeys(NAMED_FILE.findall(text)) or FILES
    return PipelineError(
        f"DVC cannot read the pipe: {text}", where=", ".join(files), do=do
    )
