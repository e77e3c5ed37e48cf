"""The portal: pages over the component APIs, where customers see what they use and what it costs."""
