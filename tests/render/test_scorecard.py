"""The picture of the scorecard: numbers in large type, each on its own scale, and what is missing said."""

from __future__ import annotations

import warnings
from datetime import datetime

import pytest
from matplotlib import pyplot as plt

from journeymap.errors import JourneyMapError, WrongKindError
from journeymap.model.measures import Estimate, Scale
from journeymap.model.scorecard import Scorecard, ScorecardRow
from journeymap.render.legend import IN_LEGEND
from journeymap.render.scene import Box, Line, Marker
from journeymap.render.scorecard import describe_scorecard, draw_scorecard, scorecard_scene
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults

THEMES = {"default": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}
WAIT = "time by which half of the contacts are answered; whoever got none waits to the end"


def found(value, low=None, high=None, *, n=1_204, customers=None, definition=""):
    return Estimate(
        value=value, low=low, high=high, n=n, customers=n if customers is None else customers,
        definition=definition,
    )  # fmt: skip


def row(family, key, name, estimate, unit="share", better="higher", **more):
    return ScorecardRow(
        family=family, key=key, name=name, estimate=estimate, unit=unit, better=better, **more
    )


WAITING = row("service", "wait", "First response time, median", found(8_280, 7_400, 9_100, definition=WAIT),
              "seconds", "lower")  # fmt: skip
OPEN = row("service", "p90", "First response time, p90", found(138_000, 112_000), "seconds", "lower")
REPEATS = row("service", "repeat", "Repeat contacts", found(0.24, 0.22, 0.26), better="lower")
RATE = row("service", "rate", "Contacts per customer", found(0.31, 0.29, 0.33), "per_customer", "lower")
HANDFUL = row("service", "contained", "Contained by self-service", found(0.55, 0.31, 0.76, n=16))
NPS = row("experience", "nps", "Net Promoter Score", found(-0.1, -0.17, -0.03), "net_promoter")
CES = row("experience", "ces", "Customer Effort Score", found(5.1, 4.4, 5.8), "score",
          scale=Scale(low=1, high=7))  # fmt: skip
OLD_CES = row("experience", "ces1", "Effort", found(2.0, 1.5, 2.5), "score", "lower",
              scale=Scale(low=1, high=5, better="lower"))  # fmt: skip
FEELING = row("experience", "feeling", "Feeling", found(0.63, 0.2, 1.1), "feeling")
RETENTION = row("experience", "retention", "Retention", found(None, n=0), missing="cohorts are needed")


def card(*rows, **more):
    return Scorecard(journey="Broadband at home", rows=rows, **more)


def full():
    return card(
        WAITING, OPEN, REPEATS, RATE, HANDFUL, NPS, CES, OLD_CES, FEELING, RETENTION,
        customers=20_000, period=(datetime(2024, 1, 1), datetime(2024, 6, 30)),  # noqa: DTZ001 - as given
        filters=("platform is 'mobile'",), notes=("Tickets: 12 left out: resolved before it was opened.",),
    )  # fmt: skip


def many(name="{}"):
    rows = [one for one in full().rows if one.estimate.value is not None] * 3
    return card(*(one.model_copy(update={"key": f"k{n}", "name": name.format(one.name)})
                  for n, one in enumerate(rows)))  # fmt: skip


def unmeasured():
    return card(*(one.model_copy(update={"estimate": found(None, n=0), "missing": "tickets are needed"})
                  for one in full().rows))  # fmt: skip


LONG = "{} of everything that our people told you about how easy it was to understand the help desk"
CARDS = {
    "full": full,
    "two": lambda: card(WAITING, NPS),
    "many": many,
    "long": lambda: many(LONG),
    "chinese": lambda: many("净推荐值：您有多大可能向朋友或同事推荐我们的服务"),
    "unmeasured": unmeasured,
    "nothing": card,
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", CARDS)
def test_every_text_can_be_read_and_every_mark_is_explained(sample, theme):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No installed font")
        assert_readable(draw_scorecard(CARDS[sample](), theme=THEMES[theme]))
        scene = scorecard_scene(CARDS[sample](), theme=THEMES[theme])
    assert not [*scene_faults(scene), *contrast_faults(scene, THEMES[theme])]


def marked(scene, mark):
    return [item for item in scene.items if item.mark == mark]


def track(scene, dot):
    """The line of the scale on which a dot lies."""
    lines = [item for item in scene.items if isinstance(item, Line) and item.width == 1.2 and not item.mark]
    return next(line for line in lines
                if line.points[0][1] == dot.y and line.points[0][0] <= dot.x <= line.points[1][0])  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "part"),
    [(REPEATS, 0.24), (NPS, 0.45), (CES, 4.1 / 6), (OLD_CES, 0.25), (FEELING, 2.63 / 4),
     (WAITING, 8_280 / 10_800), (RATE, 0.31 / 0.4)],
)  # fmt: skip
def test_a_number_lies_where_it_belongs_on_its_own_scale(shown, part):
    scene = scorecard_scene(card(shown))
    (dot,) = marked(scene, "estimate")
    (left, _), (right, _) = track(scene, dot).points
    assert (dot.x - left) / (right - left) == pytest.approx(part)


def test_the_interval_spans_its_ends():
    scene = scorecard_scene(card(CES))
    line = next(item for item in marked(scene, "interval") if item.points[0][1] == item.points[1][1])
    (left, _), (right, _) = track(scene, marked(scene, "estimate")[0]).points
    ends = [1 + 6 * (x - left) / (right - left) for x, _ in line.points]
    assert ends == pytest.approx([4.4, 5.8])


