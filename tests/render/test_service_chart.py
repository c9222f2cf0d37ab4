"""Service inside the experience as a chart: strips above the same touchpoints, arrows, and a table."""

from __future__ import annotations

import pytest

from journeymap.analysis.service import locate_service
from journeymap.analysis.service_parts import (
    JourneyPoint,
    ServiceAfter,
    ServiceBefore,
    ServiceTouchpoint,
    ServiceTrigger,
    StageService,
)
from journeymap.analysis.service_view import ServiceView
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.charts import draw_service
from journeymap.render.describe import describe
from journeymap.render.legend import IN_LEGEND
from journeymap.render.paint import scene_of
from journeymap.render.scene import Arrow, Box, Line, Marker, Polygon
from journeymap.render.service_chart import service_scene
from journeymap.render.service_chart_key import key
from journeymap.render.service_chart_words import service_finding
from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable, text_faults
from tests.render.samples import chinese, large, long_names
from tests.render.scene_checks import scene_faults

UNKNOWN = Estimate(value=None)
THEMES = {"colour": DEFAULT_THEME, "print": PRINT_THEME, "dark": DARK_THEME, "large": LARGE_THEME}


def share(value, n=900, customers=900):
    return Estimate(
        value=value, low=max(0.0, value - 0.02), high=min(1.0, value + 0.02), n=n, customers=customers
    )


def stage(name, events, service, journeys, reached, **more):
    return StageService(
        stage=name.lower(), name=name, touchpoints=4, service_touchpoints=1 if service else 0, events=events,
        service_events=service, journeys=journeys, service_journeys=reached,
        share=share(reached / journeys) if journeys else UNKNOWN, **more,
    )  # fmt: skip


def trigger(name, visits, followed, lift, low, high, *, significant):
    return ServiceTrigger(
        touchpoint=name, name=name, visits=visits, followed=followed, share=share(followed / visits), base=0.04,
        lift=Estimate(value=lift, low=low, high=high, n=visits, customers=visits), significant=significant,
    )  # fmt: skip


def after(target, name, count, *, ends=False, service=False):
    return ServiceAfter(
        target=target, name=name, ends=ends, is_service=service, count=count, share=share(count / 330, 330)
    )


def before(source, count, *, starts=False, service=False):
    return ServiceBefore(
        source=source,
        name=source,
        starts=starts,
        is_service=service,
        count=count,
        share=share(count / 330, 330),
    )


def point(name, where, feeling=None, *, service=False, floats=False, assumed=False):
    return JourneyPoint(
        touchpoint=name, name=name, stage=where.lower(), stage_name=where, is_service=service, feeling=feeling,
        floats=floats, assumed=assumed, visits=10,
    )  # fmt: skip


def touchpoint(name, where, contacts, value, *, customers=200, **feelings):
    return ServiceTouchpoint(
        touchpoint=name, name=name, stage=where.lower(), stage_name=where, contacts=contacts, customers=customers,
        share=share(value), returns=share(0.1, contacts, customers), **feelings,
    )  # fmt: skip


STAGES = (
    stage("Discovery", 1177, 0, 800, 0), stage("Evaluation", 905, 110, 610, 183), stage("Purchase", 0, 0, 0, 0),
    stage("Post-purchase", 848, 220, 300, 150),
)  # fmt: skip
VIEW = ServiceView(
    journey="Broadband", observed=True, stages=STAGES,
    triggers=(
        trigger("Outage message", 41, 22, 9.1, 7.6, 10.9, significant=True),
        trigger("Checks coverage at the address of the new flat", 274, 30, 1.6, 0.9, 2.2, significant=False),
        trigger("Renews", 198, 1, 0.1, 0.0, 0.5, significant=False),
    ),
    after=(
        after("renew", "Renews the contract", 110), after("lost", "lost", 61, ends=True),
        after("phone", "Help line", 56, service=True), after("pays", "Pays", 40), after("uses", "Uses", 30),
        after("goal", "goal", 12, ends=True), after("open", "open", 9, ends=True), after("ad", "Advert", 12),
    ),
    before=(
        before("Advert", 90), before("Pays", 60), before("start", 55, starts=True), before("Help line", 56, service=True),
        before("Uses", 25), before("Outage message", 22), before("Renews", 12), before("Reads", 10),
    ),
    event_share=share(0.12, 2930), journey_share=share(0.27, 1124), customer_share=share(0.29, 980),
    touchpoints=16, service_touchpoints=2, by_handler=(("human", 290), ("self_service", 40)),
    points=(
        point("Advert", "Discovery", 0.5), point("Chat", "Evaluation", 1, service=True), point("Reads", "Evaluation", -1),
        point("Pays", "Purchase"), point("Outage message", "Post-purchase", -2, assumed=True),
        point("Help line", "Post-purchase", -1.5, service=True, floats=True), point("Uses", "Post-purchase", 1),
    ),
    by_touchpoint=(
        touchpoint("Chat", "Evaluation", 110, 0.3, feeling_before=0.5, feeling=1.0, feeling_after=-1.0, recovery=-1.5),
        touchpoint("Help line", "Post-purchase", 220, 0.5, feeling_before=-1.0, feeling=-1.5, feeling_after=1.0, recovery=2.0,
                   assumed=("before",)),
    ),
    whole=ServiceTouchpoint(touchpoint="", name="All service", contacts=330, customers=300, share=share(0.27), returns=share(0.17, 330)),
)  # fmt: skip
BARE = VIEW.model_copy(update={"points": (), "before": (), "by_touchpoint": (), "whole": None})


