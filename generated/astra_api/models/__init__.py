# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains all the data models used in inputs/outputs"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .account import Account as Account
    from .account_create import AccountCreate as AccountCreate
    from .account_list import AccountList as AccountList
    from .account_to_account_capability import (
        AccountToAccountCapability as AccountToAccountCapability,
    )
    from .account_to_card_capability import (
        AccountToCardCapability as AccountToCardCapability,
    )
    from .account_to_card_routine_create import (
        AccountToCardRoutineCreate as AccountToCardRoutineCreate,
    )
    from .ach_credit_reference import AchCreditReference as AchCreditReference
    from .address_change import AddressChange as AddressChange
    from .address_change_request import AddressChangeRequest as AddressChangeRequest
    from .bank_account_type import BankAccountType as BankAccountType
    from .batch_transfer import BatchTransfer as BatchTransfer
    from .batch_transfer_webhook_event import (
        BatchTransferWebhookEvent as BatchTransferWebhookEvent,
    )
    from .bin_ import Bin as Bin
    from .book_routine_create import BookRoutineCreate as BookRoutineCreate
    from .business_info import BusinessInfo as BusinessInfo
    from .business_person import BusinessPerson as BusinessPerson
    from .business_profile import BusinessProfile as BusinessProfile
    from .business_profile_create import BusinessProfileCreate as BusinessProfileCreate
    from .business_type import BusinessType as BusinessType
    from .capabilities import Capabilities as Capabilities
    from .card import Card as Card
    from .card_auth_details import CardAuthDetails as CardAuthDetails
    from .card_create import CardCreate as CardCreate
    from .card_list import CardList as CardList
    from .card_status import CardStatus as CardStatus
    from .card_to_account_routine_create import (
        CardToAccountRoutineCreate as CardToAccountRoutineCreate,
    )
    from .card_to_card_capability import CardToCardCapability as CardToCardCapability
    from .card_webhook_event import CardWebhookEvent as CardWebhookEvent
    from .chargeback import Chargeback as Chargeback
    from .chargeback_webhook_event import (
        ChargebackWebhookEvent as ChargebackWebhookEvent,
    )
    from .dispute_status import DisputeStatus as DisputeStatus
    from .field_errors import FieldErrors as FieldErrors
    from .frequency import Frequency as Frequency
    from .generic_error import GenericError as GenericError
    from .grant_type import GrantType as GrantType
    from .identity_token_request import IdentityTokenRequest as IdentityTokenRequest
    from .identity_verification import IdentityVerification as IdentityVerification
    from .identity_verification_create import (
        IdentityVerificationCreate as IdentityVerificationCreate,
    )
    from .inbound_payment_metadata import (
        InboundPaymentMetadata as InboundPaymentMetadata,
    )
    from .inbound_payment_type import InboundPaymentType as InboundPaymentType
    from .inbound_payment_webhook_event import (
        InboundPaymentWebhookEvent as InboundPaymentWebhookEvent,
    )
    from .instant_payment_eligibility import (
        InstantPaymentEligibility as InstantPaymentEligibility,
    )
    from .instant_payment_eligibility_list import (
        InstantPaymentEligibilityList as InstantPaymentEligibilityList,
    )
    from .kyc_type import KycType as KycType
    from .kyc_upgrade import KycUpgrade as KycUpgrade
    from .metadata import Metadata as Metadata
    from .o_auth_error_body import OAuthErrorBody as OAuthErrorBody
    from .page import Page as Page
    from .payment_instrument import PaymentInstrument as PaymentInstrument
    from .payment_instrument_list import PaymentInstrumentList as PaymentInstrumentList
    from .payment_type import PaymentType as PaymentType
    from .phone_number_change_request import (
        PhoneNumberChangeRequest as PhoneNumberChangeRequest,
    )
    from .phone_number_change_request_list import (
        PhoneNumberChangeRequestList as PhoneNumberChangeRequestList,
    )
    from .phone_number_update import PhoneNumberUpdate as PhoneNumberUpdate
    from .processor_token import ProcessorToken as ProcessorToken
    from .provider_data import ProviderData as ProviderData
    from .routine import Routine as Routine
    from .routine_create import RoutineCreate as RoutineCreate
    from .routine_list import RoutineList as RoutineList
    from .routine_party import RoutineParty as RoutineParty
    from .routine_preview import RoutinePreview as RoutinePreview
    from .routine_preview_create import RoutinePreviewCreate as RoutinePreviewCreate
    from .routine_status import RoutineStatus as RoutineStatus
    from .routine_type import RoutineType as RoutineType
    from .routine_update import RoutineUpdate as RoutineUpdate
    from .routine_webhook_event import RoutineWebhookEvent as RoutineWebhookEvent
    from .settlement_mode import SettlementMode as SettlementMode
    from .settlement_speed import SettlementSpeed as SettlementSpeed
    from .token_request import TokenRequest as TokenRequest
    from .token_response import TokenResponse as TokenResponse
    from .transactions_webhook_event import (
        TransactionsWebhookEvent as TransactionsWebhookEvent,
    )
    from .transfer import Transfer as Transfer
    from .transfer_list import TransferList as TransferList
    from .transfer_segment import TransferSegment as TransferSegment
    from .transfer_segment_list import TransferSegmentList as TransferSegmentList
    from .transfer_status import TransferStatus as TransferStatus
    from .transfer_webhook_event import TransferWebhookEvent as TransferWebhookEvent
    from .user import User as User
    from .user_intent import UserIntent as UserIntent
    from .user_intent_create import UserIntentCreate as UserIntentCreate
    from .user_intent_created import UserIntentCreated as UserIntentCreated
    from .user_status import UserStatus as UserStatus
    from .user_update import UserUpdate as UserUpdate
    from .user_webhook_event import UserWebhookEvent as UserWebhookEvent
    from .validation_error import ValidationError as ValidationError
    from .webhook_event import WebhookEvent as WebhookEvent
    from .webhook_type import WebhookType as WebhookType

