"""Bad files: one clear sentence each, with the place and what to do."""

from __future__ import annotations

import gzip
import pickle

import pytest

from journeymap.errors import (
    FileFormatError,
    InvalidJourneyError,
    JourneyMapError,
    WriteError,
)
from journeymap.formats import read_journey, template_text, write_journey
from journeymap.formats.json_format import json_text
from journeymap.model.journey import Journey

STAGES = "discovery, evaluation, purchase, post_purchase, loyalty"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failure(text: str | bytes, name: str = "shop.yaml") -> JourneyMapError:
    with open(name, "wb") as stream:  # noqa: PTH123
        stream.write(text.encode() if isinstance(text, str) else text)
    with pytest.raises(JourneyMapError) as caught:
        read_journey(name)
    assert "\n" not in str(caught.value).split("\nHint: ")[0]
    return caught.value


def test_the_example_of_the_design(here):
    text = "name: Shop\ntouchpoints:\n  - id: ad\n  - id: checkout\n    feeling: 1\n    stage: purchse\n"
    error = failure(text, "broadband.yaml")
    assert isinstance(error, InvalidJourneyError)
    assert isinstance(error, ValueError)
    assert str(error) == (
        f"broadband.yaml:6: touchpoints[1] (checkout), stage: no stage 'purchse'. Expected one of: {STAGES}.\n"
        "Hint: did you mean 'purchase'?"
    )


# what is changed in the template, and what the message must say
CHANGES = [
    ("feeling: 2", "feeling: 7", ":100: touchpoints[3] (order_placed), feeling: 7 is too large. Expected a number from −2 to +2."),
    ("feeling: 2", "feeling: -3", "-3 is too small. Expected a number from −2 to +2."),
    ("feeling: 2", "feeling: good", "'good' is not a number. Expected a number from −2 to +2."),
    ("id: delivery", "id: checkout", "touchpoints[4] (checkout), id: id 'checkout' stands twice; it is also touchpoints[2]."),
    ("target: delivery", "target: delivry", "transitions[5] (order_placed → delivry), target: no touchpoint 'delivry'.*did you mean 'delivery'?"),
    ("driver: service", "driver: servce", "(phone_help), driver: no driver 'servce'.*did you mean 'service'?"),
    ("service:  ", "srvice:  ", "(phone_help), srvice: no key 'srvice' in a Touchpoint.*did you mean 'service'?"),
    ("need: advice", "need: adivce", "(phone_help), service, need: no need 'adivce'.*did you mean 'advice'?"),
    ("id: checkout", "id: 404", "touchpoints[2], id: 404 is a number. Expected text.\nHint: put it in quotes: '404'"),
    ("id: checkout", "id:", "touchpoints[2], id: nothing stands here."),
    ("  - id: delivery\n", "  - name: Delivery\n", "touchpoints[4]: the key 'id' is missing."),
    ("share: 0.25", "share: 2", "(first_ride → recommendation), share: 2 is too large. Expected a number from 0 to 1."),
    ("severity: 4", "severity: 9", "pain_points[0], severity: 9 is too large. Expected a whole number from 1 to 5."),
    ("lost_after: 30 days", "lost_after: 3 moons", "lost_after: '3 moons' does not fit: no unit of time 'moons'"),
    ("lost_after: 30 days", "lost_after: soon", "lost_after: 'soon' is not a time span such as '14 days'."),
    ("moment_of_truth: true", "moment_of_truth: maybe", "moment_of_truth: 'maybe' is not true or false."),
    ("goal: order_placed", "goal: order_plced", "shop.yaml:9: goal: no touchpoint or stage 'order_plced'.*did you mean 'order_placed'?"),
    ("[discovery,", "[discovry,", "stages[0]: no standard stage 'discovry'.*did you mean 'discovery'?"),
    ("name: Buying", "nme: Buying", "nme: no key 'nme' in a Journey.*did you mean 'name'?"),
    ("[email, social]", "{a: b}", "(recommendation), channels: this is a mapping."),
    ("wait: {median: 4 days}", "wait: 4 days", "wait: '4 days' is text. Expected a mapping with median, mean, p90"),
    ("[ad_click]", "[view_product]", "events[0]: raw event 'view_product' already belongs to 'search_ad'."),
    ("feeling: 2", "feeling: 7\n    importance: 4", "feeling: 7 is too large. Expected a number from −2 to +2. (1 more mistake in this file.)"),
    ("  - {source: search_ad", "  - {source: product_page, target: search_ad, share: 0.9}\n  - {source: search_ad", "the shares out of 'product_page' sum to 1.2"),
    ("journeymap/1", "journeymap/2", "shop.yaml:5: format: the file is of a later version (journeymap/2). Expected journeymap/1."),
    ("journeymap/1", "visio", "format: 'visio' is no format of journeymap."),
    ("    owner: logistics", "\towner: logistics", "shop.yaml:105: this is no valid YAML: a tab stands where YAML wants spaces."),
    ("owner: logistics", "owner: a: b", "shop.yaml:105: this is no valid YAML: a second colon"),
    ("owner: logistics", "owner: 'x", "shop.yaml:105: this is no valid YAML: a quote or a bracket is opened here and never closed."),
    ("owner: logistics", "owner: *x", "undefined alias 'x'"),
    ("owner: logistics", "owner: !!python/object/apply:os.system [ls]", "the tag '!!python/object/apply:os.system' has no meaning here."),
    ("owner: logistics", "<<: {owner: x}", "shop.yaml:105: the merge key '<<'."),
    ("owner: logistics", "owner: x\n    owner: y", "shop.yaml:106: the key 'owner' stands twice; it is also on line 105."),
    ("owner: logistics", "? [a]\n    : b", "a key that is no text"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), CHANGES)
