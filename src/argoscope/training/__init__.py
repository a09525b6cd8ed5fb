"""Training: events as tensors."""
