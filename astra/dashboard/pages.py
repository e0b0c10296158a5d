"""The pages: what each shows, and how an address is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.dashboard import attention
from astra.dashboard.cursors import Cursor, read_cursor
from astra.dashboard.grants import DAYS, LISTS, THRESHOLDS, GrantRow, Health
from astra.dashboard.masking import AMOUNT, HIDDEN, Masks, word
from astra.dashboard.payments import MOST_OPEN, STATES, view_of
from astra.dashboard.requests import PERIODS, Window
from astra.dashboard.sources import GrantSource, Panel, PaymentSource, RequestSource, T
from astra.dashboard.troubles import AGAIN, Trouble
from astra.errors import ConfigurationError
from astra.payments.record import PaymentState
from astra.payments.story import MOST, Story, find_story
from astra.payments.timeline import tell
from astra.tokens.identity import Identity
from astra.tokens.tally import notes, problems
from astra.web import wording
from astra.web.charts import Column, place, stack
from astra.web.door import Answer, Door
from astra.web.guard import Guard
from astra.web.pages import Pages, asset

FOLDER: Final = Path(__file__).parent / "templates"
NAVIGATION: Final = (
    ("/", "Start"),
    ("/tokens", "Tokens"),
    ("/payments", "Payments"),
    ("/requests", "Requests"),
    ("/trace", "Trace"),
)
LONGEST_ID: Final = 512
SCALE: Final = (1.0, 60_000.0)
"""Milliseconds at the two ends of the scale on which durations are drawn."""


@attrs.frozen(kw_only=True)
class Setting:
    """What is looked at.

    Attributes:
        grants, payments, requests: the stores.
        identity: whose grants and payments; None when the settings name no client.
        identity_error: why they name none, or None.
        masks: what may be shown.
        now: the time (aware).
    """

    grants: GrantSource
    payments: PaymentSource
    requests: RequestSource
    identity: Identity | None
    identity_error: ConfigurationError | None
    masks: Masks
    now: Callable[[], datetime]

    def close(self) -> None:
        """Gives back files and connections."""
        for source in (self.grants, self.payments, self.requests):
            source.close()


class WrongAddressError(Exception):
    """An address that means nothing. Its text is for people."""


class DashboardPages:
    """The pages of one dashboard.

    Args:
        setting: what is looked at.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        who = setting.identity
        self._pages = Pages(
            FOLDER,
            filters={
                "number": wording.number,
                "age": wording.age,
                "duration": wording.duration,
                "clock": wording.clock,
                "at": wording.at,
                "share": wording.share,
                "on_scale": _on_scale,
                "dollars": _dollars,
            },
            shared={
                "product": "Astra dashboard",
                "navigation": NAVIGATION,
                "environment": None if who is None else who.environment,
                "client": None if who is None else _shortened(who.client_id),
                "hidden": HIDDEN,
                "places": {
                    "grants": setting.grants.named,
                    "payments": setting.payments.named,
                    "requests": setting.requests.named,
                },
            },
        )

    def app(self, door: Door) -> Guard:
        """Returns the ASGI app behind its door.

        Args:
            door: who may in.
        """
        shown: Mapping[str, Callable[[Request], Response]] = {
            "/": self._start,
            "/tokens": self._tokens,
            "/payments": self._payments,
            "/requests": self._requests,
            "/trace": self._trace,
        }
        routes = [Route(path, self._guarded(page)) for path, page in shown.items()]
        routes.append(Route("/assets/{name}", asset))
        app = Starlette(routes=routes, exception_handlers={404: self._not_found})
        return Guard(app, door=door, refusal=self._refusal)

    def _guarded(self, page: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                return page(request)
            except WrongAddressError as error:
                return self._message(400, "This address means nothing here", str(error))
            except Exception as error:  # noqa: BLE001  (a traceback would show what the stores hold)
                text = (
                    f"It is a fault of the dashboard ({type(error).__name__}), and says nothing about your stores. The "
                    "commands `astra tokens status`, `astra payments list` and `astra requests list` tell the same."
                )
                return self._message(500, "This page could not be made", text)

        return answer

    def _show(self, template: str, request: Request, **values: Any) -> Response:
        now = self._setting.now()
        return self._pages.show(template, path=request.url.path, now=now, searched="", **values)

    def _message(self, status: int, title: str, text: str) -> Response:
        now = self._setting.now()
        return self._pages.show(
            "message.html", status=status, path="", now=now, searched="", title=title, text=text, bare=False
        )

    def _refusal(self, answer: Answer) -> Response:
        # Whoever is refused learns nothing, not even which environment this is.
        return self._pages.show(
            "message.html",
            status=answer.status,
            path="",
            now=self._setting.now(),
            searched="",
            title=answer.title,
            text=answer.text,
            bare=True,
        )

    async def _not_found(self, *_: Any) -> Response:
        return self._message(404, "There is no such page", "The pages are named above.")

    def _of_client(self, read: Callable[[Identity], Panel[T]]) -> Panel[T]:
        """What is read of a client's, or that it is not known whose."""
        who = self._setting.identity
        if who is None:
            advice = f"Set ASTRA_CLIENT_ID, and ASTRA_ENVIRONMENT or ASTRA_BASE_URL as your programs have them. {AGAIN}"
            return Panel(trouble=Trouble(text=str(self._setting.identity_error), advice=advice))
        return read(who)

    def _start(self, request: Request) -> Response:
        setting, now = self._setting, self._setting.now()
        hour, day = Window(period=PERIODS["1h"], end=now), Window(period=PERIODS["24h"], end=now)
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="astra-dashboard") as beside:
            # A store each, side by side: this page takes as long as the slowest.
            first = beside.submit(
                self._of_client,
                lambda who: setting.grants.panel(lambda: setting.grants.health(who, now=now.timestamp())),
            )
            second = beside.submit(
                self._of_client,
                lambda who: setting.payments.panel(lambda: setting.payments.tally(who, now=now, masks=setting.masks)),
            )
            lately = setting.requests.panel(lambda: setting.requests.summary(hour))
            requests = setting.requests.panel(lambda: setting.requests.summary(day))
            grants, payments = first.result(), second.result()
        items: list[attention.Item] = []
        for panel, source, page in (
            (grants, setting.grants, "/tokens"),
            (payments, setting.payments, "/payments"),
            (requests, setting.requests, "/requests"),
        ):
            if panel.trouble is not None:
                is_set = source.named is not None
                items.append(attention.of_trouble(panel.trouble, what=source.what, page=page, is_set=is_set))
        items += [] if payments.found is None else attention.of_payments(payments.found)
        items += [] if grants.found is None else attention.of_grants(grants.found)
        items += [] if lately.found is None else attention.of_requests(lately.found, period="1h")
        return self._show(
            "start.html",
            request,
            items=sorted(items, key=lambda item: item.level != "bad"),
            grants=grants,
            ends=None if grants.found is None else _ends(grants.found),
            payments=payments,
            states=tuple(PaymentState),
            requests=requests,
            lately=lately.found,
            by_time=None if requests.found is None else stack(requests.found.columns),
        )

    def _tokens(self, request: Request) -> Response:
        setting, now = self._setting, self._setting.now()
        listed = _chosen(request, "list", LISTS, default="ending")
        after = _cursor(request)
        panel = self._of_client(
            lambda who: setting.grants.panel(
                lambda: setting.grants.both(who, now=now.timestamp(), listed=listed, after=after)
            )
        )
        health, page = panel.found if panel.found is not None else (None, None)
        wrong = [] if health is None else problems(health.status, THRESHOLDS)
        others = [] if health is None else sorted(health.others.items(), key=lambda item: -item[1])
        return self._show(
            "tokens.html",
            request,
            trouble=panel.trouble,
            health=health,
            ends=None if health is None else _ends(health),
            problems=wrong,
            notes=[] if health is None else notes(health.status),
            others=[(who.environment or "no client yet", _shortened(who.client_id), count) for who, count in others],
            key_trouble=setting.grants.key_trouble,
            page=page,
            rows=[] if page is None else [self._grant(row) for row in page.rows],
            hides=page is not None and any(self._grant(row).key.startswith(HIDDEN) for row in page.rows),
            lists=LISTS,
            listed=listed,
            is_first=after is None,
            seconds=now.timestamp(),
        )

    def _grant(self, row: GrantRow) -> GrantRow:
        masks = self._setting.masks
        reason = None if row.dead_reason is None else word(row.dead_reason)
        user = masks.id(row.astra_user_id)
        return attrs.evolve(row, key=masks.key(row.key) or "", astra_user_id=user, dead_reason=reason)

    def _payments(self, request: Request) -> Response:
        setting, now = self._setting, self._setting.now()
        states = {"all": None} | {state.value: state for state in STATES}
        chosen = _chosen(request, "state", states, default="all")
        after = _cursor(request)
        panel = self._of_client(
            lambda who: setting.payments.panel(
                lambda: setting.payments.both(who, now=now, masks=setting.masks, state=states[chosen], after=after)
            )
        )
        tally, page = panel.found if panel.found is not None else (None, None)
        return self._show(
            "payments.html",
            request,
            trouble=panel.trouble,
            tally=tally,
            page=page,
            all_states=tuple(PaymentState),
            states=tuple(states),
            chosen=chosen,
            most_open=MOST_OPEN,
            is_first=after is None,
        )

    def _requests(self, request: Request) -> Response:
        setting = self._setting
        period = PERIODS[_chosen(request, "period", PERIODS, default="24h")]
        operation = request.query_params.get("operation") or None
        after = _cursor(request)
        window = Window(period=period, end=setting.now())
        panel = setting.requests.panel(
            lambda: setting.requests.both(window, masks=setting.masks, operation=operation, after=after)
        )
        summary, page = panel.found if panel.found is not None else (None, None)
        known = () if summary is None else tuple(row.name for row in summary.operations)
        if operation is not None and summary is not None and operation not in known:
            raise WrongAddressError(
                "No such operation was called in this time. Go back to Requests and choose another."
            )
        return self._show(
            "requests.html",
            request,
            trouble=panel.trouble,
            summary=summary,
            page=page,
            chart=None if summary is None else stack(summary.columns),
            period=period,
            periods=tuple(PERIODS.values()),
            operation=operation,
            is_first=after is None,
        )

    def _trace(self, request: Request) -> Response:
        setting, now = self._setting, self._setting.now()
        any_id = request.query_params.get("id", "").strip()
        if len(any_id) > LONGEST_ID:
            raise WrongAddressError(f"An id has at most {LONGEST_ID} characters.")
        troubles: dict[str, Trouble] = {}
        story: Story | None = None
        if any_id:
            payments = self._of_client(lambda who: setting.payments.panel(lambda: setting.payments.by_id(who)))
            log = setting.requests.panel(setting.requests.log)
            if payments.trouble is not None:
                troubles["Payments are not looked at"] = payments.trouble
            if log.trouble is not None:
                troubles["Requests are not looked at"] = log.trouble
            if payments.found is not None or log.found is not None:
                found = (
                    setting.requests.panel(lambda: find_story(any_id, payments=payments.found, log=log.found))
                    if log.found is not None
                    else setting.payments.panel(lambda: find_story(any_id, payments=payments.found, log=None))
                )
                story = found.found
                if found.trouble is not None:
                    troubles["The stores could not be read"] = found.trouble
        views = [view_of(record, now=now, masks=setting.masks) for record in (story.payments if story else ())]
        moments = tell(
            [view.record for view in views],
            [setting.masks.request(record) for record in (story.requests if story else ())],
        )
        return self._show(
            "trace.html",
            request,
            asked=setting.masks.key(any_id) if any_id else "",
            troubles=troubles,
            story=story,
            views=views,
            moments=moments,
            most=MOST,
        )


