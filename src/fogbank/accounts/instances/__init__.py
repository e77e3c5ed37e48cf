"""Instances: which is whose, who pays, and in which resource tier."""
