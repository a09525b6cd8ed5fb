"""Physicists' metrics: functions of true and predicted labels, without torch."""
