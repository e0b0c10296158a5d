"""A client written from Astra's documents with nothing but `urllib`: it proves the sandbox does not lean on our SDK."""

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


class Client:
    """What an integrator might write in an afternoon."""

    def __init__(self, base: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self.base = base
        self.secret = client_secret
        self.redirect_uri = redirect_uri
        self.client_id = client_id
        self.basic = "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.access_token = self.refresh_token = ""
        self.request_ids: list[str] = []
        # A bare opener: no proxy of the environment gets in the way of loopback.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method: str, path: str, *, body=None, form=None, basic=False) -> tuple[int, dict]:
        headers = {"Authorization": self.basic if basic else f"Bearer {self.access_token}"}
        headers["Accept"] = "application/json"
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if form is not None:
            data = urllib.parse.urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        request = urllib.request.Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with self.opener.open(request, timeout=10) as answer:
                self.request_ids.append(answer.headers["Request-Id"])
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                self.request_ids.append(error.headers["request-id"])
                return error.code, json.loads(error.read())

    def take_tokens(self, answer: dict) -> None:
        self.access_token, self.refresh_token = answer["access_token"], answer["refresh_token"]

    def verifies(self, header: str, body: bytes) -> bool:
        payload = json.dumps(json.loads(body))
        expected = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(base64.b64decode(header), expected)


def press_allow(url: str) -> str:
    """Reads the hosted page and submits its forms: phone, code of the SMS, consent; gives the code for copying."""
    import html
    import re

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = None
    while True:
        with opener.open(urllib.request.Request(url, data=data), timeout=10) as page:
            text = page.read().decode()
        if found := re.search(r'id="code"[^>]*>(\w+)<', text):
            return found[1]
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
        form.update(re.findall(r'<input id="(\w+)"[^>]*?value="([^"]*)"', text, re.DOTALL))
        form.update({"link_checking": "yes", "link_savings": "yes", "decision": "allow"})
        data = urllib.parse.urlencode({name: html.unescape(value) for name, value in form.items()}).encode()
        url = urllib.parse.urljoin(url, re.search(r'<form method="post" action="([^"]+)"', text)[1])


def test_onboarding_oauth_refresh_transfer_and_webhook(sandbox):
    client = Client(sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.redirect_uri)
    hooks: list[tuple[str, bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hooks.append((self.headers["Astra-Verification"], body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        sandbox.webhooks.register(f"http://127.0.0.1:{receiver.server_port}/astra")

        status, intent = client.call(
            "POST",
            "/v1/user_intent",
            basic=True,
            body={
                "email": "sir.edmund.hillary@example.com",
                "phone": "+15557771234",
                "first_name": "Edmund",
                "last_name": "Hillary",
                "address1": "123 Astra Ave",
                "address2": "Apt 456",
                "city": "Palo Alto",
                "state": "CA",
                "postal_code": "94304",
                "date_of_birth": "1919-07-20",
                "ssn": "9999",
                "ip_address": "203.0.113.7",
            },
        )
        assert status == 201
        assert client.call("GET", f"/v1/user_intent/{intent['id']}", basic=True)[1]["status"] == "approved"

        query = {"client_id": client.client_id, "redirect_uri": client.redirect_uri, "response_type": "code"}
        link = urllib.parse.urlencode({**query, "user_intent_id": intent["id"]})
        code = press_allow(f"{sandbox.url}/login/oauth/authorize?{link}")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri}
        status, tokens = client.call("POST", "/v1/oauth/token", basic=True, form=form)
        assert status == 200
        client.take_tokens(tokens)

        sandbox.advance(hours=3)
        assert client.call("GET", "/v1/user")[0] == 401
        form = {"grant_type": "refresh_token", "refresh_token": client.refresh_token}
        client.take_tokens(client.call("POST", "/v1/oauth/token", basic=True, form=form)[1])
        status, user = client.call("GET", "/v1/user")
        assert (status, user["first_name"]) == (200, "Edmund")

        accounts = client.call("GET", "/v1/accounts")[1]["accounts"]
        status, routine = client.call(
            "POST",
            "/v1/routines",
            body={
                "type": "one-time",
                "name": "My Quick Transfer",
                "payment_type": "ach",
                "source_id": accounts[0]["id"],
                "destination_id": accounts[1]["id"],
                "amount": 20,
                "preferred_settlement_speed": "T+1",
                "client_correlation_id": "INV000042",
            },
        )
        assert status == 201
        sandbox.webhooks.deliver_pending()
        assert all(client.verifies(header, body) for header, body in hooks)
        assert not client.verifies(hooks[0][0], hooks[-1][1])
        created = next(hook for _, hook in hooks if json.loads(hook)["webhook_type"] == "transfer_created")
        transfer_id = json.loads(created)["resource_id"]
        transfer = client.call("GET", f"/v1/transfers/{transfer_id}")[1]
        assert (transfer["status"], transfer["routine_id"]) == ("pending", routine["id"])

        sandbox.advance(hours=20)
        client.take_tokens(client.call("POST", "/v1/oauth/token", basic=True, form=form)[1])
        sandbox.webhooks.deliver_pending()
        assert json.loads(hooks[-2][1])["webhook_type"] == "transfer_updated"
        assert client.call("GET", f"/v1/transfers/{transfer_id}")[1]["status"] == "processed"
        assert len(set(client.request_ids)) == len(client.request_ids)

        receiver.shutdown()
        thread.join()
