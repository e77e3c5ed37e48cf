"""Containers of Docker, podman, containerd and runc: found by their cgroups, named by their labels.

Nothing is asked of a runtime: what it wrote down is read, so a daemon that hangs or restarts costs no reading.
"""
