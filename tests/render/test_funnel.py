"""The picture of the funnel: bars that add up, losses under their bars, times on an axis of words."""

from __future__ import annotations

import warnings
from math import exp

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import MissingEvidenceError, WrongKindError
from journeymap.metrics.funnel import StageStep, stage_funnel
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.transitions import Transition
from journeymap.render.funnel import describe_funnel, draw_funnel, funnel_scene
from journeymap.render.funnel_goal import goal_count, goal_estimate
from journeymap.render.funnel_times import time_axis
from journeymap.render.legend import IN_LEGEND
from journeymap.render.scene import Box, Line
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render import samples
from tests.render.flow_samples import SAMPLES, chain, counted
from tests.render.overlap import assert_readable

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
PARTS = ("onward", "won", "ended", "open", "lost")


def parts(scene, mark):
    return [item for item in scene.items if isinstance(item, Box) and item.mark == mark]


def timed(median, *, quartiles=None, deciles=None):
    return StageStep(
        stage="s", name="S", reached=Estimate(value=1.0), touched_share=1.0, lost_here=Estimate(value=None),
        time=Estimate(value=median), time_quartiles=quartiles, time_deciles=deciles,
    )  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_text_can_be_read(sample, theme):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        assert_readable(draw_funnel(SAMPLES[sample](), theme=THEMES[theme]))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_mark_used_is_in_the_legend_and_no_other(sample):
    scene = funnel_scene(SAMPLES[sample](), theme=PRINT_THEME)
    drawn = [item for item in scene.items if item.mark != IN_LEGEND]
    assert {item.mark for item in drawn if item.mark} == set(scene.legend)
    assert all(item.mark for item in drawn if getattr(item, "hatch", ""))


def test_a_bar_is_divided_into_what_becomes_of_its_journeys():
    scene = funnel_scene(counted())
    (onward, further), (lost,), (won, goal) = (parts(scene, mark) for mark in ("onward", "lost", "won"))
    (undecided,) = parts(scene, "open")
    whole = onward.width + lost.width
    assert onward.width / whole == pytest.approx(0.4)
    assert lost.x == pytest.approx(onward.right)
    # 40 of 100 get as far as the evaluation: 36 go on, 4 are not decided
    assert further.width / whole == pytest.approx(0.36)
    assert undecided.width / whole == pytest.approx(0.04)
    assert won.width / whole == pytest.approx(0.36)
    assert goal.width == pytest.approx(won.width)
    assert goal.y > won.bottom
    assert goal.x == onward.x


@pytest.mark.parametrize("sample", SAMPLES)
def test_bars_are_as_long_as_their_shares(sample):
    journey = SAMPLES[sample]()
    scene = funnel_scene(journey)
    shares = [step.reached.value for step in stage_funnel(journey) if step.touched_share]
    shares += [goal.value] if (goal := goal_estimate(journey)) else []
    ends = {}
    for mark in PARTS:
        for box in parts(scene, mark):
            ends[round(box.y, 6)] = max(ends.get(round(box.y, 6), 0.0), box.right)
    left = min(box.x for mark in PARTS for box in parts(scene, mark))
    widths = [ends[y] - left for y in sorted(ends)]
    assert [width / widths[0] for width in widths] == pytest.approx(
        [s / shares[0] for s in shares], abs=0.005
    )


def test_counts_shares_and_losses_are_written():
    texts = funnel_scene(counted()).texts()
    for text in (
        "100 of 100 (100 %)",
        "40 of 100 (40 %)",
        "36 of 100 (36 %)",
        "−60 % lost here (60)",
        "20 (20 %) come to it",
        "95 % interval",
    ):
        assert text in texts
    assert any("n = 100 customers, 100 journeys" in t and "only: platform is 'mobile'" in t for t in texts)


def test_the_last_row_is_the_goal():
    scene = funnel_scene(counted())
    (last,) = (label for label in scene.labels() if label.text == "Goal reached")
    (name,) = (label for label in scene.labels() if label.text == "Pay")
    assert name.colour == DEFAULT_THEME.muted
    assert name.y > last.y
    beside = [label.text for label in scene.labels() if label.text.startswith("36 of 100 (36 %)")]
    assert len(beside) == 2, "the purchase and the goal"
    estimate = goal_estimate(counted())
    assert (estimate.value, estimate.n, goal_count(estimate)) == (0.36, 100, 36)
    assert estimate.low < 0.36 < estimate.high
    assert "of the journeys (36) reach the goal, Pay." in scene.description
    assert "Goal reached" not in funnel_scene(counted(goal=None)).texts()
    assert goal_estimate(counted(goal=None)) is None


def test_the_goal_of_a_design_has_an_expected_share():
    assert goal_estimate(chain()).value == pytest.approx(0.56)
    assert {"56 %", "56 % reach the goal"} <= set(funnel_scene(chain()).texts())
    few = chain().model_copy(
        update={"transitions": (Transition(source="ad", target="pay", share=0.09),), "touchpoints": tuple(
            t.model_copy(update={"entry_share": 1.0 if t.id == "ad" else None}) for t in chain().touchpoints
        )}
    )  # fmt: skip
    texts = funnel_scene(few).texts()
    assert texts.count("9 %") == 3, "beside two bars, and in the part where the sentence has no room"
    assert "9 % reach the goal" not in texts


