"""Readers of the files that people upload and Apple returns: .p8 keys, profiles, certificates.

Everything here is pure: bytes in, frozen facts out, `ParsingError` for all else. Nothing imports Django.
"""
