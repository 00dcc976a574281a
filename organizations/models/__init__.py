from organizations.models.allowance import Allowance
from organizations.models.api_token import ApiToken
from organizations.models.audit_event import AuditEvent
from organizations.models.audit_head import AuditHead
from organizations.models.earlier_secret import EarlierSecret
from organizations.models.invitation import Invitation
from organizations.models.kept_answer import KeptAnswer
from organizations.models.membership import LastOwnerError, Membership, RoleAboveOwnError
from organizations.models.organization import Organization, SecondFactorMissingError
from organizations.models.token_limits import ScopeAboveOwnError
from organizations.models.trust_policy import TrustPolicy
from organizations.models.used_assertion import UsedAssertion
from organizations.models.user import User
from organizations.models.webhook import TooManyWebhooksError, Webhook
from organizations.models.webhook_delivery import DeliveryState, WebhookDelivery

__all__ = [
    "Allowance",
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "DeliveryState",
    "EarlierSecret",
    "Invitation",
    "KeptAnswer",
    "LastOwnerError",
    "Membership",
    "Organization",
    "RoleAboveOwnError",
    "ScopeAboveOwnError",
    "SecondFactorMissingError",
    "TooManyWebhooksError",
    "TrustPolicy",
    "UsedAssertion",
    "User",
    "Webhook",
    "WebhookDelivery",
]
