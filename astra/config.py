"""Where the calls go and how long they may take: environments, hosts, time limits and `ASTRA_*` settings."""

from __future__ import annotations

import ipaddress
import os
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, Literal, TypeGuard
from urllib.parse import SplitResult, urlsplit

import attrs

from astra._public import public
from astra._secret import Secret, SecretDict, hide, kind_of
from astra.errors import AstraConfigurationWarning, ConfigurationError

Environment = Literal["sandbox", "production"]
DEFAULT_RETRIES: Final = 2
_VERSION: Final = re.compile(r".*/(v\d+)/*", re.ASCII | re.IGNORECASE)
_PATH: Final = re.compile(r"[\w/.~-]*", re.ASCII)
_NO_APPS: Final = frozenset(
    {"http", "https", "ftp", "file", "data", "javascript", "vbscript", "about", "blob", "ws", "wss"}
)
_HOST: Final = re.compile(r"[\w.-]+|[0-9a-f:.]+")

LONGEST_TIMEOUT: Final = 2_000_000
"""Seconds, 23 days: operating systems count milliseconds in 31 bits, and take more than that for something else."""

MAX_RESPONSE_SIZE: Final = 16 * 2**20
"""Bytes that the body of an answer may have, decompressed, unless the client is told otherwise."""

HTTP_LIBRARIES: Final = ("httpx2", "httpx")
"""What can send requests; the first one that is installed does."""

_PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")


@attrs.frozen
class Hosts:
    """The three origins of one environment, without a trailing slash.

    Attributes:
        api: origin of the REST API.
        secure: origin that takes card numbers and account numbers.
        app: origin of the hosted authorization pages.
    """

    api: str
    secure: str
    app: str


ENVIRONMENTS: Final[Mapping[str, Hosts]] = {
    "sandbox": Hosts(
        api="https://api-sandbox.astra.finance",
        secure="https://secure.api-sandbox.astra.finance",
        app="https://app-sandbox.astra.finance",
    ),
    "production": Hosts(
        api="https://api.astra.finance",
        secure="https://secure.api.astra.finance",
        app="https://app.astra.finance",
    ),
}


@public("astra")
@attrs.frozen
class Timeout:
    """Time limits of one call, in seconds.

    Attributes:
        total: limit over all attempts and the waits between them.
        attempt: limit of one attempt of a read; a write may use all of what is left of `total`, because cutting it
            short leaves its outcome unknown.
        connect: limit for making a connection.
    """

    total: float = 60.0
    attempt: float = 20.0
    connect: float = 5.0

    def __attrs_post_init__(self) -> None:
        for name in ("total", "attempt", "connect"):
            value = getattr(self, name)
            if not is_number(value) or not 0 < value <= LONGEST_TIMEOUT:
                shown = repr(value) if not isinstance(value, int) or abs(value) < 10**9 else "a larger one"
                raise ConfigurationError(
                    f"timeout: {name} must be a positive number of seconds, at most {LONGEST_TIMEOUT:.0f}, not {shown}."
                )


