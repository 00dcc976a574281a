"""A short run of the fuzzer (`make fuzz` is the long one), and the same parsers under Hypothesis."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.corpus import RECIPES
from tests.fuzz.run import Report, fuzz, outcome_of
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.trees import parse, tlv

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


@pytest.mark.parametrize("name", [target.name for target in TARGETS])
def test_every_input_is_accepted_or_refused(name: str) -> None:
    report = Report()
    fuzz(150, random.randrange(2**32), report, only=name)
    assert report.findings == []
    assert report.count == 150


def test_the_fuzzer_gets_past_the_first_look() -> None:
    """Inputs that are all refused as damaged would test nothing."""
    report = Report()
    fuzz(1500, 1, report)
    for name in ("p8", "p12", "certificate", "profile"):
        outcomes = report.tallies[name].outcomes
        assert outcomes["accepted"] > 0
    assert len(report.tallies["p8"].outcomes) > 10
    assert len(report.tallies["p12"].outcomes) > 7


@pytest.mark.parametrize("error", [KeyError, MemoryError, RecursionError, SystemExit, BaseException])
def test_the_fuzzer_would_notice(error: type[BaseException]) -> None:
    def parse_badly(_data: bytes) -> None:
        raise error

    assert outcome_of(Target("bad", 1, lambda rng: b"", parse_badly), b"").startswith("!")


DER = st.recursive(
    st.builds(tlv, st.integers(0, 255), st.binary(max_size=40)),
    lambda parts: st.builds(
        lambda tag, inner: tlv(tag, b"".join(inner)),
        st.sampled_from([0x30, 0x31, 0xA0, 0x24, 0x04]),
        st.lists(parts, max_size=5),
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@settings(max_examples=40)
@given(
    data=st.one_of(
        st.binary(max_size=300), DER, st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_trees_that_hypothesis_grows(target: Target, data: bytes) -> None:
    assert not outcome_of(target, data).startswith("!")


@settings(max_examples=100)
@given(data=DER)
def test_trees_are_written_as_they_were_read(data: bytes) -> None:
    assert outcome_of(Target("tree", 1, lambda rng: b"", _same), data) in {
        "accepted",
        "damaged-der",
    }


def _same(data: bytes) -> None:
    assert parse(data).encode() == data


@pytest.mark.parametrize(("seed", "number"), RECIPES)
def test_the_corpus_is_accepted_or_refused(seed: int, number: int) -> None:
    report = Report()
    fuzz(1, seed, report, first=number)
    assert report.findings == []