def items(scene, kind, mark):
    return [item for item in scene.items if isinstance(item, kind) and item.mark == mark]


def shaded(scene):
    """The columns of service touchpoints."""
    return [box for box in items(scene, Box, "service") if box.line_width == 0]


def upright(scene):
    """The bars in the strip of contacts, without the level ones of the table."""
    return [box for box in items(scene, Box, "share") if box.height != pytest.approx(0.14)]


def test_strips_share_their_columns():
    scene = service_scene(VIEW)
    columns, bars = shaded(scene), upright(scene)
    assert len(columns) == len(bars) == 2
    for column, bar in zip(columns, bars, strict=True):
        assert column.centre[0] == pytest.approx(bar.centre[0])
        assert column.y < bar.y < bar.bottom < column.bottom
    assert columns[0].width == pytest.approx((scene.width - 0.7 - 1.35) / 7)


def test_bars_and_stage_lines_stand_on_one_scale():
    scene = service_scene(VIEW)
    low, high = upright(scene)
    assert low.bottom == pytest.approx(high.bottom)
    assert low.height / high.height == pytest.approx(0.3 / 0.5)
    lines = [line.points for line in items(scene, Line, "share")]
    assert [points[0][1] for points in lines] == pytest.approx(
        [low.y, high.y]
    )  # the only contact of its stage


def test_stages_without_service_and_without_visits_are_told_apart():
    texts = service_scene(VIEW).texts()
    for text in ("0 %", "30 %", "50 %", "no visits", "of 610 journeys", "of 300 journeys"):
        assert text in texts, text


def test_the_curve_passes_by_what_floats_and_breaks_where_nothing_is_known():
    scene = service_scene(VIEW)
    column = (scene.width - 0.7 - 1.35) / 7
    # without the thin lines of the table
    known, assumed = (
        [line for line in items(scene, Line, mark) if line.width == 1.8] for mark in ("feeling", "assumed")
    )
    assert {line.dash for line in known} == {"solid"}
    assert {line.dash for line in assumed} == {"dashed"}
    places = sorted(
        {
            round((x - 1.7) / column - 0.5, 6)
            for line in (known + assumed)
            for x, _ in (line.points[0], line.points[-1])
        }
    )
    assert places[0] == 0  # Advert
    assert places[-1] == 6  # from the outage message past the help line
    assert 3 not in places  # nobody knows how paying feels
    assert len(items(scene, Marker, "feeling")) + len(items(scene, Box, "feeling")) == 5 + 3 + 2


def test_what_leads_to_service_is_told_with_what_is_unusual():
    texts = service_scene(VIEW).texts()
    for text in ("Advert", "Pays", "Uses", "Outage message", "2 others together", "the journey begins", "◆ service again",
                 "54 % of visits, 9.1×", "27 %", "22 times"):  # fmt: skip
        assert text in texts, text


def test_what_happens_after_never_leaves_out_the_lost():
    texts = service_scene(VIEW).texts()
    for text in ("Renews the contract", "✕ journey lost", "61 times", "3 others together", "33 times"):
        assert text in texts, text
    assert "journey won" not in texts  # it is among the others
    few = service_scene(VIEW.model_copy(update={"after": VIEW.after[:3] + VIEW.after[5:7]})).texts()
    assert {"journey won", "not decided yet", "✕ journey lost"} <= set(few)


