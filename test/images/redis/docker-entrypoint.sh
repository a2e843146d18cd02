#!/bin/sh
# Arguments that are options or a config file are for redis-server, which runs as the user redis.
set -e
case "${1-}" in
-* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
	if [ "$(id -u)" = 0 ]; then
		find . ! -user redis -exec chown redis '{}' +
		exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
	fi
	# Upstream's build has protected mode off; Debian's has it on. A config file must stay the first argument, and what the
	# caller says comes later and wins.
	shift
	case "${1-}" in
	*.conf)
		config=$1
		shift
		set -- redis-server "$config" --protected-mode no "$@"
		;;
	*) set -- redis-server --protected-mode no "$@" ;;
	esac
	umask 0077
fi
exec "$@"
