"""What the sandbox serves, as an OpenAPI document for the tools of any language."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from astra.version import __version__


def openapi_document(*, url: str, secure_url: str) -> dict[str, Any]:
    """Returns the specification that this SDK is made from, with its evidence marks, and this sandbox as its server.

    Args:
        url: where the reader reached the sandbox.
        secure_url: where the operations of Astra's secure host are served.
    """
    document: dict[str, Any] = json.loads(files("astra_api").joinpath("openapi.json").read_bytes())
    document["servers"] = [{"url": url, "description": "This sandbox"}]
    document["info"]["x-served-by"] = f"astra sandbox {__version__}"
    for methods in document["paths"].values():
        for operation in methods.values():
            if isinstance(operation, dict) and "servers" in operation:
                operation["servers"] = [{"url": secure_url, "description": "This sandbox, secure host"}]
    return document
