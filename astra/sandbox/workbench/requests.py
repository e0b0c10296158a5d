"""The requests: what came in, what was answered, which rule did it, and what came of it. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import attrs
from astra_api.operations import OPERATIONS

from astra._json import is_array, is_object
from astra.sandbox.answers import SentAnswer
from astra.sandbox.engine.core import Event
from astra.sandbox.engine.encoding import dumps, loads
from astra.sandbox.handlers import HANDLERS
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.workbench import masking
from astra.sandbox.workbench.spelling import Spelled

NOT_SHOWN: Final = "# *** stands for what the page does not show"
PLAIN: Final = "/:@!$&'()*+,;="
OTHER_IDS: Final = "# the ids are those of the sandbox that this was copied from"


@attrs.frozen(kw_only=True)
class Filter:
    """Which requests are wanted; an empty text wants all.

    Attributes:
        operation: by operation, or "none" for those that are no operation.
        status: a status such as "400", a class such as "4xx", "none" for a dropped
            connection, or "failed" for that and 5xx.
        user: Astra's user id.
    """

    operation: str = ""
    status: str = ""
    user: str = ""

    def fits(self, request: ReceivedRequest) -> bool:
        """Whether a request is wanted.

        Args:
            request: the request.
        """
        if self.operation and (request.operation or "none") != self.operation:
            return False
        if self.user and request.user_id != self.user:
            return False
        if not self.status:
            return True
        if self.status == "failed":
            return request.status is None or request.status >= 500
        told = "none" if request.status is None else str(request.status)
        return told == self.status or (self.status.endswith("xx") and told[:1] == self.status[:1])


def sender_of(request: ReceivedRequest) -> str:
    """Tells who sent a request that came with no user's valid token.

    Args:
        request: the request.
    """
    known = OPERATIONS.get(request.operation or "")
    return "the client" if known is not None and known.auth == "basic" else "nobody known"


@attrs.frozen(kw_only=True)
class Rule:
    """What answered a request.

    Attributes:
        operation: the operation's id.
        says: the rule's own first line.
        where: where the rule stands in the source.
        evidence: how sure the spec is of the operation.
        slug: Astra's reference page of it, or an empty text.
        fault: the fault that hit it, or None.
    """

    operation: str | None
    says: str
    where: str
    evidence: str
    slug: str
    fault: str | None


def rule_of(request: ReceivedRequest, answer: SentAnswer | None) -> Rule:
    """Returns what answered a request.

    Args:
        request: the request.
        answer: what was kept of the answer.
    """
    fault = None if answer is None else answer.fault
    known = OPERATIONS.get(request.operation or "")
    if known is None:
        says = "No operation is at this path" + ("." if request.status == 404 else " for this method.")
        return Rule(operation=None, says=says, where="", evidence="", slug="", fault=fault)
    handler = HANDLERS.get(known.id)
    says = ((handler.__doc__ if handler is not None else None) or "There is no rule.").partition("\n")[0]
    where = "" if handler is None else f"{handler.__module__}.{handler.__name__}"
    return Rule(
        operation=known.id,
        says=says.replace("`", ""),
        where=where,
        evidence=known.evidence,
        slug=known.slug,
        fault=fault,
    )


def complaint(answer: SentAnswer | None) -> list[str]:
    """Returns what a refusal says, line by line, without what is hidden.

    Args:
        answer: what was kept of the answer.
    """
    try:
        body: Any = loads(answer.body) if answer is not None else None
    except (ValueError, RecursionError):
        return []
    if not is_object(body):
        return []
    told = body.get("error_description") or body.get("description") or body.get("error")
    if isinstance(told, str):
        return [masking.cut(masking.masked_text(told), longest=400)]
    fields = told if is_object(told) else {}
    lines = [
        f"{name}: {' '.join(map(str, texts if is_array(texts) else [texts]))}"
        for name, texts in list(fields.items())[:20]
    ]
    return [masking.cut(masking.masked_text(line), longest=400) for line in lines]


def caused(answer: SentAnswer | None, events: Sequence[Event]) -> list[Event]:
    """Returns the events that a request caused at once.

    Args:
        answer: what was kept of the answer.
        events: those that are kept.
    """
    wanted = set(() if answer is None else answer.event_ids)
    return [event for event in events if event.id in wanted] if wanted else []


def touched(answer: SentAnswer | None, events: Sequence[Event]) -> dict[str, str]:
    """Returns what a request has "made" or "changed", by id, as far as its answer and its webhooks name it.

    Args:
        answer: what was kept of the answer.
        events: those that the request caused at once.
    """
    told = {answer.made: "made"} if answer is not None and answer.made else {}
    for event in events:
        word = "made" if event.type.endswith("_created") else "changed"
        for id in (event.body.get("resource_parent_id"), event.body.get("resource_id")):
            if isinstance(id, str):
                told.setdefault(id, word)
    return told


def shown_body(body: bytes, headers: dict[str, str], *, whole: bool) -> Any:
    """Returns a body as Python values; a text for what is no JSON."""
    if not body:
        return None
    value = masking.decoded(body, headers)
    if masking.is_pairs(value):
        return dict(value if whole else masking.masked_pairs(value))
    if isinstance(value, str):
        return masking.body_text(body, headers, whole=whole)
    plain = json.loads(dumps(value))
    return plain if whole else masking.masked(plain)


def copies(request: ReceivedRequest, answer: SentAnswer | None, *, url: str, whole: bool) -> Spelled:
    """Spells a request: with curl, with the SDK, and as a test.

    Args:
        request: the request.
        answer: what was kept of the answer.
        url: where the sandbox is.
        whole: with what is hidden, too.
    """
    known = OPERATIONS.get(request.operation or "")
    basic = known is not None and known.auth == "basic"
    form = known is not None and known.body == "form"
    body = shown_body(request.body, request.headers, whole=whole)
    query = request.query if whole else masking.query_text(request.query)
    if (isinstance(body, str) and len(body) > 2000) or len(request.body) > 8192:
        body = "a body that is too long to be copied"
    curl = _curl(request, url=url, basic=basic, body=body, query=query)
    kind = request.headers.get("content-type", "")
    if body is not None and ("form-urlencoded" if form else "json") not in kind.lower():
        came = masking.short(kind, 60) or "no content type"
        other = f"# It came as {came}, and the SDK sends none such: take the curl line"
        return Spelled(curl=curl, python=other, fixture=other)
    return Spelled(
        curl=curl,
        python=_python(request, client="astra", basic=basic, form=form, body=body, query=query),
        fixture=_test(request, _fault(answer, whole=whole), basic=basic, form=form, body=body, query=query),
    )


def _curl(request: ReceivedRequest, *, url: str, basic: bool, body: Any, query: str) -> str:
    address = f"{url}{quote(request.path, safe=PLAIN)}" + (f"?{query}" if query else "")
    who = '-u "$ASTRA_CLIENT_ID:$ASTRA_CLIENT_SECRET"' if basic else '-H "Authorization: Bearer $ASTRA_ACCESS_TOKEN"'
    parts = [f"curl -X {shlex.quote(request.method)} {shlex.quote(address)} {who}"]
    if body is None:
        return parts[0]
    kind = masking.cut(request.headers.get("content-type", ""), longest=200)
    parts.append(f"-H {shlex.quote(f'Content-Type: {kind}'.strip())}")
    if is_object(body) and "form-urlencoded" in kind.lower() and not _is_json(request):
        parts += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in body.items()]
    else:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        parts.append(f"--data-binary {shlex.quote(text)}")
    return " ".join(parts)


def _is_json(request: ReceivedRequest) -> bool:
    return not masking.is_pairs(masking.decoded(request.body, request.headers))


def _python(request: ReceivedRequest, *, client: str, basic: bool, form: bool, body: Any, query: str) -> str:
    if form:
        # The SDK has methods for tokens, and no way to send a form by hand.
        return f"httpx.post(url + {request.path!r}, data={body!r}, auth=(client_id, client_secret))"
    more = "" if basic else ', user="customer-42"'
    more += f", params={dict(parse_qsl(query, keep_blank_values=True))!r}" if query else ""
    more += f", json={body!r}" if body is not None else ""
    return f"{client}.request({request.method!r}, {request.path!r}{more})"


def _test(request: ReceivedRequest, fault: list[str], *, basic: bool, form: bool, body: Any, query: str) -> str:
    name = (request.operation or "request").replace("/", "_")
    status = request.status
    told = "loses_its_answer" if status is None else f"answers_{status}"
    if form:
        call = _python(request, client="", basic=basic, form=form, body=body, query=query)
        call = call.replace("url +", "astra_sandbox.url +").replace(
            "(client_id, client_secret)", "(astra_sandbox.client_id, astra_sandbox.client_secret)"
        )
        lines = ["import httpx", *(["import pytest"] if status is None else []), "", ""]
        lines += [f"def test_{name}_{told}(astra_sandbox):", *fault]
        if status is None:
            return "\n".join([*lines, "    with pytest.raises(httpx.HTTPError):", f"        {call}"])
        return "\n".join([*lines, f"    answer = {call}", f"    assert answer.status_code == {status}"])
    lines = ["import pytest", "", "from astra import AstraError", "", ""] if status is None or status >= 400 else []
    call = _python(request, client="astra_client", basic=basic, form=form, body=body, query=query)
    lines += [f"def test_{name}_{told}({'astra_sandbox, ' if fault else ''}astra_client, astra_user):", *fault]
    if any(character.isdigit() for character in request.path.removeprefix("/v1")) or body is not None:
        lines += [f"    {OTHER_IDS}"]
    if status is not None and status < 400:
        return "\n".join([*lines, f"    answer = {call}", f"    assert answer.status_code == {status}"])
    lines += ["    with pytest.raises(AstraError) as caught:", f"        {call}"]
    if status is not None:
        lines += [f"    assert caught.value.status_code == {status}"]
    return "\n".join(lines)


def _fault(answer: SentAnswer | None, *, whole: bool) -> list[str]:
    if answer is None or not answer.added:
        return []
    given = {name: value for name, value in answer.added.items() if name not in ("skip", "times")}
    given = given if whole else masking.masked_arguments(given)
    # The SDK tries again, and each try is to be hit.
    spelled = ", ".join(f"{name}={value!r}" for name, value in {**given, "times": None}.items())
    return [f"    astra_sandbox.faults.add({spelled})"]
