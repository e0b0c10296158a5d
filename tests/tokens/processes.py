"""Child processes of the tests: they look for a token over a shared store, and some of them die on the way.

python -m tests.tokens.processes '{"store": ..., "url": ..., "die": "before-post"}'
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from astra.errors import APIError, OAuthError, ReauthorizationRequired
from astra.tokens import TokenAnswer, Tokens, TokenSettings, open_store

KEY = "customer-1"
ROOT = Path(__file__).resolve().parents[2]


def die() -> None:
    """Ends this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def post_refresh(url: str, client: tuple[str, str], refresh_token: str) -> TokenAnswer:
    """The bare request, without the SDK's client."""
    answer = httpx.post(
        f"{url}/v1/oauth/token", auth=client, data={"grant_type": "refresh_token", "refresh_token": refresh_token}
    )
    body = answer.json()
    if answer.status_code == 400:
        raise OAuthError("refused", status_code=400, code=body["error"])
    if answer.status_code != 200:
        raise APIError("failed", status_code=answer.status_code)
    return TokenAnswer(
        access_token=body["access_token"], expires_in=body["expires_in"], refresh_token=body["refresh_token"]
    )


def make_tokens(arguments: dict[str, Any], **options: Any) -> Tokens:
    """The lifecycle over the shared store and the sandbox."""
    client = (arguments["client_id"], arguments["client_secret"])
    step = arguments.get("die")

    def refresh(refresh_token: str) -> TokenAnswer:
        if step == "before-post":
            die()
        answer = post_refresh(arguments["url"], client, refresh_token)
        if step == "after-post":
            die()
        return answer

    tokens = Tokens(
        open_store(arguments["store"]),
        refresh=refresh,
        settings=TokenSettings(lease_ttl=arguments.get("lease_ttl", 30.0)),
        **options,
    )
    if step == "before-save":
        tokens.store.save_many = lambda *_, **__: die()  # type: ignore[method-assign,assign,return-value,func-returns-value]
    return tokens


def main() -> None:
    """Replaces a rejected token, and tells what came of it."""
    arguments = json.loads(sys.argv[1])
    hooked: list[str] = []
    tokens = make_tokens(arguments, on_reauthorization_required=lambda error: hooked.append(error.user_key))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        token = tokens.replace(KEY, rejected=arguments["rejected"])
    except ReauthorizationRequired as error:
        token = type(error).__name__
    print(json.dumps({"token": token, "hooked": hooked}), flush=True)
    tokens.store.close()


def start(arguments: dict[str, Any]) -> subprocess.Popen[str]:
    """Starts a child that waits for its turn."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.tokens.processes", json.dumps(arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def release(children: list[subprocess.Popen[str]]) -> list[str]:
    """Lets the children go at once, and returns what they printed; "" for one that died."""
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return [child.communicate(timeout=60)[0] for child in children]


if __name__ == "__main__":
    main()
