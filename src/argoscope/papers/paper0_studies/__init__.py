"""The studies of paper 0, one a module."""
