"""Virtual machines: bare QEMU by its monitor, and whatever libvirt runs."""
