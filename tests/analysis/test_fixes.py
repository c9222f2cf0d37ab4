"""Fixes say what they do, are read from short texts, and refuse what makes no sense."""

from __future__ import annotations

import inspect
import pickle
from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from journeymap.analysis.fix_text import FORMS, read_fix
from journeymap.analysis.fixes import CutWait, Fix, LowerExit, Remove, Reroute, fixes_for
from journeymap.analysis.friction import find_friction
from journeymap.errors import InvalidJourneyError, JourneyMapError, WrongKindError
from tests.analysis.planted import planted_journey
from tests.oracle import toy_journey

READ = {
    "payment: exit -50%": (LowerExit(touchpoint="payment", by=0.5), "Lower exits at payment by 50 %."),
    "payment: exits − 12.5 %": (LowerExit(touchpoint="payment", by=0.125), "Lower exits at payment by 12 %."),
    "payment: exit to 0%": (LowerExit(touchpoint="payment", to=0.0), "Lower exits at payment to 0 %."),
    "payment: exit to baseline": (
        LowerExit(touchpoint="payment", to="baseline"), "Lower exits at payment to the level of its peers."),
    "phone@purchase: exit -50% then pay": (
        LowerExit(touchpoint="phone@purchase", by=0.5, then="pay"),
        "Lower exits at phone@purchase by 50 % and lead them to pay."),
    "delivery: wait -2 days": (
        CutWait(touchpoint="delivery", by=timedelta(days=2)), "Cut the wait after delivery by 2 days."),
    "delivery: wait by 50%": (CutWait(touchpoint="delivery", by=0.5), "Cut the wait after delivery by 50 %."),
    "delivery: wait to 1 day": (
        CutWait(touchpoint="delivery", to=timedelta(days=1)), "Cut the wait after delivery to 1 day."),
    "delivery: wait to baseline": (
        CutWait(touchpoint="delivery", to="baseline"), "Cut the wait after delivery to the level of its peers."),
    "cart->chat: reroute 30 % to pay": (
        Reroute(source="cart", target="chat", share=0.3, to="pay"), "Send 30 % of cart → chat to pay."),
    "Remove chat": (Remove(touchpoint="chat"), "Remove chat."),
    "remove chat to lost": (Remove(touchpoint="chat", to="lost"), "Remove chat: its visitors are lost."),
    'remove "go to shop" to pay': (
        Remove(touchpoint="go to shop", to="pay"), "Remove go to shop: its visitors go to pay."),
    "page:view: exit to 5%": (LowerExit(touchpoint="page:view", to=0.05), "Lower exits at page:view to 5 %."),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_texts_are_read(text):
    fix, said = READ[text]
    assert read_fix(text) == fix
    assert str(fix) == said


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_that_an_error_names_can_be_read(form):
    assert str(read_fix(form)).endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payment", "'payment' is no fix. Expected a text such as 'payment: exit -50%'"),
        ("payment: exit 50%", "is no fix. Expected"),
        ("payment: exit -150%", "'150%' is more than all"),
        ("payment: exit -half", "'half' is no percentage"),
        ("payment: exit -0%", "by: 0.0 does not fit. Expected a part above 0, up to 1."),
        ("payment: exit to 100%", "less than 1, or 'baseline'."),
        ("delivery: wait -2 moons", "no unit of time 'moons'"),
        ("delivery: wait -two days", "'two days' is no time span"),
        ("cart -> chat: reroute 30% to chat", "they go to 'chat' already"),
        ("remove chat to chat", "cannot go where it was"),
        ("", "'' is no fix"),
    ],
)
def test_other_texts_are_refused_in_one_sentence(text, said):
    with pytest.raises(JourneyMapError) as error:
        read_fix(text)
    assert said in str(error.value)


def test_one_of_to_and_by():
    for wrong in ({}, {"to": 0.1, "by": 0.5}):
        with pytest.raises(InvalidJourneyError, match="of to and by is given"):
            LowerExit(touchpoint="pay", **wrong)
        with pytest.raises(InvalidJourneyError, match="of to and by is given"):
            CutWait(touchpoint="pay", **({} if not wrong else {"to": "1 day", "by": 0.5}))
    with pytest.raises(InvalidJourneyError, match="not negative"):
        CutWait(touchpoint="pay", to=timedelta(days=-1))


