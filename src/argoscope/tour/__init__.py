"""The main job from end to end, as `argoscope demo` shows it: events, networks, numbers, and one page of them."""
