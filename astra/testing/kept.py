"""What a cassette may keep, as lists: what is on none of them is replaced. Data only."""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Final

from astra_api.facts import PERSONAL_FIELDS, SECRET_FIELDS, TRAVELS

MASKED: Final = "REDACTED"

_FORMS: Final[Mapping[str, str]] = {
    "access_token": "REDACTED-ACCESS-TOKEN",
    "refresh_token": "REDACTED-REFRESH-TOKEN",
    "token": "REDACTED-TOKEN",
    "id_token": "REDACTED-TOKEN",
    "session": "REDACTED-TOKEN",
    "session_id": "REDACTED-TOKEN",
    "session_token": "REDACTED-TOKEN",
    "secret": "REDACTED-SECRET",
    "api_key": "REDACTED-SECRET",
    "password": "REDACTED-SECRET",
    "processor_token": "REDACTED-PROCESSOR-TOKEN",
    "authorization_code": "REDACTED-CODE",
    "client_secret": "REDACTED-SECRET",
    "client_id": "REDACTED-CLIENT-ID",
    "ssn": "0000",
    "ssn_last_four": "0000",
    "ein": "00-0000000",
    "date_of_birth": "1900-01-01",
    "card_number": "0000000000000000",
    "pan": "0000000000000000",
    "card_security_code": "000",
    "cvv": "000",
    "cvc": "000",
    "pin": "0000",
    "expiration_date": "12/99",
    "first_six_digits": "000000",
    "last_four_digits": "0000",
    "account_number": "0000000000",
    "iban": "0000000000",
    "tax_id": "000000000",
    "dob": "1900-01-01",
    "birth_date": "1900-01-01",
    "owner": "REDACTED",
    "owner_name": "REDACTED",
    "official_name": "REDACTED",
    "legal_name": "REDACTED",
    "full_name": "REDACTED",
    "middle_name": "REDACTED",
    "cardholder_name": "REDACTED",
    "card_holder_name": "REDACTED",
    "first_name": "REDACTED",
    "last_name": "REDACTED",
    "preferred_first_name": "REDACTED",
    "preferred_last_name": "REDACTED",
    "preferred_pronouns": "REDACTED",
    "business_name": "REDACTED",
    "email": "redacted@example.com",
    "phone": "+10000000000",
    "phone_number": "+10000000000",
    "mobile": "+10000000000",
    "address": "REDACTED",
    "address1": "REDACTED",
    "address2": "REDACTED",
    "street": "REDACTED",
    "line1": "REDACTED",
    "line2": "REDACTED",
    "street_line_1": "REDACTED",
    "street_line_2": "REDACTED",
    "city": "REDACTED",
    "state": "XX",
    "postal_code": "00000",
    "zip_code": "00000",
    "ip_address": "192.0.2.1",
    "customer_id": "REDACTED-CUSTOMER-ID",
}
"""What stands in the place of a field whose form counts. `accountNumber` and `primary_account_number`
are an `account_number`; of the short names only these spellings are meant: see `EXACT`."""

EXACT: Final = frozenset({"address", "line1", "line2", "mobile", "pan", "pin", "session", "state", "street"})
"""Fields that are no others with a word before them: an `ip_address` is no `address`."""

FORM_ONLY: Final[Mapping[str, str]] = {"code": "REDACTED-CODE"}
"""Fields of forms and queries. In a JSON body `code` is the number of an error."""

PLACEHOLDERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(sorted((SECRET_FIELDS | PERSONAL_FIELDS) - FORM_ONLY.keys()), MASKED),
    **_FORMS,
}
"""The fields that are scrubbed whatever stands there: all that the spec marks as secret or personal, and more that
gateways and other APIs know."""

_SPEC: Final = """
account_id account_to_account account_to_card accounts action_status active added_by_user address_verified amount
astra_settlement_reason available_balance bank_account_type beneficial_owners bin blocked business_admin
business_controller business_info business_profile_id business_type card_brand card_company card_id card_to_card
card_type cards cb_id chargeback client_correlation_id code connection_status count created current_balance cursor
debit_fee_percent destination destination_id destination_user_id disable_alternative_routing dispute_status
estimated_clearing_date exception_code exception_date exception_id exception_settled_amount exception_type
expires_in fednow fee_amount frequency grant_type id initiated instant_payment_eligibility institution_id
institution_logo institution_name institution_routing_number interchange_category is_eligible issuer_name kyb_type
kyc_type last_balance_update_on mask max_settlement_speed merchant_reference_id more network_id oauth_token_issued
original_creation_date original_processed_date original_settled_amount page_size participant_id
payment_instruments payment_route payment_type phone_number_change_requests preferred_settlement_speed provider
provider_data pull_enabled push_enabled recommendation redirect_uri removed removed_transactions resource_id
resource_parent_id return_code review_reasons review_status risk_level routine_id routine_type routines
routing_number rtp segments settlement_mode settlement_network source source_id start_date status status_code
status_date subtype token_type total_amount transfer transfer_count_limit transfer_id transfers type
ultimate_receiver_user_id ultimate_sender_user_id updated user_consent_captured user_id user_intent_id webhook_id
webhook_type
"""
_NAMES: Final = frozenset(travels for name in _SPEC.split() for travels in (name, *TRAVELS.get(name, ())))
KEPT_FIELDS: Final = _NAMES - (PERSONAL_FIELDS | (SECRET_FIELDS - FORM_ONLY.keys()))
"""The fields of the spec that say nothing about anybody. What a later spec marks as secret or personal is none."""

