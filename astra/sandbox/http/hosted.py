"""Astra's hosted module in a browser: authorize, verify, connect. Plain forms; works without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import attrs
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from astra._json import is_object
from astra.sandbox.engine import authorization, hosted_forms
from astra.sandbox.engine.applicants import Applicant, applicant_of
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import Problem
from astra.sandbox.engine.records import Client
from astra.sandbox.http.templating import Pages

Values = dict[str, str]
PASSED_ON = (
    "client_id",
    "redirect_uri",
    "response_type",
    "user_intent_id",
    "user_id",
    "business",
    "business_profile_id",
    "phone_read_only",
    "email_read_only",
    "session_token",
    "debit_direct",
    "bypass_connect",
    "state",
    "scope",
)


@attrs.frozen
class Flow:
    """One kind of hosted page: its template, its title, and what a submitted form does."""

    path: str
    template: str
    title: str
    submit: Callable[..., None] | None = None
    done: str = ""


FLOWS = (
    Flow("/login/oauth/authorize", "authorize.html", "Authorize"),
    Flow(
        "/verify/personal",
        "verify_personal.html",
        "Check your details",
        hosted_forms.verify_personal,
        "Thank you. Your details were sent.",
    ),
    Flow(
        "/verify/document",
        "verify_document.html",
        "Photo ID",
        hosted_forms.verify_document,
        "Thank you. Your document was accepted.",
    ),
    Flow(
        "/verify/business",
        "verify_business.html",
        "About your business",
        hosted_forms.verify_business,
        "Thank you. A review takes about a day.",
    ),
    Flow(
        "/institutions/connect",
        "connect_institution.html",
        "Connect a bank account",
        hosted_forms.connect_institution,
        "Your account is connected.",
    ),
    Flow("/cards/connect", "connect_card.html", "Add a debit card", hosted_forms.connect_card, "Your card was added."),
)


def back(redirect_uri: str, answer: Values, state: str | None) -> str:
    """Returns the redirect URI with an answer, and with the `state` that came in."""
    if state is not None:
        answer = {**answer, "state": state}
    if not answer:
        return redirect_uri
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"


def reason(problem: Problem) -> str:
    """Returns what to tell the person."""
    description = problem.body.get("error_description") or problem.body.get("description")
    if isinstance(description, str):
        return description
    fields = description if is_object(description) else {}
    return "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in fields.items())


class Hosted:
    """The hosted module of one sandbox."""

    def __init__(self, engine: Engine, pages: Pages) -> None:
        self.engine = engine
        self.pages = pages

    def routes(self) -> list[Route]:
        """Returns a route per flow, for reading and for submitting."""
        return [Route(flow.path, self.endpoint(flow), methods=["GET", "POST"]) for flow in FLOWS]

    def endpoint(self, flow: Flow) -> Callable[[Request], Any]:
        """Returns the Starlette endpoint of a flow."""

        async def serve(request: Request) -> Response:
            values: Values = dict(request.query_params)
            if request.method == "POST":
                form = await request.form()
                values |= {name: value for name, value in form.items() if isinstance(value, str)}
            with self.engine.lock:
                self.engine.settle()
                return self.answer(flow, values, submitted=request.method == "POST")

        return serve

    def answer(self, flow: Flow, values: Values, *, submitted: bool) -> Response:
        """Returns the page, the redirect, or the reason why there is neither."""
        try:
            client = authorization.check_client(
                self.engine, values.get("client_id", ""), values.get("redirect_uri", "")
            )
        except Problem as problem:
            # Nobody knows yet whether the redirect URI is the client's, so nothing may be sent there.
            return self.pages.show("message.html", status=400, title="This link does not work", text=reason(problem))
        redirect_uri, state = values["redirect_uri"], values.get("state")
        if values.get("decision") == "decline":
            declined = {"error": "access_denied", "error_description": "The person declined."}
            return RedirectResponse(back(redirect_uri, declined, state), 303)
        if flow.submit is None and values.get("response_type") != "code":
            return self.pages.show(
                "message.html", status=400, title="This link does not work", text="response_type must be code"
            )
        try:
            applicant = applicant_of(self.engine, client, values)
            if submitted:
                return self.submitted(flow, client, applicant, values)
            return self.form(flow, client, applicant, values)
        except Problem as problem:
            if problem.status == 403:
                answer = {"error": problem.body["error"], "error_description": problem.body["error_description"]}
                link = back(redirect_uri, answer, state)
                return self.pages.show(
                    "message.html", status=403, title="You cannot continue", text=reason(problem), link=link
                )
            return self.form(flow, client, None, values, error=reason(problem), status=400)

    def form(
        self,
        flow: Flow,
        client: Client,
        applicant: Applicant | None,
        values: Values,
        *,
        error: str = "",
        status: int = 200,
    ) -> Response:
        """Returns the page to fill in."""
        return self.pages.show(
            flow.template,
            status=status,
            title=flow.title,
            action=flow.path,
            hidden={name: values[name] for name in PASSED_ON if name in values},
            client=client,
            applicant=applicant,
            values=values,
            error=error,
        )

    def submitted(self, flow: Flow, client: Client, applicant: Applicant | None, values: Values) -> Response:
        """Handles the form that the person sent, or their consent."""
        redirect_uri, state = values["redirect_uri"], values.get("state")
        if flow.submit is not None:
            flow.submit(self.engine, client, applicant, values)
            link = back(redirect_uri, {}, state)
            return self.pages.show("message.html", title="Done", text=flow.done, link=link, good=True)
        if applicant is None and values.get("business") == "true":
            applicant = hosted_forms.start_business(self.engine, client, values)
        if applicant is None:
            raise hosted_forms.unknown_phone()
        given = applicant.given
        if token := values.get("session_token"):
            given = authorization.take_session(self.engine, client, token)
        user = authorization.subject_of(self.engine, client, given)
        if values.get("debit_direct") == "true":
            hosted_forms.add_card(self.engine, user, values)
        wanted = [] if values.get("bypass_connect") == "true" else ["checking", "savings"]
        kinds = [kind for kind in wanted if values.get(f"link_{kind}") == "yes"]
        code = authorization.grant_code(self.engine, client, user, redirect_uri=redirect_uri, kinds=kinds)
        link = back(redirect_uri, {"code": code, "authorization_code": code}, state)
        return self.pages.show("code.html", title="You are all set", code=code, link=link, applicant=applicant)


def hosted_routes(engine: Engine, pages: Pages) -> list[Route]:
    """Returns the routes of the hosted module."""
    return Hosted(engine, pages).routes()
