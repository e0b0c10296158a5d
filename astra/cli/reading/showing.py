"""What is shown of an object of Astra's. Secrets never are, and what is personal only when it is asked for. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from astra_api.facts import SECRET_FIELDS

from astra._json import is_array, is_object
from astra.http.masking import HIDDEN, is_hidden_name
from astra.http.personal_data import Kind, match_field, replace_personal

MOST_COLUMNS: Final = 8
_FIRST: Final = ("id", "status", "type", "name", "amount")
# A code in an object is that of a failure, not one that is exchanged for tokens.
_SECRETS: Final = SECRET_FIELDS - {"code"}
_WORDS: Final[dict[Kind, str]] = dict.fromkeys(("credential", "email", "account", "card", "ssn", "phone"), HIDDEN)


def mask(value: Any, *, name: str = "", unmask: bool = False) -> Any:
    """Returns decoded JSON without what is secret or personal.

    Args:
        value: the value.
        name: of the field that it is in.
        unmask: leave what is personal; secrets are hidden all the same.
    """
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return value
    if name and (match_field(name, _SECRETS) if unmask else is_hidden_name(name)):
        return HIDDEN
    if is_object(value):
        return {key: mask(item, name=key, unmask=unmask) for key, item in value.items()}
    if is_array(value):
        return [mask(item, unmask=unmask) for item in value]
    return replace_personal(value, _WORDS) if isinstance(value, str) and not unmask else value


def columns_of(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Chooses the columns of a table: fields of one value that some object has, the usual ones first.

    Args:
        items: the first objects of the list.
    """
    fields = dict.fromkeys(name for item in items for name in item)
    plain = [
        name
        for name in fields
        if all(not isinstance(item.get(name), (dict, list)) for item in items)
        and any(item.get(name) not in (None, HIDDEN) for item in items)
    ]
    return [*(name for name in _FIRST if name in plain), *(name for name in plain if name not in _FIRST)][:MOST_COLUMNS]


def cell(value: Any) -> Any:
    """Returns a value as a table shows it.

    Args:
        value: of a field.
    """
    return json.dumps(value) if isinstance(value, (dict, list)) else value