LABELS: Final = frozenset({
    "addenda", "doing_business_as", "metadata", "name", "nickname", "official_name", "routine_name", "title", "website",
})  # fmt: skip
"""The fields of the spec that hold what somebody has written, and are replaced although the spec marks them not."""

COMPLAINTS: Final = frozenset({
    "description", "detail", "details", "error", "error_description", "errors", "exception_description",
    "failure_reason", "message", "messages",
})  # fmt: skip
"""Fields whose texts stay, without what is personal in them."""

KEPT_VALUES: Final = frozenset({
    *(status.phrase for status in http.HTTPStatus),
    "Plaid Checking", "Plaid Gold Standard 0% Interest Checking", "Plaid Saving",
    "Plaid Silver Standard 0.1% Interest Saving",
})  # fmt: skip
"""Values that may stay under any name: those of errors, and those of Plaid's sandbox, which are everybody's."""

_ENGLISH: Final = """
a access account accounts ach admin all already amount an and any api as ask astra at authorization bad basic bearer
beneficial bin bins book both business but by cannot card cards check choose client code codes content cookie
correlation could credentials customer daily data date debit declined delete destination did do doctype does dollar
duplicate each ein either email enter error exactly exceeded exists expired failed fednow field fields first for
found frequency from funds get grant header host html http https id if in input institution insufficient integer
internal invalid is it json key keys kyb kyc last length like limit list malformed may message method missing must
name need needs network never new no none not number of on once one only operation or page partner password payment
payments permission person personal phone plaid please post processor provider put rail rate recurring refused
rejected request requests required resource retry return returned routine routines routing rtp secret seconds secure
server service session should sms source spec ssn start state status string such support suspended tax text that the
there these they this time timeout to token tokens too transaction transfer transfers try type type unable unknown
until uri url use user users value values verification was we webhook when while will with wrong you your zip
"""
_PLAIN: Final = """
about absent accept accepts active added additional address administrators after again against allows alone always
amounts another answer answers application approved are article asked asks assessment assumed attempt attempts
authorized automated available back balance bank banking banks base batch because been before beforehand behind
belong beside between beyond billing binary blank blocked body boolean bounce bounded browser builds businesses
call called can canceled cancellation cancelled capabilities carries carry cause change changed changes characters
chargeback checking choice classic closed collected come comes complete concluded configuration consent contact
contain contains controller converted correct create creates credit credited current currently dashes day days dead
debited debits decimal decimals decline declines decode decoded decoders decoding deduplicate delimiter denied
depository describe described description differs digit digits disabled dispute docs document documented documents
dollars double down due earlier echo element elements eligible empty enabled encountered end endpoint endpoints
ends enhanced entered enum equal even event every exchange exist existing expected expecting expiration expires
expiry extensions external extra failure fall false far fault feature fee fees fill final finds five fixed floats
follow follows form format former forwarding four full funded future generation given grades grants greater gross
grow guarded guess guessed guesses guide guides had hand has have headers here hides hold holds hole hosted hosts
hours how idempotency idempotent ids inactive incoming index inferred initiation inputs instant instead instruction
instrument instruments integration integrations integrator intent intents interaction issued issuing its keeps kept
keyed know knowledge known label lag later lead least leaves ledger left leg legs less letter letters lifetime
limits links listed lists lives lockout logged longer look lowered lowers made maintenance make makes manually
market marks match matches material maximum meaning minimum minute minutes mismatch money more most move movement
movements named names needed negative neither nested net newest next nickname nine nonce nor normally nothing null
nulls numbers object objects observed offset often old older ones opaque open optional order others out outcome
outside overloaded own owner padded pages paginated paging pair pairs parameter parameters parse parsed parsing
part participant parts path pattern pause paused payer payload payout payouts pays pending permitted piece places
plain positive present presumably prints private probably production profile profiles program programs projected
property proprietorship protected public pulls push query quota quoted quotes rails ran ranges rather reach reached
read readable real reason receive received receives recognized recommendation reference refill refresh refusal
refuses registered rejection removed repeat repeated replaces replayed reserve response responses rest retried
reversed reviewed rise route rule runs said same sample sandbox savings say says schema scope second security seen
send sends sent served settlement settles several shape shapes shorter show shows signature signed since six size
slow sole some something speed spelled spelling spellings spells starts stated stays still stop stops stored
strings style submission submitted superseded sure sweep system taken takes temporarily ten texts than their them
then third those three throttled through throughout times timestamps trades transactions treat true trusted truth
two types under understand unexpected unique unless unlike unsigned unverified update updated usable uses usual
valid validation verified visible webhooks were what whether which who whole whom whose why window within without
words work works would write writes written yet zero zeros
"""
PLAIN_WORDS: Final = frozenset(_PLAIN.split())
"""Words that stay in a text when they are written small: those of the spec's own sentences. A name may be written so,
too, and a password, so any other word does not stay."""

VOCABULARY: Final = frozenset(_ENGLISH.split()) | {
    word.casefold() for status in http.HTTPStatus for word in status.phrase.replace("'", " ").replace("-", " ").split()
} | {"redacted"}  # fmt: skip
"""Words that may begin with a capital letter in a text that stays; any other such word may be a name."""
