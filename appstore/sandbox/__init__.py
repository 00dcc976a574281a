"""A local App Store Connect: Apple's API as CredHub meets it, for demos, tests and air-gapped trials.

Pure Python on the standard library, cryptography and pyjwt: nothing here imports Django or our models.
Start with `server.Sandbox`.
"""
