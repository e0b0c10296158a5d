"""Calls of operations with what a walk knows so far: other spellings of paths, tokens that ended, and when to stop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from astra_api.operations import OPERATIONS

from astra._spec import Spec
from astra.conformance.outcome import Busy, CannotTell, NoAnswer
from astra.conformance.wire import Exchange
from astra.conformance.world import World, as_text
from astra.first_contact.intents import Intent, Journal
from astra.first_contact.judge import Seen, Verdict
from astra.first_contact.routes import NOT_THERE, NOWHERE, is_guessed, is_there, read, spellings

WRONG: Final = {"first": "contact"}
"""What no field takes: an object. A refusal names the field."""

UNAUTHORIZED: Final = 401
MOST_CALLS: Final = 250
SPENT: Final = f"the walk has made its {MOST_CALLS} calls"


class UserGone(Exception):
    """The user's tokens are refused, so that the rest would only be refused, too."""


class Caller:
    """Calls one server, and keeps what it answered.

    Args:
        world: to call with.
        spec: ours.
        journal: what earlier walks have begun to change.
    """

    def __init__(
        self,
        world: World,
        spec: Spec,
        *,
        journal: Journal | None = None,
    ) -> None:
        self._world, self._spec = world, spec
        self.journal = journal or Journal()
        self._paths: dict[str, str] = {}
        self._nowhere: dict[tuple[str, str], bool] = {}
        self._refused: set[str] = set()
        self._sent = False
        self._cursors: set[str] = set()
        self.last = ""
        self.is_refused = False
        self.troubles: list[str] = []
        self.unrecorded: list[Exchange] = []
        self.seen: list[Seen] = []
        self.left: dict[str, str] = {}
        self.told: dict[str, Verdict] = {}

    def call(
        self,
        operation: str,
        *,
        id: str = "",
        query: Mapping[str, object] | None = None,
        sent: object = None,
        probe: tuple[str, ...] = (),
        facts: Mapping[str, Collection[object]] | None = None,
        is_recorded: bool = True,
    ) -> Seen:
        """Calls an operation, under another spelling of its path if the server has not ours."""
        row = OPERATIONS[operation]
        self.last, self._sent = operation, False
        if "{" in row.path and not id:
            self.left.setdefault(operation, "nothing gave an id to call it with")
            return Seen(operation=operation, status=0)
        if len(self._world.exchanges) >= MOST_CALLS:
            self.left.setdefault(operation, SPENT)
            return Seen(operation=operation, status=0)
        tried = [self._paths[operation]] if operation in self._paths else [row.path, *spellings(row.path)]
        if not is_guessed(row.path, operation):
            tried = tried[:1]
        before = len(self._world.exchanges)
        try:
            found = self._try(operation, tried, id=id, query=query, sent=sent)
        except CannotTell as error:
            self._sent = isinstance(error, NoAnswer)
            self.left.setdefault(operation, str(error))
            return Seen(operation=operation, status=0)
        self._sent = True
        if not is_recorded:
            self.unrecorded += self._world.exchanges[before:]
        self._tell_path(operation, found)
        body, content = read(found.content)
        seen = Seen(
            operation=operation,
            status=found.status,
            body=body,
            content=content,
            sent=sent,
            probe=probe,
            facts=facts or {},
            request_id=found.request_id,
            header_names=frozenset(found.headers),
        )
        if probe and seen.is_success:
            # Whatever it was taken for: of a field that it takes anything for nothing can be told.
            self.journal.put(Intent(operation=operation, state="accepted", request_id=found.request_id or ""))
            self.left.setdefault(operation, "it takes what cannot be taken, so that nothing is told of its fields")
            return seen
        self.seen.append(seen)
        known = any(one.operation == operation and one.is_success for one in self.seen)
        if not known and not probe:
            self.left.setdefault(operation, f"it answered {seen.status} (request id {seen.request_id or 'missing'})")
        return seen

    def _try(self, operation: str, paths: list[str], *, id: str, query: Any, sent: object) -> Exchange:
        first, *others = paths
        found = self._send(operation, first, id=id, query=query, sent=sent)
        for path in others:
            if found.status not in NOT_THERE:
                break
            other = self._send(operation, path, id=id, query=query, sent=sent)
            if is_there(self._spec, operation, other):
                self._paths[operation], found = path, other
        return found

    def _send(self, operation: str, path: str, *, id: str, query: Any, sent: object) -> Exchange:
        row = OPERATIONS[operation]
        steps = ["{id}" if step.startswith("{") else step for step in path.split("/")]

        def send() -> Exchange:
            try:
                return self._world.call(row.method, "/".join(steps), auth=row.auth, id=id, query=query, json_body=sent)
            except Busy as error:
                return error.exchange

        found = send()
        if row.auth == "bearer" and found.status == UNAUTHORIZED and operation not in self._refused:
            self._renew()
            found = send()
            if found.status == UNAUTHORIZED:
                self._refused.add(operation)
                self._check_user()
        return found

    def _renew(self) -> None:
        """Refreshes the user's tokens, of which an access token was refused.

        Raises:
            UserGone: the refresh token is refused, too.
        """
        found = self._world.refreshed(self._world.tokens().refresh)
        if as_text(found, "access_token") is None:
            raise UserGone(f"the user's tokens are refused, and cannot be refreshed: {found.name}")

    def _check_user(self) -> None:
        row = OPERATIONS["get_user"]
        found = self._world.call(row.method, row.path, auth=row.auth)
        if found.status == UNAUTHORIZED:
            raise UserGone(f"the user's tokens are refused, fresh as they are: {found.name}")

    def _misses(self, method: str, auth: str | None) -> bool:
        """Whether the server answers 404 to a path that it cannot have. If it does not, a status tells nothing."""
        key = (method, auth or "")
        if key not in self._nowhere:
            sent = None if method == "GET" else WRONG
            try:
                found = self._world.call(method, NOWHERE, auth=auth, json_body=sent)
                self._nowhere[key] = found.status == NOT_THERE[0]
            except CannotTell:
                self._nowhere[key] = False
        return self._nowhere[key]

    def _tell_path(self, operation: str, exchange: Exchange) -> None:
        row = OPERATIONS[operation]
        place = f"paths.{row.path}.{row.method.lower()}"
        if not is_guessed(row.path, operation) or place in self.told or not self._misses(row.method, row.auth):
            return
        path = self._paths.get(operation, row.path)
        if is_there(self._spec, operation, exchange):
            if path != row.path:
                self.told[place] = Verdict(place, "contradicted", f"it is {path}", called=path)
            else:
                self.told[place] = Verdict(place, "confirmed", f"{row.method} {path} answered {exchange.status}")
        elif exchange.status in NOT_THERE and "{" not in row.path:
            detail = f"{row.method} {row.path} answered {exchange.status}, and no other spelling is there"
            self.told[place] = Verdict(place, "contradicted", detail)
