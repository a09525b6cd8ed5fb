"""Deep-learning reconstruction of liquid-argon time projection chamber images.

The names a notebook needs are loaded when first used, so that importing the
package costs nothing:

>>> import argoscope
>>> argoscope.__version__
'0.1.0'
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
