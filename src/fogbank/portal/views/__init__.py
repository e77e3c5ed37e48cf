"""Presenters: what the components answered, turned into what a template shows. Pure."""
