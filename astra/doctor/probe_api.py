"""Sends one request to Astra, without any credentials: is it reached, and does its clock agree with this machine's?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from astra.config import proxy_for
from astra.doctor import skew
from astra.doctor.addresses import shown_origin
from astra.doctor.connection import judge_answer, judge_failure
from astra.doctor.findings import Finding
from astra.http._sync.transport import Transport
from astra.http.responses import Headers, TransportFailure
from astra.version import __version__


def probe_api(origin: str, *, limit: float, clock: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Asks Astra's host for `/`.

    Args:
        origin: where calls go.
        limit: seconds for it.
        clock: this machine's time (seconds since the epoch).
    """
    proxy = proxy_for(origin)
    shown = shown_origin(proxy) if proxy else None
    transport = Transport()
    headers = Headers([(b"User-Agent", f"astra-python/{__version__} doctor".encode()), (b"Accept", b"*/*")])
    limits = limit * 0.8  # so that the library's own words come before the end of the check
    try:
        before = clock()
        outcome = transport.send(
            "GET",
            origin,
            "/",
            headers=headers,
            content=None,
            connect=limits,
            read=limits,
            deadline=time.monotonic() + limits,
        )
        after = clock()
    finally:
        transport.close()
    if isinstance(outcome, TransportFailure) and outcome.status is None:
        yield judge_failure(origin, reason=outcome.reason, timed_out=outcome.timed_out, proxy=shown)
        return
    yield judge_answer(origin, status=outcome.status or 0, proxy=shown)
    yield skew.judge(outcome.headers, before=before, after=after)
