"""Work over many files on many machines: planned lazily, done once, through crashes."""
