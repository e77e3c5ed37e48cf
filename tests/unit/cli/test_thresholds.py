"""`fogbank thresholds`: what is no limit is refused in a sentence before anything is asked."""

import pytest

from fogbank.cli.commands.thresholds import number_of
from fogbank.cli.failures import Refused


def test_a_limit_is_a_number_as_it_was_written() -> None:
    assert [number_of(text) for text in ("500", "0.75", "-20", "12.500001")] == [500, 0.75, -20, 12.500001]
    assert isinstance(number_of("500.0"), int)


@pytest.mark.parametrize("text", ["", "five", "1e99", "NaN", "0.0000001"])
def test_what_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Refused, match=r"^VALUE .*\.$"):
        number_of(text)