@attrs.frozen
class Settings:
    """Everything a client needs to know before its first call.

    Attributes:
        client_id: Astra client id; the sandbox and production each have their own.
        client_secret: its secret; never shown.
        environment: "sandbox" or "production".
        hosts: origins in use.
        redirect_uri: registered redirect URI, or None.
        timeout: time limits of a call.
        max_retries: how many times a call may be sent again.
        max_response_size: bytes that the body of an answer may have, decompressed.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    environment: str
    hosts: Hosts
    redirect_uri: str | None
    timeout: Timeout
    max_retries: int
    max_response_size: int

    @property
    def destination(self) -> str:
        """The environment that calls really go to: its name, and the address if it is not that environment's own.

        All ports of this machine are one, because a local sandbox has another port each time. However an address is
        written, it is the same one: grants are kept under it, and all who use them have to find them.
        """
        parts = urlsplit(self.hosts.api)
        host = _host(self.hosts.api)
        if is_loopback(host):
            return f"{self.environment}@loopback"
        port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
        shown = f"[{host}]" if ":" in host else host
        address = f"{parts.scheme}://{shown}{port}{parts.path}"
        own = {known.api: name for name, known in ENVIRONMENTS.items()}
        return own.get(address) or f"{self.environment}@{address}"


def build_settings(
    client_id: str,
    client_secret: str,
    *,
    environment: str = "sandbox",
    base_url: str | None = None,
    secure_base_url: str | None = None,
    app_url: str | None = None,
    allow_insecure_http: bool = False,
    redirect_uri: str | None = None,
    timeout: float | Timeout | None = None,
    max_retries: int | None = None,
    max_response_size: int | None = None,
) -> Settings:
    """Checks what the caller gave and fills in the rest.

    Raises:
        ConfigurationError: a value is missing or cannot be right; the message says which and what to do.
    """
    client_secret = hide(client_secret)
    for name, value in (("client_id", client_id), ("client_secret", client_secret)):
        if not value:
            raise ConfigurationError(f"{name} is empty. Copy it from the Keys section of your Astra dashboard.")
        check_text(name, value)
    known = ENVIRONMENTS[environment] if environment in tuple(ENVIRONMENTS) else None
    if known is None:
        raise ConfigurationError(
            f"environment must be 'sandbox' or 'production', not {environment!r}. "
            "For a local server pass its address as base_url."
        )
    if type(allow_insecure_http) is not bool:
        raise ConfigurationError(f"allow_insecure_http must be True or False, not {allow_insecure_http!r}.")
    if allow_insecure_http and environment == "production":
        raise ConfigurationError(
            "allow_insecure_http is for a stand-in, such as the local Astra in a compose network, and environment is "
            "'production': its secret and its tokens would travel for everybody to read. Leave one of them out."
        )
    # An empty address is none that was left out: it must not mean Astra's own hosts.
    check = partial(check_origin, allow_insecure_http=allow_insecure_http)
    api = known.api if base_url is None else check("base_url", base_url)
    secure = known.secure if _host(api) == _host(known.api) else api
    if secure_base_url is not None:
        secure = check("secure_base_url", secure_base_url)
        _check_secure_origin(api, secure)
    app = _app_origin(api, None if app_url is None else check("app_url", app_url), default=known.app)
    hosts = Hosts(api=api, secure=secure, app=app)
    _check_environment_of(hosts, environment)
    if redirect_uri is not None:
        check_redirect_uri(redirect_uri)
    if max_retries is None:
        max_retries = DEFAULT_RETRIES
    if not is_number(max_retries) or max_retries < 0 or max_retries % 1:
        raise ConfigurationError(f"max_retries must be a whole number from 0 up, not {max_retries!r}.")
    if max_response_size is None:
        max_response_size = MAX_RESPONSE_SIZE
    if not is_number(max_response_size) or max_response_size < 1 or max_response_size % 1:
        raise ConfigurationError(f"max_response_size must be a number of bytes, not {max_response_size!r}.")
    return Settings(
        client_id=client_id,
        client_secret=client_secret,
        environment=environment,
        hosts=hosts,
        redirect_uri=redirect_uri,
        timeout=as_timeout(timeout) if timeout is not None else Timeout(),
        max_retries=int(max_retries),
        max_response_size=int(max_response_size),
    )


def _app_origin(api: str, app: str | None, *, default: str) -> str:
    """Returns the origin of the hosted pages. Those of Astra know nothing of the users and links of a local server.

    Raises:
        ConfigurationError: calls go to a local server, and people to Astra.
    """
    is_local = _is_stand_in(api)
    if app is None:
        return api if is_local else default
    if is_local and _host(app).endswith(".astra.finance"):
        raise ConfigurationError(
            f"base_url is a local server ({api}), and app_url is Astra's own ({app}): people would be sent "
            "to pages that know nothing of what the local server knows. Leave app_url out: links go to base_url, too."
        )
    return app


def _check_secure_origin(api: str, secure: str) -> None:
    """Refuses Astra's host for card and account numbers beside a local server: a test would send them to Astra.

    Raises:
        ConfigurationError: calls go to a local server, and those numbers to Astra.
    """
    if _is_stand_in(api) and _host(secure).endswith(".astra.finance"):
        raise ConfigurationError(
            f"base_url is a local server ({api}), and secure_base_url is Astra's own ({secure}): card and account "
            "numbers would be sent to Astra. Leave secure_base_url out: it follows base_url."
        )


def _is_stand_in(api: str) -> bool:
    # Plain http leads to a stand-in, wherever that is.
    return is_loopback(_host(api)) or api.startswith("http://")


def _check_environment_of(hosts: Hosts, environment: str) -> None:
    """Refuses hosts of Astra that belong to another environment: what is called a sandbox would move money.

    Raises:
        ConfigurationError: at least one does.
    """
    whose = {_host(origin): name for name, known in ENVIRONMENTS.items() for origin in attrs.astuple(known)}
    used = {role: whose[_host(origin)] for role, origin in attrs.asdict(hosts).items() if _host(origin) in whose}
    if not set(used.values()) <= {environment}:
        told = ", ".join(f"{role} is {name}'s" for role, name in used.items())
        raise ConfigurationError(
            f"The hosts are of several environments: environment is {environment!r}, {told}. Say "
            "environment='production' or 'sandbox', and leave out base_url, secure_base_url and app_url: it knows "
            "Astra's own hosts."
        )


def _host(origin: str) -> str:
    """The name of a host, in one of the ways to write it."""
    return (urlsplit(origin).hostname or "").rstrip(".")


def check_text(name: str, value: object) -> None:
    """Refuses a setting that is no text. Its value is not shown: it may be a secret.

    Raises:
        ConfigurationError: no text.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be text, not {kind_of(value)}.")


