"""Benchmarks: one file a question; each measures here and now, prints a table and gives JSON."""