def test_a_changed_template(here, old, new, says):
    text = template_text()
    assert old in text
    message = str(failure(text.replace(old, new, 1)))
    for part in says.split("*did"):
        assert part.removeprefix(" ") in message
    assert message.startswith("shop.yaml:")


WHOLE = [
    ("", "the file is empty"),
    ("# only a comment\n", "the file holds only comments"),
    ("- a\n- b\n", "shop.yaml:1: at the top of the file stands a list."),
    ("just a word", "at the top of the file stands a single value."),
    ("a: 1\n---\nb: 2\n", "shop.yaml:2: this is no valid YAML: a second document begins here."),
    (b"name: Z\xfcrich\n", "shop.yaml:1: byte 0xfc is no UTF-8 text."),
    ("name: x".encode("utf-16"), "encoded as UTF-16"),
    (b"name: \x00\x01", "this is a binary file"),
    (gzip.compress(b"name: x", mtime=0), "this is a gzip file"),
    (b"PAR1....", "this is a Parquet file"),
    (b"PK\x03\x04....", "a zip archive or an Excel workbook"),
    ("a: " + "[" * 5000, "nested too deeply"),
    ("a: &a [*a]", "the alias '*a' stands inside its own anchor"),
    ("name: a\x07b", "this is no valid YAML"),
]


@pytest.mark.parametrize(("content", "says"), WHOLE)
def test_a_whole_file_of_another_kind(here, content, says):
    error = failure(content)
    assert isinstance(error, FileFormatError)
    assert says in str(error)


def test_aliases_that_multiply_are_refused_at_once(here):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "with its aliases the file stands for" in str(failure("\n".join(rows)))


def test_a_plain_alias_may_be_used(here):
    (here / "a.yaml").write_text("name: &n Shop\ndescription: *n\n")
    assert read_journey("a.yaml").description == "Shop"


JSON = [
    ('"stage": "purchase"', '"stage": "purchse"', "shop.json:75: touchpoints[2] (checkout), stage: no stage 'purchse'."),
    ('"feeling": 2', '"feeling": 7', "(order_placed), feeling: 7 is too large."),
    ('"feeling": 2', '"feeling": NaN', "NaN is no number of JSON"),
    ('"owner": "logistics"', '"owner": "x", "owner": "y"', "the key 'owner' stands twice in one object"),
    ('"owner": "logistics",\n', '"owner": "x",\n"owner": "y",\n', "shop.json:110: the key 'owner' stands twice"),
    ('"logistics",', '"logistics"', "this is no valid JSON: expecting ',' delimiter, found '\"'"),
    ('"target": "delivery"', '"target": "delivry"', "transitions[5] (order_placed → delivry), target: no touchpoint 'delivry'."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), JSON)
