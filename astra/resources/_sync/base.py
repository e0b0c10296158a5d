# Derived from astra/resources/_async/base.py by scripts/unasync.py: edit that file.
"""What every resource does: turn a prepared request into a call, and its answer into a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeVar

from astra.errors import ConfigurationError, ResponseDecodeError
from astra.http._sync.pipeline import Pipeline
from astra.http.calls import Answer, Call, check_options
from astra.http.outcomes import uncertain_outcome
from astra.pagination._sync.pager import Page, Pager
from astra.pagination.cursors import check_limit, check_page_size, next_page
from astra.resources._sync.user_ref import UserRef
from astra.resources.endpoints import Prepared, parse, prepare
from astra_api.types import Model

M = TypeVar("M", bound=Model)
L = TypeVar("L", bound=Model)


class Resource:
    """Base of the resources. `owner` is the user whose token is used, or None for calls of the client itself."""

    def __init__(self, pipeline: Pipeline, *, owner: UserRef | None = None) -> None:
        self._pipeline = pipeline
        self._owner = owner

    def _call(
        self,
        endpoint: ModuleType,
        returns: type[M],
        *path: str,
        body: Model | None = None,
        query: Mapping[str, Any] | None = None,
        options: Mapping[str, Any],
        facts: Mapping[str, str] | None = None,
    ) -> M:
        call = self._prepared_call(prepare(endpoint, *path, body=body, query=query), options, facts)
        answer = self._pipeline.call(call)
        return self._read(endpoint, returns, call, answer)

    def _call_without_body(self, endpoint: ModuleType, *path: str, options: Mapping[str, Any]) -> Answer:
        """Calls an operation that answers with a status alone; a body, if one comes, is not looked at."""
        return self._pipeline.call(self._prepared_call(prepare(endpoint, *path), options, None))

    def _prepared_call(self, prepared: Prepared, options: Mapping[str, Any], facts: Mapping[str, str] | None) -> Call:
        checked = check_options(options)
        return Call(
            operation=prepared.operation,
            path=prepared.path,
            content=prepared.content,
            content_type=prepared.content_type,
            user_key=None if self._owner is None else self._owner.key(),
            options=checked,
            facts=facts or {},
        )

    def _read(self, endpoint: ModuleType, returns: type[M], call: Call, answer: Answer) -> M:
        try:
            return parse(endpoint, answer, returns)
        except ResponseDecodeError as error:
            if not call.operation.money:
                raise
            reason = str(error)
        # A success whose body is not Astra's may come from anything on the way: the payment may not exist.
        raise uncertain_outcome(call, answer.context, reason=reason)

    def _list(
        self,
        endpoint: ModuleType,
        returns: type[L],
        items: Callable[[L], list[M]],
        *path: str,
        query: Mapping[str, Any] | None = None,
        page_size: int | None,
        cursor: str | None,
        limit: int | None,
        options: Mapping[str, Any],
    ) -> Pager[M]:
        """Returns a pager over what `items` takes out of each answer."""
        check_options(options)
        size = check_page_size(page_size)

        def fetch(position: str | None) -> Page[M]:
            page = self._call(
                endpoint,
                returns,
                *path,
                query={**(query or {}), "cursor": position, "page_size": size},
                options=options,
            )
            entries = items(page)
            context: Any = page.context
            end = next_page(page.to_dict(), items=len(entries))
            return Page(items=entries, next_cursor=end.cursor, context=context, end=end)

        return Pager(fetch, cursor=cursor, limit=check_limit(limit))

    def _user_id(self, given: str | None) -> str:
        """Returns Astra's id of the owner: as given, as known, or as Astra says."""
        if given:
            return given
        if self._owner is None:
            raise ConfigurationError("This call acts on a user: call it on astra.user(...).")
        if not self._owner.astra_user_id:
            from astra_api.api.users import get_user
            from astra_api.models import User

            self._owner.astra_user_id = (self._call(get_user, User, options={})).id
        return self._owner.astra_user_id
