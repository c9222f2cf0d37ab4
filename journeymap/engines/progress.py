"""Say on a terminal how far long work has come; be silent everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Step", "progress"]


class Step(Protocol):
    """Told of each step as it begins."""

    def __call__(self, name: str, more: int = 0) -> None:
        """Name the step, and say how many more steps there are than was thought."""


@contextmanager
def progress(title: str, steps: int) -> Iterator[Step]:
    """Show a bar on standard error while work runs, only if a person watches it.

    Parameters
    ----------
    title : str
        What is being done.
    steps : int
        How many steps it has.

    Yields
    ------
    Step
        To be called as each step begins.
    """
    if not sys.stderr.isatty():
        yield lambda _, more=0: None  # noqa: ARG005 - nobody watches
        return
    from rich.console import Console  # noqa: PLC0415 - loaded only where a person watches
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=steps)
        begun, total = False, steps

        def step(name: str, more: int = 0) -> None:
            nonlocal begun, total
            total += more
            bar.update(task, advance=int(begun), total=total)
            begun = True
            bar.update(task, description=f"{title}: {name}")

        yield step
