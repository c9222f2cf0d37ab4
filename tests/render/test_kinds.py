"""A figure asked for by name says what it could have been asked."""

from __future__ import annotations

import pytest

from journeymap.errors import UnknownNameError
from journeymap.render.kinds import draw_as
from tests.oracle import toy_journey


@pytest.mark.parametrize(("wanted", "meant"), [("crat", "cart"), ("frictoin", "friction")])
def test_an_unknown_highlight_names_the_nearest_and_the_words(wanted, meant):
    with pytest.raises(UnknownNameError) as raised:
        draw_as(toy_journey(), "network", highlight=wanted)
    assert f"no touchpoint {wanted!r} on this picture" in str(raised.value)
    assert "one of the words 'friction' and 'moments'" in str(raised.value)
    assert raised.value.hint == f"did you mean {meant!r}?"
