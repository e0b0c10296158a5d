"""Finding a bank and signing in to it: the test credentials of Plaid's sandbox, and the failures they ask for."""

from __future__ import annotations

from astra.sandbox.engine.problems import refused

BANKS = {
    "ins_56": "Chase",
    "ins_127989": "Bank of America",
    "ins_127991": "Wells Fargo",
    "ins_128026": "Capital One",
    "ins_109508": "First Platypus Bank",
    "ins_109509": "First Gingham Credit Union",
    "ins_109510": "Tattersall Federal Credit Union",
    "ins_109511": "Tartan Bank",
    "ins_109512": "Houndstooth Bank",
}
"""Banks by Plaid's institution id; the last five are of its sandbox."""

USERNAME, PASSWORD, MFA_PASSWORD, MFA_CODE = "user_good", "pass_good", "mfa_device", "1234"
FAILURES = {
    "error_INVALID_CREDENTIALS": "The bank does not know this user name and password.",
    "error_ITEM_LOCKED": "Your account at the bank is locked. Unlock it on the bank's own site, and try again.",
    "error_NO_ACCOUNTS": "The bank has no account of yours that can be connected.",
    "error_INSTITUTION_DOWN": "The bank cannot be reached now. Try again later.",
    "error_INSTITUTION_NOT_RESPONDING": "The bank does not answer. Try again later.",
    "error_INSTITUTION_NO_LONGER_SUPPORTED": "This bank is not supported any more. Choose another one.",
    "error_INVALID_MFA": "The code was not right. Sign in again.",
}
"""What a password asks for, by Plaid's names."""


def find_banks(text: str) -> dict[str, str]:
    """Returns the banks whose name has all these words, by id.

    Raises:
        Problem: there is none.
    """
    words = text.casefold().split()
    found = {id: name for id, name in BANKS.items() if all(word in name.casefold() for word in words)}
    if not found:
        raise refused(f"No bank matches {text.strip()[:60]!r}. Try a shorter name.", field="bank_name")
    return found


def sign_in(username: str, password: str) -> str:
    """Returns the step that follows the credentials: `mfa`, or `form` to choose an account.

    Raises:
        Problem: the bank lets nobody in.
    """
    if username != USERNAME:
        password = "error_INVALID_CREDENTIALS"
    if password not in (PASSWORD, MFA_PASSWORD):
        raise refused(FAILURES.get(password, FAILURES["error_INVALID_CREDENTIALS"]), field="password")
    return "mfa" if password == MFA_PASSWORD else "form"


def check_mfa(code: str) -> None:
    """Takes the code that the bank has sent.

    Raises:
        Problem: it is another one.
    """
    if code.strip() != MFA_CODE:
        raise refused(FAILURES["error_INVALID_MFA"], field="mfa_code")
