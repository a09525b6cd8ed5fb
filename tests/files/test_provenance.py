"""Asking git which version runs leaves the user's checkout as it was."""

from __future__ import annotations

import os
import shutil

import pytest

from argoscope.files.provenance import _git

WHO = ("-c", "user.name=a", "-c", "user.email=a@example.org")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_asking_for_the_state_of_a_checkout_locks_nothing(tmp_path):
    """Without a word `git status` writes down what it finds out about files, under a lock."""
    (tmp_path / "a.txt").write_text("a")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", "a.txt")
    _git(tmp_path, *WHO, "commit", "-q", "-m", "a")
    os.utime(tmp_path / "a.txt", (1e9, 1e9))
    index = tmp_path / ".git" / "index"
    before = index.read_bytes()
    assert _git(tmp_path, "status", "--porcelain", "--untracked-files=no") == ""
    assert index.read_bytes() == before
    (tmp_path / "a.txt").write_text("b")
    assert _git(tmp_path, "status", "--porcelain", "--untracked-files=no") == "M a.txt"
