"""Faults on demand: what should go wrong, with which operation, and how often."""

import threading
from typing import Any, Literal

import attrs

Drop = Literal["before", "after"]
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center>Bad Gateway</center></body></html>"


@attrs.define(eq=False)
class Fault:
    """One thing that goes wrong.

    Attributes:
        operation: The operation it hits, such as `create_routine`; None hits every operation.
        status: Answer with this status. Nothing is done, unless `act` is true.
        body: The answer's body: JSON values, or text or bytes as they are. None with a status gives Astra's envelope.
        headers: More headers for the answer, such as `{"Retry-After": "1"}`.
        garbage: Act, and answer with HTML in place of JSON; or with these bytes.
        delay: Act, and answer this many seconds late.
        hold: Wait this many seconds before acting.
        drop: Close the connection without an answer, `before` or `after` acting.
        reset: With `drop`: reset the connection in place of closing it.
        after_bytes: Act, send only this many bytes of the whole HTTP answer, and close the connection.
        slow: Act, and spread the answer's body over this many seconds.
        act: Whether the operation is done; by default only a `status` or `drop="before"` keeps it from being done.
        skip: Let this many matching requests pass first.
        times: Hit this many requests; None hits all.
        hits: How many requests were hit so far.
    """

    operation: str | None = None
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    garbage: bool | bytes = False
    delay: float = 0.0
    hold: float = 0.0
    drop: Drop | None = None
    reset: bool = False
    after_bytes: int | None = None
    slow: float = 0.0
    act: bool | None = None
    skip: int = 0
    times: int | None = 1
    hits: int = 0

    def acts(self) -> bool:
        """Whether the operation is done in spite of the fault."""
        if self.act is not None:
            return self.act
        return self.status is None and self.drop != "before"


class Faults:
    """The faults of one sandbox, in the order they were added; a request is hit by the first that fits.

    Example:
        >>> faults = Faults()
        >>> fault = faults.add(operation="create_routine", drop="after")
        >>> faults.take("list_routines") is None, faults.take("create_routine") is fault
        (True, True)
    """

    def __init__(self) -> None:
        self.held: list[Fault] = []
        self.guard = threading.Lock()

    def add(
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        garbage: bool | bytes = False,
        delay: float = 0.0,
        hold: float = 0.0,
        drop: Drop | None = None,
        reset: bool = False,
        after_bytes: int | None = None,
        slow: float = 0.0,
        act: bool | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> Fault:
        """Adds a fault; the arguments are the attributes of `Fault`.

        Returns:
            The fault, whose `hits` tells how often it has struck.

        Raises:
            ValueError: An argument makes no sense.
        """
        if drop not in (None, "before", "after"):
            raise ValueError("drop is 'before' or 'after'")
        if status is not None and not 200 <= status <= 599:
            raise ValueError("status is a final HTTP status, 200 to 599")
        fault = Fault(
            operation=operation,
            status=status,
            body=body,
            headers=dict(headers or {}),
            garbage=garbage,
            delay=delay,
            hold=hold,
            drop=drop,
            reset=reset,
            after_bytes=after_bytes,
            slow=slow,
            act=act,
            skip=skip,
            times=times,
        )
        with self.guard:
            self.held.append(fault)
        return fault

    def take(self, operation: str | None) -> Fault | None:
        """The fault that hits this request, which is counted."""
        if not self.held:
            return None
        with self.guard:
            for fault in self.held:
                if fault.operation not in (None, operation):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.hits += 1
                if fault.times is not None and fault.hits >= fault.times:
                    self.held.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Forgets all faults."""
        with self.guard:
            self.held.clear()
