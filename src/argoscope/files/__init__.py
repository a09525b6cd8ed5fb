"""Files: every format of the field, read event by event; larcv3, PILArNet-M, SPINE and flat tables written."""
