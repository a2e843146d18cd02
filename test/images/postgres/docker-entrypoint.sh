#!/bin/sh
# On the first start, makes the database cluster that the environment asks for; then becomes the server.
set -eu

# $1, or the content of the file that $1_FILE names, or $2.
setting() {
	eval "value=\${$1-} file=\${$1_FILE-}"
	if [ -n "$value" ] && [ -n "$file" ]; then
		echo "error: both $1 and $1_FILE are set (but are exclusive)" >&2
		exit 1
	fi
	if [ -z "$value" ] && [ -n "$file" ]; then value=$(cat "$file"); fi
	printf '%s' "${value:-$2}"
}

sql() {
	psql --no-psqlrc --quiet --username "$user" -v ON_ERROR_STOP=1 "$@"
}

first_start() {
	password=$(setting POSTGRES_PASSWORD '')
	user=$(setting POSTGRES_USER postgres)
	database=$(setting POSTGRES_DB "$user")
	arguments=$(setting POSTGRES_INITDB_ARGS '')
	if [ -z "$password" ] && [ "${POSTGRES_HOST_AUTH_METHOD-}" != trust ]; then
		echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
		echo '       Set POSTGRES_PASSWORD to a non-empty value for the superuser.' >&2
		exit 1
	fi
	secret=$(mktemp)
	printf '%s\n' "$password" >"$secret"
	# shellcheck disable=SC2086 # these are several arguments
	initdb --username="$user" --pwfile="$secret" --auth-local=trust --auth-host=trust $arguments
	rm "$secret"
	echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"

	# Nobody outside may see a server that is not set up yet: it listens on the local socket only.
	pg_ctl --wait --silent -o "-c listen_addresses=''" start
	if [ "$database" != postgres ]; then
		printf 'CREATE DATABASE :"name";' | sql --dbname postgres -v name="$database"
	fi
	for file in /docker-entrypoint-initdb.d/*; do
		case "$file" in
		*.sh) "$file" ;;
		*.sql) sql --dbname "$database" --file "$file" ;;
		esac
	done
	pg_ctl --wait --silent --mode fast stop
	echo 'PostgreSQL init process complete; ready for start up.'
}

case "${1-}" in
-*) set -- postgres "$@" ;;
esac
if [ "${1-}" = postgres ]; then
	mkdir -p "$PGDATA"
	chmod 0700 "$PGDATA"
	if [ "$(id -u)" = 0 ]; then
		find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
		exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
	fi
	if [ -s "$PGDATA/PG_VERSION" ]; then
		echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
	else
		first_start
	fi
fi
exec "$@"
