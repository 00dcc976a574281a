from organizations.models.api_token import ApiToken, ScopeAboveOwnError
from organizations.models.audit_event import AuditEvent
from organizations.models.audit_head import AuditHead
from organizations.models.invitation import Invitation
from organizations.models.membership import LastOwnerError, Membership, RoleAboveOwnError
from organizations.models.organization import Organization, SecondFactorMissingError
from organizations.models.user import User
from organizations.models.webhook import TooManyWebhooksError, Webhook
from organizations.models.webhook_delivery import DeliveryState, WebhookDelivery

__all__ = [
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "DeliveryState",
    "Invitation",
    "LastOwnerError",
    "Membership",
    "Organization",
    "RoleAboveOwnError",
    "ScopeAboveOwnError",
    "SecondFactorMissingError",
    "TooManyWebhooksError",
    "User",
    "Webhook",
    "WebhookDelivery",
]
