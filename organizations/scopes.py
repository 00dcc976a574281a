"""What a machine may do, in words: `credential:view`, or for one kind alone `credential:reveal:apple-certificate`."""

from collections.abc import Iterable
from dataclasses import dataclass

from organizations.permissions import TOKEN_SCOPES, Permission

# The kinds of credential that there are: slug → label. The app `credentials` names them when it starts.
KINDS: dict[str, str] = {}

# What a token that is limited to some bundle IDs may do wherever it acts, and what it may do for one of those only.
# Everything else is about the whole team or organization, and it may not.
FOR_ANY_APP = frozenset(
    {Permission.ORGANIZATION_VIEW, Permission.CREDENTIAL_VIEW, Permission.ASSET_VIEW, Permission.ASSET_DOWNLOAD,
     Permission.SYNC_RUN}
)  # fmt: skip
FOR_ONE_APP = frozenset({Permission.CREDENTIAL_REVEAL, Permission.CREDENTIAL_USE, Permission.ASSET_MANAGE})


def has_kinds(permission: Permission) -> bool:
    return permission.value.startswith("credential:")


@dataclass(frozen=True)
class Scope:
    permission: Permission
    kind: str = ""  # empty: all kinds

    def __str__(self) -> str:
        return f"{self.permission}:{self.kind}" if self.kind else str(self.permission)

    @property
    def label(self) -> str:
        return (
            f"{self.permission.label} ({KINDS.get(self.kind, self.kind)})"
            if self.kind
            else self.permission.label
        )

    @classmethod
    def parse(cls, word: str) -> "Scope":
        """Raises ValueError for what no machine may be given."""
        resource, _, rest = word.partition(":")
        verb, _, kind = rest.partition(":")
        permission = Permission(f"{resource}:{verb}")
        if permission not in TOKEN_SCOPES or (kind and not (has_kinds(permission) and kind in KINDS)):
            raise ValueError(f"Not one of the scopes of tokens: {word}")
        return cls(permission, kind)


def read(words: Iterable[str]) -> list[Scope]:
    """Those of a stored token. A word that no version of CredHub knows any more counts for nothing."""
    found = []
    for word in words:
        try:
            found.append(Scope.parse(word))
        except ValueError:
            continue
    return found


def of_kinds(permissions: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """The words for these permissions, those about credentials limited to these kinds, if there are any."""
    chosen = list(kinds)
    return [
        word
        for permission in map(Permission, permissions)
        for word in (
            [str(Scope(permission, kind)) for kind in chosen]
            if chosen and has_kinds(permission)
            else [str(permission)]
        )
    ]
