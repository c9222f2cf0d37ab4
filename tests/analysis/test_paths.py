from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from journeymap.analysis.path_chain import START, PathChain
from journeymap.analysis.paths import find_paths
from journeymap.analysis.variant_groups import find_variant_groups
from journeymap.datasets import example_journey, example_log
from journeymap.errors import InvalidJourneyError, MissingEvidenceError, WrongKindError
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.paths import with_paths
from journeymap.formats.files import read_journey
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate

DESIGN = Path(__file__).parents[1] / "designs" / "web_shop.yaml"
MAIN = ("ad", "compare", "cart", "pay", "onboard", "renew")


@pytest.fixture
def toy(toy_log, toy_design):
    return discover_journey(toy_log, toy_design)


@pytest.fixture
def known(toy, toy_log):
    """The toy journey with its paths, rare ones, too."""
    return with_paths(toy, toy_log, min_customers=1)


def plan(**more):
    feelings = {"ad": 0, "compare": 1, "basket": -1, "pay": 0, "onboard": 1, "renew": 2}
    return Journey(
        name="Plan",
        goal="renew",
        touchpoints=[
            {"id": name, "stage": "discovery", "feeling": feeling} | more.get(name, {})
            for name, feeling in feelings.items()
        ],
        transitions=more.get("transitions", ()),
    )


def felt(journey, **feelings):
    touchpoints = [
        touchpoint.model_copy(
            update={
                "feeling": feelings[touchpoint.id],
                "measured_feeling": Estimate(
                    value=feelings[touchpoint.id],
                    low=feelings[touchpoint.id] - 0.5,
                    high=feelings[touchpoint.id] + 0.5,
                    customers=9,
                ),
            }
        )
        if touchpoint.id in feelings
        else touchpoint
        for touchpoint in journey.touchpoints
    ]
    return journey.model_copy(update={"touchpoints": tuple(touchpoints)})


def test_model_path_of_the_toy_log(known):
    # methods: P(ad, compare, cart, pay, onboard, renew) = .23148; the states tagged by stage change nothing,
    # as no floating touchpoint lies on it: (10/12)² · 8/12 · 1 · 4/8
    model = find_paths(known).model
    assert model.touchpoints == MAIN
    assert model.probability.value == pytest.approx((10 / 12) ** 2 * (8 / 12) * (4 / 8))
    assert model.probability.value == pytest.approx(0.23148, abs=5e-6)
    assert model.probability.low < model.probability.value < model.probability.high
    assert model.duration.value == 5 * 3600
    assert model.never_taken == ()


def test_modal_path_of_the_toy_log(known):
    report = find_paths(known)
    modal = report.modal
    assert modal.touchpoints == MAIN
    assert modal.journeys == 2
    assert modal.taken.value == pytest.approx(2 / 12)  # its coverage
    assert modal.taken.n == 12
    assert modal.taken_duration.value == 5 * 3600
    assert report.conversion == 0.5
    assert report.rare == 0
    assert "2 won journeys took exactly this path (17 % of the decided ones)" in str(report)


def test_probabilities_of_walks_add_up_to_conversion(known):
    report = find_paths(known, k=400)
    assert sum(path.probability.value for path in report.walks) == pytest.approx(0.5, abs=2e-3)
    probabilities = [path.probability.value for path in report.walks]
    assert np.diff(probabilities).max() < 1e-12
    assert all(len(set(path.touchpoints)) == len(path.touchpoints) for path in report.paths)
    assert all(path.touchpoints[-1] == "renew" for path in report.walks)
    # every won journey of the log is among the walks
    assert sum(path.journeys for path in report.walks) == 6


def test_a_path_that_nobody_took(known):
    # onboard → bot → chat → renew is put together from pieces of journeys 9 and 3
    path = next(p for p in find_paths(known).paths if "bot@post_purchase" in p.touchpoints)
    assert path.touchpoints[-3:] == ("bot@post_purchase", "chat@post_purchase", "renew")
    assert path.journeys == 0
    assert path.probability.value > 0


def test_says_when_the_most_probable_path_was_never_taken(toy, toy_log):
    report = find_paths(with_paths(toy, toy_log))  # with 5 customers or more nothing is listed
    assert report.model.journeys == 0
    assert report.rare == 6
    assert "taken by enough customers" in report.not_found["modal"]
    assert "pieces of different journeys. 6 won journeys went ways that too few customers" in str(report)


