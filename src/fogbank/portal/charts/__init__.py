"""Charts as numbers: where each mark goes, in percent of its plot. Templates draw them as SVG."""
