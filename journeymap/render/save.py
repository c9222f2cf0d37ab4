"""How is a picture stored: PNG, SVG or PDF with title and text alternative, the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from journeymap.errors import JourneyMapError, WriteError, nearest
from journeymap.formats.atomic import write_whole
from journeymap.render.paint import scene_of

__all__ = ["save_figure", "svg_text"]

_ENDINGS = ("png", "svg", "pdf")
_SALT = "journeymap"
_ID = re.compile(r'(\bid="|xlink:href="#|\bhref="#|url\(#)([^")]+)')


def save_figure(
    ax_or_figure: Axes | Figure,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    description: str | None = None,
    dpi: float = 110,
) -> Path:
    """Write a figure to a file; the ending says as what.

    The file appears whole or not at all: it is written beside its place and moved there at the end. The
    same figure gives the same bytes, because no date and no random name goes into it.

    Parameters
    ----------
    ax_or_figure : Axes or Figure
        What a ``draw_`` function returned, or its figure.
    path : path-like
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    title, description : str, optional
        Stored in the file for readers who do not see the picture; those of the drawn figure when
        left out.
    dpi : float
        Dots per inch of a PNG.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    WriteError
        The ending is none of the three, or the place cannot be written to; what stood there still
        stands.
    """
    target = Path(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in _ENDINGS:
        close = nearest(kind, _ENDINGS) if kind else None
        raise WriteError.because(
            f"no picture format {target.suffix!r}." if kind else "a picture file needs an ending.",
            expected="Expected .png, .svg or .pdf.",
            hint=f"did you mean '.{close}'?" if close else None,
            where=str(target),
        )
    figure, title, description = _described(ax_or_figure, title, description)
    content = _rendered(figure, kind, title, description, dpi)
    return write_whole(target, content)


def svg_text(ax_or_figure: Axes | Figure, *, title: str | None = None, description: str | None = None) -> str:
    """Give a figure as SVG text that can stand inside an HTML page.

    Parameters
    ----------
    ax_or_figure : Axes or Figure
        What a ``draw_`` function returned, or its figure.
    title, description : str, optional
        Read out instead of the picture; those of the drawn figure when left out.

    Returns
    -------
    str
        One ``<svg>`` element with ``<title>`` and ``<desc>``; its ids differ from those of any other
        figure on the page, and its width follows the page up to its own size.
    """
    figure, title, description = _described(ax_or_figure, title, description)
    text = _rendered(figure, "svg", title, description, 72).decode("utf-8")
    text = text[text.index("<svg") :]
    mark = "j" + hashlib.sha256(text.encode()).hexdigest()[:8] + "-"
    text = _ID.sub(rf"\g<1>{mark}\g<2>", text)
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    width, _ = figure.get_size_inches()
    opening = (
        f'<svg role="img" aria-labelledby="{mark}title {mark}desc" '
        f'style="width:100%;height:auto;max-width:{width:.2f}in" '
    )
    text = text.replace("<svg ", opening, 1)
    return text.replace("<title>", f'<title id="{mark}title">', 1).replace(
        "<desc>", f'<desc id="{mark}desc">', 1
    )


def _described(
    ax_or_figure: Axes | Figure, title: str | None, description: str | None
) -> tuple[Figure, str, str]:
    """Find the figure, and its words where none are given."""
    if isinstance(ax_or_figure, Figure):
        figure: Figure | None = ax_or_figure
        scenes = [scene for ax in ax_or_figure.axes if (scene := scene_of(ax))]
    else:
        figure = ax_or_figure.get_figure(root=True)
        scene = scene_of(ax_or_figure)
        scenes = [scene] if scene else []
    if figure is None:
        raise JourneyMapError.because("these Axes belong to no figure.", hint="draw on Axes of a figure")
    if title is None:
        title = "; ".join(scene.title for scene in scenes if scene.title)
    if description is None:
        description = "\n\n".join(scene.description for scene in scenes if scene.description)
    return figure, title, description


def _rendered(figure: Figure, kind: str, title: str, description: str, dpi: float) -> bytes:
    words: dict[str, dict[str, Any]] = {
        "png": {"Title": title, "Description": description},
        "svg": {"Title": title, "Description": description, "Date": None},
        "pdf": {"Title": title, "Subject": description, "CreationDate": None},
    }
    buffer = io.BytesIO()
    settings: dict[Any, Any] = {
        "svg.hashsalt": f"{_SALT}:{title}",
        "svg.fonttype": "path",
        "savefig.bbox": None,
        "savefig.facecolor": "auto",
        "savefig.transparent": False,
    }
    with mpl.rc_context(settings):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=words[kind])
    content = buffer.getvalue()
    if kind != "svg":
        return content
    # matplotlib writes <title> but no <desc>, which is what screen readers read out.
    text = content.decode("utf-8")
    described = f"</title>\n <desc>{escape(description)}</desc>"
    return text.replace("</title>", described, 1).encode("utf-8")
