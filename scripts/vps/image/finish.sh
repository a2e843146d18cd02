#!/bin/sh
# What mmdebstrap runs when the file system of a VPS is complete; $1 is its folder.
set -eu

install -m 0755 "$(dirname "$0")/vps-init" "$1/vps-init"
install -d -m 0700 "$1/var/lib/cloud/seed/nocloud"

# As a vendor sets up cloud-init for its own servers: where user data is, and no language packs, which are not installed.
cat >"$1/etc/cloud/cloud.cfg.d/90-vendor.cfg" <<'END'
datasource_list: [NoCloud, None]
locale: false
network: {config: disabled}
END

# Each VPS makes its own.
rm -f "$1"/etc/ssh/ssh_host_*
: >"$1/etc/machine-id"
