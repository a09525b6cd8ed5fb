"""Tests of jobs over many files; a package, so that workers find its probes."""
