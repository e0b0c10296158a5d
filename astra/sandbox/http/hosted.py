"""Astra's hosted module in a browser: authorize, verify, connect. Plain forms; works without scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import attrs
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from astra._json import is_object
from astra.sandbox.engine import authorization, bank_search, hosted_forms, hosted_steps
from astra.sandbox.engine.applicants import Applicant, applicant_of, ten_digits
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.hosted_steps import Step
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
    """One kind of hosted page: its template, its title, what its last form does, and its steps, that one last."""

    path: str
    template: str
    title: str
    submit: Callable[..., None] | None = None
    done: str = ""
    steps: Sequence[str] = ("form",)


FLOWS = (
    Flow("/login/oauth/authorize", "authorize.html", "Authorize", steps=("phone", "sms", "form")),
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
        steps=("search", "sign_in", "form"),
    ),
    Flow("/cards/connect", "connect_card.html", "Add a debit card", hosted_forms.connect_card, "Your card was added."),
)


STEP_TEMPLATES = {"phone": "phone.html", "sms": "sms.html"}


def first_step(flow: Flow, values: Values) -> Step:
    """Returns the step that a page begins with; whoever comes with a session token gets no SMS."""
    if flow.steps[0] == "phone" and (token := values.get("session_token")):
        return Step("form", {"session_token": token})
    return Step(flow.steps[0])


def place_of(flow: Flow, step: Step) -> str:
    """Returns at which of several steps a person is; signing in to a bank may take two pages."""
    if len(flow.steps) == 1 or "session_token" in step.known:
        return ""
    number = flow.steps.index("sign_in" if step.name == "mfa" else step.name) + 1
    return f"Step {number} of {len(flow.steps)}"


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
        step = first_step(flow, values)
        applicant: Applicant | None = None
        try:
            if submitted:
                step = hosted_steps.unseal(self.engine, client, values.get("page", ""), path=flow.path)
            values |= step.known
            applicant = applicant_of(self.engine, client, values)
            if not submitted:
                return self.form(flow, client, applicant, values, step)
            if step.name == "form":
                return self.submitted(flow, client, applicant, values)
            return self.next_form(flow, client, applicant, values, step)
        except Problem as problem:
            if problem.status == 410:
                query = {name: values[name] for name in PASSED_ON if name in values}
                again = f"{flow.path}?{urlencode(query)}"
                return self.pages.show(
                    "message.html", status=410, title="This page has expired", text=reason(problem), again=again
                )
            if problem.status == 403:
                answer = {"error": problem.body["error"], "error_description": problem.body["error_description"]}
                link = back(redirect_uri, answer, state)
                return self.pages.show(
                    "message.html", status=403, title="You cannot continue", text=reason(problem), link=link
                )
            return self.form(flow, client, applicant, values, step, error=reason(problem), wrong=problem.field)

    def form(
        self,
        flow: Flow,
        client: Client,
        applicant: Applicant | None,
        values: Values,
        step: Step,
        *,
        error: str = "",
        wrong: str = "",
        banks: dict[str, str] | None = None,
    ) -> Response:
        """Returns the page of a step to fill in."""
        hidden = {name: values[name] for name in PASSED_ON if name in values}
        hidden["page"] = hosted_steps.seal(self.engine, client, step, path=flow.path)
        return self.pages.show(
            STEP_TEMPLATES.get(step.name, flow.template),
            status=400 if error else 200,
            title=flow.title,
            action=flow.path,
            hidden=hidden,
            client=client,
            applicant=applicant,
            values=values,
            error=error,
            wrong=wrong,
            step=step.name,
            place=place_of(flow, step),
            banks=banks or {},
            bank=bank_search.BANKS.get(step.known.get("bank", ""), ""),
        )

    def next_form(
        self, flow: Flow, client: Client, applicant: Applicant | None, values: Values, step: Step
    ) -> Response:
        """Returns the page of the step that follows one that is not the last."""
        error, wrong, banks = "", "", None
        phone = applicant.phone if applicant else ten_digits(values.get("phone"))
        if step.name == "phone" or (step.name == "sms" and values.get("decision") == "resend"):
            if not phone or (applicant is None and values.get("business") != "true"):
                raise hosted_forms.unknown_phone()
            step = hosted_steps.sms_sent(self.engine, phone)
        elif step.name == "sms":
            step = hosted_steps.after_sms(self.engine, step, values.get("sms_code", ""))
            error, wrong = ("This code is not right.", "sms_code") if step.name == "sms" else ("", "")
        elif step.name == "search":
            hosted_forms.known(applicant)
            if values.get("bank") in bank_search.BANKS:
                step = Step("sign_in", {"phone": phone, "bank": values["bank"]})
            else:
                banks = bank_search.find_banks(values.get("bank_name", ""))
        elif step.name == "sign_in":
            step = Step(bank_search.sign_in(values.get("username", ""), values.get("password", "")), step.known)
        else:
            bank_search.check_mfa(values.get("mfa_code", ""))
            step = Step("form", step.known)
        return self.form(flow, client, applicant, values, step, error=error, wrong=wrong, banks=banks)

    def submitted(self, flow: Flow, client: Client, applicant: Applicant | None, values: Values) -> Response:
        """Handles the last form that the person sent, or their consent."""
        redirect_uri, state = values["redirect_uri"], values.get("state")
        if flow.submit is not None:
            flow.submit(self.engine, client, applicant, values)
            link = back(redirect_uri, {}, state)
            return self.pages.show("message.html", title="Done", text=flow.done, link=link, good=True)
        if applicant is not None and not values.get("session_token") and applicant.phone != values["phone"]:
            raise hosted_steps.expired()  # the code was sent to somebody else
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