def is_number(value: object) -> TypeGuard[float]:
    """Tells whether a value that a caller gave is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_timeout(value: float | Timeout) -> Timeout:
    """Reads a plain number as the limit of the whole call."""
    if isinstance(value, Timeout):
        return value
    if not is_number(value):
        raise ConfigurationError(f"timeout must be a positive number of seconds or an astra.Timeout, not {value!r}.")
    return Timeout(total=value, attempt=min(value, Timeout().attempt), connect=min(value, Timeout().connect))


def check_origin(name: str, url: str, *, allow_insecure_http: bool = False) -> str:
    """Returns `url` without a trailing slash, if calls may go there.

    Args:
        name: of the setting.
        url: the address.
        allow_insecure_http: whether plain http may leave this machine, for a stand-in.

    Raises:
        ConfigurationError: not an http(s) address, or plain http to a host that is not this machine.
    """
    parts = _address(url)
    if parts is None or not parts.hostname:
        given = "what was given" if "@" in str(url) else repr(url)
        raise ConfigurationError(f"{name} must be an https address such as https://proxy.example.com, not {given}.")
    if "@" in parts.netloc:
        raise ConfigurationError(f"{name} must not hold credentials.")
    if "?" in url or "#" in url:
        raise ConfigurationError(f"{name} must not hold a query or a fragment.")
    if not _PATH.fullmatch(parts.path) or {".", ".."} & set(parts.path.split("/")):
        raise ConfigurationError(f"{name} must end with its host, or with the path of a proxy such as /astra.")
    version = _VERSION.fullmatch(parts.path)
    if version is not None:
        wanted = url.rstrip("/").removesuffix(f"/{version[1]}")
        raise ConfigurationError(
            f"{name} must not end in /{version[1]}: the SDK puts the version into each path. Write {wanted!r}."
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        refused = f"{name} uses plain http to {parts.hostname}, which would show tokens on the network. Use https; "
        if f".{parts.hostname.rstrip('.')}".endswith(".astra.finance"):
            raise ConfigurationError(f"{refused}Astra's own hosts are never called by plain http.")
        if not allow_insecure_http:
            raise ConfigurationError(
                f"{refused}plain http is for this machine only (127.0.0.1, localhost, ::1). For a local Astra in a "
                "network of containers: allow_insecure_http=True, or ASTRA_ALLOW_INSECURE_HTTP=1."
            )
    return url.rstrip("/")


def check_redirect_uri(uri: object) -> None:
    """Refuses a redirect URI to which no browser could bring a person back. Which ones are registered Astra knows.

    Raises:
        ConfigurationError: no absolute address, or one with a fragment or credentials.
    """
    wanted = "redirect_uri must be the address that is registered with Astra, such as https://example.com/callback"
    given = "what was given" if "@" in str(uri) else repr(uri)
    parts = _address(uri) or _app_address(uri)
    if parts is None:
        raise ConfigurationError(f"{wanted}, not {given}.")
    if "@" in parts.netloc or "#" in str(uri):
        raise ConfigurationError(f"{wanted}, without credentials and without a fragment.")


def _app_address(uri: object) -> SplitResult | None:
    """Splits an address that opens an app on a phone, such as com.example.app:/callback; None for what is none."""
    if not isinstance(uri, str) or any(char.isspace() or not char.isprintable() for char in uri):
        return None
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    return parts if parts.scheme and parts.scheme not in _NO_APPS and (parts.netloc or parts.path) else None


def _address(url: object) -> SplitResult | None:
    """Splits a web address, or returns None for what is none. What one library ignores, another takes for a host."""
    if not isinstance(url, str) or "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        return None
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and parts.port != 0 and not parts.netloc.endswith(":")
    except ValueError:
        return None
    return parts if is_web and _is_host(parts.hostname or "") else None


def _is_host(host: str) -> bool:
    """Tells whether something can be the name or the address of a machine."""
    if not _HOST.fullmatch(host):
        return False
    return ":" in host or all(0 < len(part) < 64 and part.strip("-_") for part in host.removesuffix(".").split("."))


def is_loopback(host: str) -> bool:
    """Tells whether `host` is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@attrs.frozen(kw_only=True)
