"""BINs: what the first six digits of a card number say."""

from __future__ import annotations

from typing import Unpack

from astra_api.api.bins import get_bin
from astra_api.models import Bin

from astra.errors import InvalidRequestError
from astra.http.calls import CallOptions
from astra.resources._async.base import AsyncResource
from astra.resources.inputs import is_text


class AsyncBins(AsyncResource):
    """Look-up of BINs."""

    async def get(self, bin: str, **options: Unpack[CallOptions]) -> Bin:
        """Looks a BIN up.

        Args:
            bin: the first six digits of a card number; never pass more.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            Brand, type, issuer and network of the card.

        Raises:
            InvalidRequestError: not six digits.
            NotFoundError: Astra does not know it; the sandbox knows nine, 400022 among them.
            AstraError: as every call.

        Astra's reference: get_v1-bins-bin.

        Example:
            print((await astra.bins.get("400022")).card_brand)
        """
        if not (is_text(bin) and len(bin) == 6 and bin.isascii() and bin.isdigit()):
            # The text does not repeat the argument: it may be a whole card number.
            raise InvalidRequestError("bin must be exactly six digits.", argument="bin")
        return await self._call(get_bin, Bin, bin, options=options)
