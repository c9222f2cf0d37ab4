"""The matrix of teams: whose touchpoint came before, and who carries the contacts."""

from __future__ import annotations

import pytest

from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import Box, Label
from journeymap.render.service_chart_owners import owner_entries, owner_panel
from journeymap.render.service_chart_panel_words import causes_note, describe_causes
from journeymap.render.theme import DEFAULT_THEME
from tests.render.grounds import contrast_faults
from tests.render.overlap import assert_readable
from tests.render.scene_checks import scene_faults
from tests.render.service_samples import LONG, UNKNOWN, around, causes, many_teams

WIDTH = 6.4


def panel(found):
    return owner_panel(found, 0.35, 0.2, WIDTH, DEFAULT_THEME)


def label(items, text):
    (found,) = [item for item in items if isinstance(item, Label) and item.text == text]
    return found


def cells(items):
    return {
        (round(box.x, 3), round(box.y, 3)): box
        for box in items
        if isinstance(box, Box) and box.mark == "cell"
    }


def readable(found):
    items, bottom = panel(found)
    entries = owner_entries(found, DEFAULT_THEME)
    small = [entry for entry in _small_sample() if any(item.mark == entry.mark for item in items)]
    scene = with_legend(items, [*entries, *small], y=bottom, width=WIDTH + 0.7, theme=DEFAULT_THEME, title="",
                        description="")  # fmt: skip
    assert_readable(paint(scene, None, DEFAULT_THEME))
    assert scene_faults(scene) == []
    assert contrast_faults(scene, DEFAULT_THEME) == []
    return scene


def _small_sample():
    star = Label(x=0, y=0, text="*", size=8)
    return [
        owner_entries(causes(), DEFAULT_THEME)[1].__class__(
            mark="small sample", marks=(star,), width=0.1, text="few"
        )
    ]


def test_rows_come_by_size_and_those_without_a_team_last():
    items, _ = panel(causes())
    rows = [label(items, name) for name in ("Billing", "Sales", "no owner named", "journey begins here")]
    assert [row.y for row in rows] == sorted(row.y for row in rows)
    assert rows[0].x == rows[3].x


def test_columns_follow_the_rows_where_all_of_them_are_rows():
    def order(found, *names):
        centred = {
            item.text: item.x for item in panel(found)[0] if isinstance(item, Label) and item.ha == "center"
        }
        return sorted(names, key=centred.__getitem__)

    by_size = {
        ("Shops", "Support"): 30,
        ("Support", "Shops"): 50,
        ("Shops", "Shops"): 40,
        ("Support", "Support"): 70,
    }
    assert order(causes(by_size), "Shops", "Support") == ["Support", "Shops"]
    both = {
        ("Sales", "Sales"): 60,
        ("Sales", "Support"): 20,
        ("Support", "Support"): 30,
        ("Support", "Sales"): 5,
    }
    more = both | {("Sales", "Support"): 40}
    assert order(causes(more), "Sales", "Support") == ["Sales", "Support"]  # though support carries more
    assert order(causes(more | {("Sales", "Shops"): 5}), "Sales", "Support", "Shops") == [
        "Support",
        "Sales",
        "Shops",
    ]


def test_cells_bear_share_and_count_and_a_colour_by_size():
    items, _ = panel(causes())
    for text in ("50 %", "50", "20 %", "12 %", "85 %", "85", "15 %"):
        assert any(isinstance(item, Label) and item.text.rstrip("*") == text for item in items), text
    fills = [box.fill for box in cells(items).values()]
    assert len(fills) == 6
    assert DEFAULT_THEME.shade(1.0) in fills  # billing, carried by support
    assert DEFAULT_THEME.shade(10 / 50) in fills
    assert len([item for item in items if isinstance(item, Label) and item.text == "0"]) == 10 - 6


def test_one_and_the_same_team_is_outlined():
    items, _ = panel(causes())
    (own,) = [box for box in items if isinstance(box, Box) and box.mark == "own"]
    same = next(box for box in cells(items).values() if box.fill == DEFAULT_THEME.shade(10 / 50))
    assert own.centre == pytest.approx(same.centre)
    nobody = causes({("no owner named", "no owner named"): 30, ("Billing", "no owner named"): 20})
    assert not [item for item in panel(nobody)[0] if item.mark == "own"]


def test_few_customers_are_marked():
    texts = {
        item.text for item in panel(causes())[0] if isinstance(item, Label) and item.mark == "small sample"
    }
    assert texts == {"10 %*", "12 %*", "5 %*", "3 %*"}  # not those of twenty and of fifty


def test_the_finding_says_how_much_comes_from_elsewhere():
    lines = list(describe_causes(causes()))
    assert lines[0] == (
        "82 % of the contacts (80 % to 84 %) came after a touchpoint of another team than the one that carries"
        " them (of 100 with both named)."
    )
    assert lines[1] == "After Billing, carried by Support: 50 contacts, 50 % of all (48 % to 52 %)."
    assert len(lines) == 1 + 6
    assert next(iter(describe_causes(causes(elsewhere=None)))).endswith("only owners in the design tell.")


def test_the_note_claims_nothing_that_the_interval_does_not():
    assert causes_note(causes()) == ""
    assert causes_note(causes(avoidable=around(30.0, 40.0))) == (
        "Whether contacts could be avoided, these counts cannot tell."
    )
    note = causes_note(causes(avoidable=around(30.0, 10.0), failures=around(0.4, 0.05)))
    assert note.startswith("About 30 contacts fewer (20 to 40) if every touchpoint")
    assert note.endswith("40 % of the contacts (35 % to 45 %) were caused by a failure.")


@pytest.mark.parametrize("found", [
    causes({("Support", "Support"): 9}), many_teams(8, LONG), many_teams(12), causes(half=None),
    causes({("市场部与客户关系部", "客户服务中心"): 40, ("客户服务中心", "客户服务中心"): 30}, elsewhere=None),
], ids=["one", "eight long names", "twelve", "no intervals", "chinese"])  # fmt: skip
def test_the_matrix_can_be_read(found):
    readable(found)


def test_long_names_of_columns_become_letters_that_the_rows_explain():
    texts = [label.text.replace("\n", " ") for label in readable(many_teams(8, LONG)).labels()]
    for letter in "ABCDEFGH":
        assert texts.count(letter) == 2, letter
    for place in range(8):
        assert f"{LONG} {place}" in texts
    # who carries contacts but stands in no row is named below
    other = causes({(f"{LONG} 1", f"{LONG} {place}"): 30 for place in range(7)})
    assert any(
        f"A\u00a0{LONG} 0" in text
        for text in (item.text.replace("\n", " ") for item in readable(other).labels())
    )


def test_the_smallest_of_many_teams_stand_together_and_bear_no_colour():
    items, _ = panel(many_teams(12))
    rows = [item for item in items if isinstance(item, Label) and item.text == "others"]
    assert len(rows) == 2  # a row and a column
    assert len(cells(items)) == 9 * 7
    # the teams on both sides are rather kept, so that what stays in one team is seen
    assert len([item for item in items if item.mark == "own"]) == 7
    total = sum(pair.contacts for pair in many_teams(12).owners)
    shown = sum(int(item.text.replace(",", "")) for item in items
                if isinstance(item, Label) and item.inside is not None and item.text.replace(",", "").isdigit())  # fmt: skip
    assert shown == 3 * total  # every contact once in a cell, in the sum of its row and of its column


def test_nothing_is_said_of_avoidable_contacts_that_are_not_known():
    assert causes_note(causes(avoidable=UNKNOWN, failures=UNKNOWN)) == ""