def test_an_interval_without_upper_end_goes_on_dotted_and_says_at_least():
    scene = scorecard_scene(card(OPEN))
    dotted = [item for item in marked(scene, "open") if item.dash == "dotted"]
    (dot,) = marked(scene, "estimate")
    (line,) = dotted
    assert line.points[1][0] == track(scene, dot).points[1][0]
    assert "at least 1.3 days" in " ".join(scene.texts())
    assert "open" in scene.legend
    assert "interval" not in scene.legend


@pytest.mark.parametrize(("shown", "end"), [(REPEATS, 0), (NPS, 1), (OLD_CES, 0), (CES, 1)])
def test_the_good_end_of_the_scale_is_marked(shown, end):
    scene = scorecard_scene(card(shown))
    (good,) = (item for item in marked(scene, "good") if isinstance(item, Box))
    ends = [x for x, _ in track(scene, marked(scene, "estimate")[0]).points]
    assert min(abs(good.x - ends[end]), abs(good.right - ends[end])) < 1e-9


def test_values_stand_in_large_type_with_their_units_and_signs():
    scene = scorecard_scene(full())
    large = {label.text for label in scene.labels() if label.size > 15 and label.weight == "bold"}
    assert {"2.3", "1.6", "24", "0.31", "55", "−10", "5.10", "2.00", "+0.6"} == large
    texts = scene.texts()
    assert {"−100", "+100", "hours", "3 hours", "−2", "+2", "0.4"} <= set(texts)


def test_a_small_sample_is_hollow_and_said():
    scene = scorecard_scene(card(HANDFUL))
    (ring,) = (item for item in marked(scene, "small") if isinstance(item, Marker))
    assert ring.fill == DEFAULT_THEME.paper
    assert "estimate" not in scene.legend
    assert any(text.endswith("n = 16, small sample") for text in scene.texts())


def test_families_stand_side_by_side_and_their_first_rows_on_one_line():
    scene = scorecard_scene(card(WAITING, NPS))
    labels = {label.text: label for label in scene.labels()}
    service, experience = labels["◆ Customer service"], labels["Customer experience"]
    assert service.y == experience.y
    assert service.x < scene.width / 2 < experience.x
    assert labels["First response time, median"].y == labels["Net Promoter Score"].y


def test_what_is_not_known_stands_below_with_what_it_needs():
    scene = scorecard_scene(full())
    labels = {label.text: label for label in scene.labels()}
    assert labels["Retention"].y > labels["Feeling"].y
    assert labels["Retention"].weight == "normal"
    assert labels["Cohorts are needed"].y > labels["Not measured"].y


def test_numbers_that_need_the_same_say_it_once():
    texts = scorecard_scene(unmeasured()).texts()
    assert texts.count("Tickets are needed") == 2  # once in each family
    assert any(text.startswith("First response time, median First response time, p90") for text in texts)


def test_a_card_without_numbers_says_so():
    scene = scorecard_scene(card())
    assert any(text.startswith("No survey answers") for text in scene.texts())
    assert scene.legend == ("service",)


def test_words_of_a_theme_reach_the_figure():
    from dataclasses import replace  # noqa: PLC0415 - only here

    theme = replace(DEFAULT_THEME, words={"Customer service": "Kundendienst", "hours": "Stunden"})
    texts = scorecard_scene(card(WAITING), theme=theme).texts()
    assert "◆ Kundendienst" in texts
    assert "Stunden" in texts


def test_the_words_say_every_number_uncut():
    text = describe_scorecard(full())
    assert "Broadband at home, whole journey, 20,000 customers, 2024-01-01 to 2024-06-30" in text
    assert "First response time, median: 2.3 hours (95 % interval 2.1 to 2.5 hours), n = 1,204" in text
    assert WAIT[1:] in text
    assert "5.10 on a scale from 1 to 7" in text
    assert "n = 16, from 16 customers, a small sample; higher is better" in text
    assert "Not measured: Retention (cohorts are needed)." in text
    assert "12 left out" in text
    assert scorecard_scene(full()).description == text


def test_definitions_too_long_for_the_figure_stand_in_its_words():
    long = card(WAITING.model_copy(update={"estimate": found(60, definition="very long " * 60)}))
    scene = scorecard_scene(long)
    assert any(text.endswith("…") for text in scene.texts())
    assert scene.description.count("very long") + scene.description.count("Very long") == 60


def test_large_type_keeps_the_width_of_the_page():
    assert scorecard_scene(full(), theme=LARGE_THEME).width == pytest.approx(scorecard_scene(full()).width)


def test_no_mark_of_the_legend_stands_outside_of_it():
    scene = scorecard_scene(card(NPS))
    body = {item.mark for item in scene.items if item.mark and item.mark != IN_LEGEND}
    assert body == set(scene.legend) == {"service", "estimate", "interval", "good"}


def test_other_values_and_axes_too_small_are_refused():
    with pytest.raises(WrongKindError, match=r"draw_scorecard: .*\nHint: measure the journey first"):
        draw_scorecard("card")
    with pytest.raises(WrongKindError):
        describe_scorecard(None)
    _, small = plt.subplots(figsize=(1.5, 1))
    with pytest.raises(JourneyMapError, match=r"needs \d+\.\d × \d+\.\d inches"):
        draw_scorecard(full(), ax=small)
