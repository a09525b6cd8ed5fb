"""The studies of paper 4, one a file."""
