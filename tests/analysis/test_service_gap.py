"""Is the service better than the experience around it: by hand, on planted logs and over many samples."""

from __future__ import annotations

import numpy as np
import pytest

from journeymap.analysis.service_gap import (
    CANNOT_TELL,
    IN_BETWEEN,
    QUADRANTS,
    ServiceGap,
    compare_service_gap,
)
from journeymap.datasets import example_feedback, example_journey, example_log
from journeymap.errors import JourneyMapError, MissingEvidenceError
from journeymap.events.discover import discover_journey
from journeymap.events.service_gap import with_service_gap
from journeymap.model.evidence import EvidenceTable
from tests.analysis.evidence_by_hand import table
from tests.events import gap_oracle as oracle

FELT = ("good", "middle", "poor")
HOURS = [oracle.START.replace(hour=hour) for hour in range(24)]


def _events(who, service, experience, land="x", way="app"):
    """One contact and one visit outside service, as far as they are felt; no contact where service is None."""
    rows = [(who, "use", HOURS[0], "v", experience, land, None)]
    if service is not None:
        rows.append((who, "chat", HOURS[1], "v", service, land, way))
    return rows


def _gap(rows, *, by=None, least=1, **more):
    log = oracle.log_of(rows)
    known = with_service_gap(discover_journey(log, oracle.DESIGN), log, by=by, min_customers=least)
    return compare_service_gap(known, **more)


def test_five_customers_by_hand():
    pairs = [(2, -2), (2, -2), (1, -1), (0, 0), (1, 1)]  # differences 4, 4, 2, 0, 0
    found = _gap([row for n, pair in enumerate(pairs) for row in _events(f"c{n}", *pair)])
    # s² = (16 + ½ · 4²) / (5 − ½), and t at 4 degrees of freedom is 2.776445; a gap is at most 4
    reach = 2.776445 * (24 / 4.5 / 5) ** 0.5
    assert (found.gap.value, found.gap.low, found.gap.high) == (2, pytest.approx(2 - reach, abs=1e-5), 4)
    assert (found.service.value, found.experience.value) == (pytest.approx(1.2), pytest.approx(-0.8))
    low = 1.2 - 2.776445 * ((2.8 + 0.5 * 4) / 4.5 / 5) ** 0.5
    assert (found.service.low, found.service.high) == pytest.approx((low, 2), abs=1e-5)
    assert (found.customers, found.quadrant, found.segments, found.by) == (5, CANNOT_TELL, (), "")
    shares = {name: share.value for name, share in found.shares.items()}
    assert shares == {QUADRANTS[0]: 0.2, QUADRANTS[1]: 0.6, QUADRANTS[2]: 0, QUADRANTS[3]: 0, IN_BETWEEN: 0.2}
    poor = found.shares["great service, poor experience"]
    assert (poor.low, poor.high) == pytest.approx((0.23072, 0.88238), abs=1e-5)  # Wilson, 3 of 5
    assert found.experience_without.value is None
    assert (
        found.story()[0]
        == "Club: whether service feels better or worse than the rest of the experience cannot be told."
    )
    text = "Whether the service and the experience are good or poor cannot be told: the intervals cross 0."
    assert text in found.story()
    assert "5 customers, a small sample" in str(found)
    assert (
        _gap([row for n, pair in enumerate(pairs) for row in _events(f"c{n}", *pair)], level=0.8).gap.low > 0
    )


def test_equal_customers_are_not_sure():
    found = _gap([row for n in range(4) for row in _events(f"c{n}", 4 / 3, 1 / 3)])
    assert found.gap.value == pytest.approx(1, abs=1e-5)
    # s² = ½ · 4² / (4 − ½)
    assert found.gap.low == pytest.approx(1 - 3.182446 * (8 / 3.5 / 4) ** 0.5, abs=1e-4)
    assert found.gap.high == pytest.approx(1 + 3.182446 * (8 / 3.5 / 4) ** 0.5, abs=1e-4)
    assert found.quadrant == CANNOT_TELL


