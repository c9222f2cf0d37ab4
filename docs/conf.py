from __future__ import annotations

from importlib.metadata import version as installed_version

project = "journeymap"
author = "The journeymap authors"
copyright = "2026, the journeymap authors"
release = installed_version("journeymap")
version = release

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
]
exclude_patterns = ["_build", "jupyter_execute"]

# Pages: every code cell is run when the docs are built, in a folder of its own, and must not fail.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 180
nb_merge_streams = True
nb_render_markdown_format = "myst"

# Reference: the docstrings name the types, so the signatures do without them.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_validation_checks: set[str] = set()
add_module_names = False
python_use_unqualified_type_names = True

# Every reference inside the library must lead somewhere. Others would need the network to be checked.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!journeymap).*"),
]
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "furo"
html_title = f"journeymap {release}"
html_copy_source = False
