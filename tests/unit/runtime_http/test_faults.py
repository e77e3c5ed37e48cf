"""What is wrong with a value is said in our words, whatever kind of fault the framework finds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter, ValidationError

from fogbank.runtime.http.faults import SAID, reason_of
from fogbank.runtime.http.values import Email, Id, Name


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Thing:
    name: str


Short = Annotated[str, StringConstraints(min_length=2, max_length=3)]
Named = Annotated[str, StringConstraints(pattern="^[a-z]+$")]
IssuerUrl = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$")]
Bounded = Annotated[int, Field(ge=1, le=5)]
Inside = Annotated[int, Field(gt=0, lt=5)]


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Thing, {}, "is missing"),
        (str, 5, "must be text"),
        (Short, "a", "must have at least 2 characters"),
        (Short, "abcd", "must have at most 3 characters"),
        (Named, "A", "must match ^[a-z]+$"),
        (Id, "a b", "must be 1 to 128 of letters, digits and _ . : -"),
        (Name, "a\nb", "must be 1 to 200 characters that can be printed"),
        (Email, "nobody", "must be an e-mail address"),
        (IssuerUrl, "accounts.example.com", "must be a URL that begins with http:// or https://"),
        (int, "x", "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (int, [], "must be a whole number"),
        (float, "x", "must be a number"),
        (float, [], "must be a number"),
        (bool, "perhaps", "must be true or false"),
        (bool, [], "must be true or false"),
        (Bounded, 0, "must be at least 1"),
        (Bounded, 6, "must be at most 5"),
        (Inside, 0, "must be more than 0"),
        (Inside, 5, "must be less than 5"),
        (Colour, "green", "must be 'red' or 'blue'"),
        (Literal["a", "b"], "c", "must be 'a' or 'b'"),
        (list[int], 5, "must be a list"),
        (dict[str, int], 5, "must be an object"),
        (Thing, 5, "must be an object"),
        (datetime, "yesterday", "must be an instant, such as 2026-11-25T08:30:00Z"),
        (AwareDatetime, "2026-11-25T08:30:00", "must have a timezone, such as Z"),
    ],
)
def test_a_fault_is_said_in_our_words(kind: Any, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    assert reason_of(refused.value.errors()[0]) == said


def test_of_a_kind_without_words_the_framework_speaks() -> None:
    assert "uuid_parsing" not in SAID
    assert reason_of({"type": "uuid_parsing", "msg": "Input should be a valid UUID"}) == "Input should be a valid UUID"