class EnvironmentSettings:
    """What the `ASTRA_*` variables say; None where one is not set. The name of each is that of the attribute.

    Attributes:
        client_id: `ASTRA_CLIENT_ID`.
        client_secret: `ASTRA_CLIENT_SECRET`.
        environment: `ASTRA_ENVIRONMENT`, "sandbox" or "production".
        base_url: `ASTRA_BASE_URL`.
        secure_base_url: `ASTRA_SECURE_BASE_URL`.
        app_url: `ASTRA_APP_URL`.
        allow_insecure_http: `ASTRA_ALLOW_INSECURE_HTTP`, 1 or 0.
        redirect_uri: `ASTRA_REDIRECT_URI`.
        token_store: `ASTRA_TOKEN_STORE`, a URL.
        token_keys: `ASTRA_TOKEN_KEYS`, Fernet keys separated by commas, the current one first.
        request_log: `ASTRA_REQUEST_LOG`, a URL.
        idempotency_store: `ASTRA_IDEMPOTENCY_STORE`, a URL.
        drift_store: `ASTRA_DRIFT_STORE`, a URL.
        timeout: `ASTRA_TIMEOUT`, seconds for a whole call.
        max_retries: `ASTRA_MAX_RETRIES`.
        max_response_size: `ASTRA_MAX_RESPONSE_SIZE`, bytes.
    """

    client_id: str | None = None
    client_secret: str | None = attrs.field(default=None, repr=False)
    environment: str | None = None
    base_url: str | None = None
    secure_base_url: str | None = None
    app_url: str | None = None
    allow_insecure_http: bool = False
    redirect_uri: str | None = None
    token_store: str | None = attrs.field(default=None, repr=False)
    token_keys: tuple[str, ...] = attrs.field(default=(), repr=False)
    request_log: str | None = attrs.field(default=None, repr=False)
    idempotency_store: str | None = attrs.field(default=None, repr=False)
    drift_store: str | None = attrs.field(default=None, repr=False)
    timeout: float | None = None
    max_retries: int | None = None
    max_response_size: int | None = None


VARIABLES: Final[Mapping[str, str]] = {
    f"ASTRA_{field.name.upper()}": field.name for field in attrs.fields(EnvironmentSettings)
}
"""Names of the variables, and of the attributes that hold what they say."""

TOOLS: Final = frozenset({"ASTRA_RECORD", "ASTRA_HTTP", "ASTRA_SANDBOX_TOKEN", "ASTRA_REFRESH_TOKEN"})
"""Variables that are no settings of a client."""


def read_environment(variables: Mapping[str, str] | None = None) -> EnvironmentSettings:
    """Reads the `ASTRA_*` variables, at the time of the call and not at import. Nothing else in the SDK reads them.

    Args:
        variables: read instead of the process's environment.

    Returns:
        The settings.

    Raises:
        ConfigurationError: a number is none, or cannot be right.

    Warns:
        AstraConfigurationWarning: a variable that nobody reads has nearly the name of one that is read.
    """
    source = _Variables(os.environ if variables is None else variables)
    del variables  # this frame may be printed with its locals
    found: dict[str, Any] = SecretDict((VARIABLES[name], source[name]) for name in VARIABLES if source[name])
    for field in attrs.fields(EnvironmentSettings):
        if field.repr and "@" not in found.get(field.name, "@"):
            found[field.name] = str(found[field.name])  # it is no secret, and an error that refuses it has to show it
    _warn_of_misspelt(source, known=VARIABLES)
    if "token_keys" in found:
        found["token_keys"] = tuple(Secret(key.strip()) for key in found["token_keys"].split(","))
        if "" in found["token_keys"]:
            # "$NEW,$OLD" comes to this when one of them is not set, and the other would be taken for the current key.
            raise ConfigurationError("ASTRA_TOKEN_KEYS has an empty key before, between or after its commas.")
    if "allow_insecure_http" in found:
        found["allow_insecure_http"] = _yes_or_no("ASTRA_ALLOW_INSECURE_HTTP", found["allow_insecure_http"])
    if "timeout" in found:
        found["timeout"] = _seconds("ASTRA_TIMEOUT", found["timeout"])
    if "max_retries" in found:
        found["max_retries"] = _whole("ASTRA_MAX_RETRIES", found["max_retries"], digits=4)
    if "max_response_size" in found:
        found["max_response_size"] = _whole("ASTRA_MAX_RESPONSE_SIZE", found["max_response_size"], digits=12)
    return EnvironmentSettings(**found)


