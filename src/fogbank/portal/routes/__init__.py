"""The portal's addresses."""
