"""A server behind a URL as the target: what is given is checked, and the server asked whether it is an Astra at all."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, urlsplit

import attrs

from astra._json import is_object
from astra.config import (
    ENVIRONMENTS,
    build_settings,
    check_redirect_uri,
    check_text,
    is_loopback,
    read_environment,
    refresh_token,
)
from astra.conformance.outcome import Busy, CannotTell, NoAnswer
from astra.conformance.receiver import Receiver
from astra.conformance.run import without
from astra.conformance.target import Means, Target
from astra.conformance.wire import Exchange, send
from astra.conformance.world import World, as_text, code_of
from astra.errors import ConfigurationError

UNUSABLE: Final = 2
UNREACHABLE: Final = 3
NO_ASTRA: Final = 4
REFUSED: Final = 5
TRIES: Final = 3
OAUTH_ERROR: Final = re.compile("[a-z]+(?:_[a-z]+)+")
CONTENT_TYPE: Final = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,80}", re.ASCII)
ASTRA: Final = "astra.finance"
Ask = Callable[[str], str]


class WrongSetup(Exception):
    """A run cannot begin. The text says why and what to do, in a line.

    Args:
        text: the line.
        code: the exit status.
    """

    def __init__(self, text: str, *, code: int) -> None:
        super().__init__(text)
        self.code = code


@attrs.frozen(kw_only=True)
class Given:
    """What the command line says; None takes it from the environment.

    Attributes:
        base: origin of the API: `ASTRA_BASE_URL`.
        app: origin of the hosted module: `ASTRA_APP_URL`.
        client_id: `ASTRA_CLIENT_ID`. The secret is in `ASTRA_CLIENT_SECRET` alone: other users see command lines.
        redirect_uri: `ASTRA_REDIRECT_URI`.
        code: a code, or the address with it at which a person ended.
        phone: of the person who authorizes.
        webhook_url: where the server sends webhooks to, which leads to `webhook_port` of this machine.
        webhook_port: port to receive them on.
        payments: whether money may be moved.
        timeout: seconds that an answer may take.
    """

    base: str | None = None
    app: str | None = None
    client_id: str | None = None
    redirect_uri: str | None = None
    code: str | None = attrs.field(default=None, repr=False)
    phone: str | None = attrs.field(default=None, repr=False)
    webhook_url: str | None = None
    webhook_port: int = 8765
    payments: bool = False
    timeout: float = 30.0


def target_of(given: Given) -> Target:
    """Returns what is given as a target.

    Raises:
        WrongSetup: something is missing, or cannot be right.
    """
    try:
        found = read_environment()
        base = given.base or found.base_url
        if not base:
            raise ConfigurationError("Which server? Give --base or set ASTRA_BASE_URL.")
        if not (given.client_id or found.client_id) or not found.client_secret:
            raise ConfigurationError("There are no credentials: set ASTRA_CLIENT_ID and ASTRA_CLIENT_SECRET.")
        redirect_uri = given.redirect_uri or found.redirect_uri
        if not redirect_uri:
            raise ConfigurationError("There is no redirect URI: set ASTRA_REDIRECT_URI, or give --redirect-uri.")
        settings = build_settings(
            given.client_id or found.client_id or "",
            found.client_secret,
            base_url=base,
            app_url=given.app or found.app_url,
            redirect_uri=redirect_uri,
            timeout=given.timeout,
        )
        token = refresh_token()
        for name, value in (("ASTRA_REFRESH_TOKEN", token), ("--phone", given.phone)):
            if value is not None:
                check_text(name, value)
        code = None if given.code is None else code_in(given.code)
    except ConfigurationError as error:
        raise WrongSetup(str(error), code=UNUSABLE) from None
    if found.environment == "production" or any(map(is_production, (settings.hosts.api, settings.hosts.app))):
        why = "ASTRA_ENVIRONMENT says production" if found.environment == "production" else "That is Astra's production"
        raise WrongSetup(
            f"{why}. The checks make up people and break rules on purpose; run them on a sandbox.", code=UNUSABLE
        )
    return Target(
        base=settings.hosts.api,
        app=settings.hosts.app,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        redirect_uri=redirect_uri,
        refresh_token=token,
        code=code,
        phone=given.phone,
        timeout=settings.timeout.total,
    )


def is_production(origin: str) -> bool:
    """Tells whether an address leads to a host of Astra's that is not known to be of its sandbox, however it is
    spelled."""
    host = _host(origin)
    mine = {_host(url) for url in attrs.astuple(ENVIRONMENTS["sandbox"])}
    return f".{host}".endswith(f".{ASTRA}") and host not in mine


def _host(origin: str) -> str:
    host = urlsplit(origin).hostname or ""
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode()  # as it is looked up; there are other dots than "."
    return host.lower().rstrip(".")


def code_in(text: str) -> str:
    """Returns a code that was given as it is or in the address at which a person ended.

    Raises:
        ConfigurationError: there is none in it.
    """
    text = text.strip()
    if not urlsplit(text).scheme:
        check_text("--code", text)
        return text
    try:
        return code_of(parse_qs(urlsplit(text).query))
    except CannotTell as error:
        raise ConfigurationError(f"--code: {error}") from None


def means_of(given: Given, *, ask: Ask | None) -> Means:
    """Returns what can be done beside calling.

    Args:
        given: what the command line says.
        ask: shows a person a link, and returns the address that the person gives; None when nobody is there.

    Raises:
        WrongSetup: webhooks cannot come here.
    """
    if given.webhook_url is not None:
        check_tunnel(given.webhook_url, port=given.webhook_port, timeout=given.timeout)

    def listen(_: str) -> None:
        """The server has been told of the webhook URL by hand."""

    return Means(
        authorize=None if ask is None else asking(ask),
        listen=None if given.webhook_url is None else listen,
        webhook_port=given.webhook_port,
        payments=given.payments,
    )


def asking(ask: Ask) -> Callable[[str], str]:
    """Returns what asks again while the address that a person gives is none that a person ends at."""

    def authorize(link: str) -> str:
        for _ in range(TRIES):
            where = ask(link).strip()
            if {"code", "authorization_code", "error"} & parse_qs(urlsplit(where).query).keys():
                return where
        raise CannotTell("the person gave no address with a code")

    return authorize


def check_tunnel(url: str, *, port: int, timeout: float) -> None:
    """Sends a webhook URL something, and looks whether it comes to a port of this machine.

    Raises:
        WrongSetup: it does not.
    """
    try:
        check_redirect_uri(url)
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ConfigurationError("")
    except ConfigurationError:
        raise WrongSetup("--webhook-url must be an https address.", code=UNUSABLE) from None
    try:
        receiver = Receiver(port=port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongSetup(f"Port {port} cannot be listened on ({reason}): --webhook-port.", code=UNUSABLE) from None
    mark = secrets.token_hex(8)
    try:
        send(url, "POST", path="(webhook URL)", headers={}, body=mark.encode(), timeout=timeout)
    except NoAnswer:
        pass
    finally:
        receiver.close()
    if not any(hook.body == mark.encode() for hook in receiver.hooks):
        raise WrongSetup(f"--webhook-url does not lead to port {port} of this machine: what was sent there did not "
                         "arrive.", code=UNUSABLE)  # fmt: skip


def probe(target: Target) -> Target:
    """Asks whether the server can be tested, and exchanges a code for tokens.

    Args:
        target: the server.

    Returns:
        It, with a refresh token if there is a user.

    Raises:
        WrongSetup: nobody answers, what answers is no Astra, or it refuses the credentials.
    """
    world = World(target, Means())
    try:
        return _probed(world)
    except Busy as error:
        text = without(str(error), world.secrets)
        raise WrongSetup(f"{target.base}: {text}. Try again later.", code=UNREACHABLE) from None
    except NoAnswer as error:
        raise WrongSetup(f"{target.base} cannot be reached: {error}.", code=UNREACHABLE) from None
    except WrongSetup as error:
        raise WrongSetup(without(str(error), world.secrets), code=error.code) from None


def _probed(world: World) -> Target:
    target = world.target
    unknown = world.token(grant_type="refresh_token", refresh_token="conformance")
    if not refuses(unknown):
        given = unknown.headers.get("content-type", "").partition(";")[0].strip()
        what = (given if CONTENT_TYPE.fullmatch(given) else "an odd content type") if given else "no content type"
        raise WrongSetup(
            f"{target.base} is no Astra: POST /v1/oauth/token answered {unknown.status} with {what} to an unknown "
            "refresh token, and not with an error in JSON as an Astra writes it. Is it the origin of the API?",
            code=NO_ASTRA,
        )
    listed = world.call("GET", "/v1/payment_instruments", auth="basic")
    told = as_text(unknown, "error")
    refused = unknown if told == "invalid_client" else listed
    if told == "invalid_client" or listed.status == 401 or {unknown.status, listed.status} <= {401, 403}:
        raise WrongSetup(
            f"{target.base} refuses the client's credentials ({refused.status}, request id "
            f"{refused.request_id or 'missing'}): check ASTRA_CLIENT_ID and ASTRA_CLIENT_SECRET.",
            code=REFUSED,
        )
    form = {"grant_type": "refresh_token", "refresh_token": target.refresh_token or ""}
    if target.code is not None:
        form = {"grant_type": "authorization_code", "code": target.code, "redirect_uri": target.redirect_uri}
    elif target.refresh_token is None:
        return target
    return with_user(world, form)


def with_user(world: World, form: dict[str, str]) -> Target:
    """Exchanges a code or a refresh token.

    Args:
        world: to call with.
        form: what to send to the token endpoint.

    Returns:
        The target with a fresh refresh token.

    Raises:
        WrongSetup: it was refused.
    """
    issued = world.token(**form)
    fresh = as_text(issued, "refresh_token")
    if issued.status != 200 or fresh is None:
        what = "The code" if "code" in form else "The refresh token"
        raise WrongSetup(f"{what} was refused: {issued.name}.", code=REFUSED)
    return attrs.evolve(world.target, refresh_token=fresh, code=None)


def refuses(exchange: Exchange) -> bool:
    """Tells whether an answer is an error as a token endpoint of Astra writes it: by the standard of OAuth, or in the
    form of Astra's other errors."""
    try:
        body = json.loads(exchange.content)
    except (ValueError, RecursionError):
        return False
    if exchange.status not in (400, 401, 403) or not is_object(body):
        return False
    is_oauth = isinstance(body.get("error"), str) and OAUTH_ERROR.fullmatch(body["error"]) is not None
    return is_oauth or {"code", "name", "description"} <= body.keys()
