"""What a user may do at present."""

from __future__ import annotations

from typing import Unpack

from astra_api.api.users import get_capabilities
from astra_api.models import Capabilities

from astra.http.calls import CallOptions
from astra.resources._async.base import AsyncResource
from astra.resources.inputs import require_or_none


class AsyncUserCapabilities(AsyncResource):
    """Limits of a user, which Astra raises and lowers."""

    async def get(self, *, user_id: str | None = None, **options: Unpack[CallOptions]) -> Capabilities:
        """Fetches what the user may do at present: settlement speed, card eligibility, counts per day.

        Args:
            user_id: Astra's id of the user; None asks Astra for it first.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The capabilities.

        Raises:
            AstraError: as every call.

        Astra's reference: get_v1-users-id-capabilities.

        Example:
            print((await user.capabilities.get()).to_dict())
        """
        owner = await self._user_id(require_or_none(user_id, argument="user_id"))
        return await self._call(get_capabilities, Capabilities, owner, options=options)
