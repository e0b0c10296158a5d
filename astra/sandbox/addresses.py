"""Ports and host names that a sandbox is given, refused before anything is made with them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from astra.errors import ConfigurationError

LAST_PORT: Final = 65_535


def reachable(host: str) -> str:
    """Returns the host of a URL that reaches, from this machine, what listens on `host`."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is what was asked for
    return f"[{host}]" if ":" in host else host


def checked_port(port: object, *, argument: str) -> int:
    """Returns a port that can be listened on, or 0.

    Args:
        port: the port.
        argument: its name.

    Raises:
        ConfigurationError: it is none.
    """
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= LAST_PORT:
        raise ConfigurationError(
            f"{argument} is {port!r}, and a port is a number from 1 to {LAST_PORT}; 0 takes any free one."
        )
    return port


def checked_host_name(name: object, *, argument: str) -> str:
    """Returns a host name as it is compared: in lower case.

    Args:
        name: the name, or an address.
        argument: its name.

    Raises:
        ConfigurationError: it has more than a name, or nothing, and would never be met.
    """
    text = name.lower() if isinstance(name, str) else ""
    if all(char.isascii() and (char.isalnum() or char in "-._") for char in text) and text.strip("."):
        return text
    try:
        return str(ip_address(text))  # a colon is part of an IPv6 address only
    except ValueError:
        raise ConfigurationError(
            f"{argument} has {str(name)[:200]!r}; give a host name alone, such as astra-sandbox, without "
            "http://, port and path."
        ) from None
