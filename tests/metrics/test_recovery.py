"""Recovery, on the toy log and on counts made by hand."""

from __future__ import annotations

import pytest

from journeymap.errors import MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.episodes import with_episodes
from journeymap.metrics.recovery import recovery
from journeymap.model.evidence import EvidenceTable
from journeymap.stats.differences import newcombe_difference
from tests import oracle

GROUPS = 64


def spread(cells):
    """Entries for counts that are the same in every group."""
    keys = tuple(cells)
    entries = [(row, group) for row in range(len(keys)) for group in range(GROUPS)]
    names = list(next(iter(cells.values())))
    return {
        "keys": keys,
        "row": tuple(row for row, _ in entries),
        "group": tuple(group for _, group in entries),
        "measures": {name: tuple(cells[keys[row]][name] for row, _ in entries) for name in names},
    }


def ends(closed, won):
    return {"journeys": closed, "closed": closed, "won": won, "customers": closed}


def journey_with(recovery_cells, *, goal=("renew",)):
    """A journey whose customers are alike in all groups."""
    shapes = {("1", "recovered"): {"episodes": 1, "escalated": 0, "repeated": 0, "customers": 1}}
    tables = (
        EvidenceTable(name="recovery", groups=GROUPS, key_columns=("failures", "state"), **spread(recovery_cells)),
        EvidenceTable(name="episode_shapes", groups=GROUPS, key_columns=("contacts", "outcome"), **spread(shapes)),
        EvidenceTable(name="episode_rules", groups=1, key_columns=("rule",), keys=(("within",),), row=(0,),
                      group=(0,), measures={"value": (7 * 24 * oracle.HOUR,)}),
    )  # fmt: skip
    return oracle.toy_journey().model_copy(update={"evidence": tables, "goal": goal})


class TestToyLog:
    """3 of 5 episodes recovered (methods 4.7), goal with a contact 3/5, without 3/7 (C2)."""

    @pytest.fixture(autouse=True)
    def _measured(self, toy_log, toy_design):
        self.found = recovery(with_episodes(discover_journey(toy_log, toy_design), toy_log, within="7 h"))

    def test_episodes(self):
        assert self.found.recovered_episodes.value == 3 / 5
        assert self.found.resolved_at_once.value == 2 / 5
        assert self.found.escalated.value == 2 / 5
        assert self.found.repeated.value == 1 / 5
        assert self.found.recovered_journeys.value == 3 / 5

    def test_goal_rates(self):
        rates = {key: (rate.value, rate.n) for key, rate in self.found.goal_rate.items()}
        assert rates == {"none": (3 / 7, 7), "recovered": (1, 3), "not_recovered": (0, 2)}
        rates = {key: (rate.value, rate.n) for key, rate in self.found.goal_rate_by_failures.items()}
        assert rates == {"0": (3 / 7, 7), "1": (3 / 5, 5), "2+": (None, 0)}

    def test_contrasts(self):
        assert self.found.paradox.value == pytest.approx(4 / 7)
        assert self.found.failure_loss.value == pytest.approx(-3 / 7)
        assert self.found.double_deviation.value is None

    def test_sentences(self):
        text = str(self.found)
        assert "60 % of 5 episodes of service contacts are followed by progress; 40 % after a single" in text
        assert (
            "Goal rate: without a contact before it 43 % (n 7), got on after every contact 100 % (n 3)"
            in text
        )
        assert "did not get on 0 % (n 2). By definition none of those that did not get on reaches it" in text
        assert "those without one cannot be told (+57 points" in text
        assert text.endswith("Small sample.")
        assert "<" not in self.found._repr_html_().removeprefix("<pre>").removesuffix("</pre>")

    def test_definitions_name_the_rules(self):
        assert "gaps at most 7 hours" in self.found.recovered_episodes.definition


@pytest.mark.parametrize(
    ("recovered", "none", "verdict"),
    [((5, 4), (10, 5), "supported"), ((5, 2), (10, 8), "contradicted"), ((5, 3), (10, 6), "not supported")],
)
def test_the_paradox(recovered, none, verdict):
    found = recovery(journey_with({("0", "none"): ends(*none), ("1", "recovered"): ends(*recovered)}))
    assert found.paradox_verdict == verdict
    assert ("survivorship" in str(found)) == (verdict == "supported")


def test_intervals_are_newcombes_where_groups_are_alike():
    cells = {("0", "none"): ends(10, 5), ("1", "recovered"): ends(5, 3), ("2+", "not_recovered"): ends(4, 1)}
    found = recovery(journey_with(cells))
    expected = newcombe_difference(3 * GROUPS, 5 * GROUPS, 5 * GROUPS, 10 * GROUPS, df=GROUPS - 1)
    assert (found.paradox.low, found.paradox.high) == pytest.approx((expected.low, expected.high))
    expected = newcombe_difference(GROUPS, 4 * GROUPS, 3 * GROUPS, 5 * GROUPS, df=GROUPS - 1)
    assert found.double_deviation.value == pytest.approx(1 / 4 - 3 / 5)
    assert str(found).endswith("; only journeys that went on can have another one (survivorship).")
    assert (found.double_deviation.low, found.double_deviation.high) == pytest.approx(
        (expected.low, expected.high)
    )


def test_one_point_is_one_point():
    found = recovery(journey_with({("0", "none"): ends(100, 50), ("1", "recovered"): ends(100, 51)}))
    assert "(+1 point, " in str(found)
    assert "By definition" not in str(found)


def test_without_a_goal_there_are_no_goal_rates():
    found = recovery(journey_with({("1", "recovered"): ends(5, 0)}, goal=()))
    assert all(rate.value is None for rate in found.goal_rate.values())
    assert found.paradox_verdict == "not known"
    assert "Goal rate" not in str(found)


def test_open_episodes_are_left_out(toy_log, toy_design):
    journey = with_episodes(discover_journey(toy_log, toy_design, lost_after="4 days"), toy_log)
    found = recovery(journey)  # journey 8 and 11 of the toy log: the second is open
    assert (found.recovered_episodes.value, found.recovered_episodes.n) == (3 / 4, 4)
    assert found.recovered_episodes.censored == 1
    assert found.recovered_journeys.n == 4


def test_nobody_who_asked(toy_log, toy_design):
    quiet = toy_log.where(event=["ad", "compare", "cart", "pay", "renew"])
    found = recovery(with_episodes(discover_journey(quiet, toy_design), quiet))
    assert str(found) == "No decided episode of service contacts: nothing to recover from."
    assert found.goal_rate["none"].n == 12


def test_a_frame_has_every_number():
    pytest.importorskip("pandas")
    frame = recovery(journey_with({("0", "none"): ends(10, 5), ("1", "recovered"): ends(5, 3)})).to_frame()
    assert len(frame) == 8 + 3 + 3
    row = frame[(frame["measure"] == "goal_rate") & (frame["of"] == "recovered")].iloc[0]
    assert row["value"] == 3 / 5


def test_a_journey_without_episodes_says_what_to_do(toy_log, toy_design):
    with pytest.raises(MissingEvidenceError, match=r"with_episodes\(journey, log\)"):
        recovery(discover_journey(toy_log, toy_design))