def test_arrows_are_as_wide_as_their_share():
    arrows = {
        arrow.joins: arrow
        for arrow in service_scene(VIEW).items
        if isinstance(arrow, Arrow) and arrow.mark != IN_LEGEND
    }
    widths = [arrows["before 0", "service"].width, arrows["before 1", "service"].width]
    assert widths == pytest.approx([0.8 + 11 * 90 / 330, 0.8 + 11 * 60 / 330])
    assert arrows["before 3", "service"].mark == "trigger"  # the outage message
    assert {arrow.mark for arrow in arrows.values()} == {"way", "trigger", "lost"}


def test_rows_of_one_name_are_told_apart_by_their_stage():
    rows = (
        after("phone@evaluation", "Help line", 70).model_copy(update={"stage_name": "Evaluation"}),
        after("phone@purchase", "Help line", 50).model_copy(update={"stage_name": "Purchase"}),
        after("renew", "Renews", 20).model_copy(update={"stage_name": "Post-purchase"}),
    )
    leads = trigger("Error page", 40, 20, 2.0, 1.5, 3.0, significant=True)
    leads = leads.model_copy(update={"touchpoint": "error@evaluation", "stage": "evaluation"})
    texts = service_scene(BARE.model_copy(update={"after": rows, "triggers": (leads,)})).texts()
    for text in (
        "Help line, evaluation",
        "Help line, purchase",
        "Renews",
        "50 % of 40 visits, 2× the usual",
    ):
        assert text in texts, text
    assert any(text.replace("\n", " ") == "Error page, evaluation" for text in texts)


def test_the_table_tells_feelings_and_credits_service_with_no_change():
    scene = service_scene(VIEW)
    texts = scene.texts()
    assert {"before", "during", "after", "All service"} <= set(texts)
    assert "change" not in texts  # it would be the work of the touchpoints around it
    assert "not of the same customers" in " ".join(texts).replace("\n", " ")
    hollow = [box for box in items(scene, Box, "assumed") if box.fill == DEFAULT_THEME.paper]
    assert len(hollow) == 1  # before the help line


def test_what_stands_at_several_stages_is_told_by_its_stage():
    rows = tuple(
        touchpoint("Desk", where, 50, 0.3).model_copy(update={"touchpoint": f"desk@{where.lower()}"})
        for where in ("Evaluation", "Loyalty")
    )
    steps = tuple(
        before("Desk", 20).model_copy(update={"source": row.touchpoint, "stage_name": row.stage_name})
        for row in rows
    )
    follows = tuple(
        after(row.touchpoint, "Desk", 30).model_copy(update={"stage_name": row.stage_name}) for row in rows
    )
    places = tuple(
        point("Desk", row.stage_name, 1).model_copy(update={"touchpoint": row.touchpoint}) for row in rows
    )
    view = VIEW.model_copy(
        update={"by_touchpoint": rows, "before": steps, "after": follows, "points": places}
    )
    scene = service_scene(view)
    shown = [text.replace("\n", " ") for text in scene.texts()]
    assert {"◆ Desk, evaluation", "◆ Desk, loyalty", "Desk, loyalty"} <= set(shown)
    said = scene.description
    assert "Contacts come from: Desk, evaluation (6 %) and Desk, loyalty (6 %)." in said
    assert "What happens after: Desk, evaluation (9 %) and Desk, loyalty (9 %)." in said
    assert "Desk, loyalty +1" in said


