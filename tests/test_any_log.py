"""Whatever a log holds, the main job ends: a journey, judgements without nan, words, and pictures."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from matplotlib import pyplot as plt

import journeymap as jm

plt.switch_backend("Agg")

STAGES = {
    "ad": "discovery", "web": "evaluation", "cart": "purchase", "pay": "purchase", "use": "post_purchase",
    "renew": "loyalty", "phone": None, "chat": None,
}  # fmt: skip
STEPS = (0, 0, 1, 60, 3_600, 259_200)


def random_log(dice, engine):
    """One to 200 journeys with ties, loops, several journeys a customer, feelings here and there."""
    rows = []
    names = list(STAGES)[: dice.randint(1, len(STAGES))]
    people = dice.choice([1, 50, 1_000])
    for number in range(dice.choice([1, 2, 3, 10, 70, 200])):
        time = datetime(2024, 1, 1) + timedelta(seconds=dice.randint(0, 10**6))  # noqa: DTZ001
        for _ in range(dice.choice([1, 1, 2, 5, 12])):
            time += timedelta(seconds=dice.choice(STEPS))
            mood = dice.choice([None, -2.0, 0.5, 2.0])
            rows.append((f"c{number % people}", dice.choice(names), time, f"j{number}", mood))
    names = ("who", "what", "when", "trip", "mood")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    table = pa.table({name: list(values) for name, values in columns.items()})
    table = table.set_column(4, "mood", table["mood"].cast(pa.float64()))
    return jm.EventLog(
        table, customer_col="who", event_col="what", time_col="when", journey_col=dice.choice([None, "trip"]),
        feeling_col=dice.choice([None, "mood"]), engine=engine,
    )  # fmt: skip


def random_design(dice):
    if dice.random() < 0.3:
        return None
    touchpoints = [
        {"id": name, "stage": stage, "service": True if stage is None else None}
        for name, stage in STAGES.items()
    ]
    goal = dice.choice([(), "pay", "loyalty", "phone"])
    return jm.Journey(name="Any", goal=goal, touchpoints=touchpoints)


def answers(journey):
    """Everything else that can be asked; what the journey has no data for says so."""
    asked = [
        jm.chain, jm.chain_order, jm.next_touchpoint, jm.variants, jm.attribution, jm.recovery, jm.find_paths,
        jm.find_variant_groups, jm.find_moments, jm.check_overshadow, jm.check_interaction,
    ]  # fmt: skip
    for ask in asked:
        try:
            found = ask(journey)
        except jm.MissingEvidenceError as error:
            assert error.args[0].count("Hint: ") == 1  # noqa: PT017 - what it says is what is tried here
            continue
        yield found
        yield found._repr_html_()
        assert found.to_frame() is not None
    for point in jm.find_friction(journey).points[:3]:
        if point.gain is not None:
            yield jm.what_if(journey, f"{point.touchpoint}: exit -50%")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_the_main_job_ends_well(seed):
    dice = random.Random(seed)  # noqa: S311 - no secrets here
    with jm.DuckDBEngine() as engine:
        log = random_log(dice, engine)
        lost_after = dice.choice([None, "0 s", "1 day", "400 days"])
        gap = dice.choice([None, None, "1 hour"])
        journey = jm.discover_journey(log, random_design(dice), lost_after=lost_after, new_journey_after=gap)
        assert jm.draft_design(log).touchpoints
        journey = jm.with_paths(jm.with_episodes(journey, log), log, min_customers=dice.choice([1, 5]))
        if log.feeling_col:
            journey = jm.with_customer_feelings(journey, log)
    friction, service = jm.find_friction(journey), jm.locate_service(journey)
    said = "\n".join(
        [str(friction), friction._repr_html_(), str(service), service.story(), service._repr_html_()]
    )
    said += "\n".join(jm.describe(value) for value in (journey, friction, service))
    said += "\n".join(str(answer) for answer in answers(journey))
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)", said)
    assert jm.Journey.model_validate_json(journey.model_dump_json()) == journey
    jm.draw_map(journey)
    jm.draw_network(journey)
    jm.draw_friction(friction)
    jm.draw_service(service)
    plt.close("all")
