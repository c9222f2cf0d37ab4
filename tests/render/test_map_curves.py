"""The lines of the feeling lane: smooth, local to their band, with intervals around them."""

from __future__ import annotations

import warnings
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from journeymap.model.journey import Journey
from journeymap.render.journey_map import map_scene
from journeymap.render.map_curves import pieces, stretches
from journeymap.render.scene import Line, Polygon
from tests.render import samples

heights = st.lists(st.floats(-2, 2).map(lambda height: round(height, 9)), min_size=2, max_size=30)


@given(heights, st.integers(0, 29), st.integers(1, 12))
def test_a_band_shows_its_part_of_the_whole_curve(values, first, count):
    run = range(len(values))
    first = min(first, len(values) - 1)
    last = min(first + count - 1, len(values) - 1)
    whole = PchipInterpolator(run, values)
    shown = list(pieces(run, lambda place: values[place], first, last))
    for piece in shown:
        assert piece.heights == pytest.approx(tuple(whole(piece.places)), abs=1e-9)
        assert first - 0.5 <= piece.places[0] < piece.places[-1] <= last + 0.5
        assert piece.inside == (first <= piece.start and piece.end <= last)
    for before, after in pairwise(shown):
        assert before.places[-1] == after.places[0]


def test_a_difference_too_small_to_divide_by_is_none():
    values = [0.0, 0.0, 2.2250738585e-313]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert {
            height for piece in pieces(range(3), values.__getitem__, 0, 2) for height in piece.heights
        } == {0}


def test_a_stretch_ends_where_something_is_not_known_and_passes_by_what_floats():
    assert stretches([True, True, True, True], [0, 1, 3]) == ((0, 1, 3),)
    assert stretches([True, False, True], [0, 1, 2]) == ()
    assert stretches([], []) == ()


def measured(*values, half=0.5):
    rows = [
        {"id": f"t{n}", "stage": "purchase",
         "measured_feeling": None if value is None else
         {"value": value, "low": max(-2, value - half), "high": min(2, value + half), "n": 90, "customers": 80}}
        for n, value in enumerate(values)
    ]  # fmt: skip
    return Journey(name="Measured", origin="observed", touchpoints=rows)


def grounds(scene):
    return [item for item in scene.items if isinstance(item, Polygon) and item.mark == "interval"]


def test_measured_neighbours_share_one_band_around_the_curve():
    scene = map_scene(measured(1, -1, 0.5))
    (band,) = grounds(scene)
    (upper, lower) = (band.points[: len(band.points) // 2], band.points[len(band.points) // 2 :][::-1])
    assert [x for x, _ in upper] == pytest.approx([x for x, _ in lower])
    # Half a step of the scale to either side, all along the curve.
    spans = {round(down - up, 6) for (_, up), (_, down) in zip(upper, lower, strict=True)}
    assert len(spans) == 1
    lines = [item for item in scene.items if isinstance(item, Line) and item.mark == "known"]
    on_curve = {round(x, 6): y for line in lines for x, y in line.points}
    for (x, up), (_, down) in zip(upper[1:-1], lower[1:-1], strict=True):
        assert up < on_curve[round(x, 6)] < down


def test_a_lone_measurement_has_its_own_ground_and_a_gap_parts_the_band():
    assert len(grounds(map_scene(measured(1, None, -1)))) == 2
    assert len(grounds(map_scene(measured(1, 0, None, -1, 0)))) == 2
    assert grounds(map_scene(measured(1, 0, half=0)))  # a line, but no crash
    assert "interval" in map_scene(measured(1, 0)).legend
    assert "interval" not in map_scene(samples.broadband()).legend


def test_intervals_stay_on_the_scale():
    scene = map_scene(measured(1.9, -1.9))
    level = {label.text: label.y for label in scene.labels() if label.ha == "right"}
    (band,) = grounds(scene)
    assert min(y for _, y in band.points) >= level["very positive +2"] - 1e-9
    assert max(y for _, y in band.points) <= level["very negative −2"] + 1e-9


def test_a_fold_breaks_the_curve_with_a_dotted_lead_on_both_sides():
    scene = map_scene(measured(*[1, -1] * 8), max_columns=8)
    leads = [item for item in scene.items if isinstance(item, Line) and item.mark == "lead"]
    assert len(leads) == 2
    assert {lead.dash for lead in leads} == {"dotted"}
    assert leads[0].points[-1][1] - leads[1].points[0][1] != 0  # in different rows
    assert "lead" in scene.legend
    assert len(grounds(scene)) == 2