def test_touchpoints_can_be_given_by_place():
    assert LowerExit("pay", by=0.5) == LowerExit(touchpoint="pay", by=0.5)
    assert CutWait("pay", by="2 days") == CutWait(touchpoint="pay", by=timedelta(days=2))
    assert Reroute("cart", "chat", share=0.3, to="pay") == Reroute(
        source="cart", target="chat", share=0.3, to="pay"
    )
    assert Remove("chat") == Remove(touchpoint="chat")


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (
            lambda: LowerExit("pay", by=50),
            "LowerExit: by: 50 does not fit. Expected a part above 0, up to 1.\nHint: for 50 % write by=0.5",
        ),
        (
            lambda: LowerExit("pay", to=1),
            (
                "LowerExit: to: 1 does not fit. Expected a share from 0 up to less than 1, or 'baseline'.\n"
                "Hint: write for example to=0.05"
            ),
        ),
        (
            lambda: LowerExit("pay", byy=0.5),
            (
                "LowerExit: no key 'byy' in a LowerExit. Expected one of: kind, touchpoint, to, by, then.\n"
                "Hint: did you mean 'by'?"
            ),
        ),
        (
            lambda: LowerExit("pay"),
            (
                "LowerExit: none of to and by is given. Expected one of the two.\n"
                "Hint: to= is the new level, by= how much of it goes"
            ),
        ),
        (
            lambda: CutWait("pay", by=50),
            (
                "CutWait: by: 50 does not fit. Expected a time span such as '2 days', or a part above 0, up to 1.\n"
                "Hint: for 50 % write by=0.5"
            ),
        ),
        (
            lambda: CutWait("pay", to=3),
            (
                "CutWait: to: 3 does not fit. Expected a time span such as '1 day', or 'baseline'.\n"
                "Hint: write for example to='1 day'"
            ),
        ),
        (
            lambda: Reroute("cart", "chat", share=30, to="pay"),
            "Reroute: share: 30 does not fit. Expected a part above 0, up to 1.\nHint: for 30 % write share=0.3",
        ),
        (
            lambda: Remove("chat", to="chat"),
            (
                "Remove: its visitors cannot go where it was. Expected another destination.\n"
                "Hint: name another touchpoint, 'goal' or 'lost'"
            ),
        ),
        (
            lambda: Remove(7),
            (
                "Remove: touchpoint: 7 does not fit. Expected the id of a touchpoint.\n"
                "Hint: write for example touchpoint='payment'"
            ),
        ),
    ],
)
def test_what_does_not_fit_is_said_in_three_parts(write, said):
    with pytest.raises(InvalidJourneyError) as error:
        write()
    assert str(error.value) == said
    assert error.value.__suppress_context__


def test_fixes_stay_frozen_values():
    fix = LowerExit("pay", by=0.5)
    with pytest.raises(ValidationError, match="frozen"):
        fix.by = 0.6
    assert fix.model_copy(update={"by": 0.6}).by == 0.6
    assert pickle.loads(pickle.dumps(fix)) == fix  # noqa: S301 - its own bytes
    assert hash(fix) == hash(LowerExit("pay", by=0.5))
    assert list(inspect.signature(LowerExit).parameters)[:4] == ["touchpoint", "to", "by", "then"]


def test_inside_other_values_fixes_are_read_as_any_value():
    several = TypeAdapter(tuple[Fix, ...])
    read = several.validate_python([{"kind": "remove", "touchpoint": "chat"}, LowerExit("pay", to=0.1)])
    assert read == (Remove("chat"), LowerExit("pay", to=0.1))
    assert LowerExit.model_validate({"touchpoint": "pay", "by": 0.5}) == LowerExit("pay", by=0.5)
    with pytest.raises(ValidationError) as error:
        LowerExit.model_validate({"touchpoint": "pay", "by": 50})
    assert error.value.errors()[0]["loc"] == ("by",)


@pytest.mark.parametrize("text", READ)
def test_fixes_are_read_back_from_json(text):
    fix = READ[text][0]
    assert TypeAdapter(Fix).validate_json(fix.model_dump_json()) == fix


def test_names_stand_in_for_ids():
    names = {"cart": "“Basket”", "pay": "“Pay”"}
    assert (
        read_fix("cart -> chat: reroute 30% to pay").words(names) == "Send 30 % of “Basket” → chat to “Pay”"
    )


def test_every_point_of_friction_gets_its_fix():
    report = find_friction(planted_journey(7, leaves=["payment"], loops=["address"], waits=["delivery"]))
    found = fixes_for(report)
    assert LowerExit(touchpoint="payment", to="baseline") in found
    assert CutWait(touchpoint="delivery", to="baseline") in found
    assert {fix.touchpoint for fix in found} <= {point.touchpoint for point in report.friction}
    assert fixes_for(find_friction(toy_journey())) == ()
    with pytest.raises(WrongKindError, match="fixes_for"):
        fixes_for([])


def test_a_declared_target_stays_the_level():
    journey = planted_journey(5, customers=400)
    report = find_friction(journey, targets={"ad": {"waiting": timedelta(minutes=30), "drop_off": 0.0}})
    found = [fix for fix in fixes_for(report) if fix.touchpoint == "ad"]
    wait = next(fix for fix in found if isinstance(fix, CutWait))
    assert 0.3 < wait.by < 0.7  # the median wait is an hour
    assert all(fix.to != "baseline" for fix in found)
