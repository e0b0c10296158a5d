"""What every resource that starts, changes or stops payments does: a call under an idempotency key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import attrs
from astra_api.operations import OPERATIONS
from astra_api.types import Model

from astra._names import model_in_astra_s_names, model_in_our_names
from astra.config import Timeout, as_timeout
from astra.errors import ConfigurationError, IdempotencyStoreError
from astra.http._async.pipeline import AsyncPipeline
from astra.http.calls import Call, CallContext, check_options
from astra.http.operations import Endpoint, build_call, operation_of, parse
from astra.http.payment_match import facts_of
from astra.http.responses import Response
from astra.payments._async.ledger import AsyncPaymentLedger
from astra.payments.fingerprint import CORRELATION, fingerprint
from astra.payments.record import PaymentRecord
from astra.payments.transitions import Wanted
from astra.resources._async.base import AsyncResource
from astra.resources._async.once import AsyncDeed, AsyncOnce
from astra.resources._async.user_ref import AsyncUserRef
from astra.resources.inputs import check_idempotency_key, new_correlation_id
from astra.resources.payments import fields_to_find, kept, restored

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class AsyncMoneyResource(AsyncResource):
    """Base of resources that move money.

    Args:
        pipeline: of the client.
        owner: the user whose token is used.
        ledger: the client's payment records, or None when it has no idempotency store.
    """

    def __init__(
        self,
        pipeline: AsyncPipeline,
        *,
        owner: AsyncUserRef | None = None,
        ledger: AsyncPaymentLedger | None = None,
    ) -> None:
        super().__init__(pipeline, owner=owner)
        self._ledger = ledger

    async def _change_once(
        self,
        endpoint: Endpoint[M],
        returns: type[M],
        *path: str,
        body: Model | None = None,
        idempotency_key: str | None,
        options: Mapping[str, Any],
        look: Callable[[PaymentRecord, float], Awaitable[M | None]] | None = None,
        send: Callable[[Call], Awaitable[M]] | None = None,
    ) -> M:
        """Makes a call whose answer is an object, once when there is a key. Without `look` it may be repeated."""
        checked = check_options(options)

        async def send_it(call: Call) -> M:
            return await self._send(call, lambda response: parse(response, returns))

        def build(correlation: str | None) -> Call:
            plain: Any = body
            sent = body if correlation is None or body is None else attrs.evolve(plain, **{CORRELATION: correlation})
            return build_call(endpoint, *path, body=sent, options={**checked})

        given = getattr(body, CORRELATION, None) or None
        send = send or send_it
        if idempotency_key is None:
            return await send(build(given))

        def pack(result: M) -> tuple[str | None, str]:
            found: Any = result
            return found.id, kept(result)

        def unpack(record: PaymentRecord) -> M:
            answer = restored(_result(record), {} if body is None else model_in_our_names(body))
            found: M = returns.from_dict(model_in_astra_s_names(returns, answer), context=_context(record))
            return found

        deed: AsyncDeed[M] = AsyncDeed(
            build=build,
            send=send,
            pack=pack,
            unpack=unpack,
            look=look or _no_look,
            is_repeatable=look is None,
        )
        has_reference = body is not None and CORRELATION in attrs.fields_dict(type(body)) and not path
        is_minted = has_reference and given is None
        correlation = new_correlation_id() if is_minted else given
        facts = facts_of({} if body is None else model_in_our_names(body))
        return await self._once(endpoint, *path, key=idempotency_key, deed=deed, facts=facts, correlation=correlation,
                                is_minted=is_minted, timeout=checked.get("timeout"))  # fmt: skip

    async def _stop_once(
        self, endpoint: Endpoint[Any], *path: str, idempotency_key: str | None, options: Mapping[str, Any]
    ) -> str | None:
        """Calls an operation that stops something and answers with a status alone; returns the request id."""
        checked = check_options(options)

        async def send(call: Call) -> str | None:
            answer: Response = await self._send(call, lambda response: response)
            return answer.context.request_id

        def build(_: str | None) -> Call:
            return build_call(endpoint, *path, options={**checked})

        if idempotency_key is None:
            return await send(build(None))
        deed: AsyncDeed[str | None] = AsyncDeed(
            build=build,
            send=send,
            pack=lambda _: (path[-1], "null"),
            unpack=lambda record: record.request_ids[-1] if record.request_ids else None,
            look=_no_look,
            is_repeatable=True,
        )
        return await self._once(endpoint, *path, key=idempotency_key, deed=deed, facts={}, correlation=None,
                                is_minted=False, timeout=checked.get("timeout"))  # fmt: skip

    async def _once(
        self,
        endpoint: Endpoint[Any],
        *path: str,
        key: str,
        deed: AsyncDeed[T],
        facts: Mapping[str, str],
        correlation: str | None,
        is_minted: bool,
        timeout: float | Timeout | None,
    ) -> T:
        check_idempotency_key(key)
        if self._ledger is None:
            raise ConfigurationError(
                "idempotency_key= needs a place that remembers it: make the client with idempotency_store=, such as "
                "'sqlite:///payments.db', or set ASTRA_IDEMPOTENCY_STORE. Nothing was sent."
            )
        call = deed.build(correlation)
        fields = fields_to_find(facts)
        wanted = Wanted(
            environment=self._ledger.environment,
            client_id=self._ledger.client_id,
            operation=operation_of(endpoint).id,
            key=key,
            user_key=None if self._owner is None else await self._owner.key(),
            fingerprint=fingerprint(operation_of(endpoint).id, call.path, call.content),
            match_fields=fields if correlation is None else {**fields, CORRELATION: correlation},
            client_correlation_id=correlation,
            is_minted=is_minted,
            resource_id=path[-1] if path else None,
            is_repeatable=deed.is_repeatable,
            holder=self._ledger.new_holder(),
            lease=timedelta(0),
            now=self._ledger.now(),
        )
        return await AsyncOnce(
            self._pipeline, self._ledger, deed, call=call, wanted=wanted, limits=self._limits(timeout)
        ).run()

    def _limits(self, timeout: float | Timeout | None) -> Timeout:
        return self._pipeline.settings.timeout if timeout is None else as_timeout(timeout)

    def _total(self, timeout: float | Timeout | None) -> float:
        return self._limits(timeout).total


async def _no_look(record: PaymentRecord, deadline: float) -> Any:  # noqa: ARG001 - stands in for one that looks
    return None


def _result(record: PaymentRecord) -> str:
    if record.result is None:
        raise IdempotencyStoreError(
            f"The payment under the idempotency key {record.key!r} was made ({record.resource_id}), and its answer is "
            "not in the store."
        )
    return record.result


def _context(record: PaymentRecord) -> CallContext:
    """The call that made it, for what is replayed."""
    operation = OPERATIONS[record.operation]
    context = CallContext(operation, operation.path, record.user_key)
    context.call_id = record.call_id or context.call_id
    context.client_correlation_id = record.client_correlation_id
    context.request_ids = record.request_ids
    context.attempts = record.attempts
    context.sent_at = record.sent.timestamp()
    context.status_code = record.status_code
    context.replayed = True
    return context
