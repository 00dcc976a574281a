"""Who is signed in: nobody whose row was written past CredHub."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from organizations.models import User


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    def user_can_authenticate(self, user: User) -> bool:
        return bool(super().user_can_authenticate(user)) and user.is_genuine

    def get_user(self, user_id: Any) -> User | None:
        user: User | None = super().get_user(user_id)
        return user if user and user.is_genuine else None
