"""Ranges of ACLN's options."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from sersnake.errors import SersnakeError
from sersnake.settings.acln import AclnOptions


def test_defaults_are_the_papers_variant() -> None:
    assert AclnOptions().as_dict() == {
        "attention": "additive",
        "heads": 1,
        "leaky_slope": 0.0,
        "coefficient_pooling": "ceil",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"heads": 128},
        {"heads": 2, "attention": "dot"},
        {"leaky_slope": 0.999},
    ],
)
def test_the_ends_of_the_ranges_are_taken(options: dict[str, Any]) -> None:
    assert options.items() <= AclnOptions(**options).as_dict().items()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"attention": "cosine"},
            "attention: 'cosine' is not allowed; choose one of additive, dot",
        ),
        ({"heads": 0}, "heads: 0 is not allowed; choose a whole number of at least 1"),
        ({"heads": 3}, "heads: 3 does not divide .* power of 2 up to 128"),
        ({"heads": 256}, "heads: 256 does not divide"),
        ({"leaky_slope": -0.1}, "leaky_slope: -0.1 is not allowed; choose a number of at least 0"),
        ({"leaky_slope": 1.0}, "leaky_slope: 1.0 is not allowed; .* below 1"),
        ({"leaky_slope": nan}, "leaky_slope: nan is not"),
        (
            {"coefficient_pooling": "round"},
            "coefficient_pooling: 'round' is not allowed; choose one of ceil, floor",
        ),
    ],
)
def test_what_is_out_of_range_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SersnakeError, match=message):
        AclnOptions(**options)


@pytest.mark.parametrize(("pooling", "least"), [("ceil", 1), ("floor", 16)])
def test_the_poolings_must_leave_a_coefficient(pooling: str, least: int) -> None:
    options = AclnOptions(coefficient_pooling=pooling)
    options.check_coefficients(least)
    if pooling == "floor":
        with pytest.raises(SersnakeError, match="reduces 15 coefficients to none; set n_mfcc"):
            options.check_coefficients(least - 1)
