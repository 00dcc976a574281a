"""Wrong API tokens: counted for each address, and on record when they become many. Right ones pay nothing for them."""

import ipaddress

from django.core.cache import cache

from organizations import audit, rates, tokens
from organizations.actors import Actor
from organizations.models import ApiToken

MOST_WRONG = 60  # a minute, of one address, for each process: a flood of them writes nothing
TOLD_EVERY = 300  # seconds


def wrong(text: str, actor: Actor) -> None:
    """Somebody came with a token that does not work here and now. Raises TooManyError after many of them.

    What has not even the form of one costs nothing. Whoever else is behind the same address is not stopped: only
    what was found wrong is counted, and answered with another number.
    """
    if not tokens.is_token(text):
        return
    place = place_of(actor.address)
    try:
        rates.spend(f"wrong-tokens:{place}", MOST_WRONG, here=True)
    except rates.TooManyError as error:
        if error.is_news and cache.add(f"wrong-tokens-told:{place}", True, timeout=TOLD_EVERY):
            unknown = ApiToken(name="tokens that do not work")
            audit.record(actor, audit.Action.TOKEN_GUESSED, unknown, organization=None)
        raise


def place_of(address: str) -> str:
    """Whose attempts count together: one customer has a whole /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
