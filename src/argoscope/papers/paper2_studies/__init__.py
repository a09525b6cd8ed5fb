"""The studies of paper 2, one a module."""
