"""Calls that no method makes: what `client.request()` may send, where to, and what records may say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Literal, cast
from urllib.parse import unquote

from astra_api.operations import OPERATIONS, Operation

from astra._json import is_object
from astra._names import request_in_our_names
from astra.errors import InvalidRequestError
from astra.http.calls import Call
from astra.http.encode import encode_json, encode_query
from astra.http.operations import CONFIRMED, add_extras, answers_with_id
from astra.http.options import CheckedOptions, check_mapping
from astra.http.payment_match import facts_of

Host = Literal["api", "secure", "app"]
METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
HOSTS: Final = ("api", "secure", "app")
_PATH: Final = re.compile(r"(?:/(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+", re.ASCII)
_VERSION: Final = re.compile(r"v\d{1,3}", re.ASCII)
_RESOURCE: Final = re.compile(r"[a-z][a-z_-]{0,40}")
_WORDS: Final = frozenset(part for row in OPERATIONS.values() for part in row.path.split("/") if "{" not in part)


def build_free_call(
    method: str,
    path: str,
    *,
    json: object,
    params: Mapping[str, Any] | None,
    host: str | None,
    moves_money: object,
    template: str | None,
    has_user: bool,
    options: CheckedOptions,
) -> Call:
    """Builds a call from what `client.request()` was given.

    An operation of the spec is known by its method and path, and keeps its name, its host, its template, and that it
    moves money. Of anything else, a write moves money until the caller says otherwise.

    Args:
        method: HTTP method, in any case.
        path: quoted path below the host.
        json: the body, or None for none.
        params: query parameters.
        host: "api", "secure", "app", or None for that of the operation.
        moves_money: what the caller says, or None.
        template: the path with names for its ids, or None.
        has_user: True for a call with a user's token.
        options: the call's options, checked.

    Raises:
        InvalidRequestError: an argument cannot be right, or calls a payment harmless.
    """
    verb = _one_of(METHODS, str(method).upper(), argument="method")
    segments = check_path(path)
    known = operation_at(verb, segments)
    if known is not None and known.money and moves_money is False:
        raise InvalidRequestError(
            f"{verb} {known.path} is known to start, change or stop payments, so moves_money cannot be False.",
            argument="moves_money",
        )
    if moves_money is None:
        moves_money = known.money if known is not None else verb not in ("GET", "HEAD")
    elif not isinstance(moves_money, bool):
        raise InvalidRequestError(
            f"moves_money must be True, False or None, not {moves_money!r}.", argument="moves_money"
        )
    where = None if host is None else _one_of(HOSTS, host, argument="host")
    shape = known.path if known is not None else masked(segments)
    operation = Operation(
        id=known.id if known is not None else "request",
        tag=known.tag if known is not None else "",
        method=verb,
        path=check_template(template, segments) if template is not None else shape,
        auth="bearer" if has_user else "basic",
        # The table knows no operation of the pages' host.
        host=cast("Literal['api', 'secure']", where or (known.host if known is not None else "api")),
        money=moves_money,
    )
    request: dict[str, Any] = {"params": {} if params is None else check_mapping("params", params)}
    if json is not None:
        request["json"] = json
    add_extras(request, operation, options)
    query = encode_query(request["params"])
    body: object = request.get("json")
    call = Call(
        operation=operation,
        path=f"{path}?{query}" if query else path,
        content=None if body is None else encode_json(body),
        content_type=None if body is None else "application/json",
        options=options,
    )
    if known is not None and known.money:
        _expect(call, known, segments, body if is_object(body) else {})
    return call


def _expect(call: Call, known: Operation, segments: list[str], body: Mapping[str, Any]) -> None:
    """Says what a success of a payment that the spec knows has to look like, and how to find the payment again."""
    call.has_id = answers_with_id(import_module(f"astra_api.api.{known.tag}.{known.id}"))
    names, facts = known.path[1:].split("/"), facts_of(request_in_our_names(known.id, body))
    if "{id}" in names:
        call.resource_id = unquote(segments[names.index("{id}")])
        call.changes = {name: value for name, value in facts.items() if name in CONFIRMED}
    else:
        call.match_fields = facts


def check_path(path: object) -> list[str]:
    """Returns the segments of a path, after checking that it stays below the host, whoever reads it.

    Raises:
        InvalidRequestError: no such path. It is not shown, as it may hold what is personal.
    """
    if isinstance(path, str) and ("?" in path or "#" in path):
        raise InvalidRequestError("path must hold no query and no fragment: give params.", argument="path")
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise InvalidRequestError(
            'path must be one below the host, such as "/v1/transfers/tr_1": a slash at its start, none at its end, and '
            'its ids quoted by urllib.parse.quote(id, safe="").',
            argument="path",
        )
    try:
        read = unquote(path, errors="strict")
    except UnicodeDecodeError:
        read = ""
    if not read.isprintable() or not read or {".", ".."} & set(re.split(r"[/\\]", read)):
        raise InvalidRequestError(
            'path must not hold "." or ".." as a segment, nor quoted characters that are no text.', argument="path"
        )
    return path[1:].split("/")


def operation_at(method: str, segments: list[str]) -> Operation | None:
    """Returns the operation of the spec that has this method and path, or None.

    Args:
        method: in capital letters.
        segments: of the path.
    """
    found = [row for row in OPERATIONS.values() if row.method == method and _fits(row.path[1:].split("/"), segments)]
    # /v1/routines/book is no routine with the id "book".
    return min(found, key=lambda row: row.path.count("{"), default=None)


def masked(segments: list[str]) -> str:
    """Returns a path with `{}` for every part that may be an id: records of calls outlive what they are about.

    What stays are the words of the spec's own paths, a version, and the name of the resource behind it.

    Args:
        segments: of the path.
    """
    shown: list[str] = []
    for position, part in enumerate(segments):
        is_resource = position == 1 and _VERSION.fullmatch(segments[0]) and _RESOURCE.fullmatch(part)
        stays = part in _WORDS or is_resource or (position == 0 and _VERSION.fullmatch(part))
        shown.append(part if stays else "{}")
    return "/" + "/".join(shown)


def check_template(template: object, segments: list[str]) -> str:
    """Returns the caller's template of a path, after checking that it is one of this path.

    Raises:
        InvalidRequestError: it is that of another path.
    """
    if not isinstance(template, str) or template[:1] != "/" or not _fits(template[1:].split("/"), segments):
        raise InvalidRequestError(
            'template must be the path with names in braces for its ids, such as "/v1/transfers/{id}".',
            argument="template",
        )
    return template


def _fits(template: list[str], segments: list[str]) -> bool:
    return len(template) == len(segments) and all(
        one == other or (one[:1] == "{" and one[-1:] == "}") for one, other in zip(template, segments, strict=True)
    )


def _one_of(known: tuple[str, ...], value: object, *, argument: str) -> str:
    if value not in known:
        raise InvalidRequestError(f"{argument} must be one of {', '.join(known)}, not {value!r}.", argument=argument)
    return str(value)