def test_says_what_provides_the_rest(toy):
    report = find_paths(toy)
    assert [path.kind for path in report.happy] == ["model"]
    assert "find_paths(journey, design)" in report.not_found["designed"]
    assert "with_paths(journey, log)" in report.not_found["modal"]
    assert "with_feedback" in report.not_found["best_felt"]
    assert report.model.journeys is None
    assert report.model.taken is None


def test_designed_path_by_shares(known):
    ways = [("ad", "compare", 0.3), ("ad", "basket", 0.5), ("compare", "pay", 1.0), ("basket", "pay", 0.4)]
    ways += [("pay", "onboard", 1.0), ("onboard", "renew", 0.9), ("onboard", "ad", 0.1)]
    design = plan(
        ad={"entry_share": 0.6},
        compare={"entry_share": 0.2},
        transitions=[{"source": a, "target": b, "share": share} for a, b, share in ways],
    )
    designed = find_paths(known, design).designed
    assert designed.touchpoints == ("compare", "pay", "onboard", "renew")  # .25 · .9 against .75 · .3 · .9
    assert designed.designed_probability == pytest.approx(0.25 * 0.9)
    assert designed.never_taken == ((START, "compare"), ("compare", "pay"))
    assert designed.probability.value == 0
    assert designed.duration.value is None
    assert "No decided journey begins at “Compare”." in designed.facts()


def test_designed_path_by_declared_order(known):
    ways = [("ad", "basket"), ("ad", "compare"), ("basket", "ad"), ("compare", "compare"), ("compare", "pay")]
    ways += [("pay", "onboard"), ("onboard", "pay"), ("onboard", "renew")]
    design = plan(transitions=[{"source": a, "target": b} for a, b in ways])
    designed = find_paths(known, design).designed
    assert designed.touchpoints == ("ad", "compare", "pay", "onboard", "renew")  # basket leads back only
    assert designed.designed_probability is None
    bare = find_paths(known, plan()).designed
    assert bare.touchpoints == ("ad", "compare", "basket", "pay", "onboard", "renew")
    assert bare.names[2] == "Basket"
    assert bare.never_taken == (("compare", "basket"), ("basket", "pay"))
    assert "No decided journey goes from “Compare” straight to “Basket”." in bare.facts()


def test_design_without_goal(known):
    design = Journey(name="Plan", touchpoints=[{"id": "ad", "stage": "discovery"}])
    assert find_paths(known, design).not_found["designed"] == "the design leads to no goal"


def test_best_felt_path(known):
    journey = felt(known, ad=0, compare=-2, cart=0, pay=0, onboard=1, renew=2)
    report = find_paths(journey)
    assert report.best_felt.touchpoints == ("ad", "cart", "pay", "onboard", "renew")
    assert report.best_felt.feeling.value == pytest.approx(0.6)
    assert (report.best_felt.feeling.low, report.best_felt.feeling.high) == pytest.approx((0.1, 1.1))
    assert report.best_felt.feeling_measured
    assert report.model.feeling.value == pytest.approx(1 / 6)
    # .0278 is not half as probable as .2315
    assert find_paths(journey, floor=0.5).best_felt.touchpoints == MAIN


def test_best_felt_path_needs_half_of_its_feelings(known):
    assert find_paths(felt(known, ad=1, renew=2)).best_felt is None
    assert find_paths(felt(known, ad=1, cart=0, renew=2)).best_felt.feeling.n == 3


def test_where_paths_agree_and_part(known):
    report = find_paths(felt(known, ad=0, compare=-2, cart=0, pay=0, onboard=1, renew=2), plan())
    assert report.shared == ("ad", "pay", "onboard", "renew")
    first = report.partings[0]
    assert (first.first, first.second) == ("designed", "modal")
    assert (first.after, first.first_next, first.second_next) == ("compare", "basket", "cart")
    assert (first.only_first, first.only_second) == (("basket",), ("cart",))
    text = str(report)
    assert text.startswith(
        "Toy: the most frequent and most probable path are the same, the designed path and the best felt "
        "path are others, judged by"
    )
    assert "part after “Compare”: the designed path goes on to “Basket”" in text
    assert text.count("the same as the most frequent path") == 1
    assert not [p for p in report.partings if (p.first, p.second) == ("modal", "model")]