def raw_variables(variables: Mapping[str, str] | None = None) -> Mapping[str, Secret]:
    """Returns every variable whose name begins with `ASTRA_`, in whatever case, as it is set; for diagnosis.

    Args:
        variables: read instead of the process's environment.
    """
    source = SecretDict(os.environ if variables is None else variables)
    del variables  # this frame may be printed with its locals
    return SecretDict((name, Secret(source[name])) for name in sorted(source) if name.upper().startswith("ASTRA_"))


def command_folders() -> list[str]:
    """Returns the folders in which the system looks for commands, in its order."""
    return [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]


class _Variables:
    """Variables with the blanks around them taken off. Its repr shows none of them."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> Secret:
        return Secret(self._variables.get(name, "").strip())

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() not in ("0", "1", "false", "true"):
        raise ConfigurationError(f"{name} must be 1 or 0, not {text!r}.")
    return text.lower() in ("1", "true")


def _whole(name: str, text: str, *, digits: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= digits):
        raise ConfigurationError(f"{name} must be a whole number from 0 up, not {text!r}.")
    return int(text)


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"{name} must be a positive number of seconds, not {text!r}.")
    return seconds


def _warn_of_misspelt(source: Iterable[str], *, known: Collection[str]) -> None:
    for name in source:
        if name.startswith("ASTRA_") and name not in known and name not in TOOLS:
            from difflib import get_close_matches

            meant = get_close_matches(name, known, n=1, cutoff=0.85)
            if meant:
                warnings.warn(
                    f"{name} is no variable of the Astra SDK and has no effect; did you mean {meant[0]}?",
                    AstraConfigurationWarning,
                    stacklevel=3,
                )


def sandbox_token(variables: Mapping[str, str] | None = None) -> str | None:
    """Returns the token of the local Astra, `ASTRA_SANDBOX_TOKEN`, or None.

    Args:
        variables: read instead of the process's environment.
    """
    found = _Variables(os.environ if variables is None else variables)["ASTRA_SANDBOX_TOKEN"]
    del variables  # this frame may be printed with its locals
    return found or None


def refresh_token(variables: Mapping[str, str] | None = None) -> str | None:
    """Returns the refresh token of a test user, `ASTRA_REFRESH_TOKEN`, for tools that call as somebody; or None.

    Args:
        variables: read instead of the process's environment.
    """
    found = _Variables(os.environ if variables is None else variables)["ASTRA_REFRESH_TOKEN"]
    del variables  # this frame may be printed with its locals
    return found or None


def http_library(variables: Mapping[str, str] | None = None) -> str:
    """Returns the name of the library that sends requests. It is looked for, not imported.

    Args:
        variables: read instead of the process's environment.

    Raises:
        ConfigurationError: `ASTRA_HTTP` names none that is known, or one that is not installed.
    """
    forced = _Variables(os.environ if variables is None else variables)["ASTRA_HTTP"]
    del variables  # this frame may be printed with its locals
    if not forced:
        return next((name for name in HTTP_LIBRARIES if _is_installed(name)), "httpx")
    if forced not in HTTP_LIBRARIES:
        raise ConfigurationError(f"ASTRA_HTTP must be httpx or httpx2, not {forced!r}.")
    if not _is_installed(forced):
        raise ConfigurationError(f"ASTRA_HTTP names {forced}, which is not installed: pip install {forced}.")
    return forced


def _is_installed(name: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(name) is not None
    except ValueError:  # a test has put something into sys.modules that says nothing of where it came from
        return False


def proxy_for(origin: str) -> str | None:
    """Returns the proxy that the environment (or the system's settings) names for an origin, or None.

    What goes to this machine goes there without a proxy.

    Args:
        origin: scheme, host and port, as in the settings.

    Raises:
        ConfigurationError: what is named is no address of a proxy. Its credentials are not shown.
    """
    import urllib.request

    address = urlsplit(origin)
    host = address.hostname or ""
    proxies = urllib.request.getproxies()
    scheme = next((scheme for scheme in (address.scheme, "all") if proxies.get(scheme)), None)
    if scheme is None or is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    named = proxies[scheme].strip()
    proxy = named if "://" in named else f"http://{named}"
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            f"The environment names a proxy for {scheme} ({scheme.upper()}_PROXY) that is none: "
            f"it must begin with {', '.join(f'{known}://' for known in _PROXY_SCHEMES)} and name a host. "
            "Correct it, or name Astra's hosts in NO_PROXY."
        )
    return proxy
