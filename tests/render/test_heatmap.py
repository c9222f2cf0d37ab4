"""Stage × channel: means and sums that one counts on fingers, and cells that say what is not known."""

from __future__ import annotations

import pytest

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
from journeymap.errors import UnknownNameError, WrongKindError
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.heatmap import describe_heatmap, draw_heatmap, heatmap_scene
from journeymap.render.heatmap_content import cell_words, count_cells, heatmap_finding, heatmap_notes
from journeymap.render.paint import scene_of
from journeymap.render.scene import Box, Marker
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, PRINT_THEME, contrast
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.samples import bare, chinese, large, long_names, observed, tiny
from tests.render.scene_checks import scene_faults


def touchpoint(name, stage, channel, feeling=None, visits=None, **more):
    counted = (
        {"count": visits, "customers": visits, "journeys": visits, "share": 0.5}
        if visits is not None
        else None
    )
    return {"id": name, "stage": stage, "channels": channel, "feeling": feeling, "feeling_source": "researched",
            "visits": counted} | more  # fmt: skip


DESIGN = Journey(
    name="Shop",
    touchpoints=[
        touchpoint("ad", "discovery", ["social", "mail"], 1),
        touchpoint("compare", "evaluation", "web", -1, pain_points=[{"text": "slow", "severity": 4}]),
        touchpoint(
            "chat", "evaluation", "web", 2, service={}, pain_points=[{"text": "rude", "severity": 2}, "odd"]
        ),
        touchpoint("pay", "purchase", "web", None),
        touchpoint("dream", "loyalty", "app", 2, feeling_source="assumed", pain_points=["vague"]),
        touchpoint("help", None, "phone", -2, service={}),
    ],
)
LIVED = Journey(
    name="Shop",
    origin="observed",
    touchpoints=[
        touchpoint("compare", "evaluation", "web", -1, 30),
        touchpoint("chat", "evaluation", "web", 2, 10, service={}),
        touchpoint("pay", "purchase", "web", 1, 60),
    ],
)


def lived(*visited):
    stages = {"browse": "evaluation", "pay": "purchase"}
    return Journey(name="Shop", origin="observed", touchpoints=[
        touchpoint(name, stages[name], channels, 0, visits) for name, channels, visits in visited])  # fmt: skip


def signal(name, *, significant, p=0.5):
    return Signal(
        kind="drop_off", touchpoint=name, estimate=Estimate(value=0.4), p=p, significant=significant
    )


def point(name, *, friction, gain=None, p=0.5, affected=0):
    return FrictionPoint(
        touchpoint=name, name=name.capitalize(), signals=(signal(name, significant=friction, p=p),),
        gain=None if gain is None else Estimate(value=gain / 1000), gain_journeys=gain, affected=affected,
    )  # fmt: skip


def report(*points):
    return FrictionReport(journey="Shop", points=points, journeys=100, customers=90)


def test_the_plain_mean_of_a_designed_journey():
    cells = count_cells(DESIGN).cells
    assert cells["web", "evaluation"].value == pytest.approx(0.5)
    assert (cells["web", "evaluation"].count, cells["web", "evaluation"].service) == (2, 1)
    assert cells["web", "evaluation"].n == "n = 2"
    assert cells["web", "purchase"].value is None
    assert cells["app", "loyalty"].assumed
    assert not cells["web", "evaluation"].assumed


def test_the_mean_of_an_observed_journey_is_weighted_by_visits():
    cell = count_cells(LIVED).cells["web", "evaluation"]
    assert cell.value == pytest.approx((30 * -1 + 10 * 2) / 40)
    assert (cell.n, cell.count, cell.service) == ("n = 40", 40, 10)


def test_a_touchpoint_stands_in_each_of_its_channels_and_it_is_said():
    found = count_cells(DESIGN)
    said = "A touchpoint with several channels stands in each of them; rows do not add up."
    assert list(found.channels) == ["social", "mail", "web", "app", "phone"]
    assert found.cells["social", "discovery"].value == found.cells["mail", "discovery"].value == 1
    assert found.total == 6
    assert found.sums(by="stage")["discovery"] == (1, 0)
    assert found.sums(by="channel")["mail"] == found.sums(by="channel")["social"] == (1, 0)
    assert said in heatmap_notes(found)
    assert "several channels" not in heatmap_notes(count_cells(LIVED))


