from organizations.models.api_token import ApiToken, ScopeAboveOwnError
from organizations.models.audit_event import AuditEvent
from organizations.models.audit_head import AuditHead
from organizations.models.invitation import Invitation
from organizations.models.kept_answer import KeptAnswer
from organizations.models.membership import LastOwnerError, Membership, RoleAboveOwnError
from organizations.models.organization import Organization, SecondFactorMissingError
from organizations.models.user import User

__all__ = [
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "Invitation",
    "KeptAnswer",
    "LastOwnerError",
    "Membership",
    "Organization",
    "RoleAboveOwnError",
    "ScopeAboveOwnError",
    "SecondFactorMissingError",
    "User",
]
