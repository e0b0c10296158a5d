# Derived from astra/resources/_async/payment_instruments.py by scripts/unasync.py: edit that file.
"""Payment instruments: your own settlement accounts at Astra."""

from __future__ import annotations

from typing import Unpack

from astra.http.calls import CallOptions
from astra.resources._sync.base import Resource
from astra.resources.inputs import require
from astra_api.api.payment_instruments import get_payment_instrument, list_payment_instruments
from astra_api.models import PaymentInstrument, PaymentInstrumentList


class PaymentInstruments(Resource):
    """Payment instruments of your client. Their balance may lag by up to five minutes."""

    def list(self, **options: Unpack[CallOptions]) -> PaymentInstrumentList:
        """Fetches your payment instruments. The documents know no pages for this list.

        Args:
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The instruments: iterate over the object, or over its `.payment_instruments`.

        Raises:
            PaginationError: the answer says that there are more than it holds.
            AstraError: as every call.

        Astra's reference: get_v1-payment-instruments.

        Example:
            for instrument in astra.payment_instruments.list():
                print(instrument.id)
        """
        return self._call_list(list_payment_instruments, PaymentInstrumentList, options=options)

    def get(self, payment_instrument_id: str, **options: Unpack[CallOptions]) -> PaymentInstrument:
        """Fetches one payment instrument.

        Args:
            payment_instrument_id: Astra's id of it.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The instrument.

        Raises:
            NotFoundError: no such instrument.
            AstraError: as every call.

        Astra's reference: get_v1-payment-instruments-id.

        Example:
            instrument = astra.payment_instruments.get("1010cf30-e150-448e-8a08-bd8537eeaa50")
        """
        return self._call(
            get_payment_instrument,
            PaymentInstrument,
            require(payment_instrument_id, argument="payment_instrument_id"),
            options=options,
        )