def test_no_channel_is_claimed_for_visits():
    shop = lived(("browse", ["desktop", "mobile"], 70), ("pay", ["mobile", "desktop", "mobile"], 30))
    found = count_cells(shop, show="count")
    assert heatmap_finding(found) == (
        "Most visits, 70 of 100 (70 %), are in Evaluation. Service takes 0 % of the visits."
    )
    assert {key: (cell.value, cell.n) for key, cell in found.cells.items()} == {
        ("desktop", "evaluation"): (70, "70 %"),
        ("mobile", "evaluation"): (70, "70 %"),
        ("mobile", "purchase"): (30, "30 %"),
        ("desktop", "purchase"): (30, "30 %"),
    }
    assert found.sums(by="stage")["evaluation"] == (70, 0)
    assert found.sums(by="channel") == {"desktop": (100, 0), "mobile": (100, 0)}
    assert "whichever channel was used" in heatmap_notes(found)
    words = describe_heatmap(shop, show="count")
    assert "Each touchpoint counted once: Discovery 0 visits; Evaluation 70 visits; Purchase 30" in words
    assert "Touchpoints met by Mobile: Evaluation 70; Purchase 30." in words


def test_a_gain_is_named_by_touchpoint_and_stage_and_stands_in_each_channel():
    shop = lived(("browse", ["desktop", "mobile"], 70), ("pay", ["desktop"], 30))
    found = count_cells(
        shop,
        show="friction",
        report=report(point("browse", friction=True, gain=9.0), point("pay", friction=True, gain=2.0)),
    )
    assert [found.cells[channel, "evaluation"].value for channel in ("desktop", "mobile")] == [9.0, 9.0]
    assert heatmap_finding(found).startswith(
        "The largest expected gain is at “Browse” (Evaluation): 9 journeys. Service"
    )


def test_equal_gains_are_all_named():
    found = count_cells(
        LIVED,
        show="friction",
        report=report(point("compare", friction=True, gain=9.0), point("pay", friction=True, gain=9.0)),
    )
    assert heatmap_finding(found).startswith(
        "The largest expected gain is at “Compare” (Evaluation) and “Pay” (Purchase): 9 journeys each."
    )


def test_ties_are_named_up_to_two_else_counted():
    def said(*feelings):
        stages = ("discovery", "evaluation", "purchase", "loyalty")
        return heatmap_finding(count_cells(Journey(name="A", touchpoints=[
            touchpoint(f"t{n}", stages[n], "web", value) for n, value in enumerate(feelings)])))  # fmt: skip

    assert said(-1, -1.01, 2).startswith(
        "Feeling is lowest, −1, in Discovery (Web) and Evaluation (Web) and highest, +2, in Purchase (Web)."
    )
    assert said(-1, -1, -1, 2).startswith("Feeling is lowest, −1, in 3 cells and highest, +2, in Loyalty")
    both = Journey(
        name="A",
        touchpoints=[
            touchpoint("a", "discovery", ["web", "app"], -1),
            touchpoint("b", "purchase", ["web", "app"], 1),
            touchpoint("c", "purchase", "shop", 0),
        ],
    )
    assert heatmap_finding(count_cells(both)).startswith(
        "Feeling is lowest, −1, in Discovery and highest, +1, in Purchase (Web) and Purchase (App)."
    )
    assert heatmap_finding(count_cells(tiny(), show="count")).startswith(
        "Most touchpoints, 1 of 2 (50 %) each, are in "
    )


def test_what_belongs_to_no_stage_or_channel_has_its_own_column_and_row():
    assert list(count_cells(DESIGN).stages.values())[-1] == "At any stage"
    assert count_cells(bare()).channels == {"": "No channel"}
    assert "At any stage" not in count_cells(LIVED).stages.values()


