"""What usually helps: the mistakes that Astra documents, and those that integrators make."""

from __future__ import annotations


def hint_for(
    *, status: int, code: str | None, description: str | None, operation: str, auth: str, environment: str
) -> str | None:
    """Returns one sentence of advice for a failed call, or None.

    Args:
        status: HTTP status.
        code: short error code of the body.
        description: text of the body.
        operation: operation id.
        auth: the kind of credentials that the operation takes, "basic" (the client's) or "bearer" (a user's).
        environment: "sandbox" or "production", to name the likely mix-up.
    """
    text = f"{code or ''} {description or ''}".lower()
    if "invalid client_id" in text or code == "invalid_client":
        return _other_environment(environment)
    if "has not authorized this oauth client" in text:
        return (
            "The person confirmed the phone but never finished Astra's page, or the code was never exchanged. "
            "Send the person to oauth.authorize_url() again and exchange the code."
        )
    if "p2p transfer not allowed" in text:
        return "Peer-to-peer transfers have to be switched on for your client; ask Astra."
    if "account already exists" in text:
        return (
            "This account is registered already. In the sandbox all processor tokens share account numbers, so a "
            "user can have one checking and one savings account."
        )
    if "redirect_uri" in text:
        return "The redirect URI must be registered in the dashboard and be exactly the same in every step."
    if code == "invalid_grant" and operation == "exchange_token":
        return (
            "An authorization code lives a few minutes and works once, with the redirect URI it was issued for; a "
            "refresh token lives ten days. Send the user to oauth.authorize_url() again."
        )
    if "address2" in text:
        return 'address2 must be left out or "", never null.'
    if code == "unsupported_token_type":
        return "This is called as a user: with client.request(), pass user=."
    if status == 401 and auth == "basic":
        refused = "Astra refused the client's own credentials, client_id and client_secret. "
        return refused + _other_environment(environment)
    if status == 404 and operation in ("create_card", "create_account"):
        return "This operation exists on the secure host only: check secure_base_url."
    if status == 403:
        return "Your client may need to be enabled for this by Astra, or the user's status does not allow it."
    return None


def _other_environment(environment: str) -> str:
    other = "production" if environment == "sandbox" else "sandbox"
    return (
        f"This client is set to {environment}. Sandbox and production have their own client id and secret: "
        f"check that these are not the ones of {other} (dashboard, Keys)."
    )
