"""The embedded simulation: labelled liquid-argon events, from a generator to wire images or voxels."""
