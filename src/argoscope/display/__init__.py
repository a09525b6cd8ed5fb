"""Looking at events: a scene is made first, then a renderer draws it.

    scene_of      an event as what is to be drawn: panels, layers, colours, scale
    static        the scene as a picture (PNG, PDF, SVG), by matplotlib
    page          several scenes as one HTML file that needs nothing else
    render_file   an event of a file as either, by the suffix of the output

Nothing of the readers or the reconstruction imports this package.
"""

from __future__ import annotations

from argoscope.display.render import render_file
from argoscope.display.scene import Scene, scene_of

__all__ = ["Scene", "render_file", "scene_of"]
