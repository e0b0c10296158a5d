"""YAML by libyaml where PyYAML was built with it, as its wheels are: ten times as fast as PyYAML's own."""

from __future__ import annotations

from typing import Any

import yaml

SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SAFE_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def safe_load(text: str) -> Any:
    """As `yaml.safe_load`."""
    return yaml.load(text, Loader=SAFE_LOADER)


def safe_dump(document: Any, **options: Any) -> str:
    """As `yaml.safe_dump`."""
    return str(yaml.dump(document, Dumper=SAFE_DUMPER, **options))