def test_who_skips_a_stage_is_told_right_below_its_number():
    labels = {label.text: label for label in funnel_scene(counted()).labels()}
    above, below = labels["40 of 100 (40 %)"], labels["20 (20 %) come to it"]
    assert (below.size, below.colour) == (DEFAULT_THEME.body_size, DEFAULT_THEME.ink)
    assert below.x == above.x
    assert 0 < below.y - above.y < 0.25


def test_the_interval_lies_around_the_end_of_the_bar():
    scene = funnel_scene(counted())
    step = stage_funnel(counted())[1]
    _, box = parts(scene, "onward")
    scale = box.width / 0.36
    level = [
        line
        for line in scene.items
        if isinstance(line, Line) and line.mark == "interval" and line.points[0][1] == line.points[1][1]
        and box.y < line.points[0][1] < box.bottom
    ]  # fmt: skip
    assert level
    assert level[-1].points[0][0] == pytest.approx(box.x + step.reached.low * scale)
    assert level[-1].points[1][0] == pytest.approx(box.x + step.reached.high * scale)


def test_a_design_has_shares_without_counts_intervals_and_times():
    scene = funnel_scene(chain())
    texts = scene.texts()
    assert {"100 %", "85 %", "65 %", "−15 % lost here", "40 % come to it"} <= set(texts)
    assert "interval" not in scene.legend
    assert "median" not in scene.legend
    assert "time that a journey stays at the stage" not in texts


def test_few_customers_are_called_a_small_sample():
    fields = counted().model_dump()
    fields["observation"]["customers"] = 12
    assert any("small sample" in text for text in funnel_scene(Journey.model_validate(fields)).texts())
    assert not any("small sample" in text for text in funnel_scene(counted()).texts())


def test_without_a_goal_nothing_is_lost_or_won():
    scene = funnel_scene(counted(goal=None))
    assert not parts(scene, "lost")
    assert not parts(scene, "won")
    assert parts(scene, "ended")
    assert not any("lost" in text for text in scene.texts())


def test_print_tells_losses_by_a_hatch():
    (lost,) = parts(funnel_scene(counted(), theme=PRINT_THEME), "lost")
    assert lost.hatch == PRINT_THEME.pain_hatch


def test_times_stand_on_an_axis_of_words():
    scene = funnel_scene(counted())
    (strip, short) = parts(scene, "quartiles")
    medians = [line for line in scene.items if isinstance(line, Line) and line.mark == "median"]
    assert strip.x < medians[0].points[0][0] < strip.right
    assert short.right < strip.x
    assert any(text.startswith("median 1.3 hours") for text in scene.texts())
    assert {"10 s", "1 min", "1 h", "6 h"} <= set(scene.texts())
    assert "no time is known" in scene.texts(), "nobody stays at the purchase"


def test_the_panel_of_times_is_left_out_where_none_is_known():
    assert funnel_scene(counted(times=False)).width < funnel_scene(counted()).width


def test_the_axis_of_times_reaches_from_tick_to_tick():
    axis = time_axis([timed(7200.0, quartiles=(4000.0, 9000.0), deciles=(3700.0, 20000.0))], 1.0, 3.0)
    assert (exp(axis.low), exp(axis.high)) == pytest.approx((3600, 21600))
    axis = time_axis([timed(3600.0)], 1.0, 3.0)
    assert (exp(axis.low), exp(axis.high)) == pytest.approx((600, 21600))
    axis = time_axis([timed(0.0), timed(5e9)], 1.0, 3.0)
    assert (exp(axis.low), exp(axis.high)) == pytest.approx((1, 5e9))


def test_a_journey_without_touchpoints_or_stages_says_so():
    empty = Journey(name="Empty")
    assert any("no touchpoints yet" in text for text in funnel_scene(empty).texts())
    assert describe_funnel(empty).startswith("Empty: This journey has no touchpoints yet")
    floating = Journey(
        name="Floating",
        touchpoints=[{"id": "a", "entry_share": 1}, {"id": "b"}],
        transitions=[{"source": "a", "target": "b", "share": 0.5}],
    )
    assert any(
        "None of the touchpoints belongs to a stage" in text for text in funnel_scene(floating).texts()
    )
    assert_readable(draw_funnel(empty))


def test_what_cannot_be_known_is_refused():
    with pytest.raises(MissingEvidenceError, match="Hint"):
        draw_funnel(samples.tiny())
    with pytest.raises(WrongKindError, match="draw_funnel"):
        draw_funnel("chain")


def test_it_draws_on_given_axes():
    figure, ax = plt.subplots(figsize=(18, 8))
    assert draw_funnel(counted(), ax=ax) is ax
    assert figure.axes == [ax]


def test_the_description_has_the_numbers_of_the_picture():
    lines = describe_funnel(chain()).splitlines()
    assert lines == [
        "Shop: how far the journeys that the design expects come, stage by stage.",
        "100 % of the journeys get as far as Discovery, 90 % of all come to it itself; 15 % of these are lost there.",
        "85 % of the journeys get as far as Evaluation, 40 % of all come to it itself; 24 % of these are lost there.",
        "65 % of the journeys get as far as Purchase; 14 % of these are lost there.",
        "56 % of the journeys reach the goal, Pay.",
        "The largest share is lost at Evaluation: 24 %.",
    ]
    assert funnel_scene(chain()).description == describe_funnel(chain())
    assert "the median stay is" in describe_funnel(counted())