def test_sums_of_rows_and_columns():
    found = count_cells(LIVED)
    assert found.sums(by="stage")["evaluation"] == (40, 10)
    assert found.sums(by="stage")["loyalty"] == (0, 0)
    assert found.sums(by="channel") == {"web": (100, 10)}


def test_counts_with_their_share():
    found = count_cells(LIVED, show="count")
    assert (found.cells["web", "purchase"].value, found.cells["web", "purchase"].n) == (60, "60 %")
    assert heatmap_finding(found) == (
        "Most visits, 60 of 100 (60 %), are in Purchase. Service takes 10 % of the visits."
    )


def test_severities_are_summed_and_what_nobody_rated_is_said():
    found = count_cells(DESIGN, show="friction")
    cell = found.cells["web", "evaluation"]
    assert (cell.value, cell.n, cell.worst) == (6, "n = 3", ("Compare",))
    assert cell_words(found.cells["app", "loyalty"], "severity") == "not rated"
    assert found.cells["phone", ""].value is None
    assert heatmap_finding(found).startswith(
        "Pain points weigh most in Evaluation (Web): severities sum to 6 there."
    )


def test_of_a_report_the_largest_gain_counts_not_their_sum():
    judged = report(
        point("compare", friction=True, gain=12.0),
        point("chat", friction=True, gain=30.0),
        point("pay", friction=False),
    )
    found = count_cells(LIVED, show="friction", report=judged)
    cell = found.cells["web", "evaluation"]
    assert (found.measure, cell.value, cell.n, cell.worst) == ("gain", 30.0, "2 of 2", ("Chat",))
    assert cell_words(found.cells["web", "purchase"], "gain") == "none"
    assert "is at “Chat” (Evaluation): 30 journeys." in heatmap_finding(found)
    assert "do not add up" in heatmap_notes(found)


def test_without_a_goal_customers_affected_count():
    judged = report(point("compare", friction=True, affected=7), point("pay", friction=False))
    found = count_cells(LIVED, show="friction", report=judged)
    assert (found.measure, found.cells["web", "evaluation"].value) == ("affected", 7)


def test_what_was_not_judged_is_not_none():
    judged = report(point("compare", friction=False, p=None), point("pay", friction=False))
    found = count_cells(LIVED, show="friction", report=judged)
    assert found.cells["web", "evaluation"].value is None
    assert found.cells["web", "purchase"].value == 0
    assert heatmap_finding(found).startswith("No touchpoint is clearly worse than its peers.")


def test_friction_of_unknown_size_is_not_coloured():
    judged = report(point("compare", friction=True), point("pay", friction=True, gain=3.0))
    scene = heatmap_scene(LIVED, show="friction", report=judged)
    assert "unrated" in scene.legend
    assert "friction" in scene.texts()


def test_a_report_on_another_journey_is_refused():
    with pytest.raises(UnknownNameError, match="names no touchpoint of 'Shop'"):
        count_cells(LIVED, show="friction", report=report(point("elsewhere", friction=True)))


def test_an_unknown_measure_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="feeling, friction, count"):
        draw_heatmap(DESIGN, show="feelings")


def test_cells_say_value_basis_and_service():
    scene = heatmap_scene(DESIGN)
    for text in ("+0.5", "n = 2", "50 %", "100 %", "+2"):
        assert text in scene.texts(), text
    diamonds = [item for item in scene.items if isinstance(item, Marker) and item.mark == "service"]
    assert len(diamonds) == 2
    assert {"scale", "sign", "assumed", "unknown", "empty", "service", "sum", "service sum"} == set(
        scene.legend
    )


@pytest.mark.parametrize("theme", [DEFAULT_THEME, PRINT_THEME, DARK_THEME], ids=["default", "print", "dark"])
def test_a_triangle_tells_the_sign_of_a_feeling_in_every_theme(theme):
    def signs(value):
        journey = Journey(name="A", touchpoints=[touchpoint("t", "discovery", "web", value)])
        return [item.shape for item in heatmap_scene(journey, theme=theme).items
                if isinstance(item, Marker) and item.mark == "sign"]  # fmt: skip

    assert (signs(-1.5), signs(1.5), signs(0), signs(0.04), signs(-0.04)) == (
        ["down"],
        ["triangle"],
        [],
        [],
        [],
    )
    visits = heatmap_scene(DESIGN, theme=theme, show="count")
    assert "sign" not in visits.legend