@pytest.fixture(scope="module")
def lands():
    """Three lands with a quadrant each, one that is mixed, and customers without a contact."""
    rng = np.random.default_rng(1)
    rows, centres = [], {"north": (1, -1), "south": (-1, 1), "east": (1, 1), "west": (0, 0)}
    for land, (service, experience) in centres.items():
        for number in range(30):
            s, x = np.clip(np.round(rng.normal((service, experience), 0.8) * 2) / 2, -2, 2).tolist()
            rows += _events(f"{land}{number}", s, x, land, "phone" if number % 3 else "app")
    rows += [row for n in range(20) for row in _events(f"n{n}", None, [-1, -1.5][n % 2], "north")]
    rows += [row for n in range(2) for row in _events(f"t{n}", 1, 1, "tiny")]
    rows += [(f"q{n}", what, HOURS[n], "v", felt, "east", None) for n in range(3)
             for what, felt in (("use", 1), ("chat", None))]  # fmt: skip
    return _gap(rows, by="land", least=5)


def test_segments_stand_in_their_quadrants(lands):
    places = {one.segment: one.quadrant for one in lands.segments}
    assert places == {
        "north": "great service, poor experience", "south": "poor service, great experience",
        "east": "both on the good side of the middle", "west": CANNOT_TELL, "*": CANNOT_TELL,
    }  # fmt: skip
    assert [one.customers for one in lands.segments] == [30, 30, 30, 30, 2]
    assert lands.segments[-1].name == "all small ones"
    assert (lands.by, lands.customers, lands.silent) == ("land", 122, 3)
    assert sum(share.value for share in lands.shares.values()) == pytest.approx(1)
    assert lands.experience_without.value == -1.25
    assert lands.experience_without.n == 20
    assert lands.experience_difference.low > 0.5
    text = str(lands)
    assert (
        "By land – great service, poor experience: north; poor service, great experience: south; both on"
        in text
    )
    assert "both on the good side of the middle: east." in text
    assert (
        "service better than the rest: north; service worse than the rest: south; no gap can be told:" in text
    )
    assert "those with contacts feel" in text
    assert "3 further customers had contacts of which no feeling is known, and are left out." in text


def test_parity_of_lands_and_channels(lands):
    way, land = lands.parity
    assert (way.by, land.by) == ("channel", "land")
    assert not way.differ
    assert "Service by channel: no difference can be told (p = " in str(lands)
    assert land.differ
    assert land.p_adjusted >= land.p
    assert {one.value for one in land.values if one.differs} >= {"north", "south", "east"}
    south = next(one for one in land.values if one.value == "south")
    assert south.difference.high < 0
    assert (south.contacts, south.feeling.n, south.feeling.customers, south.difference.customers) == (
        30,
        30,
        30,
        122,
    )
    assert "Service does not feel alike by land (p < 0.001): " in str(lands)
    assert "south 1." in str(land)
    outside = lands.experience_parity
    assert (outside.of, outside.by, outside.differ) == ("experience", "land", True)
    north, east = (next(one for one in outside.values if one.value == name) for name in ("north", "east"))
    # with a contact or not, told of it or not
    assert (north.contacts, east.contacts) == (50, 33)
    assert north.difference.high < 0 < east.difference.low
    assert "The experience outside service does not feel alike by land (p < 0.001): " in str(lands)


def test_it_can_be_stored_and_shown(lands):
    assert ServiceGap.model_validate_json(lands.model_dump_json()) == lands
    frame = lands.to_frame()
    assert list(frame.columns[:3]) == ["what", "of", "value"]
    assert len(frame) == 5 + 5 + 3 * 5 + 2 * (2 + 5 + 5)
    page = lands._repr_html_()
    assert "<td>share: great service, poor experience</td>" in page
    assert "all small ones" in page


