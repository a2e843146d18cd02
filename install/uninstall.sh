#!/bin/sh
# Takes away what install.sh has brought, but no data. Run by `install.sh --uninstall`; what was broken off can be run again: the
# folder that this is in goes last.
set -eu

PROGRAMS=/opt/wopr
SETTINGS=/etc/wopr

step() { printf '==> %s\n' "$*"; }
# What may be gone already, or never was there.
try() { "$@" >/dev/null 2>&1 || :; }
is_unit() { [ -e "/etc/systemd/system/$1" ]; }

remove_apps() {
  command -v docker >/dev/null || return 0
  images=$(docker container ls --all --filter label=wopr.scope --format '{{.Image}}' | sort -u)
  for container in $(docker container ls --all --quiet --filter label=wopr.scope); do try docker container rm --force "$container"; done
  for network in $(docker network ls --quiet --filter label=wopr.scope); do try docker network rm "$network"; done
  for image in $images; do try docker image rm "$image"; done
}

# What somebody has changed since is theirs.
remove_system_files() {
  (cd "$PROGRAMS/current/system" && find . -type f | sed 's/^\.//') | while read -r file; do
    ! cmp --silent "$PROGRAMS/current/system$file" "$file" || rm -f "$file"
  done
}

# SSH stays open as long as there is a firewall.
restore_firewall() {
  [ -e "$SETTINGS/firewall-before" ] || return 0
  for port in 80/tcp 443/tcp 443/udp; do try ufw delete allow "$port"; done
  ! grep -q inactive "$SETTINGS/firewall-before" || try ufw --force disable
}

step 'Agent and its apps'
for unit in wopr-bootstrap.service wopr-agent.service; do ! is_unit "$unit" || try systemctl disable --now "$unit"; done
remove_apps
step 'Settings of the system'
! is_unit wopr-published-ports.service || try systemctl disable --now wopr-published-ports.service
remove_system_files
rm -rf /etc/systemd/system/wopr-bootstrap.service /var/lib/wopr-bootstrap
systemctl daemon-reload
try systemctl try-restart fail2ban.service
restore_firewall
rm -f /var/log/wopr-install.log
rm -rf "$SETTINGS" "$PROGRAMS"
cat <<'END'
This server is no beacon any more. What was kept:
  - the data of the apps, volumes of Docker: docker volume ls --filter label=wopr.scope
  - what the agent knew, with the passwords of that data: /var/lib/wopr
  - the user "owner", where there is one, with its right to sudo
  - packages of the distribution: Docker, restic, ufw, fail2ban, unattended-upgrades
END