def _chosen(request: Request, name: str, known: Mapping[str, Any], *, default: str) -> str:
    given = request.query_params.get(name, default)
    if given not in known:
        raise WrongAddressError(f"{name} is one of: {', '.join(known)}.")
    return given


def _cursor(request: Request) -> Cursor | None:
    text = request.query_params.get("after")
    if text is None:
        return None
    cursor = read_cursor(text)
    if cursor is None:
        raise WrongAddressError("This is no place in the list: begin at its first page.")
    return cursor


def _on_scale(milliseconds: float) -> float:
    return place(milliseconds, low=SCALE[0], high=SCALE[1])


def _dollars(text: str) -> str:
    """An amount as it was sent, with its unit and its thousands apart; a text that is none stays as it is."""
    return f"${Decimal(text):,}" if AMOUNT.fullmatch(text) else text


def _shortened(client_id: str) -> str:
    return client_id if len(client_id) <= 16 else f"{client_id[:6]}...{client_id[-4:]}"


def _ends(health: Health) -> Any:
    """The histogram of the days until refresh tokens end."""
    names = {-1: "ended", 0: "today", DAYS: f"{DAYS} d +"}
    dying = THRESHOLDS.dying_within // 86_400
    columns: list[Column] = []
    for day in range(-1, DAYS + 1):
        kind = "ended" if day < 0 else "ending soon" if day < dying else "later"
        columns.append(Column(label=names.get(day, f"{day} d"), parts=((kind, health.ends.get(day, 0)),)))
    return stack(columns, ticks=0)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)