def test_without_both_feelings_nothing_is_told():
    found = _gap(
        [("a", "use", HOURS[0], "v", 1, "x", None), ("b", "chat", HOURS[0], "v", 1, "x", "app")], by="land"
    )
    assert (found.gap.value, found.service.value, found.quadrant, found.customers) == (
        None,
        None,
        CANNOT_TELL,
        0,
    )
    assert {share.value for share in found.shares.values()} == {None}
    assert found.story()[0] == "Club: of no customer both feelings, in service and outside it, are known."
    assert found.experience_without.value == 1
    assert ServiceGap.model_validate_json(found.model_dump_json()) == found
    one = _gap(_events("a", 1, 1))
    assert (one.gap.value, one.gap.low, one.gap.high, one.quadrant) == (0, -4, 4, CANNOT_TELL)


def test_what_it_needs():
    with pytest.raises(MissingEvidenceError, match=r"with_service_gap\(journey, log\)"):
        compare_service_gap(oracle.DESIGN)
    with pytest.raises(JourneyMapError, match="middle: 5"):
        _gap(_events("a", 1, 1), middle=5)


def test_the_middle_is_what_the_caller_says():
    rows = [row for n in range(60) for row in _events(f"c{n}", 0.5 + n % 2, -0.5 + n % 2)]  # means 1 and 0
    found = _gap(rows, middle=0.5)
    assert found.quadrant == "service on the good side of the middle, experience on the poor side"
    assert "experience on the poor side (+0.5); not both surely above +0.5 or below −0.5." in str(found)
    assert _gap(rows).quadrant == CANNOT_TELL
    assert "The service is on the good side; whether the experience is good or poor cannot be told" in str(
        _gap(rows)
    )
    assert _gap(rows, middle=-0.5).quadrant == "both on the good side of the middle"


def test_a_mean_a_little_above_the_middle_is_not_great():
    rows = [row for n in range(400) for row in _events(f"c{n}", n % 2 - 0.25, n % 2 - 0.1)]
    found = _gap(rows)
    assert found.service.low > 0
    assert found.experience.high < 0.5
    assert found.quadrant == "both on the good side of the middle"
    said = str(found)
    assert "Both on the good side of the middle (0); that both are great (above +0.5) is not sure." in said
    assert "great service, great experience" not in said
    found = _gap([row for n in range(400) for row in _events(f"c{n}", n % 2 + 0.5, n % 2 + 0.6)])
    assert found.quadrant == "great service, great experience"
    assert "Great service, great experience: the means surely lie above +0.5." in str(found)


def test_the_shipped_example():
    log = example_log(customers=1500)
    known = with_service_gap(
        discover_journey(log, example_journey()), log, feedback=example_feedback(customers=1500),
        window="1 day", feeling_from="stars",
    )  # fmt: skip
    found = compare_service_gap(known)
    assert found.customers > 40
    assert found.gap.low < 0 < found.gap.high
    assert found.headline().endswith("than the rest of the experience cannot be told.")
    assert [one.name for one in found.parity[0].values if one.differs] == ["phone", "store", "email"]


def _journey(cells, moments, parity=None):
    """A journey with these counts, all in one customer group unless they come by group."""
    rules = EvidenceTable(
        name="gap_rules", groups=1, key_columns=("rule", "value"),
        keys=(("good_above", "0.5"), ("poor_below", "-0.5")), row=(), group=(), measures={},
    )  # fmt: skip
    keys = [("", s, x) for s in FELT for x in FELT]
    evidence = (
        table("gap_cells", ("segment", "service", "experience"), keys, {"customers": cells}),
        table("gap_moments", ("segment",), [("",)], moments),
        parity or table("parity", ("by", "value"), [("channel", "a")],
                        {name: [[0]] for name in ("contacts", "felt", "sum_u", "sum2_u", "customers")}),
        rules,
    )  # fmt: skip
    return oracle.DESIGN.model_copy(update={"evidence": evidence})


# S and X of four kinds of customers, in halves; the last tells great service and a poor experience
KINDS = np.array([[1.5, 1.0], [0.0, 0.5], [-1.0, -1.5], [2.0, -2.0], [0.0, 0.0]])
PARTS = np.array([0.35, 0.25, 0.2, 0.12, 0.08])


