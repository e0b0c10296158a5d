"""Write docs/reference/ from the docstrings, the spec, the command line and the settings.

    python scripts/reference.py            # write
    python scripts/reference.py --check    # fail when a page is not what the docstrings give

The synchronous flavour is shown: the asynchronous one has the same names and arguments.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.cli_reference import build_cli_page  # noqa: E402
from scripts.environment_reference import build_environment_page  # noqa: E402
from scripts.error_pages import build_error_pages  # noqa: E402
from scripts.model_reference import build_spec_pages  # noqa: E402
from scripts.name_reference import build_names_page  # noqa: E402

TARGET = ROOT / "docs" / "reference"
RESOURCES = (
    ("profile", "Profile"),
    ("accounts", "Accounts"),
    ("cards", "Cards"),
    ("routines", "Routines"),
    ("transfers", "Transfers"),
    ("capabilities", "UserCapabilities"),
    ("user_intents", "UserIntents"),
    ("business_profiles", "BusinessProfiles"),
    ("partner_identity", "PartnerIdentity"),
    ("payment_instruments", "PaymentInstruments"),
    ("batch_transfers", "BatchTransfers"),
    ("bins", "Bins"),
    ("instant_payment_eligibility", "Eligibility"),
)
# page, title, objects
PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "client",
        "The client, and a user's session",
        (
            "astra._sync.client.Astra",
            "astra._sync.session.UserSession",
            "astra.config.Timeout",
            "astra.http.calls.CallOptions",
        ),
    ),
    (
        "oauth",
        "Authorization",
        (
            "astra.oauth._sync.oauth.OAuth",
            "astra.oauth.links.Link",
            "astra.oauth.redirects.Redirect",
            "astra.oauth._sync.states.States",
            "astra.oauth.states.tickets.IssuedState",
            "astra.oauth.states.tickets.UsedState",
            "astra.oauth.states.opening.open_state_store",
            "astra.oauth.states.store.StateStore",
            "astra.oauth.states.tickets.Ticket",
        ),
    ),
    *(
        (name.replace("_", "-"), name.replace("_", " ").capitalize(), (f"astra.resources._sync.{name}.{kind}",))
        for name, kind in RESOURCES
    ),
    ("pagination", "Pages and pagers", ("astra.pagination._sync.pager.Pager", "astra.pagination._sync.pager.Page")),
    (
        "tokens",
        "Tokens",
        (
            "astra.tokens._sync.lifecycle.Tokens",
            "astra.tokens.grant.Grant",
            "astra.tokens.policy.TokenSettings",
            "astra.tokens.keep_alive.KeepAliveReport",
            "astra.tokens.stores.opening.open_store",
            "astra.tokens.identity.Identity",
            "astra.tokens.stores.bound.BoundStore",
            "astra.tokens.stores.base.TokenStore",
            "astra.tokens.stores.base.ClaimQuery",
            "astra.tokens.stores.base.Batch",
            "astra.tokens.grant.TokenAnswer",
            "astra._secret.Secret",
        ),
    ),
    (
        "payments",
        "Payments under idempotency keys",
        (
            "astra.resources._sync.payments.Payments",
            "astra.payments.record.PaymentRecord",
            "astra.payments.record.PaymentState",
            "astra.payments.record.HistoryEntry",
            "astra.payments.report.ReconcileReport",
            "astra.payments.stores.opening.open_idempotency_store",
            "astra.payments.stores.base.IdempotencyStore",
            "astra.payments.stores.base.PaymentQuery",
            "astra.http.payment_match.PaymentCandidate",
        ),
    ),
    (
        "webhooks",
        "Webhooks",
        (
            "astra.webhooks.verifier.Webhooks",
            "astra.webhooks.events",
            "astra.webhooks._sync.handler.WebhookHandler",
            "astra.webhooks.responses.WebhookAnswer",
            "astra.webhooks.retry.retry_later",
            "astra.webhooks.dedupe.opening.open_dedupe",
            "astra.webhooks.dedupe.store.DedupeStore",
            "astra.webhooks.dedupe.store.Claim",
        ),
    ),
    (
        "request-log",
        "The request log",
        (
            "astra.request_log.opening.open_request_log",
            "astra.request_log.log.RequestLog",
            "astra.request_log.query.RequestQuery",
            "astra.request_log.stats.OperationStats",
        ),
    ),
    (
        "instrumentation",
        "What watches calls",
        (
            "astra.instrumentation.record.RequestRecord",
            "astra.instrumentation.capture.capture_requests",
            "astra.instrumentation.capture.CapturedRequests",
            "astra.instrumentation.raw_response.RawResponse",
            "astra.instrumentation.hooks.CallObserver",
            "astra.instrumentation.hooks.CallInfo",
            "astra.instrumentation.hooks.CallOutcome",
            "astra.instrumentation.dispatch.CallObservers",
            "astra.instrumentation.dispatch.ObserverList",
        ),
    ),
    (
        "sandbox",
        "The sandbox",
        (
            "astra.sandbox.controls.root.SandboxControls",
            "astra.sandbox.sandbox.Sandbox",
            "astra.sandbox.remote.RemoteSandbox",
            "astra.sandbox.controls.people",
            "astra.sandbox.controls.money",
            "astra.sandbox.controls.network",
            "astra.sandbox.faults.Fault",
            "astra.sandbox.webhooks.Attempt",
            "astra.sandbox.webhooks.Delivery",
            "astra.sandbox.webhooks.sign",
            "astra.sandbox.journal.ReceivedRequest",
            "astra.sandbox.seeding.SeededUser",
            "astra.sandbox.engine.clock.SandboxClock",
            "astra.sandbox.engine.options.Options",
            "astra.sandbox.engine.options.Quirks",
            "astra.sandbox.engine.records.User",
            "astra.sandbox.engine.records.Intent",
            "astra.sandbox.engine.records.Account",
            "astra.sandbox.engine.records.Card",
            "astra.sandbox.engine.records.Transfer",
            "astra.sandbox.engine.records.Instrument",
            "astra.sandbox.engine.core.Event",
        ),
    ),
)
PAGES += (
    (
        "drift",
        "Drift",
        ("astra.drift.store.open_drift_store", "astra.drift.store.DriftStore", "astra.drift.store.DriftName"),
    ),
    (
        "testing",
        "Testing",
        (
            "astra.testing.canned.CannedAnswers",
            "astra.testing.errors.construct_error",
            "astra.testing.webhooks.webhook_event",
            "astra.testing.webhooks.sign_webhook",
            "astra.testing.webhooks.SignedWebhook",
            "astra.testing.webhook_apps.WebhookDelivery",
            "astra.testing.vcr.vcr_settings",
        ),
    ),
    (
        "conformance",
        "Conformance checks",
        (
            "astra.conformance.run.run",
            "astra.conformance.run.Report",
            "astra.conformance.target.Target",
            "astra.conformance.target.Means",
            "astra.conformance.outcome.Check",
            "astra.conformance.outcome.Result",
        ),
    ),
    (
        "integrations",
        "Integrations",
        (
            "astra.integrations.celery.keep_alive.install",
            "astra.integrations.celery.keep_alive.KeepAliveTasks",
            "astra.integrations.celery.payments.install_payments",
            "astra.integrations.celery.payments.PaymentTasks",
            "astra.integrations.opentelemetry.instrument",
            "astra.integrations.opentelemetry_instrumentor.AstraInstrumentor",
            "astra.integrations.starlette.webhook_endpoint",
            "astra.integrations.flask.webhook_view",
            "astra.integrations.django.webhook_view",
        ),
    ),
)
HEADINGS = ("Args", "Returns", "Raises", "Attributes", "Example", "Yields")
INTRO = "Written from the docstrings by `make docs`; edit those. [All pages](index.md)."
BOTH = "`AsyncAstra` has the same with `await`, and `async for` where this one has `for`."


def main() -> int:
    """Writes or checks the pages; answers 1 when a check fails."""
    parser = argparse.ArgumentParser(description="Write docs/reference/ from the docstrings.")
    parser.add_argument("--check", action="store_true")
    check: bool = parser.parse_args().check
    wanted = build_pages(ROOT)
    if check:
        return report_drift(wanted)
    TARGET.mkdir(parents=True, exist_ok=True)
    for path in TARGET.rglob("*.md"):
        if path.relative_to(TARGET).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (TARGET / name).parent.mkdir(exist_ok=True)
        (TARGET / name).write_text(text, encoding="utf-8")
    print(f"docs/reference: {len(wanted)} pages")
    return 0


def report_drift(wanted: dict[str, str]) -> int:
    there = {path.relative_to(TARGET).as_posix(): path.read_text(encoding="utf-8") for path in TARGET.rglob("*.md")}
    stale = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
    for name in stale:
        print(f"docs/reference/{name} is not what the docstrings give: make docs", file=sys.stderr)
    return int(bool(stale))


def build_pages(root: Path) -> dict[str, str]:
    """The text of every page, by file name."""
    package = griffe.load("astra", search_paths=[root], allow_inspection=False, try_relative_path=False)
    pages = {f"{name}.md": page(package, title, paths) for name, title, paths in PAGES}
    pages |= build_spec_pages(root)
    pages |= error_pages(package, root)
    pages |= build_cli_page() | build_environment_page()
    pages |= build_names_page(pages)
    links = "\n".join(f"- [{title}]({name}.md)" for name, title in titles(pages))
    pages["index.md"] = f"# Reference\n\nWritten by `make docs`. {BOTH}\n\n{links}\n"
    return pages


def titles(pages: dict[str, str]) -> list[tuple[str, str]]:
    """Name and title of every page, from its first line."""
    return [
        (name.removesuffix(".md"), text.partition("\n")[0].removeprefix("# "))
        for name, text in pages.items()
        if "/" not in name or name.endswith("/index.md")
    ]


def error_pages(package: griffe.Object | griffe.Alias, root: Path) -> dict[str, str]:
    """A page for each error, those of models included, and one that lists them."""
    errors = resolve(package, "astra.errors")
    models = griffe.load("astra_api.errors", search_paths=[root / "generated"], allow_inspection=False)
    intro = INTRO.replace("index.md", "../index.md")
    return build_error_pages(
        [errors, models],
        describe=lambda kind: entry(kind)[1:],
        tree=["# Errors", intro, *prose(errors)],
    )


def page(package: griffe.Object | griffe.Alias, title: str, paths: tuple[str, ...]) -> str:
    parts = [f"# {title}", INTRO]
    if any("._sync." in path for path in paths):
        parts.append(BOTH)
    shown: set[str] = set()
    for path in paths:
        target = resolve(package, path)
        if target.is_module:
            parts += prose(target)
            for _, member in public(target):
                if member.is_class or member.is_function:
                    parts += entry(member)
        else:
            parts += entry(target, shown=shown)
            shown.add(target.path)
    return "\n\n".join(parts) + "\n"


def resolve(package: griffe.Object | griffe.Alias, path: str) -> griffe.Object:
    found = package[path.removeprefix("astra.")]
    return found.final_target if isinstance(found, griffe.Alias) else found


def public(target: griffe.Object) -> Iterator[tuple[str, griffe.Object]]:
    """Public members in the order of the source, inherited ones of the SDK last."""
    for name, member in target.all_members.items():
        if name.startswith("_"):
            continue
        if isinstance(member, griffe.Alias):
            if target.is_module:
                continue
            member = member.final_target
        yield name, member


def entry(target: griffe.Object, *, shown: Collection[str] = ()) -> list[str]:
    """A class with its members, or a function; members of a base class that is `shown` already are left out."""
    parts = [f"## {target.name}"]
    if isinstance(target, griffe.Class):
        bases = ", ".join(f"`{base}`" for base in target.bases if str(base) != "object")
        if "__init__" in target.members and isinstance(target.members["__init__"], griffe.Function):
            parts.append(code(signature(target.members["__init__"], name=target.name, returns=False)))
        elif bases:
            parts.append(f"Bases: {bases}")
        parts += prose(target)
        for name, member in public(target):
            if member.parent is not None and member.parent.path in shown:
                continue
            if isinstance(member, griffe.Function):
                parts += [f"### {target.name}.{name}", code(signature(member)), *prose(member)]
            elif member.docstring is not None and member.is_attribute:
                kind = f": `{member.annotation}`" if isinstance(member, griffe.Attribute) and member.annotation else ""
                parts += [f"### {target.name}.{name}{kind}", *prose(member)]
    elif isinstance(target, griffe.Function):
        parts += [code(signature(target)), *prose(target)]
    return parts


def code(text: str) -> str:
    return f"```python\n{text}\n```"


def signature(function: griffe.Function, *, name: str | None = None, returns: bool = True) -> str:
    """One line, or one parameter a line where that is too long."""
    shown: list[str] = []
    starred = False
    for parameter in function.parameters:
        if parameter.name in ("self", "cls"):
            continue
        kind = parameter.kind
        if kind is griffe.ParameterKind.keyword_only and not starred:
            shown.append("*")
            starred = True
        prefix = (
            {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(kind, "")
            if kind
            else ""
        )
        starred = starred or prefix == "*"
        text = f"{prefix}{parameter.name}"
        if parameter.annotation is not None:
            text += f": {parameter.annotation}"
        if parameter.default is not None and not prefix:
            text += f" = {parameter.default}" if parameter.annotation is not None else f"={parameter.default}"
        shown.append(text)
    end = f" -> {function.returns}" if returns and function.returns is not None else ""
    head = name or function.name
    line = f"{head}({', '.join(shown)}){end}"
    if len(line) <= 100:
        return line
    inside = "".join(f"    {text},\n" for text in shown)
    return f"{head}(\n{inside}){end}"


def prose(target: griffe.Object) -> list[str]:
    """The docstring as Markdown."""
    if target.docstring is None:
        return []
    parts: list[str] = []
    for heading, body in sections(target.docstring.value):
        if heading is None:
            parts.append(paragraphs(body))
        elif heading == "Example":
            parts += ["Example:", code(body.strip("\n"))]
        elif heading in ("Args", "Raises", "Attributes"):
            label = {"Args": "Arguments"}.get(heading, heading)
            parts += [f"{label}:", items(body)]
        else:
            parts.append(f"{heading}: {' '.join(body.split())}")
    return [part for part in parts if part]


def sections(text: str) -> Iterator[tuple[str | None, str]]:
    """Splits a docstring of Google style."""
    heading: str | None = None
    body: list[str] = []
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+):\s*", line)
        begins = match is not None and match.group(1) in HEADINGS
        ends = heading is not None and line.strip() and not line.startswith(" ")
        if begins or ends:
            yield heading, textwrap.dedent("\n".join(body)).strip("\n")
            heading, body = (match.group(1) if begins and match else None), ([] if begins else [line])
        else:
            body.append(line)
    yield heading, textwrap.dedent("\n".join(body)).strip("\n")


def paragraphs(body: str) -> str:
    """Prose as it is; what is indented is shown as it stands."""
    blocks = re.split(r"\n\s*\n", body)
    return "\n\n".join(
        f"```text\n{textwrap.dedent(block)}\n```" if block.startswith("    ") else block for block in blocks
    )


def items(body: str) -> str:
    """`name: text` with continuation lines, as a list."""
    listed: list[str] = []
    for line in body.splitlines():
        if line.startswith(" ") and listed:
            listed[-1] += f" {line.strip()}"
        elif line.strip():
            name, _, text = line.partition(": ")
            listed.append(f"- `{name}`: {text.strip()}" if text else f"- {line}")
    return "\n".join(listed)


if __name__ == "__main__":
    sys.exit(main())