def test_table_and_page(known):
    report = find_paths(known, plan())
    frame = report.to_frame()
    assert list(frame["kind"]) == ["designed", "modal", "model", *["simple"] * 5, *["walk"] * 5]
    assert list(frame["rank"])[-5:] == [1, 2, 3, 4, 5]
    assert frame.loc[1, "path"] == " > ".join(MAIN)
    named = known.model_copy(update={"name": "<b>Toy</b>"})
    page = find_paths(named)._repr_html_()
    assert "<b>" not in page
    assert "Ad → Compare → Cart" in page


def test_repeats_are_counted_in_words(known):
    walk = next(p for p in find_paths(known).walks if p.touchpoints.count("compare") == 2)
    assert walk.way() == "Ad → Compare (×2) → Cart → Pay → Onboard → Renew"


def test_refuses(known, toy_design):
    with pytest.raises(MissingEvidenceError):
        find_paths(toy_design)
    with pytest.raises(InvalidJourneyError, match="floor"):
        find_paths(known, floor=0)
    with pytest.raises(InvalidJourneyError, match="k: 0"):
        find_paths(known, k=0)
    with pytest.raises(WrongKindError, match="find_paths"):
        find_paths("journey")
    with pytest.raises(WrongKindError, match="find_paths"):
        find_paths(known, "design")


def test_says_when_customers_remember(known):
    modal = find_paths(known).modal
    more = modal.model_copy(
        update={"journeys": 40, "taken": Estimate(value=0.9, low=0.8, high=0.95, n=50, customers=50)}
    )
    assert (modal.misjudged, more.misjudged) == ("", "less")  # two journeys say nothing
    rarer = more.model_copy(update={"taken": Estimate(value=0.01, low=0.0, high=0.02, n=50, customers=50)})
    assert rarer.misjudged == "more"
    report = find_paths(known).model_copy(update={"happy": (more,)})
    assert "makes the most frequent path less probable than it is" in str(report)


@pytest.mark.slow
def test_shipped_example():
    # made by a chain, from the shares of its design: the three paths agree, and the chain tells the truth
    log, design = example_log(), example_journey()
    report = find_paths(with_paths(discover_journey(log, design), log), design)
    assert report.designed.touchpoints == report.modal.touchpoints == report.model.touchpoints
    assert report.modal.journeys > 100
    assert report.modal.misjudged == ""
    assert report.best_felt.feeling.value > report.model.feeling.value
    assert not report.best_felt.feeling_measured
    assert "by the map, not measured" in str(report)


def test_web_shop(shared_data):
    # 470 won sessions, nearly each on a way of its own
    log = EventLog(
        shared_data / "ecom" / "ecom.csv.gz",
        customer_col="user_id",
        event_col="event",
        time_col="timestamp",
        journey_col="session_id",
    )
    journey = with_paths(discover_journey(log, read_journey(DESIGN)), log)
    report = find_paths(journey)
    assert report.modal.journeys == 5
    assert report.modal.touchpoints[-1] == "purchase"
    assert report.covered < 0.05
    assert "no single path tells how this journey is won" in str(report)
    assert find_variant_groups(journey).structure == "none"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "likely", "least"), [(300, 0.5, 0.93), (300, 0.08, 0.93), (30, 0.5, 0.93)]
)
def test_interval_of_a_path_covers(customers, likely, least):
    """Customers unlike each other make one to four journeys a → b → goal."""
    rng = np.random.default_rng(11)
    hits, times = 0, 600
    for _ in range(times):
        groups = min(customers, 64)
        group = rng.permutation(customers) % groups
        journeys = rng.integers(1, 5, customers)
        further = rng.binomial(journeys, rng.beta(3 * likely, 3 * (1 - likely), customers))
        won = rng.binomial(further, rng.beta(3, 3, customers))
        made, moved, reached = (np.bincount(group, given, groups) for given in (journeys, further, won))
        chain = PathChain(
            nx.DiGraph(),
            {(START, "a"): made, ("a", "b"): moved, ("b", "goal"): reached},
            {START: made, "a": made, "b": moved},
            int(made.sum()),
            customers,
            {},
            {},
        )
        found = chain.probability(("a", "b", "goal"), level=0.95)
        hits += found.low is not None and found.low <= likely * 0.5 <= found.high
    assert least <= hits / times <= 0.985
