"""Bank accounts of a user."""

from __future__ import annotations

from typing import Unpack

from astra_api.api.accounts import (
    create_account,
    create_account_from_processor_token,
    delete_account,
    get_account,
    list_accounts,
)
from astra_api.literals import BankAccountTypeLiteral
from astra_api.models import Account, AccountCreate, AccountList, BankAccountType, ProcessorToken

from astra._secret import hide
from astra.http.calls import CallOptions
from astra.pagination._async.pager import AsyncPager
from astra.resources._async.money import AsyncMoneyResource
from astra.resources.choices import choice
from astra.resources.inputs import pad_account_number, require


class AsyncAccounts(AsyncMoneyResource):
    """Bank accounts that a user linked or that you created for the user."""

    def list(
        self,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncPager[Account]:
        """Lists the user's accounts, newest first. Pages are fetched while you iterate.

        Args:
            page_size: items per page, 10 to 100; Astra's default is 25.
            cursor: where to start, from `page.next_cursor`.
            limit: stop after this many items.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            A pager over `Account`.

        Raises:
            InvalidRequestError: page_size or limit is out of range.
            AstraError: while iterating, as every call.

        Astra's reference: get_v1-accounts.

        Example:
            async for account in user.accounts.list():
                print(account.id, account.name, account.mask)
        """
        return self._list(
            list_accounts,
            AccountList,
            lambda page: page.accounts,
            page_size=page_size,
            cursor=cursor,
            limit=limit,
            options=options,
        )

    async def get(self, account_id: str, **options: Unpack[CallOptions]) -> Account:
        """Fetches one account.

        Args:
            account_id: Astra's id of the account.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The account.

        Raises:
            NotFoundError: the user has no such account.
            AstraError: as every call.

        Astra's reference: get_v1-accounts-id.

        Example:
            account = await user.accounts.get("acc_1")
        """
        return await self._call(get_account, Account, require(account_id, argument="account_id"), options=options)

    async def delete(
        self, account_id: str, *, idempotency_key: str | None = None, **options: Unpack[CallOptions]
    ) -> str | None:
        """Removes an account from the user.

        Args:
            account_id: Astra's id of the account.
            idempotency_key: your name for this step, 1 to 255 characters: it is done once, however often it is called
                for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The request id of the answer, which has no body.

        Raises:
            NotFoundError: the user has no such account.
            UncertainOutcomeError: it was sent, and no answer says whether it was done. Read the account again.
            IdempotencyConflictError: the idempotency key belongs to something else; nothing was sent.
            AstraError: as every call.

        Astra's reference: delete_v1-accounts-id.

        Example:
            await user.accounts.delete("acc_1")
        """
        return await self._stop_once(
            delete_account,
            require(account_id, argument="account_id"),
            idempotency_key=idempotency_key,
            options=options,
        )

    async def create(
        self,
        *,
        institution_id: str,
        bank_account_type: BankAccountTypeLiteral | BankAccountType | str,
        name: str,
        account_number: str,
        routing_number: str,
        **options: Unpack[CallOptions],
    ) -> Account:
        """Creates an account from its account and routing number. Goes to the secure host.

        Args:
            institution_id: Astra's institution id, such as "astra_ins_131" (dashboard, Client Details).
            bank_account_type: "checking" or "savings"; other text is sent as it is, since Astra may take more.
            name: your label for it.
            account_number: up to 17 digits; padded to 7 with zeros, as Astra asks.
            routing_number: nine digits of a real bank; the sandbox takes 222222226.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The account.

        Raises:
            InvalidRequestError: the account number is not a number, or an id is none.
            AstraError: as every call.

        Astra's reference: post_v1-accounts-create.

        Example:
            account = await user.accounts.create(
                institution_id="astra_ins_131", bank_account_type="checking", name="Main",
                account_number="12345", routing_number="222222226")
        """
        account_number = hide(account_number)  # this frame may be printed with its locals
        body = AccountCreate(
            institution_id=require(institution_id, argument="institution_id"),
            bank_account_type=choice(bank_account_type, "BankAccountType", argument="bank_account_type"),
            name=name,
            account_number=pad_account_number(account_number),
            routing_number=require(routing_number, argument="routing_number"),
        )
        return await self._call(create_account, Account, body=body, options=options)

    async def create_from_processor_token(self, processor_token: str, **options: Unpack[CallOptions]) -> Account:
        """Creates an account from a Plaid processor token.

        Args:
            processor_token: the token that Plaid made for Astra.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The account; its id can be a source or destination of routines at once.

        Raises:
            APIError: "Account Already Exists" when that account is registered.
            AstraError: as every call.

        Astra's reference: post_v1-accounts-processor-token.

        Example:
            account = await user.accounts.create_from_processor_token("processor-sandbox-...")
        """
        processor_token = hide(processor_token)  # this frame may be printed with its locals
        body = ProcessorToken(processor_token=require(processor_token, argument="processor_token"))
        return await self._call(create_account_from_processor_token, Account, body=body, options=options)
