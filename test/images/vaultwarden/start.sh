#!/bin/sh
if [ -n "${UMASK}" ]; then umask "${UMASK}"; fi
exec node /usr/local/lib/stand-in/server.mjs "$@"
