"""Why somebody who may open a secret does not get it now: sentences for people."""

from collections.abc import Sequence


class RevealRefusedError(Exception):
    """The base: it is told to the person, and is on record."""


class RevealOffError(RevealRefusedError):
    def __init__(self) -> None:
        super().__init__("Reveal is off for this credential: CredHub uses it, and nobody sees it.")


class ArchivedError(RevealRefusedError):
    def __init__(self) -> None:
        super().__init__("This credential is archived. Restore it before you reveal it.")


class ApprovalNeededError(RevealRefusedError):
    """`why` says what is wrong with the request that was given, if one was."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why or "A second owner has to approve this first.")


class TooManyRevealsError(RevealRefusedError):
    def __init__(self, limit: int, within: str) -> None:
        super().__init__(
            f"You have opened {limit} secrets within {within}, which is the limit. Try again later."
        )


class KeptBackError(RevealRefusedError):
    """The owner shares it, and keeps it from the builds of those it is shared with: `why`, and whom to ask."""

    def __init__(self, why: str, owner: object) -> None:
        super().__init__(f"{why} Ask an owner of {owner}.")


class NotSharedError(Exception):
    """It is not shared with this organization, or not any more: the same as none, and no refusal."""


class SetRefusedError(RevealRefusedError):
    """Of several that were asked for together, these are refused, and so none is opened."""

    def __init__(self, refused: Sequence[tuple[object, RevealRefusedError]]) -> None:
        words = " ".join(f"“{credential}”: {refusal}" for credential, refusal in refused)
        super().__init__(f"Nothing was opened. {words}")
