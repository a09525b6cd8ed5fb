"""The published systems, reproduced: their tables and figures beside ours."""