@pytest.mark.parametrize("theme", [DEFAULT_THEME, LARGE_THEME], ids=["colour", "large"])
def test_one_customer_has_a_picture_that_can_be_read(theme):
    lone = Estimate(value=0.5, low=0.0001, high=0.9999, n=2, customers=1)
    lead = ServiceTrigger(
        touchpoint="Home", name="Home", visits=2, followed=1, share=lone, base=0.1,
        lift=Estimate(value=3.0, low=0.1, high=90.0, n=2, customers=1),
    )  # fmt: skip
    places = (
        point("Home", "Discovery"),
        point("Desk call", "Discovery", service=True),
        point("Pays", "Purchase"),
    )
    view = ServiceView(
        journey="One", observed=True, triggers=(lead,), service_touchpoints=1, touchpoints=3, points=places,
        stages=(stage("Discovery", 3, 1, 1, 1), stage("Purchase", 1, 0, 1, 0)),
        before=(ServiceBefore(source="Home", name="Home", count=1, share=lone),),
        after=(ServiceAfter(target="Pays", name="Pays", count=1, share=lone),),
        by_touchpoint=(touchpoint("Desk call", "Discovery", 1, 1.0, customers=1),),
        event_share=lone, journey_share=share(1.0, 1, 1), customer_share=share(1.0, 1, 1),
    )  # fmt: skip
    ax = draw_service(view, theme=theme)
    assert_readable(ax)
    texts = scene_of(ax).texts()
    assert "of 1 journey" in texts
    assert "1 contact" in texts
    assert "100 % of 1 journey and 100 % of 1 customer have one" in " ".join(texts).replace("\n", " ")


def test_small_samples_are_marked():
    few = touchpoint("Chat", "Evaluation", 12, 0.3, customers=9)
    scene = service_scene(VIEW.model_copy(update={"by_touchpoint": (few,)}))
    assert "12*" in scene.texts()
    assert "small sample" in scene.legend
    assert "small sample" not in service_scene(VIEW).legend
    assert "Small sample." in scene.description


def test_many_touchpoints_bear_numbers_with_a_key():
    view = locate_service(large())
    scene = service_scene(view)
    texts = scene.texts()
    assert scene.width == 13.0
    assert {"1", "40", "Touchpoint number 39"} <= set(texts)
    service = [label.text for label in scene.labels() if label.mark == "service" and "\n" in label.text]
    assert service == [f"◆\n{n + 1}" for n in range(40) if n % 6 == 4]
    folded = service_scene(view, theme=LARGE_THEME)
    chevrons = [item for item in folded.items if isinstance(item, Polygon)]
    assert len(chevrons) == 5  # a stage is not split where it can be helped
    assert len({round(item.points[0][1], 6) for item in chevrons}) == 2
    assert folded.width == pytest.approx(13.0)


def test_two_hundred_touchpoints_fold():
    scene = service_scene(locate_service(large(200)))
    assert scene.width == 13.0
    assert len({round(item.points[0][1], 6) for item in scene.items if isinstance(item, Polygon)}) == 5


def test_it_fits_beside_other_things_on_a_page():
    scene = service_scene(VIEW)
    (middle,) = [box for box in items(scene, Box, "service") if box.node == "service"]
    (head,) = [label for label in scene.labels() if label.text == "service touchpoint"]
    assert head.x > middle.right
    assert abs(head.y - middle.y) < 1  # the table stands beside the arrows
    assert scene.height < 8.5
    assert len(scene.legend) <= 9
    stacked = service_scene(VIEW, theme=LARGE_THEME)
    (head,) = [label for label in stacked.labels() if label.text == "service touchpoint"]
    assert head.x == pytest.approx(0.35 * 1.4)


def test_the_finding_is_short_and_the_story_stands_in_the_words():
    finding = service_finding(VIEW)
    assert finding == (
        "67 % of the service contacts fall into Post-purchase, where 50 % of the journeys have one. After “Outage"
        " message” customers turn to service 54 % of the time, 9.1 times as often as after a touchpoint on average"
        " (7.6 to 11)."
    )
    assert VIEW.story() in service_scene(VIEW).description
    assert len(finding) < len(VIEW.story())
    none = VIEW.model_copy(update={"stages": STAGES[:1]})
    assert service_finding(none) == none.story() == "No customer had a service contact."


def test_columns_of_the_key_are_of_about_one_height():
    points = tuple(point(f"Touchpoint {n}", "Discovery") for n in range(10))
    laid, bottom = key(points, 1.0, 8.5, DEFAULT_THEME)
    names = [label for label in laid if label.text.startswith("Touchpoint")]
    assert [sum(label.x == x for label in names) for x in sorted({label.x for label in names})] == [2] * 5
    assert bottom == pytest.approx(max(label.y + label.height for label in names), abs=0.05)


def test_a_designed_view_shows_structure_and_feeling_alone():
    scene = service_scene(locate_service(large(8)))
    texts = scene.texts()
    assert any("structure only" in text for text in texts)
    assert "FEELING" in texts
    assert "SERVICE CONTACTS" not in texts
    assert not any("×" in text or "visits" in text for text in texts)
    assert len(shaded(scene)) == 1


