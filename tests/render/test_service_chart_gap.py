"""The quadrant of service and experience: points, intervals, corners and the list of gaps."""

from __future__ import annotations

import pytest

from journeymap.render.chart_parts import interval_entry
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import Label, Line, Marker
from journeymap.render.service_chart_gap import gap_entries, gap_panel
from journeymap.render.service_chart_panel_words import describe_gap, gap_finding, gap_note
from journeymap.render.theme import DEFAULT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults
from tests.render.service_samples import LONG, UNKNOWN, gap, spread

WIDTH = 5.55
REGIONS = [("North", -0.7, 0.6), ("South", -0.02, 0.0)]


def panel(found):
    return gap_panel(found, 0.35, 0.2, WIDTH, DEFAULT_THEME)


def texts(found):
    return [item.text for item in panel(found)[0] if isinstance(item, Label)]


def markers(found):
    return [item for item in panel(found)[0] if isinstance(item, Marker)]


def readable(found):
    items, bottom = panel(found)
    entries = [*gap_entries(DEFAULT_THEME), interval_entry(0.95, DEFAULT_THEME)]
    scene = with_legend(items, entries, y=bottom, width=WIDTH + 0.7, theme=DEFAULT_THEME, title="",
                        description="")  # fmt: skip
    assert_readable(paint(scene, None, DEFAULT_THEME))
    assert scene_faults(scene) == []
    assert contrast_faults(scene, DEFAULT_THEME) == []
    return scene


def test_points_stand_where_their_means_are():
    # the scales end at 1, as all lies nearer to the middle
    north, south, whole = sorted(markers(gap(REGIONS)), key=lambda marker: (marker.size, marker.y * -1))
    left, side = 0.35 + 0.27, 2.6
    assert [round((dot.x - left) / side * 2 - 1, 6) for dot in (north, south, whole)] == [0.6, 0.0, 0.2]
    assert (north.y - whole.y) / side * 2 == pytest.approx(0.7 - 0.3)
    assert (north.mark, south.mark, whole.mark) == ("told", "cannot tell", "told")
    assert south.fill == DEFAULT_THEME.paper


def test_scales_reach_as_far_as_the_points_need():
    assert {"+1", "−1", "+0.5"} <= set(texts(gap(REGIONS)))
    wide = texts(gap([*REGIONS, ("East", 1.2, 0.0)]))
    assert {"+2", "−2", "+1"} <= set(wide)
    assert "+0.5" not in wide


def test_every_point_has_a_cross_of_its_intervals():
    lines = [item for item in panel(gap(REGIONS))[0] if isinstance(item, Line) and item.mark == "interval"]
    assert len(lines) == 2 + 2 + 6  # stems of two regions, and of the whole with caps
    assert not [item for item in panel(gap(REGIONS, half=None))[0] if item.mark == "interval"]


def test_corners_bear_the_shares_of_customers():
    found = texts(gap(REGIONS))
    assert {"21 %", "8 %", "19 %", "14 %"} <= set(found)
    assert found.count("great service") == found.count("poor experience") == 2
    assert "38 % in between" in gap_note(gap(), shown=12)
    assert "21 %" not in texts(gap(REGIONS, shares=False))


def test_the_list_tells_the_gaps_by_number():
    found = texts(gap(REGIONS))
    for text in ("all customers", "n = 4,301", "−0.5", "North", "−1.3", "South", "0"):
        assert text in found, text
    assert found.count("1") == found.count("2") == 2  # on the plane and in the list


def test_the_finding_says_cannot_tell_where_the_interval_does():
    assert gap_finding(gap(half=0.1)) == (
        "4,301 customers felt −0.3 in service and +0.2 in all else: service is worse (gap −0.5, −0.6 to −0.4)."
    )
    assert "cannot tell which is better" in gap_finding(gap(service=0.21, experience=0.2))
    assert gap_finding(gap(half=None)).endswith("gap −0.5, without an interval.")
    nobody = gap().model_copy(update={"service": UNKNOWN})
    assert gap_finding(nobody).startswith("No customer said how they felt")
    assert len(panel(nobody)[0]) == 2  # the name and the sentence alone


def test_the_words_hold_every_segment_in_full():
    lines = list(describe_gap(gap([(LONG, -0.7, 0.7)], half=0.1)))
    assert lines[1].startswith("Of these customers: great service, great experience 21 %")
    assert lines[-1] == (
        f"{LONG} (200 customers): service −0.7 (−0.8 to −0.6), experience +0.7 (+0.6 to +0.8), gap −1.4"
        " (−1.5 to −1.3); poor service, great experience."
    )


def test_of_many_segments_the_largest_are_drawn():
    many = gap(spread(15))
    assert len(markers(many)) == 1 + 12
    assert "3 smaller segments are not shown." in gap_note(many, shown=12)
    assert len(list(describe_gap(many))) == 3 + 15


@pytest.mark.parametrize("found", [
    gap(), gap(REGIONS[:1]), gap(spread(12)), gap(spread(12, LONG)), gap(spread(12, far=0.03), half=0.2),
    gap(spread(12, far=1.9)), gap(REGIONS, half=None), gap([("华北地区的老客户", -0.5, 0.4)], shares=False),
    gap(REGIONS, middle=0.3),
], ids=["alone", "one", "twelve", "long names", "in a heap", "far apart", "no intervals", "chinese", "middle"])  # fmt: skip
def test_the_quadrant_can_be_read(found):
    scene = readable(found)
    numbers = {label.text for label in scene.labels() if label.weight == "bold" and label.text.isdigit()}
    assert numbers == {str(place) for place in range(1, len(found.segments) + 1)}
