# Derived from astra/_async/free_request.py by scripts/unasync.py: edit that file.
"""The way out: calls that no method makes, and views of a client with other options."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, Unpack

from astra._misuse import OfOneProcess, WithMisuse
from astra._secret import hide_text
from astra._sync.session import UserSession
from astra.config import Settings
from astra.errors import InvalidRequestError, UncertainOutcomeError
from astra.http._sync.pipeline import Pipeline
from astra.http.calls import CallOptions, check_options
from astra.http.options import CLIENT_OPTIONS, ClientOptions
from astra.instrumentation.raw_response import RawResponse
from astra.resources._sync.user_ref import UserRef
from astra.tokens import Tokens
from astra.tokens.user_keys import check_user_key

if TYPE_CHECKING:
    from astra.http.free_calls import Host

_ARGUMENTS = ("user", "json", "params", "host", "moves_money", "template")


class FreeRequests(WithMisuse, OfOneProcess):
    """What a client has besides its resources."""

    _pipeline: Pipeline
    _tokens: Tokens
    _settings: Settings
    _is_view = False

    def request(
        self,
        method: str,
        path: str,
        *,
        user: str | UserSession | None = None,
        json: object = None,
        params: Mapping[str, Any] | None = None,
        host: Host | None = None,
        moves_money: bool | None = None,
        template: str | None = None,
        **options: Unpack[CallOptions],
    ) -> RawResponse[None]:
        """Sends what no method of the SDK sends yet, with the tokens, retries, errors and request log of its methods.

        Args:
            method: "GET", "POST", "PUT", "PATCH", "DELETE" or "HEAD".
            path: path below the host, such as "/v1/transfers/tr_1", with ids quoted by
                `urllib.parse.quote(id, safe="")`.
            user: your key of the user whose token is used, or a session; None sends the client's own credentials.
            json: the body; amounts may be `Decimal`.
            params: query parameters; a list gives its parameter several times.
            host: "api", "secure" (takes card and account numbers) or "app" (hosted pages); None is that of the
                operation where the SDK knows it, else "api".
            moves_money: whether a lost answer leaves a payment uncertain. None: as the SDK knows of the operation, and
                of any other: True for all but GET and HEAD. Such a call is never sent twice.
            template: the path with names for its ids, such as "/v1/transfers/{id}/refund", for the request log and
                traces. Without it, what may be an id is replaced there by "{}".
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The response as it came, of any 2xx status. Whether it is what you asked for is yours to check. Only that of
            a call that moves money is looked at: it has to be what a success of the operation is, or, for one that
            the SDK does not know, an empty body or a JSON object that speaks of no error.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            UncertainOutcomeError: it moves money, was sent, and no answer says whether it was done.
            AstraError: as every call.

        Astra's reference: none; look up the path there.

        Example:
            answer = astra.request("GET", "/v1/transfers", user="customer-42", params={"status": "pending"})
            print(answer.status_code, answer.request_id, answer.json()["transfers"])
        """
        from astra.http.free_calls import build_free_call

        json = hide_text(json)  # this frame may be printed with its locals
        call = build_free_call(
            method,
            path,
            json=json,
            params=params,
            host=host,
            moves_money=moves_money,
            template=template,
            has_user=user is not None,
            options=check_options(options, beside=_ARGUMENTS),
        )
        owner = None if user is None else self._owner_of(user)
        if owner is not None:
            call.user_key = owner.key()
        try:
            response = self._pipeline.call(call)
        except UncertainOutcomeError as error:
            if owner is not None:
                from astra.resources._sync.routines import Routines

                error.find_with(Routines(self._pipeline, owner=owner).reconcile)
            raise
        context = response.context
        return RawResponse(
            parsed=None,
            status_code=response.status_code,
            headers=context.headers,
            body=response.content,
            request_id=context.request_id,
            call_id=context.call_id,
            operation=context.operation.id,
        )

    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Returns this client with other options for all of its calls. What is not given stays.

        The options of a single call still win. The two share connections, tokens, request log and observers: close the
        one that this comes from; `close()` here only writes the request log out.

        Args:
            **options: timeout (seconds, or a `Timeout`), max_retries, extra_headers.

        Raises:
            InvalidRequestError: a value cannot be right.

        Example:
            patient = astra.with_options(timeout=120, extra_headers={"X-Job": "nightly"})
            profile = patient.user("customer-42").profile.get()
        """
        view = copy.copy(self)
        for name in tuple(vars(view)):
            if isinstance(getattr(type(self), name, None), cached_property):
                delattr(view, name)
        view._pipeline = self._pipeline.with_options(check_options(options, known=CLIENT_OPTIONS))
        view._settings = view._pipeline.settings
        view._is_view = True
        return view

    def _owner_of(self, user: object) -> UserRef:
        if isinstance(user, UserSession):
            return user._owner  # pyright: ignore[reportPrivateUsage]
        if isinstance(user, str):
            check_user_key(user, argument="user")
            return UserRef(self._tokens, key=user, astra_user_id=None)
        raise InvalidRequestError(
            f"user must be your key of the user, or a session from astra.user(...), not {type(user).__name__}.",
            argument="user",
        )
