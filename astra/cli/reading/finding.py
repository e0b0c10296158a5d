"""Which objects can be read: what a `get`, a `list` or another list of a resource returns. New ones are found.

Left out is what is no list and no object with an id: a card's auth details, which say what Astra thinks of a person,
and the preview of a routine, which is asked for by a POST.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, Literal

import attrs

from astra.resources._sync.base import Resource

Verb = Literal["get", "list"]
PAGING: Final = ("page_size", "cursor", "limit")
"""Arguments of every list that has pages; the others are filters."""

_RETURNS_A_LIST: Final = re.compile(r"Pager\[.*|\w+List")
_ARGUMENT: Final = re.compile(r"^ +(\w+): (.*)$", re.MULTILINE)


@attrs.frozen(kw_only=True)
class Reading:
    """A method of the facade that reads.

    Attributes:
        attribute: name of the resource in the facade.
        method: name of its method.
        of_user: whether it is a user's, or else the client's own.
        summary: what it does, a sentence.
        ids: names of the arguments that it needs.
        filters: names of those that can be left out, without those of paging.
        has_pages: whether it is a list that is fetched page by page.
        told: what its docstring says of each argument.
    """

    attribute: str
    method: str
    of_user: bool
    summary: str
    ids: tuple[str, ...]
    filters: tuple[str, ...]
    has_pages: bool
    told: dict[str, str]

    @property
    def name(self) -> str:
        """Its name on the command line: `transfers`, and `transfer-segments` for the segments of one of them."""
        if self.method in ("get", "list"):
            words = self.attribute
        else:
            of_one = f"{self.attribute.removesuffix('s')}_" if self.ids else ""
            words = of_one + self.method
        return words.replace("_", "-")


def find_readings(verb: Verb) -> list[Reading]:
    """Returns what can be read, by name.

    Args:
        verb: "get" for one object by its id, "list" for many.
    """
    from astra import Astra

    # Nothing is sent, and nothing of the environment is needed: only methods are looked at.
    with Astra("nobody", "nothing") as client:
        found = [*_readings(client, verb, of_user=False), *_readings(client.user("nobody"), verb, of_user=True)]
    return sorted(found, key=lambda one: one.name)


def _readings(owner: object, verb: Verb, *, of_user: bool) -> Iterator[Reading]:
    for name, member in inspect.getmembers_static(type(owner)):
        resource = getattr(owner, name) if isinstance(member, cached_property) else None
        if isinstance(resource, Resource):
            yield from (describe(method, attribute=name, of_user=of_user) for method in _methods(resource, verb))


def _methods(resource: Resource, verb: Verb) -> Iterator[Any]:
    for name, method in inspect.getmembers(resource, inspect.ismethod):
        returned = str(inspect.signature(method).return_annotation)
        is_inner = verb == "list" and name not in ("get", "list") and not name.startswith("_")
        if name == verb or (is_inner and _RETURNS_A_LIST.fullmatch(returned)):
            yield method


def describe(method: Any, *, attribute: str, of_user: bool) -> Reading:
    """Describes a method of the facade.

    Args:
        method: the method.
        attribute: name of its resource in the facade.
        of_user: whether it is a user's.
    """
    parameters = inspect.signature(method).parameters.values()
    named = [one for one in parameters if one.kind is not one.VAR_KEYWORD]
    text = inspect.getdoc(method) or attribute
    arguments = text.partition("Args:\n")[2].partition("\n\n")[0]
    return Reading(
        attribute=attribute,
        method=method.__name__,
        of_user=of_user,
        summary=text.partition("\n")[0].replace(" Pages are fetched while you iterate.", ""),
        ids=tuple(one.name for one in named if one.default is one.empty),
        filters=tuple(one.name for one in named if one.default is not one.empty and one.name not in PAGING),
        has_pages=any(one.name == "limit" for one in named),
        told=dict(_ARGUMENT.findall(arguments)),
    )