def test_greys_stay_light_where_they_cannot_tell_the_sign():
    def fill(value):
        journey = Journey(name="A", touchpoints=[touchpoint("t", "discovery", "web", value)])
        (cell,) = [item for item in heatmap_scene(journey, theme=PRINT_THEME).items
                   if isinstance(item, Box) and item.mark == "scale"]  # fmt: skip
        return cell.fill

    assert fill(-2) == fill(2) == "#9C9C9C"
    assert contrast(PRINT_THEME.ink, fill(-2)) >= 4.5


def test_bars_are_as_long_as_their_counts():
    boxes = [item for item in heatmap_scene(LIVED).items if isinstance(item, Box)]
    columns = [box for box in boxes if box.mark == "sum" and box.width == pytest.approx(0.22)]
    evaluation, purchase = sorted(columns, key=lambda box: box.x)
    assert evaluation.height / purchase.height == pytest.approx(40 / 60)
    (row,) = [box for box in boxes if box.mark == "sum" and box not in columns]
    (above,) = [box for box in boxes if box.mark == "service sum" and box.x == evaluation.x]
    (beside,) = [box for box in boxes if box.mark == "service sum" and box.x == row.x]
    assert above.height / evaluation.height == pytest.approx(10 / 40)
    assert beside.width / row.width == pytest.approx(10 / 100)


def test_the_scale_of_feelings_is_fixed_and_its_ends_have_words():
    texts = heatmap_scene(LIVED).texts()
    assert "very negative −2" in texts
    assert "very positive +2" in texts


@pytest.mark.parametrize("theme", [DEFAULT_THEME, PRINT_THEME, DARK_THEME], ids=["default", "print", "dark"])
def test_every_colour_of_the_scales_carries_readable_text(theme):
    for number in range(-20, 21):
        value = Journey(name="A", touchpoints=[touchpoint("t", "discovery", "web", number / 10)])
        (cell,) = [item for item in heatmap_scene(value, theme=theme).items
                   if isinstance(item, Box) and item.mark == "scale"]  # fmt: skip
        assert contrast(theme.text_on(cell.fill), cell.fill) >= 4.5


def test_no_touchpoints_is_a_sentence():
    scene = heatmap_scene(Journey(name="Empty"))
    assert "No touchpoints yet." in scene.texts()
    assert not scene.legend


def test_nothing_known_is_a_sentence_that_says_what_to_add():
    scene = heatmap_scene(bare())
    assert any(text.startswith("No feelings are known yet.") for text in scene.texts())
    assert set(scene.legend) == {"unknown", "sum"}
    assert any(
        "report=find_friction(journey)" in text for text in heatmap_scene(bare(), show="friction").texts()
    )


def test_the_words_say_every_cell():
    lines = describe_heatmap(DESIGN).splitlines()
    assert (
        "Touchpoints met by Web: Evaluation +0.5 (2 touchpoints, 50 % service); Purchase not known (1 touchpoint)."
        in lines
    )
    assert "Touchpoints met by App: Loyalty +2 (1 touchpoint, assumed)." in lines


def test_another_kind_is_refused():
    with pytest.raises(WrongKindError, match="draw_heatmap"):
        draw_heatmap(3)
    with pytest.raises(WrongKindError, match="FrictionReport"):
        draw_heatmap(DESIGN, show="friction", report=DESIGN)


@pytest.mark.parametrize("show", ["feeling", "friction", "count"])
@pytest.mark.parametrize("value", [tiny, large, long_names, chinese, observed])
def test_it_can_be_read_and_every_mark_is_explained(value, show):
    ax = draw_heatmap(value(), show=show)
    assert_readable(ax)
    assert not scene_faults(scene_of(ax))
    assert not contrast_faults(scene_of(ax), DEFAULT_THEME)
