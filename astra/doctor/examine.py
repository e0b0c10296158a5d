"""Puts the checks together: what is configured is looked at, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from astra._secret import Secret, hide_text
from astra.config import VARIABLES, proxy_for, raw_variables
from astra.doctor.addresses import secrets_in
from astra.doctor.findings import Finding
from astra.doctor.probe_api import probe_api
from astra.doctor.probe_machine import machine_probes
from astra.doctor.probe_payments import probe_idempotency_store
from astra.doctor.probe_stores import LOG, STATE_STORE, WEBHOOKS, probe_store, probe_token_store
from astra.doctor.report import Report, without_secrets
from astra.doctor.running import Probe, failed, run_all
from astra.doctor.settings import Setup, read_setup
from astra.errors import ConfigurationError
from astra.storage.url import SCHEMES

PLACES: Final = ("ASTRA_TOKEN_STORE", "ASTRA_REQUEST_LOG", "ASTRA_IDEMPOTENCY_STORE")
"""Variables that name a store."""

LIMIT: Final = 5.0
"""Seconds that a check may take, unless told otherwise."""


def examine(
    *,
    offline: bool = False,
    limit: float = LIMIT,
    webhook_store: str | None = None,
    state_store: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> Report:
    """Looks at the set-up of this machine.

    Args:
        offline: send no request to Astra. Stores are connected to all the same.
        limit: seconds that each check may take; they run side by side, so it is the limit of them all, too.
        webhook_store: URL of the de-duplication store of webhooks; no variable names it.
        state_store: URL of the store of states of authorization links; no variable names it.
        variables: read instead of the process's environment.

    Returns:
        What was found, without secrets.
    """
    webhook_store, state_store = hide_text(webhook_store), hide_text(state_store)
    given = raw_variables(variables)
    del variables  # this frame may be printed with its locals
    findings: list[Finding] = []
    try:
        setup = read_setup(given)
        findings += setup.findings
    except Exception as error:  # noqa: BLE001 - it is told in a line, and the other checks go on
        setup = Setup(wrong=frozenset({"token_store", "request_log", "idempotency_store", "token_keys"}))
        findings.append(failed("settings", error))
    stores = {"webhook_store": webhook_store, "state_store": state_store}
    findings += run_all(_probes(setup, stores, offline=offline, limit=limit), limit=limit)
    urls = (*given.values(), *(url for url in stores.values() if url))
    return Report(without_secrets(findings, _secrets(given, urls, setup)))


def _probes(setup: Setup, stores: dict[str, str | None], *, offline: bool, limit: float) -> dict[str, Probe]:
    found, probes = setup.found, dict[str, Probe]()
    if "token_store" not in setup.wrong:
        probes["token_store"] = partial(
            probe_token_store,
            found.token_store,
            keys=found.token_keys,
            identity=None if "token_keys" in setup.wrong else setup.identity,
            is_production=setup.is_production,
            limit=limit,
        )
    if found.request_log is not None:
        probes["request_log"] = partial(probe_store, found.request_log, LOG, limit=limit)
    if found.idempotency_store is not None:
        probes["idempotency_store"] = partial(
            probe_idempotency_store,
            found.idempotency_store,
            token_store=found.token_store,
            identity=setup.identity,
            is_production=setup.is_production,
            limit=limit,
        )
    for name, of in (("webhook_store", WEBHOOKS), ("state_store", STATE_STORE)):
        url = stores[name]
        if url is not None:
            probes[name] = partial(probe_store, url, of, limit=limit)
    if offline:
        probes["api.connection"] = partial(_not_asked, "not asked, because of --offline; the clock was not compared")
    elif setup.settings is None:
        probes["api.connection"] = partial(_not_asked, "not asked: nobody knows where calls go", "Correct the hosts.")
    else:
        probes["api.connection"] = partial(probe_api, setup.settings.hosts.api, limit=limit)
    wanted = _wanted({name: getattr(found, VARIABLES[name]) for name in PLACES} | stores)
    if found.token_keys or "token_keys" in setup.wrong:
        wanted["crypto"] = "ASTRA_TOKEN_KEYS"
    return probes | machine_probes(wanted)


def _not_asked(message: str, advice: str = "") -> Iterator[Finding]:
    yield Finding(check="api.connection", status="warn" if advice else "ok", message=message, advice=advice)


def _wanted(urls: Mapping[str, str | None]) -> dict[str, str]:
    """The extras that some URLs need, each with the setting that needs it."""
    wanted: dict[str, str] = {}
    for setting, url in urls.items():
        scheme = (url or "").strip().partition("://")[0]
        kind = SCHEMES.get(scheme, "sql") if scheme else "memory"
        if kind in ("sql", "redis"):
            wanted.setdefault(kind, setting)
    return wanted


def _secrets(given: Mapping[str, Secret], urls: Iterable[str], setup: Setup) -> Iterator[str]:
    yield given.get("ASTRA_CLIENT_SECRET", Secret("")).strip()
    for key in given.get("ASTRA_TOKEN_KEYS", Secret("")).split(","):
        if key.strip() != "plain":
            yield key.strip()
    for url in urls:
        yield from secrets_in(url)
    if setup.settings is not None:
        with suppress(ConfigurationError):
            yield from secrets_in(proxy_for(setup.settings.hosts.api) or "")