def test_assumed_feelings_are_said_to_be_assumed():
    design = Journey(name="Map", touchpoints=[
        {"id": "ad", "stage": "discovery", "feeling": 1}, {"id": "help", "stage": "purchase", "feeling": -1, "service": {}},
    ])  # fmt: skip
    scene = service_scene(locate_service(design))
    assert any("All feelings are assumed" in text for text in scene.texts())
    assert scene.legend == ("service", "assumed")
    assert "Feeling along the journey: Ad +1 (assumed), Help (service) −1 (assumed)." in describe(
        locate_service(design)
    )


def test_nothing_to_show_is_a_sentence():
    scene = service_scene(locate_service(Journey(name="Map")))
    assert "There are no touchpoints to show." in scene.texts()
    assert scene.legend == ()


def test_a_view_without_touchpoints_still_shows_its_stages():
    scene = service_scene(BARE)
    assert "50 %" in scene.texts()
    assert len([item for item in scene.items if isinstance(item, Polygon)]) == 4
    assert "Outage message" in scene.texts()


def test_filters_stand_in_the_subtitle_and_the_description():
    scene = service_scene(VIEW.model_copy(update={"filters": ("platform is 'mobile'",)}))
    assert any("· only: platform is 'mobile'" in text for text in scene.texts())
    assert "The log was filtered: platform is 'mobile'." in scene.description


def test_the_description_says_the_numbers_of_the_picture():
    lines = describe(VIEW).splitlines()
    told = str(VIEW).splitlines()
    assert lines[: len(told)] == told
    assert "Evaluation: 110 of 905 visits are service." in lines
    assert any(line.startswith("Contacts come from: Advert (27 %), Pays (18 %)") for line in lines)
    assert (
        "Help line (Post-purchase): 220 contacts; 50 % of the journeys that come to the stage (48 % to 52 %); mean feeling"
        " before −1 (assumed), during −1.5, after +1; 10 % are followed by service again."
    ) in lines


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_service_can_be_read_in_every_theme(theme):
    ax = draw_service(VIEW, theme=theme)
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []
    assert contrast_faults(scene_of(ax), theme) == []


@pytest.mark.parametrize("change", [
    {"observed": False}, {"triggers": ()}, {"after": ()}, {"before": ()}, {"stages": ()}, {"points": ()},
    {"by_touchpoint": ()}, {"service_touchpoints": 0}, {"stages": STAGES[:1], "triggers": (), "after": (), "before": ()},
], ids=["designed", "no triggers", "nothing after", "nothing before", "no stages", "no points", "no table", "no service",
        "one stage"])  # fmt: skip
def test_service_can_be_read_and_every_mark_is_explained(change):
    ax = draw_service(VIEW.model_copy(update=change))
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []


@pytest.mark.parametrize("theme", [PRINT_THEME, LARGE_THEME], ids=["print", "large"])
@pytest.mark.parametrize(
    "journey", [long_names(), chinese(), large()], ids=["long names", "chinese", "forty"]
)
def test_designs_can_be_read(journey, theme):
    ax = draw_service(locate_service(journey), theme=theme)
    assert_readable(ax)
    assert scene_faults(scene_of(ax)) == []


@pytest.mark.parametrize("count", [1, 2, 3, 4, 12])
def test_the_strip_of_stages_fills_the_width(count):
    scene = service_scene(BARE.model_copy(update={"stages": tuple(
        found.model_copy(update={"stage": f"s{n}"}) for n, found in enumerate((STAGES * 3)[:count])
    )}))  # fmt: skip
    chevrons = [item for item in scene.items if isinstance(item, Polygon)]
    assert len(chevrons) == count
    assert max(x for item in chevrons for x, _ in item.points) == pytest.approx(scene.width - 0.35, abs=0.05)


@pytest.mark.parametrize("dpi", [72, 80, 96])
def test_the_story_keeps_the_margin_on_coarse_screens(dpi):
    ax = draw_service(VIEW)
    ax.figure.set_dpi(dpi)
    assert text_faults(ax) == []
    renderer = ax.figure.canvas.get_renderer()
    right = max(
        text.get_window_extent(renderer).x1
        for text in ax.texts
        if text.get_fontsize() == DEFAULT_THEME.stage_size
    )
    assert right <= ax.figure.bbox.x1 - 0.3 * dpi
