"""Faults on demand: what should go wrong, with which operation, and how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any, Final, Literal

import attrs
from astra_api.operations import OPERATIONS

from astra._json import is_object
from astra.errors import InvalidRequestError
from astra.resources.choices import did_you_mean
from astra.sandbox.codec import to_plain
from astra.sandbox.engine.encoding import dumps

Drop = Literal["before", "after"]
BODILESS: Final = frozenset({204, 205, 304})
HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center>Bad Gateway</center></body></html>"


@attrs.define(eq=False)
class Fault:
    """One thing that goes wrong. `sandbox.faults.add` makes it.

    Attributes:
        operation: the operation it hits, such as `create_routine`; None hits every operation.
        status: the status to answer with. Nothing is done then, unless `act` is true.
        body: the answer's body: JSON values, or text or bytes as they are. None with a status gives Astra's envelope.
        headers: more headers for the answer, or in the place of its own, such as `{"Retry-After": "1"}`.
        garbage: acts, and answers with HTML in place of JSON; or with these bytes.
        delay: acts, and answers this many seconds late.
        hold: waits this many seconds before acting.
        drop: closes the connection without an answer, `before` or `after` acting.
        reset: with `drop`, resets the connection instead of closing it.
        after_bytes: acts, sends only this many bytes of the whole HTTP answer, and closes the connection.
        slow: acts, and spreads the answer's body over this many seconds.
        act: whether the operation is done; by default only a `status` or `drop="before"` keeps it from being done.
        skip: how many matching requests pass first.
        times: how many requests are hit; None hits all.
        id: number of the fault in its sandbox.
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
    id: int = 0
    _count: Callable[[int], int] | None = attrs.field(default=None, alias="count", repr=False)

    @property
    def hits(self) -> int:
        """How many requests it has hit so far; the sandbox is asked each time."""
        return 0 if self._count is None else self._count(self.id)

    def __str__(self) -> str:
        """Tells what it does, in the words in which it was added."""
        said = ", ".join(f"{name}={value!r:.60}" for name, value in arguments_of(self).items())
        return f"fault {self.id} ({said})"

    def acts(self) -> bool:
        """Tells whether the operation is done in spite of the fault.

        Returns:
            `act` when it was given; otherwise False with a `status` or with `drop="before"`.

        Example:
            sandbox.faults.add(operation="create_routine", drop="after").acts()
        """
        if self.act is not None:
            return self.act
        return self.status is None and self.drop != "before"


def arguments_of(fault: Fault) -> dict[str, Any]:
    """Returns the arguments with which a fault like this one is added."""
    usual = attrs.asdict(Fault(id=fault.id))
    return {name: value for name, value in attrs.asdict(fault).items() if usual[name] != value and name != "_count"}


def check(fault: Fault) -> None:
    """Sees to it that a fault can strike, and that what it answers can be sent.

    Raises:
        InvalidRequestError: an argument makes no sense.
    """
    if fault.operation is not None and fault.operation not in OPERATIONS:
        raise InvalidRequestError(
            f"There is no operation {fault.operation!r}.{did_you_mean(fault.operation, OPERATIONS)}"
            " The names are those of astra_api.operations.OPERATIONS; None hits every operation.",
            argument="operation",
        )
    answered = fault.status, fault.headers, fault.garbage, fault.body is not None, fault.after_bytes is not None
    if not any((*answered, fault.delay, fault.hold, fault.slow, fault.drop, fault.act is False)):
        raise InvalidRequestError("This fault does nothing; give it a status, a body, a delay or a drop, for example.")
    if fault.drop not in (None, "before", "after"):
        raise InvalidRequestError("drop is 'before' or 'after'", argument="drop")
    if fault.status is not None and not 200 <= fault.status <= 599:
        raise InvalidRequestError("status is a final HTTP status, 200 to 599", argument="status")
    try:
        dumps(to_plain(fault.body))
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"The body cannot be written as JSON: {error}", argument="body") from None
    if fault.status in BODILESS and (fault.body is not None or fault.garbage):
        raise InvalidRequestError(f"An answer with status {fault.status} has no body.", argument="body")
    for name, least in (("delay", 0), ("hold", 0), ("slow", 0), ("skip", 0), ("after_bytes", 0), ("times", 1)):
        value = getattr(fault, name)
        if value is not None and not value >= least:
            raise InvalidRequestError(f"{name} is {value!r}; it is at least {least}.", argument=name)
    given: Any = fault.headers
    if not is_object(given) or not all(isinstance(part, str) for pair in given.items() for part in pair):
        raise InvalidRequestError(f"headers are names and texts, not {given!r:.80}.", argument="headers")
    for name, text in fault.headers.items():
        if name.lower() in ("content-length", "transfer-encoding"):
            raise InvalidRequestError(f"{name} is the server's; after_bytes cuts an answer.", argument="headers")
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(text):
            raise InvalidRequestError(f"{name!r}: {text!r} cannot be sent as a header.", argument="headers")


class FaultQueue:
    """The faults of one sandbox, in the order they were added; a request is hit by the first that fits.

    Args:
        last: the number of the last fault before these, so that none is taken for another.

    Example:
        >>> faults = FaultQueue()
        >>> fault = faults.add(Fault(operation="create_routine", drop="after"))
        >>> faults.take("list_routines") is None, faults.take("create_routine") is fault
        (True, True)
    """

    def __init__(self, *, last: int = 0) -> None:
        self.last = last
        self.held: list[Fault] = []
        self.hits: dict[int, int] = {}
        self.guard = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Adds a fault, and gives it its number.

        Raises:
            InvalidRequestError: an argument makes no sense.
        """
        check(fault)
        with self.guard:
            self.last += 1
            fault.id = self.last
            self.hits[fault.id] = 0
            self.held.append(fault)
        return fault

    def count(self, fault_id: int) -> int:
        """Returns how often a fault has hit.

        Raises:
            InvalidRequestError: there is no such fault, or it is of before a reset.
        """
        if fault_id not in self.hits:
            raise InvalidRequestError(f"There is no fault {fault_id}; a reset forgets those of before.")
        return self.hits[fault_id]

    def unstruck(self) -> list[Fault]:
        """Returns the faults that have hit nothing so far; those that `clear` forgot are not among them."""
        with self.guard:
            return [attrs.evolve(fault) for fault in self.held if not self.hits[fault.id]]

    def take(self, operation: str | None) -> Fault | None:
        """Returns the fault that hits this request, and counts the hit."""
        if not self.held:
            return None
        with self.guard:
            for fault in self.held:
                if fault.operation not in (None, operation):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                self.hits[fault.id] += 1
                if fault.times is not None and self.hits[fault.id] >= fault.times:
                    self.held.remove(fault)
                return fault
        return None

    def remove(self, fault_id: int) -> None:
        """Forgets one fault; its hits stay known.

        Raises:
            InvalidRequestError: it is not there any more, or never was.
        """
        with self.guard:
            left = [fault for fault in self.held if fault.id != fault_id]
            if len(left) == len(self.held):
                raise InvalidRequestError(f"There is no fault {fault_id!r} that can still strike.", argument="fault_id")
            self.held = left

    def clear(self) -> None:
        """Forgets all faults; their hits stay known."""
        with self.guard:
            self.held.clear()
