import { startCommand } from "./start-command.ts";

/** Where the installer puts the release that runs. */
const PROGRAMS = "/opt/wopr/current";

/**
 * The agent as a service of systemd. It is root, since who may speak to Docker is root anyway, but it may write nowhere but in its own
 * folder, and of root's rights it has those with which it ends a program in a container (KILL, SYS_PTRACE) and owns what it writes for apps.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Sandboxing
 */
export const agentUnit = `[Unit]
Description=Agent of this WOPR beacon
Wants=network-online.target
After=network-online.target docker.service
StartLimitIntervalSec=0

[Service]
ExecStart=${startCommand(`${PROGRAMS}/bin/node`, `${PROGRAMS}/agent/main.js`).join(" ")} --config /etc/wopr/agent.json
Restart=always
RestartSec=5s
# What somebody has to change first.
RestartPreventExitStatus=2
StateDirectory=wopr
StateDirectoryMode=0700
TimeoutStopSec=20s

NoNewPrivileges=yes
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SYS_PTRACE
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
KeyringMode=private
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
