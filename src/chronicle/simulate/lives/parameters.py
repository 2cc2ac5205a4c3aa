"""The numbers of `parameters.yaml`."""

from pathlib import Path
from typing import Any

import yaml

P: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("parameters.yaml").read_text(encoding="utf-8")
)
