"""Device identifiers in Apple's several spellings."""

from credentials.parsing.udid import normalise_udid


def test_udids_are_compared_without_case_and_dashes() -> None:
    assert normalise_udid(" 00008030-001A2B3C4D5E6F70\n") == normalise_udid("00008030001a2b3c4d5e6f70")
