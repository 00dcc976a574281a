"""Inputs that once did something they should not, or came close: by recipe, so that no key is ever kept.

A recipe is (seed, number): the same change to files of the same shape, made anew.
"""

RECIPES = [
    (7, 12709), (20261122, 68478), (20261122, 68510),  # the slowest .p12 files, opened whole
    (7, 10317),  # the slowest envelope
    (7, 3019),  # the slowest certificate
    (77, 1900),  # a .p12 with something behind its DER, which cryptography warns of
]  # fmt: skip
