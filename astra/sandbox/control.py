"""Drives a sandbox that runs in another process, through its control API."""

import datetime as dt
from typing import Any, Self, cast

import httpx

from astra.sandbox.faults import Drop
from astra.sandbox.seeding import SeededUser


class RemoteSandbox:
    """The controls of a sandbox behind a URL, such as one that `astra sandbox` serves.

    It can be handed to child processes: it holds a URL and opens its connection when first used.

    Args:
        url: The sandbox's origin.
        timeout: Seconds to wait for an answer.

    Example:
        from astra.sandbox.control import RemoteSandbox

        with RemoteSandbox("http://127.0.0.1:8787") as sandbox:
            sandbox.faults_add(operation="get_user", status=503)
            sandbox.advance(hours=3)
    """

    def __init__(self, url: str, *, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self.http: httpx.Client | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Only where it is: a connection does not cross processes."""
        return {"url": self.url, "timeout": self.timeout, "http": None}

    def __enter__(self) -> Self:
        """Nothing to do; the connection opens at the first use."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the connection."""
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        if self.http is not None:
            self.http.close()
            self.http = None

    def client(self) -> httpx.Client:
        """The connection."""
        if self.http is None:
            self.http = httpx.Client(base_url=self.url, timeout=self.timeout, trust_env=False)
        return self.http

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Calls an action of the control API; the start page of the sandbox lists them.

        Raises:
            ValueError: The sandbox refused.
        """
        response = self.client().post(f"/_sandbox/{action}", json=arguments)
        answer = cast("dict[str, Any]", response.json())
        if response.status_code != 200:
            raise ValueError(answer["error"])
        return answer

    def view(self, name: str) -> Any:
        """Reads a view of the control API."""
        response = self.client().get(f"/_sandbox/{name}")
        if response.status_code != 200:
            raise ValueError(response.json()["error"])
        return response.json()

    @property
    def info(self) -> dict[str, Any]:
        """`url`, `client_id`, `client_secret`, `redirect_uri` and more."""
        return cast("dict[str, Any]", self.view("info"))

    def now(self) -> dt.datetime:
        """The time on the sandbox's clock."""
        return dt.datetime.fromtimestamp(self.clock(), dt.UTC)

    def clock(self) -> float:
        """The time on the sandbox's clock, in epoch seconds."""
        return float(self.info["now"])

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves the clock forward."""
        self.act("advance", seconds=seconds, minutes=minutes, hours=hours, days=days)

    def authorize(
        self,
        *,
        user_intent_id: str | None = None,
        user_id: str | None = None,
        business_profile_id: str | None = None,
        accounts: int = 2,
    ) -> str:
        """Plays the person on the hosted page; gives the code."""
        return str(
            self.act(
                "authorize",
                user_intent_id=user_intent_id,
                user_id=user_id,
                business_profile_id=business_profile_id,
                accounts=accounts,
            )["code"]
        )

    def visit(self, url: str, *, accept: bool = True, accounts: int = 2) -> str:
        """Plays the person who follows an authorize link; gives the URL that the page redirects to."""
        return str(self.act("visit", url=url, accept=accept, accounts=accounts)["url"])

    def create_user(self, *, status: str = "approved", accounts: int = 0, authorized: bool = False) -> str:
        """Makes a user; gives the id."""
        return str(self.act("users/create", status=status, accounts=accounts, authorized=authorized)["id"])

    def seed(self, *, users: int, transfers: int = 0, authorized: bool = False) -> list[SeededUser]:
        """Makes many users, with tokens if `authorized`."""
        answer = self.act("seed", users=users, transfers=transfers, authorized=authorized)
        return [SeededUser(**user) for user in answer["users"]]

    def kill_access_token(self, user_id: str) -> None:
        """Makes a user's access token invalid at once."""
        self.act("users/kill_access_token", user_id=user_id)

    def kill_refresh_tokens(self, user_id: str) -> None:
        """Makes every refresh token of a user invalid."""
        self.act("users/kill_refresh_tokens", user_id=user_id)

    def faults_add(
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        garbage: bool = False,
        delay: float = 0.0,
        hold: float = 0.0,
        drop: Drop | None = None,
        after_bytes: int | None = None,
        slow: float = 0.0,
        act: bool | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> None:
        """Adds a fault; the arguments are those of `Faults.add`."""
        self.act(
            "faults/add",
            operation=operation,
            status=status,
            body=body,
            headers=headers,
            garbage=garbage,
            delay=delay,
            hold=hold,
            drop=drop,
            after_bytes=after_bytes,
            slow=slow,
            act=act,
            skip=skip,
            times=times,
        )

    def faults_clear(self) -> None:
        """Forgets all faults."""
        self.act("faults/clear")

    @property
    def counts(self) -> dict[str, int]:
        """How often each operation was called."""
        return cast("dict[str, int]", self.view("counts"))

    @property
    def refreshes(self) -> dict[str, int]:
        """Successful refreshes by user id; users without any are left out."""
        return cast("dict[str, int]", self.view("refreshes"))

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The latest requests to the API, oldest first."""
        return cast("list[dict[str, Any]]", self.view("requests"))

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every webhook event so far."""
        return cast("list[dict[str, Any]]", self.view("webhooks/events"))

    def webhooks_register(self, url: str) -> None:
        """Sends webhooks to this URL from now on."""
        self.act("webhooks/register", url=url)
