"""The exit codes of every command. They are stable: a script may act on them."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from astra.errors import (
    APIConnectionError,
    AstraError,
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    OAuthError,
    PermissionDeniedError,
    ReauthorizationRequired,
    ResponseDecodeError,
    StorageError,
    TokenUnavailableError,
    UncertainOutcomeError,
    UnknownUserError,
    UnreadableGrantError,
)


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    COULD_NOT_RUN = 2
    UNREACHABLE = 3
    NOT_ASTRA = 4
    REFUSED = 5
    UNKNOWN_OUTCOME = 6
    NOT_FOUND = 7
    DEFECT = 70
    INTERRUPTED = 130
    NO_READER = 141
    TERMINATED = 143


MEANINGS: Final = {
    ExitCode.DONE: "It is done.",
    ExitCode.FAILED: "It ran, and something failed or needs people.",
    ExitCode.COULD_NOT_RUN: "Wrong usage or settings, a missing extra, or a store or file that is not there.",
    ExitCode.UNREACHABLE: "Astra, a sandbox or a store cannot be reached or read. Trying later may help.",
    ExitCode.NOT_ASTRA: "What answers is not Astra, or its answer cannot be read.",
    ExitCode.REFUSED: "The credentials are refused, or the user has to authorize again.",
    ExitCode.UNKNOWN_OUTCOME: "Something was sent and nobody knows what became of it, or it was not taken back.",
    ExitCode.NOT_FOUND: "Nothing has this id or key.",
    ExitCode.DEFECT: "A mistake in this program. Please report it.",
    ExitCode.INTERRUPTED: "Ctrl-C ended it.",
    ExitCode.NO_READER: "The program that read the output has gone, such as `head`.",
    ExitCode.TERMINATED: "SIGTERM ended it.",
}
"""What each code says; the guide has the same table."""

_OF_ERRORS: Final[tuple[tuple[tuple[type[AstraError], ...], ExitCode], ...]] = (
    ((NotFoundError, UnknownUserError), ExitCode.NOT_FOUND),
    ((UncertainOutcomeError,), ExitCode.UNKNOWN_OUTCOME),
    ((UnreadableGrantError,), ExitCode.FAILED),
    ((StorageError, APIConnectionError, TokenUnavailableError), ExitCode.UNREACHABLE),
    ((ResponseDecodeError,), ExitCode.NOT_ASTRA),
    ((AuthenticationError, PermissionDeniedError, OAuthError, ReauthorizationRequired), ExitCode.REFUSED),
    ((ConfigurationError, InvalidRequestError, ClientClosedError), ExitCode.COULD_NOT_RUN),
)
"""The first that fits decides."""


def exit_code(error: AstraError) -> ExitCode:
    """Returns how a command ends that fails with an error of the SDK.

    Args:
        error: the error.
    """
    if isinstance(error, NotFoundError) and error.request_id is None:
        return ExitCode.NOT_ASTRA  # every answer of Astra's has a request id: another server knows no such page
    return next((code for kinds, code in _OF_ERRORS if isinstance(error, kinds)), ExitCode.FAILED)
