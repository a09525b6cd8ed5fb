"""The studies of paper 3, one a module."""