def test_json_has_lines_too(here, old, new, says):
    (here / "t.yaml").write_text(template_text())
    text = json_text(read_journey("t.yaml"))
    assert old in text
    error = failure(text.replace(old, new, 1), "shop.json")
    assert says in str(error)


def test_json_lines_are_those_of_the_value(here):
    (here / "t.yaml").write_text(template_text())
    rows = json_text(read_journey("t.yaml")).splitlines()
    number = next(n for n, row in enumerate(rows, 1) if '"target": "delivery"' in row)
    rows[number - 1] = rows[number - 1].replace("delivery", "nowhere")
    assert str(failure("\n".join(rows), "shop.json")).startswith(f"shop.json:{number}: transitions[5]")


def test_cut_off_json(here):
    assert "was the file cut off?" in str(failure('{"name": "Shop", "touchpoints": [', "shop.json"))


def test_a_missing_file_names_the_nearest(here):
    (here / "broadband.yaml").write_text("name: x")
    with pytest.raises(
        FileFormatError, match=r"brodband\.yaml: no such file\.\nHint: did you mean 'broadband.yaml'"
    ):
        read_journey("brodband.yaml")
    with pytest.raises(FileFormatError, match="there is no folder 'nowhere'"):
        read_journey("nowhere/broadband.yaml")
    with pytest.raises(FileFormatError, match="no such file"):
        read_journey("broadband.yaml/x.yaml")


def test_a_folder_and_unknown_endings(here):
    (here / "maps.yaml").mkdir()
    with pytest.raises(FileFormatError, match=r"maps\.yaml: this is a folder"):
        read_journey("maps.yaml")
    with pytest.raises(
        FileFormatError, match=r"events\.csv: no journey format ends in '\.csv'.*\nHint: events are read"
    ):
        read_journey("events.csv")
    with pytest.raises(FileFormatError, match=r"did you mean '\.yaml'"):
        write_journey(Journey(name="x"), "a.yamll")
    with pytest.raises(FileFormatError, match="has no ending"):
        write_journey(Journey(name="x"), "a")


def test_an_observed_journey_is_no_yaml(here):
    with pytest.raises(InvalidJourneyError, match=r"use a file name that ends in \.json"):
        write_journey(Journey(name="x", origin="observed"), "x.yaml")
    assert not list(here.iterdir())


def test_half_a_character_is_not_written(here):
    with pytest.raises(InvalidJourneyError, match="half of a character"):
        write_journey(Journey(name="a\ud800"), "x.json")
    assert not list(here.iterdir())


def test_what_cannot_be_written_leaves_everything_as_it_was(here):
    (here / "file").write_text("old")
    (here / "folder.json").mkdir()
    journey = Journey(name="x")
    for target, says in [
        ("file/x.json", "'.*file' is no folder"),
        ("folder.json", "it is a folder"),
        ("nowhere/x.json", "there is no folder '.*nowhere'"),
    ]:
        with pytest.raises(WriteError, match=says) as caught:
            write_journey(journey, target)
        assert isinstance(caught.value, OSError)
    assert sorted(path.name for path in here.rglob("*")) == ["file", "folder.json"]
    assert (here / "file").read_text() == "old"


def test_a_failure_half_way_keeps_the_old_file(here, monkeypatch):
    (here / "x.json").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        write_journey(Journey(name="x"), "x.json")
    assert [path.name for path in here.iterdir()] == ["x.json"]
    assert (here / "x.json").read_text() == "old"


def test_rights_and_links_survive(here):
    target = here / "real.json"
    target.write_text("old")
    target.chmod(0o600)
    (here / "link.json").symlink_to(target)
    write_journey(Journey(name="x"), "link.json")
    assert (here / "link.json").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert read_journey("real.json").name == "x"


def test_errors_can_be_pickled(here):
    error = failure("name: x\nstate: asis\n")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301
