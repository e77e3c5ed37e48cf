"""What all tests share: hypothesis asserts nothing about time, which depends on who else uses the machine."""

from hypothesis import settings

settings.register_profile("fogbank", deadline=None)
settings.load_profile("fogbank")