_MODULES = {
    "Account": ".account",
    "AccountCreate": ".account_create",
    "AccountList": ".account_list",
    "AccountToAccountCapability": ".account_to_account_capability",
    "AccountToCardCapability": ".account_to_card_capability",
    "AccountToCardRoutineCreate": ".account_to_card_routine_create",
    "AchCreditReference": ".ach_credit_reference",
    "AddressChange": ".address_change",
    "AddressChangeRequest": ".address_change_request",
    "BankAccountType": ".bank_account_type",
    "BatchTransfer": ".batch_transfer",
    "BatchTransferWebhookEvent": ".batch_transfer_webhook_event",
    "Bin": ".bin_",
    "BookRoutineCreate": ".book_routine_create",
    "BusinessInfo": ".business_info",
    "BusinessPerson": ".business_person",
    "BusinessProfile": ".business_profile",
    "BusinessProfileCreate": ".business_profile_create",
    "BusinessType": ".business_type",
    "Capabilities": ".capabilities",
    "Card": ".card",
    "CardAuthDetails": ".card_auth_details",
    "CardCreate": ".card_create",
    "CardList": ".card_list",
    "CardStatus": ".card_status",
    "CardToAccountRoutineCreate": ".card_to_account_routine_create",
    "CardToCardCapability": ".card_to_card_capability",
    "CardWebhookEvent": ".card_webhook_event",
    "Chargeback": ".chargeback",
    "ChargebackWebhookEvent": ".chargeback_webhook_event",
    "DisputeStatus": ".dispute_status",
    "FieldErrors": ".field_errors",
    "Frequency": ".frequency",
    "GenericError": ".generic_error",
    "GrantType": ".grant_type",
    "IdentityTokenRequest": ".identity_token_request",
    "IdentityVerification": ".identity_verification",
    "IdentityVerificationCreate": ".identity_verification_create",
    "InboundPaymentMetadata": ".inbound_payment_metadata",
    "InboundPaymentType": ".inbound_payment_type",
    "InboundPaymentWebhookEvent": ".inbound_payment_webhook_event",
    "InstantPaymentEligibility": ".instant_payment_eligibility",
    "InstantPaymentEligibilityList": ".instant_payment_eligibility_list",
    "KycType": ".kyc_type",
    "KycUpgrade": ".kyc_upgrade",
    "Metadata": ".metadata",
    "OAuthErrorBody": ".o_auth_error_body",
    "Page": ".page",
    "PaymentInstrument": ".payment_instrument",
    "PaymentInstrumentList": ".payment_instrument_list",
    "PaymentType": ".payment_type",
    "PhoneNumberChangeRequest": ".phone_number_change_request",
    "PhoneNumberChangeRequestList": ".phone_number_change_request_list",
    "PhoneNumberUpdate": ".phone_number_update",
    "ProcessorToken": ".processor_token",
    "ProviderData": ".provider_data",
    "Routine": ".routine",
    "RoutineCreate": ".routine_create",
    "RoutineList": ".routine_list",
    "RoutineParty": ".routine_party",
    "RoutinePreview": ".routine_preview",
    "RoutinePreviewCreate": ".routine_preview_create",
    "RoutineStatus": ".routine_status",
    "RoutineType": ".routine_type",
    "RoutineUpdate": ".routine_update",
    "RoutineWebhookEvent": ".routine_webhook_event",
    "SettlementMode": ".settlement_mode",
    "SettlementSpeed": ".settlement_speed",
    "TokenRequest": ".token_request",
    "TokenResponse": ".token_response",
    "TransactionsWebhookEvent": ".transactions_webhook_event",
    "Transfer": ".transfer",
    "TransferList": ".transfer_list",
    "TransferSegment": ".transfer_segment",
    "TransferSegmentList": ".transfer_segment_list",
    "TransferStatus": ".transfer_status",
    "TransferWebhookEvent": ".transfer_webhook_event",
    "User": ".user",
    "UserIntent": ".user_intent",
    "UserIntentCreate": ".user_intent_create",
    "UserIntentCreated": ".user_intent_created",
    "UserStatus": ".user_status",
    "UserUpdate": ".user_update",
    "UserWebhookEvent": ".user_webhook_event",
    "ValidationError": ".validation_error",
    "WebhookEvent": ".webhook_event",
    "WebhookType": ".webhook_type",
}

