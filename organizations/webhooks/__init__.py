"""Webhooks: what happens here, told to programs elsewhere. docs/webhooks.md has what a receiver is promised."""
