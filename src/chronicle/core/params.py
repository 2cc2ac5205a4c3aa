"""YAML into frozen values; a stray or missing key is an error that names it."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from chronicle.core import store
from chronicle.core.errors import ParamsError

FILE = Path("params.yaml")


class Params(BaseModel):
    """A section of `params.yaml` or a file beside it: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Section = TypeVar("Section", bound=Params)


def load(path: Path, kind: type[Section]) -> Section:
    """Read one YAML file as `kind`.

    Raises:
        ParamsError: The file is missing, is no YAML, or does not fit `kind`.
    """
    return _fit(_read(path), kind, where=str(path))


def section(name: str, kind: type[Section]) -> Section:
    """Read one section of `params.yaml`.

    Raises:
        ParamsError: As `load`; also where the section is not there.
    """
    return _fit(_read(FILE).get(name, {}), kind, where=f"{FILE}: {name}")


def _read(path: Path) -> dict[str, object]:
    try:
        found = store.read_yaml(path)
    except FileNotFoundError:
        raise ParamsError(
            "the file is not there.", where=str(path), do="create it, or mend its name"
        ) from None
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = "" if mark is None else f", line {mark.line + 1}"
        raise ParamsError(
            "this is no YAML.",
            where=f"{path}{line}",
            do="mend the indentation or quote",
        ) from None
    if not isinstance(found, dict):
        raise ParamsError("no keys found.", where=str(path), do="write `key: value`")
    return found


def _fit(found: object, kind: type[Section], *, where: str) -> Section:
    try:
        return kind.model_validate(found)
    except ValidationError as fault:
        told = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'all'}: {each['msg']}"
            for each in fault.errors()
        )
        raise ParamsError(
            f"{fault.error_count()} fault(s): {told}.",
            where=where,
            do=f"the keys and units are documented in {kind.__module__}",
        ) from None
