"""What every resource does: make a call, and turn its response into a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from astra_api.types import Model

from astra._misuse import OfOneProcess
from astra.errors import ConfigurationError, InvalidRequestError
from astra.http._async.pipeline import AsyncPipeline
from astra.http.calls import Call, check_options
from astra.http.operations import Endpoint, build_call, parse
from astra.http.responses import Response
from astra.pagination._async.pager import AsyncPage, AsyncPager
from astra.pagination.answers import check_whole, context_of, read_end
from astra.pagination.cursors import check_cursor, check_limit, check_page_size
from astra.resources._async.user_ref import AsyncUserRef

M = TypeVar("M", bound=Model)
L = TypeVar("L", bound=Model)
T = TypeVar("T")


class AsyncResource(OfOneProcess):
    """Base of the resources. `owner` is the user whose token is used, or None for calls of the client itself."""

    def __init__(self, pipeline: AsyncPipeline, *, owner: AsyncUserRef | None = None) -> None:
        self._pipeline = pipeline
        self._owner = owner

    async def _call(
        self,
        endpoint: Endpoint[M],
        returns: type[M],
        *path: str,
        body: Model | None = None,
        query: Mapping[str, Any] | None = None,
        options: Mapping[str, Any],
    ) -> M:
        checked = check_options(options)
        call = build_call(endpoint, *path, body=body, query=query, options=checked)
        return await self._send(call, lambda response: parse(response, returns))

    async def _call_without_body(self, endpoint: Endpoint[Any], *path: str, options: Mapping[str, Any]) -> Response:
        """Calls an operation that responds with a status alone."""
        call = build_call(endpoint, *path, options=check_options(options))
        return await self._send(call, lambda response: response)

    async def _send(self, call: Call, read: Callable[[Response], T]) -> T:
        if self._owner is not None:
            call.user_key = await self._owner.key()
        return await self._pipeline.fetch(call, read)

    def _list(
        self,
        endpoint: Endpoint[L],
        returns: type[L],
        items: Callable[[L], list[M]],
        *path: str,
        query: Mapping[str, Any] | None = None,
        page_size: int | None,
        cursor: str | None,
        limit: int | None,
        options: Mapping[str, Any],
    ) -> AsyncPager[M]:
        """Returns a pager over what `items` takes out of each response."""
        checked = check_options(options, beside=("cursor", "limit", "page_size"))
        if "cursor" in checked.get("extra_query", {}):
            raise InvalidRequestError("extra_query must not set cursor: pass cursor=...", argument="extra_query")

        async def fetch(position: str | None, size: int | None) -> AsyncPage[M]:
            page = await self._call(
                endpoint,
                returns,
                *path,
                query={**(query or {}), "cursor": position, "page_size": size},
                options=checked,
            )
            entries = items(page)
            return AsyncPage(items=entries, context=context_of(page), end=read_end(page, items=len(entries)))

        return AsyncPager(
            fetch, cursor=check_cursor(cursor), page_size=check_page_size(page_size), limit=check_limit(limit)
        )

    async def _call_list(self, endpoint: Endpoint[L], returns: type[L], *path: str, options: Mapping[str, Any]) -> L:
        """Calls an operation that answers a whole list, for which the documents know no pages."""
        page = await self._call(endpoint, returns, *path, options=options)
        check_whole(page)
        return page

    async def _user_id(self, given: str | None) -> str:
        """Returns Astra's id of the owner: as given, as known, or as Astra says."""
        if given:
            return given
        if self._owner is None:
            raise ConfigurationError("This call acts on a user: call it on astra.user(...).")
        if not self._owner.astra_user_id:
            from astra_api.api.users import get_user
            from astra_api.models import User

            self._owner.astra_user_id = (await self._call(get_user, User, options={})).id
        return self._owner.astra_user_id
