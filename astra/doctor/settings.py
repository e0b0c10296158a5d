"""Reads the `ASTRA_*` variables one by one, so that a wrong one hides no other, and says where each setting is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from astra._secret import Secret, hide_all
from astra.config import (
    TOOLS,
    VARIABLES,
    EnvironmentSettings,
    Settings,
    build_settings,
    check_origin,
    http_library,
    is_loopback,
    read_environment,
)
from astra.doctor import redirect_uri
from astra.doctor.addresses import shown_id, shown_redirect, shown_url
from astra.doctor.findings import Finding
from astra.doctor.grants import shown_identity
from astra.doctor.variables import judge_names, judge_value, source
from astra.drift.store import DRIFT
from astra.errors import ConfigurationError
from astra.payments.stores.base import PAYMENTS
from astra.request_log.log import REQUESTS
from astra.storage.url import read_url
from astra.tokens.identity import Identity
from astra.tokens.stores.base import TOKENS

IN_SETTINGS: Final = frozenset(
    {
        "environment",
        "base_url",
        "secure_base_url",
        "app_url",
        "allow_insecure_http",
        "redirect_uri",
        "timeout",
        "max_retries",
        "max_response_size",
    }
)
"""Those that `build_settings` takes, beside the credentials."""

PLACES: Final = frozenset({"environment", "base_url", "secure_base_url", "app_url"})
"""Those that say where calls go: while one is wrong, nothing is sent."""

REQUIRED: Final = frozenset({"client_id", "client_secret"})
STAND_IN: Final = "x"
INSECURE: Final = "ASTRA_ALLOW_INSECURE_HTTP"


@attrs.frozen(kw_only=True)
class Setup:
    """What the environment comes to.

    Attributes:
        found: the settings that can be used; a wrong one is None here.
        settings: what a client would make of them; None when it is not known where calls would go.
        identity: whose grants; None when that is not known.
        findings: what was found on the way.
        wrong: names of the attributes that cannot be used.
    """

    found: EnvironmentSettings = attrs.field(factory=EnvironmentSettings)
    settings: Settings | None = None
    identity: Identity | None = None
    findings: tuple[Finding, ...] = ()
    wrong: frozenset[str] = frozenset()

    @property
    def is_production(self) -> bool:
        """Whether calls go to production; where that is not known, whether they should."""
        if self.settings is None:
            return self.found.environment == "production"
        return self.settings.destination.startswith("production")


def read_setup(variables: Mapping[str, Secret]) -> Setup:
    """Reads what the environment says.

    Args:
        variables: those that begin with `ASTRA_`.
    """
    findings = judge_names(variables, known=VARIABLES, tools=TOOLS)
    found: dict[str, Any] = {}
    wrong: set[str] = set()
    refusals: dict[str, str] = {}
    for name, field in VARIABLES.items():
        value, refusal = _read_one(name, field, variables)
        found[field] = value
        if refusal is not None:
            wrong.add(field)
            refusals[field] = refusal
        if field != "redirect_uri":
            findings.append(_judge(name, field, value, refusal, variables))
    findings.append(_judge_library(variables))
    usable = EnvironmentSettings(**{field: value for field, value in found.items() if value is not None})
    settings, combined = _combine(usable, wrong)
    setup = Setup(
        found=usable,
        settings=settings,
        identity=Identity.of(settings.destination, usable.client_id) if settings and usable.client_id else None,
        wrong=frozenset(wrong),
    )
    findings.append(_judge_hosts(setup, combined, variables))
    findings.append(_judge_identity(setup))
    findings.append(_judge_redirect(setup, variables, refusals.get("redirect_uri")))
    return attrs.evolve(setup, findings=tuple(findings))


def _read_one(name: str, field: str, variables: Mapping[str, Secret]) -> tuple[Any, str | None]:
    """A setting, and why it cannot be used."""
    if not variables.get(name, "").strip():
        return None, None
    odd = judge_value(name, variables[name])
    if odd is not None:
        return None, f"{odd}."
    return _refusal(lambda: _check(name, field, variables), variables[name])


def _check(name: str, field: str, variables: Mapping[str, Secret]) -> Any:
    value: Any = getattr(read_environment({name: variables[name]}), field)
    if field in PLACES - {"environment"}:
        insecure = read_environment({INSECURE: variables.get(INSECURE, Secret(""))}).allow_insecure_http
        check_origin(field, value, allow_insecure_http=bool(insecure))
    elif field in IN_SETTINGS:
        build_settings(STAND_IN, STAND_IN, **{field: value})
    if field == "token_store":
        read_url(value, family=TOKENS)
    if field == "request_log":
        read_url(value, family=REQUESTS)
    if field == "idempotency_store":
        read_url(value, family=PAYMENTS)
    if field == "drift_store":
        read_url(value, family=DRIFT)
    if field == "token_keys":
        from astra.tokens.stores.keyring import Keyring

        Keyring(hide_all(value))
    return value


def _refusal(check: Callable[[], Any], raw: str) -> tuple[Any, str | None]:
    """What a check returns, or why it refuses. Its message may quote the value, which may be a secret put wrongly."""
    try:
        return check(), None
    except ConfigurationError as error:
        message = str(error).replace(repr(Secret(raw)), "what is set").replace(repr(str(raw).strip()), "what is set")
        return None, re.sub(rf"(?<!\w){re.escape(raw.strip())}(?!\w)", "(what is set)", message)


def _judge(name: str, field: str, value: Any, refusal: str | None, variables: Mapping[str, Secret]) -> Finding:
    check, details = f"settings.{field}", {"variable": name, "source": source(name, variables)}
    if field == "client_secret" and value and value == variables.get("ASTRA_CLIENT_ID", "").strip():
        refusal = "ASTRA_CLIENT_SECRET and ASTRA_CLIENT_ID are the same"
    if refusal is not None:
        return Finding(
            check=check, status="fail", message=refusal, advice=f"Correct {name}.", details=details | {"value": None}
        )
    if value is None:
        return _judge_absent(check, name, field, variables, details | {"value": None})
    shown = _shown(field, value)
    return Finding(check=check, status="ok", message=f"{shown} ({name})", details=details | {"value": shown})


def _judge_absent(
    check: str, name: str, field: str, variables: Mapping[str, Secret], details: Mapping[str, Any]
) -> Finding:
    if field in REQUIRED:
        advice = f"Set {name}: it is in the Keys section of your Astra dashboard."
        return Finding(check=check, status="fail", message=f"{name} is not set", advice=advice, details=details)
    default = {"environment": "sandbox"}.get(field)
    message = f"{default} (default; {name} is not set)" if default else f"not set ({name})"
    if name in variables:
        odd = judge_value(name, variables[name]) or message
        return Finding(check=check, status="warn", message=odd, advice=f"Unset {name}, or fill it.", details=details)
    return Finding(check=check, status="ok", message=message, details=details)


def _shown(field: str, value: Any) -> str:
    if field == "client_secret":
        return "set"
    if field == "token_keys":
        return f"set, {len(value)} with the current one first"
    if field == "client_id":
        return shown_id(value)
    if field in ("token_store", "request_log", "idempotency_store", "drift_store"):
        return shown_url(value)
    return shown_redirect(value) if field == "redirect_uri" else str(value)


def _judge_library(variables: Mapping[str, Secret]) -> Finding:
    given = variables.get("ASTRA_HTTP", Secret(""))
    library, refusal = _refusal(lambda: http_library({"ASTRA_HTTP": given}), given)
    details = {"variable": "ASTRA_HTTP", "source": source("ASTRA_HTTP", variables), "value": library}
    if refusal is not None:
        return Finding(
            check="settings.http", status="fail", message=refusal, advice="Correct ASTRA_HTTP.", details=details
        )
    return Finding(check="settings.http", status="ok", message=f"calls are sent with {library}", details=details)


def _combine(found: EnvironmentSettings, wrong: set[str]) -> tuple[Settings | None, str | None]:
    """What a client would make of all of them together, or why it would make nothing."""
    if wrong & PLACES:
        return None, None
    given = {field: getattr(found, field) for field in sorted(IN_SETTINGS - {"environment"})}
    try:
        return build_settings(
            found.client_id or STAND_IN,
            found.client_secret or STAND_IN,
            environment=found.environment or "sandbox",
            **given,
        ), None
    except ConfigurationError as error:
        return None, str(error)


def _judge_hosts(setup: Setup, combined: str | None, variables: Mapping[str, Secret]) -> Finding:
    check = "hosts"
    if setup.settings is None:
        reason = combined or f"not known while {', '.join(sorted(setup.wrong & PLACES))} cannot be used"
        return Finding(
            check=check, status="fail", message=reason, advice="Correct it; until then a client refuses to be made."
        )
    hosts = setup.settings.hosts
    follows = setup.found.base_url is not None and setup.found.app_url is None and hosts.app == hosts.api
    details = attrs.asdict(hosts) | {
        "sources": {
            "api": source("ASTRA_BASE_URL", variables),
            "secure": source("ASTRA_SECURE_BASE_URL", variables),
            "app": "ASTRA_BASE_URL" if follows else source("ASTRA_APP_URL", variables),
        }
    }
    message = f"api {hosts.api}, secure {hosts.secure}, app {hosts.app}" + (
        " (follows ASTRA_BASE_URL, which is this machine)" if follows else ""
    )
    open_to_all = [host for host in attrs.astuple(hosts) if host.startswith("http://") and not _is_here(host)]
    if open_to_all:
        return Finding(
            check=check,
            status="warn",
            message=f"{open_to_all[0]} is called by plain http: whoever is on that network reads secrets and tokens",
            advice=f"Fine for a local Astra in a network of containers, and for nothing else. Else unset {INSECURE}.",
            details=details,
        )
    return Finding(check=check, status="ok", message=message, details=details)


def _is_here(origin: str) -> bool:
    return is_loopback(urlsplit(origin).hostname or "")


def _judge_identity(setup: Setup) -> Finding:
    if setup.identity is None:
        return Finding(
            check="identity",
            status="fail",
            message="not known whose grants are used",
            advice="Correct the settings above: the environment and the client id say it.",
        )
    shown = shown_identity(setup.identity)
    details = {"environment": setup.identity.environment, "client_id": shown_id(setup.identity.client_id)}
    return Finding(check="identity", status="ok", message=f"grants of {shown}", details=details)


def _judge_redirect(setup: Setup, variables: Mapping[str, Secret], refusal: str | None) -> Finding:
    uri = setup.found.redirect_uri if refusal is None else STAND_IN
    settings = setup.settings
    # A local server is no production, whatever the environment is called.
    environment = settings.environment if settings else setup.found.environment
    if settings is not None and is_loopback(urlsplit(settings.hosts.api).hostname or ""):
        environment = "sandbox"
    is_local = uri is not None and is_loopback(urlsplit(uri).hostname or "")
    found = redirect_uri.judge(uri, environment=environment, is_local=is_local, refusal=refusal)
    return attrs.evolve(found, details={**found.details, "source": source("ASTRA_REDIRECT_URI", variables)})
