"""Every model and enum of the API by its name: `from astra.types import Transfer, TransferStatus`.

They are written from the spec, one class for each of its schemas, and loaded when they are first used.
`RoutineTypeLiteral` and the like are what arguments take as text. To pass text that your program reads, make it an
enum: `type=RoutineType(text)`; a value that Astra does not take is refused before it is sent.
`FieldDecodeError` is what reading a missing or unreadable field raises when the object was not received through a
client; of one that was, it is `astra.ResponseDecodeError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import astra_api.literals
import astra_api.models
from astra_api.errors import FieldDecodeError as FieldDecodeError

if TYPE_CHECKING:
    from astra_api.literals import *  # noqa: F403
    from astra_api.models import *  # noqa: F403
else:
    __all__ = ("FieldDecodeError", *astra_api.literals.__all__, *astra_api.models.__all__)


def __getattr__(name: str) -> object:
    if name in astra_api.literals.__all__:
        return getattr(astra_api.literals, name)
    if name not in astra_api.models.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(astra_api.models, name)


def __dir__() -> list[str]:
    return sorted(("FieldDecodeError", *astra_api.literals.__all__, *astra_api.models.__all__))