__all__ = (
    "Account",
    "AccountCreate",
    "AccountList",
    "AccountToAccountCapability",
    "AccountToCardCapability",
    "AccountToCardRoutineCreate",
    "AchCreditReference",
    "AddressChange",
    "AddressChangeRequest",
    "BankAccountType",
    "BatchTransfer",
    "BatchTransferWebhookEvent",
    "Bin",
    "BookRoutineCreate",
    "BusinessInfo",
    "BusinessPerson",
    "BusinessProfile",
    "BusinessProfileCreate",
    "BusinessType",
    "Capabilities",
    "Card",
    "CardAuthDetails",
    "CardCreate",
    "CardList",
    "CardStatus",
    "CardToAccountRoutineCreate",
    "CardToCardCapability",
    "CardWebhookEvent",
    "Chargeback",
    "ChargebackWebhookEvent",
    "DisputeStatus",
    "FieldErrors",
    "Frequency",
    "GenericError",
    "GrantType",
    "IdentityTokenRequest",
    "IdentityVerification",
    "IdentityVerificationCreate",
    "InboundPaymentMetadata",
    "InboundPaymentType",
    "InboundPaymentWebhookEvent",
    "InstantPaymentEligibility",
    "InstantPaymentEligibilityList",
    "KycType",
    "KycUpgrade",
    "Metadata",
    "OAuthErrorBody",
    "Page",
    "PaymentInstrument",
    "PaymentInstrumentList",
    "PaymentType",
    "PhoneNumberChangeRequest",
    "PhoneNumberChangeRequestList",
    "PhoneNumberUpdate",
    "ProcessorToken",
    "ProviderData",
    "Routine",
    "RoutineCreate",
    "RoutineList",
    "RoutineParty",
    "RoutinePreview",
    "RoutinePreviewCreate",
    "RoutineStatus",
    "RoutineType",
    "RoutineUpdate",
    "RoutineWebhookEvent",
    "SettlementMode",
    "SettlementSpeed",
    "TokenRequest",
    "TokenResponse",
    "TransactionsWebhookEvent",
    "Transfer",
    "TransferList",
    "TransferSegment",
    "TransferSegmentList",
    "TransferStatus",
    "TransferWebhookEvent",
    "User",
    "UserIntent",
    "UserIntentCreate",
    "UserIntentCreated",
    "UserStatus",
    "UserUpdate",
    "UserWebhookEvent",
    "ValidationError",
    "WebhookEvent",
    "WebhookType",
)


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(module, __name__), name)
    globals()[name] = value
    return value
