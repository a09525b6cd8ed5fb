"""The studies of paper 1's reproduction, one a module."""
