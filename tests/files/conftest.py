"""Small untrained networks for the readers that use one."""

from tests.small_models import make_model

__all__ = ["make_model"]
