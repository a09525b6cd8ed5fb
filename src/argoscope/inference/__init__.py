"""Networks applied to events and files."""