def _sample(rng, n):
    """Counts of n customers, each kind with a spread of half a point that its own two feelings share."""
    kind = rng.choice(len(PARTS), size=n, p=PARTS)
    s, x = (KINDS[kind] * 0.75 + rng.choice([-0.5, 0.5], size=(n, 1))).T
    place = [np.where(value > 0.5, 0, np.where(value < -0.5, 2, 1)) for value in (s, x)]
    cells = np.bincount(3 * place[0] + place[1], minlength=9)[:, np.newaxis]
    sums = {"service_u": s, "experience_u": x, "service_service_u": s * s, "experience_experience_u": x * x,
            "service_experience_u": s * x}  # fmt: skip
    moments = {name: [[1e6 * float(value.sum())]] for name, value in sums.items()}
    none = {
        name: [[0]] for name in ("customers_without", "without_u", "without_without_u", "customers_silent")
    }
    return _journey(cells, {"customers_both": [[n]], **moments, **none})


@pytest.mark.parametrize("n", [15, 60])
def test_gap_and_share_cover_the_truth(n):
    rng = np.random.default_rng(n)
    truth = PARTS @ (KINDS * 0.75)
    whole = _sample(np.random.default_rng(0), 400_000)
    share = compare_service_gap(whole).shares["great service, poor experience"].value
    hits, claims, samples = np.zeros(4), 0, 700
    for _ in range(samples):
        found = compare_service_gap(_sample(rng, n))
        numbers = (found.gap, found.service, found.experience, found.shares["great service, poor experience"])
        true = (truth[0] - truth[1], *truth, share)
        hits += [one.low <= value <= one.high for one, value in zip(numbers, true, strict=True)]
        claims += "poor service" in found.quadrant
    assert (hits[:3] / samples >= 0.93).all()
    assert (hits[:3] / samples <= (0.975 if n > 40 else 1)).all()
    assert 0.93 <= hits[3] / samples <= 0.99  # Wilson's interval of a small share is cautious
    assert claims == 0  # S is +0.53


def _parity_sample(rng, apart):
    """200 customers with a mood of their own, one to five contacts each, in three channels at random."""
    who = np.repeat(np.arange(200), rng.integers(1, 6, size=200))
    way = np.where(rng.random(who.size) < 0.7, (who % 3), rng.integers(0, 3, size=who.size))
    felt = np.clip(rng.normal(0, 0.6, size=200)[who] + rng.normal(0, 0.6, size=who.size), -2, 2)
    felt = np.clip(felt + apart * (way == 2), -2, 2)
    group = who % 64
    counts = {name: np.zeros((3, 64)) for name in ("contacts", "felt", "sum_u", "sum2_u", "customers")}
    for name, value in (("contacts", 1), ("felt", 1), ("sum_u", 1e6 * felt), ("sum2_u", 1e6 * felt**2)):
        np.add.at(counts[name], (way, group), value)
    for channel, customer in {*zip(way.tolist(), who.tolist(), strict=True)}:
        counts["customers"][channel, customer % 64] += 1
    keys = [("channel", name) for name in "abc"]
    return table("parity", ("by", "value"), keys, counts)


def test_equal_channels_seldom_seem_to_differ_and_planted_ones_do():
    rng = np.random.default_rng(3)
    base = _sample(rng, 200)
    names = [carried.name for carried in base.evidence]

    def parity(apart):
        evidence = list(base.evidence)
        evidence[names.index("parity")] = _parity_sample(rng, apart)
        return compare_service_gap(base.model_copy(update={"evidence": tuple(evidence)})).parity[0]

    samples = 300
    same = [parity(0.0) for _ in range(samples)]
    assert sum(one.differ for one in same) / samples <= 0.08
    first = [next(v for v in one.values if v.value == "a").difference for one in same]
    assert sum(d.low <= 0 <= d.high for d in first) / samples >= 0.92
    assert np.mean([any(v.differs for v in one.values) for one in same]) <= 0.08
    planted = [parity(0.6) for _ in range(20)]
    assert all(one.differ for one in planted)
    assert all(next(v for v in one.values if v.value == "c").difference.low > 0 for one in planted)
