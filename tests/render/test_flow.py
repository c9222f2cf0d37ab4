"""The picture of flows: what is on it adds up, nothing crosses a bar it passes, and all of it can be read."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import MissingEvidenceError, UnknownNameError, WrongKindError
from journeymap.model.journey import Journey
from journeymap.render.flow import describe_flow, draw_flow, flow_scene
from journeymap.render.flow_pieces import BAR, TALL, kept_apart, level_at, opacity, ribbon, undecided
from journeymap.render.flow_position_layout import PositionLayout
from journeymap.render.flow_positions import ENDS, ON, position_flow
from journeymap.render.flow_stages import stage_flow
from journeymap.render.legend import IN_LEGEND
from journeymap.render.network_lines import mixed
from journeymap.render.scene import Box, Curve, Label, Marker, Polygon
from journeymap.render.text import text_width
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME, Theme, contrast
from tests.render import samples
from tests.render.flow_samples import SAMPLES, chain, counted
from tests.render.overlap import assert_readable

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
_SUMS = "Journeys that end after each touchpoint"


@cache
def drawn(sample, by="stage", theme="default"):
    return flow_scene(SAMPLES[sample](), by=by, theme=THEMES[theme])


def bars(scene, mark):
    return [item for item in scene.items if isinstance(item, Box) and item.mark == mark]


def ribbons(scene):
    return [item for item in scene.items if isinstance(item, Curve)]


def height(curve):
    """Of the left end of a ribbon."""
    return abs(curve.points[-4][1] - curve.points[0][1])


@pytest.mark.parametrize(
    ("sample", "theme"),
    [
        (sample, theme)
        for sample in SAMPLES
        for theme in THEMES
        if theme == "default" or sample in {"broadband", "counted"}
    ],
)
@pytest.mark.parametrize("by", ["stage", "position"])
def test_every_text_can_be_read(sample, by, theme):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        assert_readable(draw_flow(SAMPLES[sample](), by=by, theme=THEMES[theme]))


@pytest.mark.parametrize("by", ["stage", "position"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_mark_used_is_in_the_legend_and_no_other(sample, by):
    scene = drawn(sample, by, "print")
    items = [item for item in scene.items if item.mark != IN_LEGEND]
    assert {item.mark for item in items if item.mark} == set(scene.legend)
    assert all(item.mark for item in items if isinstance(item, Curve | Marker))
    assert all(item.mark for item in items if getattr(item, "hatch", ""))
    assert all(label.mark for label in items if isinstance(label, Label) and "◆" in label.text)


@pytest.mark.parametrize("by", ["stage", "position"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_everything_lies_on_the_figure(sample, by):
    scene = drawn(sample, by)
    for item in scene.items:
        if isinstance(item, Box):
            assert 0 <= item.x <= item.right <= scene.width
            assert 0 <= item.y <= item.bottom <= scene.height
        elif isinstance(item, Curve | Polygon):
            assert all(0 <= x <= scene.width and 0 <= y <= scene.height for x, y in item.points)


class TestByStage:
    def test_what_comes_to_a_stage_goes_on_or_ends_there(self):
        flow = stage_flow(chain())
        assert flow.touched == pytest.approx((0.9, 0.4, 0.65, 0.2 + 0.36))
        assert flow.begins == pytest.approx((0.9, 0.1, 0.0, 0.0))
        for column in range(3):
            out = sum(s.weight for s in flow.strands if s.source == column)
            into = sum(s.weight for s in flow.strands if s.target == column and not s.end)
            assert out == pytest.approx(flow.touched[column])
            assert into + flow.begins[column] == pytest.approx(flow.touched[column])

    def test_counts_and_shares_are_written(self):
        texts = flow_scene(counted()).texts()
        for text in (
            "100 (100 %)",
            "20 (20 %)",
            "36 (36 %)",
            "left 60 (60 %)",
            "still open 4 (4 %)",
            "Goal reached",
            "Pay",
        ):
            assert text in texts
        assert any(
            "n = 100 customers, 100 journeys" in t and "only: platform is 'mobile'" in t for t in texts
        )

    def test_a_design_has_shares_and_no_counts(self):
        texts = flow_scene(chain()).texts()
        assert "10 % begin here" in texts
        assert any("expected from the design's shares" in text for text in texts)

    def test_heights_tell_how_many(self):
        scene = flow_scene(counted())
        assert [bar.height for bar in bars(scene, "bar")] == pytest.approx([TALL, 0.2 * TALL, 0.36 * TALL])
        assert [bar.height for bar in bars(scene, "goal")] == pytest.approx([0.36 * TALL])
        assert [bar.height for bar in bars(scene, "lost")] == pytest.approx([0.6 * TALL])
        assert sorted(round(height(c) / TALL, 6) for c in ribbons(scene)) == [0.04, 0.16, 0.2, 0.2, 0.36, 0.6]

    def test_all_bars_hang_from_one_line(self):
        scene = drawn("broadband")
        assert len({round(bar.y, 6) for bar in (*bars(scene, "bar"), *bars(scene, "goal"))}) == 1

    @pytest.mark.parametrize("sample", ["broadband", "large", "long_names", "counted", "chain"])
    def test_a_ribbon_passes_above_the_bars_that_it_skips(self, sample):
        scene = drawn(sample)
        for curve in ribbons(scene):
            xs = [x for x, _ in curve.points]
            for bar in bars(scene, "bar"):
                if min(xs) < bar.x - 0.1 and max(xs) > bar.right + 0.1:
                    over = [y for x, y in curve.points if bar.x - 1e-6 <= x <= bar.right + 1e-6]
                    assert over, "it has a lane there"
                    assert max(over) < bar.y

    @pytest.mark.parametrize("sample", ["broadband", "large", "long_names", "counted", "chain"])
    def test_what_ends_leaves_below_all_that_goes_on(self, sample):
        scene = drawn(sample)
        stubs = [b for mark in ("lost", "open", "ended") for b in bars(scene, mark)]
        going = [c for c in ribbons(scene) if c.mark in {"ribbon", "goal"}]
        assert stubs
        for stub in stubs:
            for curve in going:
                ends = [curve.points[k] for k in range(0, len(curve.points), 3)]
                lower = sorted(ends[len(ends) // 2 :])
                for (x0, y0), (x1, y1) in pairwise(lower):
                    if x0 < stub.x < x1:
                        assert level_at((x0, y0), (x1, y1), stub.x) <= stub.y + 1e-6

    def test_a_goal_in_the_middle_is_one_more_column(self):
        flow = stage_flow(SAMPLES["large"]())
        assert flow.goal == "Touchpoint number 20"
        assert any(s.target - s.source > 1 and s.target == len(flow.stages) for s in flow.strands)

    def test_without_a_goal_journeys_end(self):
        scene = flow_scene(counted(goal=None))
        assert "Goal reached" not in scene.texts()
        assert "ended 60 (60 %)" in scene.texts()
        assert "still open 4 (4 %)" in scene.texts()

    def test_journeys_outside_all_stages_are_told_not_drawn(self):
        scene = flow_scene(counted(outside=5))
        assert any("10 (9 %) come to no stage and are not drawn" in text for text in scene.texts())
        assert "Outside all stages and not drawn: 10 journeys (9 %)." in scene.description

    def test_a_stage_can_be_highlighted(self):
        scene = flow_scene(counted(), highlight="evaluation")
        bright = [c for c in ribbons(scene) if c.mark == "highlight"]
        assert sorted(round(height(c) / TALL, 6) for c in bright) == [0.16, 0.16, 0.2]
        assert {c.fill for c in bright} == {DEFAULT_THEME.categories[0]}
        assert not bars(scene, "lost"), "what is lost never came there"
        assert "journeys that come to Evaluation" in scene.texts()
        assert "Brought out: journeys that come to Evaluation." in scene.description

    def test_only_stages_can_be_highlighted(self):
        with pytest.raises(UnknownNameError, match=r"no stage 'evaluaton'.*\n.*did you mean 'evaluation'"):
            flow_scene(counted(), highlight="evaluaton")
        with pytest.raises(UnknownNameError, match=r'by="position"'):
            flow_scene(counted(), highlight="compare")

    def test_print_tells_losses_by_a_hatch(self):
        scene = flow_scene(counted(), theme=PRINT_THEME)
        assert [c.hatch for c in ribbons(scene) if c.mark == "lost"] == [PRINT_THEME.pain_hatch]

    @pytest.mark.parametrize("high", [0.001, 0.03, 0.2])
    def test_a_low_open_box_is_drawn_as_its_four_corners(self, high):
        bar = Box(x=1, y=2, width=0.07, height=high, mark="open")
        box, *corners = undecided(bar, DEFAULT_THEME)
        assert box.height == max(high, 0.05)
        assert box.centre == pytest.approx(bar.centre)
        assert {line.points[1] for line in corners} == {
            (x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)
        }
        assert {line.mark for line in corners} == {"open"}
        (dashed,) = undecided(replace(bar, height=0.3), DEFAULT_THEME)
        assert (dashed.dash, dashed.height) == ("dashed", 0.3)

    @pytest.mark.parametrize(("times", "named"), [(20, True), (21, False)])
    def test_ends_of_hardly_any_journeys_have_no_name(self, times, named):
        fields = counted().model_dump()
        (routes,) = (table for table in fields["evidence"] if table["name"] == "routes")
        few = {2: 1}  # 2 of 1922 journeys are open, or of 2018
        counts = [few.get(n, n * times) for n in routes["measures"]["journeys"]]
        routes["measures"]["journeys"] = counts
        scene = flow_scene(Journey.model_validate(fields))
        assert any(text.startswith("still open 2") for text in scene.texts()) == named
        assert bars(scene, "open"), "it is drawn all the same"
        assert "still open, having come no further, 2 (<1 %)" in scene.description

    def test_a_long_word_wraps_beside_its_bar(self):
        plain = flow_scene(chain())
        (begins,) = {
            round(p.points[1][0], 3) for p in plain.items if isinstance(p, Polygon) and p.mark == "begins"
        }
        words = Theme(words={"left": "endgültig verloren gegangen"})
        scene = flow_scene(chain(), theme=words)
        (note,) = (n for n in scene.labels() if n.text.startswith("endg") and n.x < begins)
        stub = min(bars(scene, "lost"), key=lambda bar: bar.x)
        assert "\n" in note.text
        assert stub.y == pytest.approx(min(bars(plain, "lost"), key=lambda bar: bar.x).y, abs=0.05)
        assert abs(note.y - stub.centre[1]) < 0.1

    def test_a_tall_lane_makes_all_of_it_smaller(self):
        journey = Journey(
            name="Shop", goal="pay", stages=["discovery", "evaluation", "purchase"],
            touchpoints=[
                {"id": "ad", "stage": "discovery", "entry_share": 1},
                {"id": "compare", "stage": "evaluation"},
                {"id": "pay", "stage": "purchase"},
            ],
            transitions=[
                {"source": "ad", "target": "compare", "share": 0.1},
                {"source": "compare", "target": "pay", "share": 1},
                {"source": "ad", "target": "pay", "share": 0.9},
            ],
        )  # fmt: skip
        highest = max(bar.height for bar in bars(flow_scene(journey), "bar"))
        assert highest * 1.9 == pytest.approx(5.8)

    def test_large_type_has_the_same_page(self):
        broadband = SAMPLES["broadband"]()
        assert flow_scene(broadband, theme=LARGE_THEME).width < 1.1 * flow_scene(broadband).width


class TestByPosition:
    def test_every_column_holds_all_journeys_that_come_there(self):
        flow = position_flow(counted(), 6)
        names = [[stop.key for stop in stops] for stops in flow.columns]
        assert names == [["ad"], ["compare", "pay"], ["pay"]]
        assert [flow.under_way(column) for column in range(3)] == [100, 40, 16]
        assert [flow.ending(0, "lost"), flow.ending(1, "goal"), flow.ending(1, "open")] == [60, 20, 4]

    @pytest.mark.parametrize("sample", SAMPLES)
    def test_a_column_loses_what_ends_at_it(self, sample):
        flow = position_flow(SAMPLES[sample](), 6)
        for column in range(len(flow.columns)):
            ended = sum(flow.ending(column, end) for end in ENDS)
            after = flow.under_way(column + 1) if column + 1 < len(flow.columns) else 0.0
            here = 0.0 if flow.goes_on(column) else flow.under_way(column) - ended
            assert after == pytest.approx(here, abs=1e-9)

    def test_ends_stand_at_their_own_column(self):
        scene = flow_scene(counted(), by="position")
        stops = sorted({round(bar.x, 6) for bar in bars(scene, "bar")})
        assert len(stops) == 3, "of touchpoints, and no column for ends alone"
        (lost,), goals = bars(scene, "lost"), sorted(bars(scene, "goal"), key=lambda bar: bar.x)
        still = bars(scene, "open")
        at = [(bar, 0) for bar in (lost,)] + [(goals[0], 1), (goals[1], 2)] + [(bar, 1) for bar in still]
        assert still
        for bar, column in at:
            assert stops[column] + BAR < bar.x
            assert bar.right < stops[column] + 0.6
        assert [bar.height for bar in (lost, *goals)] == pytest.approx([0.6 * TALL, 0.2 * TALL, 0.16 * TALL])

    @pytest.mark.parametrize("sample", ["broadband", "large", "long_names", "counted", "chain"])
    def test_ends_keep_apart_and_clear_of_the_next_bar(self, sample):
        flow = position_flow(SAMPLES[sample](), 6)
        layout = PositionLayout(flow=flow, top=1.0, scale=TALL / flow.total)
        assert layout.ends
        for column, stops in enumerate(flow.columns):
            low = 0.0
            for stop in stops:
                assert layout.bars[column, stop.key] > low, "below all that ends above"
                for end in layout.ends_of(column, [stop.key]):
                    assert layout.ends[end] > low
                    low = layout.ends[end] + layout.shown(end)

    @pytest.mark.parametrize("theme", ["default", "print"])
    @pytest.mark.parametrize("sample", SAMPLES)
    def test_no_text_covers_the_bar_of_an_end(self, sample, theme):
        scene = drawn(sample, "position", theme)
        texts = [label for label in scene.labels() if label.va == "center" and label.mark != IN_LEGEND]
        for bar in (item for mark in ENDS for item in bars(scene, mark)):
            for label in texts:
                wide = text_width(label.text, label.size)
                beside = label.x >= bar.right or label.x + wide <= bar.x
                middle = abs(label.y - bar.centre[1]) >= (label.height + bar.height) / 2 - 0.05
                assert beside or middle, label.text

    def test_the_number_of_an_end_stands_beside_it(self):
        scene = flow_scene(counted(), by="position")
        (lost,) = bars(scene, "lost")
        (said,) = (label for label in scene.labels() if label.text == "left 60 (60 %)")
        assert 0 < said.x - lost.right < 0.15
        assert said.y == pytest.approx(lost.centre[1])
        assert _SUMS not in scene.texts(), "every end has its number already"

    def test_ends_without_a_number_are_summed_below_their_column(self):
        scene = drawn("large", "position")
        flow = position_flow(SAMPLES["large"](), 6)
        (head,) = (label for label in scene.labels() if label.text == _SUMS)
        heads = {label.x: int(label.text.split()[-1]) for label in scene.labels()
                 if label.text.startswith("Touchpoint ") and label.y < 1.2}  # fmt: skip
        sums = [n for n in scene.labels() if n.y > head.y and n.text.startswith("left") and n.x in heads]
        told = {heads[n.x]: n.text for n in sums}
        assert told == {c + 1: f"left {flow.amount(flow.ending(c, 'lost'))}" for c in range(6)}

    def test_what_is_not_brought_out_ends_aside(self):
        scene = flow_scene(counted(), by="position", highlight="compare")
        assert not bars(scene, "lost"), "what is lost never came there"
        assert bars(scene, "open")
        aside = max(bars(scene, "aside"), key=lambda bar: bar.height)
        assert (aside.height, aside.fill) == (pytest.approx(0.6 * TALL), DEFAULT_THEME.rule)
        assert {"left 60 (60 %)", _SUMS} <= set(scene.texts()), "its number stands below its column"

    def test_what_comes_after_the_last_column_goes_on(self):
        flow = position_flow(counted(), 2)
        assert [stop.key for stop in flow.columns[-1]] == [ON]
        assert [flow.goes_on(column) for column in range(3)] == [False, False, True]
        scene = flow_scene(counted(), by="position", positions=2)
        assert {"goes on  16 (16 %)", "After that"} <= set(scene.texts())
        assert "After that" not in flow_scene(counted(), by="position").texts()
        assert (
            "After touchpoint 2: going on 16 (16 %), ended with the goal reached 20 (20 %), still open 4 (4 %)."
            in scene.description
        )

    def test_the_order_is_that_of_the_map(self):
        journey = SAMPLES["broadband"]()
        order = {touchpoint.id: place for place, touchpoint in enumerate(journey.touchpoints)}
        for stops in position_flow(journey, 6).columns:
            places = [order[stop.key] for stop in stops if stop.key in order]
            assert places == sorted(places)

    def test_the_tail_is_put_together_and_counted(self):
        flow = position_flow(SAMPLES["large"](), 6)
        (other,) = [stop for stop in flow.columns[5] if stop.kind == "other"]
        alone = [stop for stop in flow.columns[5] if stop.kind in {"touchpoint", "service"}]
        assert other.members > 1
        assert all(stop.weight >= 0.02 for stop in alone)
        assert f"other ({other.members} touchpoints)" in " ".join(drawn("large", "position").texts())

    def test_a_highlighted_touchpoint_is_never_in_the_tail(self):
        flow = position_flow(SAMPLES["large"](), 6, "t19")
        assert any(stop.key == "t19" and stop.weight < 0.02 for stop in flow.columns[5])
        for passage in flow.passages:
            assert passage.bright == ("t19" in {passage.source, passage.target})

    def test_service_has_its_colour_and_its_diamond(self):
        scene = flow_scene(chain(), by="position")
        assert "◆ Ask for help  45 %" in scene.texts()
        (bar,) = bars(scene, "service")
        assert bar.fill == DEFAULT_THEME.service
        after = [c for c in ribbons(scene) if c.mark == "service"]
        assert [round(height(c) / TALL, 6) for c in after] == [0.36]
        (printed,) = bars(flow_scene(chain(), by="position", theme=PRINT_THEME), "service")
        assert printed.hatch == PRINT_THEME.service_hatch

    def test_a_stage_can_be_highlighted_as_well(self):
        scene = flow_scene(counted(), by="position", highlight="evaluation")
        assert "to or from Evaluation" in scene.texts()
        with pytest.raises(UnknownNameError, match="did you mean 'compare'"):
            flow_scene(counted(), by="position", highlight="compar")

    def test_a_floating_touchpoint_is_highlighted_at_all_its_stages(self):
        fields = chain().model_dump()
        fields["touchpoints"][3]["stage"] = None
        fields["transitions"] = [
            {"source": "ad", "target": "ask@discovery", "share": 0.5},
            {"source": "ask@discovery", "target": "compare", "share": 0.5},
            {"source": "compare", "target": "ask@evaluation", "share": 0.5},
        ]
        flow = position_flow(Journey.model_validate(fields), 6, "ask")
        names = {stop.name for stops in flow.columns for stop in stops if stop.kind == "service"}
        assert names == {"Ask for help (Discovery)", "Ask for help (Evaluation)"}
        assert flow.highlights_service

    def test_who_ends_here_is_not_all_who_reach_the_goal(self):
        texts = flow_scene(counted(), by="position").texts()
        assert "ends, won 20 (20 %)" in texts
        assert "journeys that end here, having reached the goal" in texts
        assert "journeys that reach the goal" not in texts
        assert "journeys that reach the goal" in flow_scene(counted()).texts()

    @pytest.mark.parametrize("theme", THEMES)
    def test_thin_ribbons_step_back_and_the_widest_stands_out(self, theme):
        scene, flow = drawn("large", "position", theme), position_flow(SAMPLES["large"](), 6)
        ways = [c for c in ribbons(scene) if c.mark == "ribbon"]
        alphas = {round(c.alpha, 2) for c in ways}
        assert {0.2, 0.45} <= alphas
        assert max(alphas) > 0.45
        scale = TALL * THEMES[theme].scale / flow.total
        assert all((height(c) < 0.01 * scale) or c.alpha > 0.2 for c in ways)

    def test_names_keep_apart_and_a_line_leads_to_those_that_moved(self):
        texts = [
            label
            for label in drawn("long_names", "position").labels()
            if label.va == "center" and label.mark != IN_LEGEND
        ]
        for x in {label.x for label in texts}:
            column = sorted((label for label in texts if abs(label.x - x) < 0.05), key=lambda label: label.y)
            for upper, lower in pairwise(column):
                assert upper.y + upper.height / 2 <= lower.y - lower.height / 2 + 1e-6

    def test_large_type_holds_fewer_columns(self):
        def heads(scene):
            return [text for text in scene.texts() if text.startswith("Touchpoint ") and text[-1].isdigit()]

        broadband = SAMPLES["broadband"]()
        assert len(heads(flow_scene(broadband, by="position"))) == 6
        assert len(heads(flow_scene(broadband, by="position", theme=LARGE_THEME))) == 4


class TestDoors:
    def test_a_journey_without_touchpoints_says_so(self):
        scene = flow_scene(Journey(name="Empty"))
        assert "This journey has no touchpoints yet, so there is nothing to follow." in scene.texts()
        assert describe_flow(Journey(name="Empty")).startswith("Empty: This journey has no touchpoints")
        assert_readable(draw_flow(Journey(name="Empty")))

    @pytest.mark.parametrize("by", ["stage", "position"])
    def test_a_design_without_shares_is_refused(self, by):
        with pytest.raises(MissingEvidenceError, match="Hint"):
            draw_flow(samples.tiny(), by=by)

    def test_only_stage_and_position_are_ways_to_draw(self):
        with pytest.raises(
            UnknownNameError, match=r"by: cannot draw a flow by 'stages'(.|\n)*did you mean 'stage'"
        ):
            draw_flow(chain(), by="stages")
        with pytest.raises(WrongKindError, match="draw_flow"):
            draw_flow("chain")

    def test_it_draws_on_given_axes(self):
        figure, ax = plt.subplots(figsize=(18, 11))
        assert draw_flow(chain(), ax=ax) is ax
        assert figure.axes == [ax]

    def test_the_description_has_the_numbers_of_the_picture(self):
        assert describe_flow(counted()).splitlines() == [
            "Shop, counted: the flow of 100 journeys, by stage. All shares are of all journeys.",
            "Discovery: 100 journeys (100 %); lost, having come no further, 60 (60 %).",
            "Evaluation: 20 journeys (20 %); going past it 20 (20 %); still open, having come no further, 4 (4 %).",
            "Purchase: 36 journeys (36 %).",
            "Goal reached (Pay): 36 journeys (36 %).",
        ]
        assert flow_scene(counted()).description == describe_flow(counted())

    def test_what_ends_is_told_after_its_touchpoint(self):
        assert describe_flow(counted(), by="position").splitlines()[1:] == [
            "Touchpoint 1: Ad 100 (100 %).",
            "After touchpoint 1: lost 60 (60 %).",
            "Touchpoint 2: Compare 20 (20 %), Pay 20 (20 %).",
            "After touchpoint 2: ended with the goal reached 20 (20 %), still open 4 (4 %).",
            "Touchpoint 3: Pay 16 (16 %).",
            "After touchpoint 3: ended with the goal reached 16 (16 %).",
        ]

    def test_words_can_be_translated(self):
        theme = replace(DEFAULT_THEME, words={"left": "verloren", "Goal reached": "Ziel erreicht"})
        texts = flow_scene(counted(), theme=theme).texts()
        assert {"verloren 60 (60 %)", "Ziel erreicht"} <= set(texts)


class TestPieces:
    def test_names_that_touch_share_the_way(self):
        assert kept_apart([1.0, 1.0], [0.2, 0.4], 0.0) == [0.85, 1.15]
        assert kept_apart([0.0, 2.0], [0.2, 0.2], 0.0) == [0.1, 2.0]
        assert kept_apart([], [], 0.0) == []

    @pytest.mark.parametrize("theme", THEMES)
    def test_names_on_ribbons_stand_out(self, theme):
        theme = THEMES[theme]
        for colour in (theme.edge, theme.service, theme.pain, theme.stage_header, theme.rule, theme.interval):
            alpha = opacity(colour, theme)
            assert 0.1 <= alpha <= 0.45
            assert contrast(theme.ink, mixed(theme.paper, colour, alpha)) >= 4.5

    def test_a_dark_ribbon_becomes_more_transparent(self):
        assert opacity("#000000", Theme(ink="#333333")) < 0.45

    def test_a_ribbon_is_closed_and_as_high_at_both_ends(self):
        curve = ribbon([(0, 1), (2, 3)], 0.5, "#888888", 0.4, mark="ribbon")
        assert curve.points[0] == curve.points[-1]
        assert (len(curve.points) - 1) % 3 == 0
        assert {y for x, y in curve.points if x < 0.01} == {1, 1.5}
        assert {y for x, y in curve.points if x > 1.99} == {3, 3.5}
