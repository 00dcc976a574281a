"""What an app signs with: which certificate, profile and keys fit it, and what is to be done where one is missing.

Nothing here shows pages. `resolve.py` says what an app would be signed with now, `ensure.py` sees to it that there is
something.
"""
