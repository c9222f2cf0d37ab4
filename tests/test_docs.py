from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer

import journeymap as jm
from journeymap.cli import app
from journeymap.model.journey import Journey, Persona
from journeymap.model.stages import Stage
from journeymap.model.touchpoints import Channel, EventName, Owner, PainPoint, ServiceInteraction, Touchpoint
from journeymap.model.transitions import Transition, Wait

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
COMMANDS = typer.main.get_command(app).commands


@pytest.mark.slow
def test_the_docs_build_without_a_warning_and_all_their_code_runs(tmp_path, kernels):
    environment = {**os.environ, **kernels, "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-j", "auto", "-b", "html",
         "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "html")],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "html" / "tutorial.html").read_text(encoding="utf-8")
    assert page.count("<img ") >= 4  # every figure is shown, not only the first of a page


def _blocks(page, language):
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def _command_lines(page):
    for block in _blocks(page, "console"):
        for line in block.replace("\\\n", " ").splitlines():
            for command in line.removeprefix("$ ").split("#")[0].split("&&"):
                words = command.split()
                words = words[2:] if words[:2] == ["uv", "run"] else words
                if words[:1] == ["journeymap"]:
                    yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_pages_exist_with_their_options(page):
    for name, *rest in _command_lines(page):
        assert name in COMMANDS, name
        options = {flag for parameter in COMMANDS[name].params for flag in parameter.opts}
        assert {word for word in rest if word.startswith("-")} <= options


def test_the_readme_lists_every_command():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `journeymap (\w+)", text, flags=re.MULTILINE))
    assert listed == set(COMMANDS)


def test_every_command_says_what_it_does_and_what_each_option_means():
    for name, command in COMMANDS.items():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_in_the_pages_are_public(page):
    for block in _blocks(page, "python") + _blocks(page, r"\{code-cell\} ipython3"):
        code = "\n".join(line for line in block.splitlines() if not line.startswith(":tags:"))
        if code.startswith("%%"):
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "jm":
                assert node.attr in jm.__all__, node.attr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_public_name_stands_in_the_reference():
    reference = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md"))
    documented = set(re.findall(r"\.\. auto\w+:: (\w+)", reference))
    assert set(jm.__all__) <= documented


@pytest.mark.parametrize(
    "model",
    [
        Journey,
        Stage,
        Touchpoint,
        ServiceInteraction,
        PainPoint,
        EventName,
        Transition,
        Wait,
        Persona,
        Channel,
        Owner,
    ],
)
def test_every_key_of_the_format_is_explained(model):
    text = (DOCS / "reference" / "yaml-format.md").read_text(encoding="utf-8")
    assert [field for field in model.model_fields if f"`{field}`" not in text] == []


def test_pictures_are_small():
    pictures = [path for path in (DOCS / "images").iterdir() if path.suffix != ".py" and path.is_file()]
    assert pictures
    assert all(path.stat().st_size < 300_000 for path in pictures)


def test_one_command_runs_what_the_readme_says():
    script = ROOT / ".ci" / "run"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    for command in ("uv run pytest", "uv run journeymap demo"):
        assert f"$ pip install uv && {command}\n" in readme
        assert f"run {command}" in script.read_text(encoding="utf-8")
