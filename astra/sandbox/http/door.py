"""Who may in. Whoever can reach the sandbox through a browser of this machine is a stranger: a page of another origin,
or a name that was pointed to this machine (DNS rebinding)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

import attrs

from astra.config import is_loopback
from astra.web.door import cookie_of

CONTROL: Final = "/_sandbox"
WORKBENCH: Final = f"{CONTROL}/workbench"
FORM: Final = "application/x-www-form-urlencoded"
SAFE: Final = ("GET", "HEAD", "OPTIONS")


@attrs.frozen
class Refusal:
    """Why a request is not let in.

    Attributes:
        status: the status to answer with.
        error: one line that says what to do.
    """

    status: int
    error: str


@attrs.frozen(kw_only=True)
class Door:
    """The rules of one sandbox.

    Attributes:
        token: what control requests have to show.
        hosts: names, beside those of this machine, by which it may be reached.
    """

    token: str = attrs.field(repr=False)
    hosts: Sequence[str] = ()

    def refuse(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> Refusal | None:
        """Returns why a request is refused, or None.

        Args:
            method: of the request.
            path: its path.
            query: its query string.
            headers: its headers, by lower-case name.
        """
        host = headers.get("host", "")
        if not self.knows(host):
            return Refusal(
                403,
                f"This sandbox does not go by the name {name_of(host)[:200]!r}. Let it with "
                "Sandbox(allow_hosts=[...]) or `astra sandbox --allow-host NAME`.",
            )
        origin = headers.get("origin")
        if origin is not None and method not in SAFE and (urlsplit(origin).netloc != host or origin == "null"):
            return Refusal(403, "A page of another origin may not do this; send it from a program, without Origin.")
        if path != CONTROL and not path.startswith(f"{CONTROL}/"):
            return None
        looks = method in SAFE or path.startswith(f"{WORKBENCH}/")
        if not self.is_shown(query, headers) and not (looks and self.has_cookie(headers)):
            return Refusal(
                401,
                "The control API needs the sandbox's token: `Authorization: Bearer TOKEN`, or the URL that "
                "`astra sandbox` printed (`sandbox.control_url`).",
            )
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if method in SAFE or kind == "application/json":
            return None
        if kind != FORM or not path.startswith(f"{WORKBENCH}/"):
            return Refusal(415, "The control API takes JSON: send `Content-Type: application/json`.")
        if origin is None:
            # Another port of this machine is the same site: the cookie comes along, and only the origin tells.
            return Refusal(403, "A form comes from the workbench itself; a program sends JSON to the control API.")
        return None

    def knows(self, host: str) -> bool:
        """Whether the sandbox goes by a `Host`: an address, a name of this machine, or one that was allowed."""
        name = name_of(host)
        if is_loopback(name) or name in self.hosts:
            return True
        try:
            # A stranger's page has a name; whoever writes an address knows where it leads.
            ip_address(name)
        except ValueError:
            return False
        return True

    def is_shown(self, query: str, headers: Mapping[str, str]) -> bool:
        """Whether a request shows the token: in a header, or in the printed URL."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = [bearer.strip()] if scheme.lower() == "bearer" else []
        given += parse_qs(query).get("token", [])
        return any(hmac.compare_digest(one.encode(), self.token.encode()) for one in given)

    def has_cookie(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the cookie of the printed URL."""
        name, value = self.cookie(headers.get("host", ""))
        return hmac.compare_digest(cookie_of(headers.get("cookie", ""), name).encode(), value.encode())

    def cookie(self, host: str) -> tuple[str, str]:
        """Returns name and value of the cookie that opens the workbench and the views, and nothing else.

        A browser sends it to every port of the host name. So each port has its own, and no value tells the token.

        Args:
            host: the `Host` header, by which the browser knows the port.
        """
        port = host.rpartition(":")[2] if host[-1:].isdigit() and ":" in host else "80"
        value = hmac.new(self.token.encode(), f"astra sandbox: workbench at {port}".encode(), hashlib.sha256)
        return f"astra_sandbox_{port}", value.hexdigest()


def name_of(host: str) -> str:
    """Returns the name or address of a `Host` header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
