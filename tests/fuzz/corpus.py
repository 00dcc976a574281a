"""Inputs that once did something they should not, or came close: by recipe, so that no key is ever kept.

A recipe is (parser, seed, number): the same change to files of the same shape, made anew.
"""

RECIPES: list[tuple[str, int, int]] = []
