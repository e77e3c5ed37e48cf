"""The systemd unit of an agent: it may read what it measures, and do nothing else. Pure.

An agent reads other people's processes, cgroups and disks, so it runs as root without almost everything that makes root
dangerous: two capabilities stay, the system is read-only to it, and it can write its own directory.
"""

from pathlib import Path

UNIT_NAME = "fogbank-agent.service"

SECTIONS = """\
[Unit]
Description=Fogbank agent: measures what runs on this machine
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart={program} agent --data {data}
Restart=always
RestartSec=2
TimeoutStopSec=20
UMask=0077

# What it reads: other users' files, and which namespaces other processes live in.
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE
NoNewPrivileges=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

# Where it writes: its spool and its key.
ProtectSystem=strict
ReadWritePaths={data}
ProtectHome=read-only
PrivateTmp=yes

# What it never needs.
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
DevicePolicy=closed
DeviceAllow=char-nvidia-frontend rw
DeviceAllow=char-nvidia rw

# It measures others, so it takes little itself; a descriptor or four for each instance.
CPUWeight=20
MemoryMax=512M
LimitNOFILE=131072

[Install]
WantedBy=multi-user.target
"""


class PathNotPlain(ValueError):
    """A path that a unit cannot name without quoting; the text says which."""


def agent_unit(program: Path, data: Path) -> str:
    """The unit that runs `program agent` with its files in `data`. `PathNotPlain` where either has odd characters."""
    for path in (program, data):
        if not path.is_absolute() or not all(each.isalnum() or each in "/._-+@" for each in str(path)):
            raise PathNotPlain(f"a service cannot be given the path '{path}': use letters, digits and / . _ - + @ only")
    return SECTIONS.format(program=program, data=data)
