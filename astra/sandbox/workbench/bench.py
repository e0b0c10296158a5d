"""The frame of all screens: what each page is given, and how a button acts."""

from __future__ import annotations

import inspect
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from astra.errors import ConfigurationError
from astra.sandbox.backend import Backend
from astra.sandbox.controls.calling import Action
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.http.door import Refusal
from astra.sandbox.workbench import doing, links, masking, money, requests, spelling, stories, timing
from astra.sandbox.workbench.lists import LostPlaceError
from astra.web import wording
from astra.web.guard import PRIVATE
from astra.web.pages import Pages

log = logging.getLogger("astra.sandbox")

FOLDER: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""No code and no style within a page, nothing from elsewhere, nothing sent elsewhere."""

HEADERS: Final = {"Content-Security-Policy": POLICY, **PRIVATE, "Cross-Origin-Opener-Policy": "same-origin"}
NOTES: Final = 50
OURS: Final = "It is a fault of the workbench: the log of the sandbox says more."
Screen = Callable[[Request], Response]
Button = Callable[[Request], Awaitable[Response]]


class MissingError(Exception):
    """There is nothing of this id. Its text is for people."""


@attrs.frozen
class Note:
    """What came of a button.

    Attributes:
        level: good or bad.
        title: in few words.
        text: the line of Python that it stands for, or what was wrong.
    """

    level: str
    title: str
    text: str


class Bench:
    """What the screens of one sandbox share.

    Args:
        backend: the sandbox.
        controls: its controls.
        actions: what they can do, by name.
    """

    def __init__(self, backend: Backend, controls: SandboxControls, actions: Mapping[str, Action]) -> None:
        self.backend = backend
        self.engine = backend.engine
        self.controls = controls
        self.actions = actions
        self._notes: OrderedDict[str, Note] = OrderedDict()
        self._pages = Pages(
            FOLDER / "templates",
            filters={
                "number": wording.number,
                "age": wording.age,
                "at": wording.at,
                "dollars": money.dollars,
                "amount": money.in_field,
                "reason": money.reason,
                "sender": requests.sender_of,
                "lane": money.lane_of,
                "lane_level": money.level_of,
                "status_level": stories.status_level,
                "cut": _cut,
                "short": _short,
                "when": timing.when,
                "page_of": _page_of,
            },
            shared={
                "product": "Astra sandbox",
                "root": links.ROOT,
                "navigation": links.NAVIGATION,
                "spelled": self.spelled,
                "searched": "",
            },
        )

    def spelled(self, name: str, given: Mapping[str, Any]) -> spelling.Spelled:
        """Spells an action.

        Args:
            name: of the action.
            given: its arguments.
        """
        action = self.actions[name]
        return spelling.spell(doing.shape_of(name, action), name, given, url=self.backend.url)

    def show(self, request: Request, template: str, *, section: str, status: int = 200, **values: Any) -> Response:
        """Returns a page.

        Args:
            request: what asked for it.
            template: its template.
            section: the last part of the address of its section.
            status: the status.
            values: what it shows.
        """
        with self.engine.lock:
            self.engine.settle()
        plans = timing.plans_of(self.engine, self.backend.webhooks)
        clock = self.engine.clock
        query = [field for field in parse_qsl(request.url.query, keep_blank_values=True) if field[0] != "told"]
        here = request.url.path + (f"?{urlencode(query)}" if query else "")
        page = self._pages.show(
            template,
            status=status,
            path=f"{links.ROOT}/{section}" if section else links.ROOT,
            here=here if links.is_here(here) else links.ROOT,
            strip=timing.strip_of(clock(), is_frozen=clock.is_frozen, plans=plans),
            plans=plans,
            mark=getattr(request.state, "mark", None) or self.mark(),
            note=self._notes.get(request.query_params.get("told", "")),
            **values,
        )
        page.headers.update(HEADERS)
        return page

    def message(self, request: Request, status: int, title: str, text: str) -> Response:
        """Returns a page that says one thing.

        Args:
            request: what asked.
            status: the status.
            title: in few words.
            text: what to do.
        """
        return self.show(request, "message.html", section="none", status=status, title=title, text=text)

    def refusal(self, refusal: Refusal) -> Response:
        """Returns the page for whoever is not let in: they learn nothing of the sandbox.

        Args:
            refusal: why.
        """
        text = "Open the control URL that astra sandbox printed, with its token. It is a new one each time it starts."
        page = self._pages.show(
            "refused.html", status=refusal.status, title="This needs the control URL", text=text, path="", note=None
        )
        page.headers.update(HEADERS)
        return page

    def screen(self, page: Screen) -> Screen:
        """Returns the endpoint of a screen. It runs in a thread: the API goes on meanwhile.

        Args:
            page: makes the page.
        """

        def answer(request: Request) -> Response:
            # Before anything is read: what happens meanwhile is news.
            request.state.mark = self.mark()
            try:
                return page(request)
            except MissingError as error:
                return self.message(request, 404, "There is no such thing", str(error))
            except LostPlaceError:
                text = "This place of the list is not kept any more: begin at its first page."
                return self.message(request, 400, "The list has moved on", text)
            except Exception:
                log.exception("the workbench failed at %s", request.url.path)
                return self.message(request, 500, "This page could not be made", OURS)

        return answer

    def button(self, press: Button) -> Button:
        """Returns the endpoint of a button.

        Args:
            press: does what it stands for, and leads to a page.
        """

        async def answer(request: Request) -> Response:
            try:
                return await press(request)
            except HTTPException:
                raise
            except Exception:
                log.exception("the workbench failed at %s", request.url.path)
                return self.message(request, 500, "This could not be done", OURS)

        return answer

    def noted(self, back: str, note: Note) -> Response:
        """Leads back to a page, which says what came of a button.

        Args:
            back: the page.
            note: what came of it.
        """
        key = secrets.token_urlsafe(6)
        self._notes[key] = note
        while len(self._notes) > NOTES:
            self._notes.popitem(last=False)
        parts = urlsplit(back if links.is_here(back) else links.ROOT)
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("told", key)])
        return RedirectResponse(f"{parts.path}?{query}", 303, headers=HEADERS)

    def action(self) -> Button:
        """Returns the endpoint of all buttons that stand for an action."""

        async def act(request: Request) -> Response:
            fields = await fields_of(request)
            back, name = fields.pop("back", links.ROOT), request.path_params["name"]
            action = self.actions.get(name)
            if action is None or action.view:
                return self.noted(back, Note("bad", "There is no such action", name[:100]))
            try:
                given = doing.read_arguments(doing.shape_of(name, action), fields)
                inspect.signature(action.run).bind(**given)
                await run_in_threadpool(action.run, **given)
            except (ConfigurationError, TypeError, ValueError) as error:
                return self.noted(back, Note("bad", "Not done", masking.cut(str(error), longest=1000)))
            self.backend.webhooks.wake()
            return self.noted(back, Note("good", "Done", self.spelled(name, masking.masked_arguments(given)).python))

        return self.button(act)

    def mark(self) -> str:
        """Returns what is another text as soon as something has happened."""
        backend, engine = self.backend, self.engine
        totals = (
            engine.resets,
            backend.journal.acts,
            backend.journal.total,
            engine.event_total,
            backend.webhooks.attempt_total,
        )
        return "-".join(map(str, (*totals, engine.state.seq, *engine.clock.setting, len(backend.faults.held))))


async def fields_of(request: Request) -> dict[str, str]:
    """Returns the fields of a form.

    Args:
        request: what brought it.
    """
    form = await request.form(max_fields=100)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _cut(text: object, longest: int = 120) -> str:
    return masking.cut(str(text), longest=longest)


def _short(text: object, length: int = 12) -> str:
    return masking.short(str(text), length)


def _page_of(id: str, kind: str, anchor: str = "") -> str:
    return links.page_of(kind, id, anchor=anchor)
