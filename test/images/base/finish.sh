#!/bin/sh
# What mmdebstrap runs when the file system of the base image is complete; $1 is its folder.
set -eu

# No package may start its service while an image is built.
printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
chmod 755 "$1/usr/sbin/policy-rc.d"

# Manuals and translations are a quarter of the base, and nobody reads them. Licences stay.
cat >"$1/etc/dpkg/dpkg.cfg.d/without-manuals" <<'END'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
END
rm -rf "$1/usr/share/info" "$1/usr/share/locale" "$1/usr/share/man"
find "$1/usr/share/doc" -type f ! -name copyright -delete
