"""A name that is not known is answered with the nearest, and with what else can be done."""

from __future__ import annotations

import re

import pytest

from argoscope.errors import InvalidArgument, named, require_known

NUMBERS = {"one": 1, "two": 2}


@pytest.mark.parametrize(
    ("name", "known", "remedy", "message"),
    [
        ("too", NUMBERS, "", "there is no number 'too'. Did you mean 'two'?"),
        ("too", NUMBERS, "Count anew.", "there is no number 'too'. Did you mean 'two'? Count anew."),
        ("", NUMBERS, "", "there is no number ''. Known: 'one', 'two'."),
        ("one", {}, "", "there is no number 'one'. There is none to choose from."),
        (None, NUMBERS, "", "there is no number None. Did you mean 'one'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, known, remedy, message):
    for ask in (named, require_known):
        with pytest.raises(InvalidArgument, match=f"^{re.escape(message)}$"):
            ask(name, known, "there is no number", remedy)


def test_a_known_name_gives_its_value():
    assert [named(name, NUMBERS, "there is no number") for name in NUMBERS] == [1, 2]
    require_known("one", ("one",), "there is no number")
