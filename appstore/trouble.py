"""What to do when an App Store Connect API key is lost or compromised (docs/compromised.md says it at length)."""

from credentials.kinds.trouble import Trouble

LOST = """Apple gives out a .p8 once. The copy in CredHub stays sealed and goes on working. If no copy is left, revoke
the key in App Store Connect, make a new one there and add it here: apps and certificates are not touched."""

REVOKE = """Revoke it in App Store Connect under Users and Access, Integrations. Revoking is final, and apps in the App
Store go on working."""
REPLACE = """Make a new key with the weakest role that does the work, add it here, share it as this one was shared, and
archive this one."""
LOOK = """Look in App Store Connect for certificates, devices, profiles, users and builds that nobody of yours made.
Revoke such certificates and remove such users."""
ASK = "Read the activity of this organization: who opened or downloaded the key, and from where."

APP_STORE_CONNECT_KEY_TROUBLE = Trouble(lost=LOST, compromised=(REVOKE, REPLACE, LOOK, ASK))
