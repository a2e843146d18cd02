#!/bin/sh
# Makes a Debian or Ubuntu server a beacon of WOPR: Docker, firewall, fail2ban, security updates, and the agent as a service.
#
# Each step looks before it acts. Run it again at any time: after it was broken off it goes on, on a beacon that is as it should be
# it changes nothing. Exit status: 0 done, 1 may get better by itself, 2 needs somebody.
set -eu

MIN_MEMORY_MB=900
MIN_FREE_MB=4000

PROGRAMS=/opt/wopr
SETTINGS=/etc/wopr
DATA=/var/lib/wopr
MARKER=$SETTINGS/installed
LOG=/var/log/wopr-install.log
LOCK=/run/lock/wopr-install.lock
SCRATCH=/run/wopr-install
# Where a test puts another file.
OS_RELEASE=${WOPR_OS_RELEASE:-/etc/os-release}

usage() {
  cat <<END
Makes this server a beacon of WOPR, or stops it from being one.

  sh install.sh --hub URL --release-key KEY [--token-file FILE] [options]
  sh install.sh              again, with what was said the first time
  sh install.sh --check      only says whether this server is suited
  sh install.sh --uninstall  takes away what this script has brought, but no data

  --hub URL               origin of the hub, such as https://hub.example.org
  --release-key KEY       Ed25519 key of the releases (raw, base64url)
  --token-file FILE       holds the one-time token of a new beacon; moved away from there
  --owner-key LINE        a line of authorized_keys, for the user "owner"
  --registry-mirror HOST  registry (host:port) that is asked first for every image
  --certificates KIND     acme (default) or internal
END
}

# --- saying ---

note() {
  printf '%s\n' "$*"
  [ ! -w "$LOG" ] || printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >>"$LOG"
}
step() { note "==> $*"; }
# fail WHAT ADVICE: it may go better the next time. refuse WHAT ADVICE: somebody has to change something first.
fail() { note "Failed: $1. $2" >&2; exit 1; }
refuse() { note "Cannot go on: $1. $2" >&2; exit 2; }

# Runs something with its output in the log.
quietly() { "$@" >>"$LOG" 2>&1; }

# patiently ATTEMPTS SECONDS COMMAND…: until it succeeds.
patiently() {
  attempts=$1 pause=$2
  shift 2
  until "$@"; do
    attempts=$((attempts - 1))
    [ "$attempts" -gt 0 ] || return 1
    note "    Once more in $pause s: $*"
    sleep "$pause"
  done
}

# --- what was said ---

read_arguments() {
  task=install hub='' release_key='' token_file='' owner_key='' mirror='' certificates=''
  while [ $# -gt 0 ]; do
    case $1 in
      --check | --uninstall | --help) task=${1#--} && shift && continue ;;
    esac
    [ $# -ge 2 ] || refuse "the option $1 is not known, or has no value" "Use: sh install.sh --help"
    case $1 in
      --hub) hub=${2%/} ;;
      --release-key) release_key=$2 ;;
      --token-file) token_file=$2 ;;
      --owner-key) owner_key=$2 ;;
      --registry-mirror) mirror=$2 ;;
      --certificates) certificates=$2 ;;
      *) refuse "the option $1 is not known" "Use: sh install.sh --help" ;;
    esac
    shift 2
  done
}

# All of a text, which is one line.
matches() { [ "$(printf '%s\n' "$1" | wc -l)" -eq 1 ] && printf '%s\n' "$1" | grep -Eqx -- "$2"; }

# Only what can stand in a JSON text and in a URL as it is.
check_arguments() {
  [ -n "$hub" ] || hub=$(setting hub)
  [ -n "$release_key" ] || release_key=$(cat "$SETTINGS/release-key" 2>/dev/null || :)
  { [ -n "$hub" ] && [ -n "$release_key" ]; } ||
    refuse "it was not said which hub this beacon belongs to" "Give --hub and --release-key; the hub's console shows both."
  matches "$hub" 'https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?' ||
    refuse "--hub $hub is not an origin" "Give it as https://hub.example.org"
  matches "$release_key" '[A-Za-z0-9_-]{43}' ||
    refuse "--release-key is not a raw Ed25519 key in base64url" "Copy it from the hub's console: 43 letters and digits."
  [ -z "$mirror" ] || matches "$mirror" '[A-Za-z0-9.-]+:[0-9]{1,5}' ||
    refuse "--registry-mirror $mirror is not host:port" "Give it as mirror.example.org:5000"
  [ -z "$certificates" ] || matches "$certificates" 'acme|internal' ||
    refuse "--certificates $certificates is not known" "Use acme or internal."
  [ -z "$owner_key" ] || matches "$owner_key" '(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [[:print:]]*)?' ||
    refuse "--owner-key is not a public key as in authorized_keys" "Give the one line of a .pub file, without options."
}

# A setting of the agent as it was written before, empty where there is none.
setting() { sed -n 's/^ *"'"$1"'": "\([^"]*\)",\{0,1\}$/\1/p' "$SETTINGS/agent.json" 2>/dev/null || :; }

# --- what this server is ---

# Sets system and architecture. https://www.freedesktop.org/software/systemd/man/latest/os-release.html
read_system() {
  system=$(
    # shellcheck disable=SC1090 # /etc/os-release, which is made to be read so.
    . "$OS_RELEASE" 2>/dev/null && printf '%s %s' "${ID:-}" "${VERSION_ID:-}"
  ) || system=''
  architecture=$(uname -m | sed -n 's/^x86_64$/x64/p; s/^aarch64$/arm64/p')
}

check_system() {
  read_system
  matches "$system" 'debian 1[23]|ubuntu 2[24]\.04' ||
    refuse "this is ${system:-an unknown system}" "Use a server with Debian 12 or 13, or Ubuntu 22.04 or 24.04."
  [ -n "$architecture" ] ||
    refuse "there is no agent for processors of the kind $(uname -m)" "Use a server with x86_64 or aarch64."
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  [ "$memory" -ge "$MIN_MEMORY_MB" ] ||
    refuse "there are $memory MB of memory" "A beacon needs $MIN_MEMORY_MB at least: choose a larger server."
  for folder in /var/lib /opt; do
    free=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
    [ -e "$MARKER" ] || [ "$free" -ge "$MIN_FREE_MB" ] ||
      refuse "there are $free MB free under $folder" "A beacon begins with $MIN_FREE_MB at least: free some, or choose a larger disk."
  done
  [ -d /run/systemd/system ] || refuse "systemd does not run here" "Use a server that was started with systemd."
}

check_root() { [ "$(id -u)" -eq 0 ] || refuse "only root can do this" "Run it as root: sudo sh install.sh …"; }

# One run at a time: a second one waits. Also for what the first one had begun when it was killed, apt for example: it has the lock, too.
take_lock() {
  exec 9>"$LOCK"
  flock --nonblock 9 && return
  note "Another run is under way. Waiting for it…"
  flock --timeout 900 9 ||
    fail "another run has gone on for a quarter of an hour" "See what holds it: fuser -v $LOCK. Then try again."
}

# --- packages ---

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

apt() {
  quietly env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get --quiet --yes --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -o Acquire::Retries=3 "$@"
}

# Finishes what was broken off in the middle.
repair_packages() { [ -z "$(dpkg --audit)" ] || quietly env DEBIAN_FRONTEND=noninteractive dpkg --configure -a --force-confold; }

try_install() { repair_packages && apt update && apt install "$@"; }

# What is missing of these packages.
ensure_packages() {
  missing=''
  for package in "$@"; do is_installed "$package" || missing="$missing $package"; done
  [ -n "$missing" ] || return 0
  step "Installing$missing"
  # shellcheck disable=SC2086 # a list of names
  patiently 5 15 try_install $missing ||
    fail "apt-get could not install$missing" "The end of $LOG says why. Run this again once that is mended."
}

# The distribution's own Docker: its security updates come with all others, from a source that the server trusts already, and the
# agent asks for nothing newer than API 1.41. Where a provider's image brings docker-ce, that one is kept: the two exclude each other.
docker_packages() {
  command -v dockerd >/dev/null && return
  echo docker.io
  # Docker loads a profile where the kernel has AppArmor, and recommends only what it needs for that.
  echo apparmor
}

# --- the release ---

fetch() { quietly curl --fail --silent --show-error --location --proto '=http,https' --connect-timeout 15 --max-time 900 --output "$2" "$1"; }

sha256_is() { [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

# Leaves the release that the hub offers in $PROGRAMS/current.
put_release() {
  cd "$SCRATCH"
  { patiently 5 10 fetch "$hub/releases/manifest" manifest && patiently 5 10 fetch "$hub/releases/manifest.sig" manifest.sig; } ||
    fail "the hub $hub does not give its release" "Check that this server reaches it: curl -v $hub/releases/manifest"
  verify_manifest
  # agent ARCHITECTURE SHA256 BYTES FILE
  entry=$(awk -v a="$architecture" '$1 == "agent" && $2 == a { print $3, $5 }' manifest)
  archive=${entry#* } sha256=${entry%% *}
  { matches "$archive" 'wopr-agent-[0-9A-Za-z.+-]+\.tar\.gz' && matches "$sha256" '[0-9a-f]{64}'; } ||
    refuse "the hub's release has no agent for $architecture" "Tell the operator of $hub."
  release=${archive%.tar.gz}-$(printf '%.8s' "$sha256")
  if [ ! -d "$PROGRAMS/releases/$release" ]; then
    step "Fetching $archive"
    rm -rf "$PROGRAMS/incoming"
    install -d -m 0755 "$PROGRAMS" "$PROGRAMS/releases" "$PROGRAMS/incoming"
    cd "$PROGRAMS/incoming"
    patiently 5 10 fetch "$hub/releases/$archive" "$archive" || fail "$archive cannot be fetched from $hub" "Run this again."
    sha256_is "$archive" "$sha256" ||
      fail "$archive is not what the hub signed: its checksum differs" "Run this again; if it stays so, tell the operator of $hub."
    mkdir unpacked
    quietly tar -xzf "$archive" -C unpacked --strip-components=1 --no-same-owner ||
      fail "$archive cannot be unpacked" "Check that the disk has room: df -h $PROGRAMS"
    # Whole on the disk before it has its name.
    sync
    mv unpacked "$PROGRAMS/releases/$release"
  fi
  cd /
  [ ! -e "$PROGRAMS/incoming" ] || rm -rf "$PROGRAMS/incoming"
  if [ "$(readlink "$PROGRAMS/current" 2>/dev/null)" != "releases/$release" ]; then
    ln -sfn "releases/$release" "$PROGRAMS/next"
    mv -T "$PROGRAMS/next" "$PROGRAMS/current"
  fi
}

# An Ed25519 key in the form that openssl reads is these twelve bytes and the raw key (RFC 8410, section 4).
verify_manifest() {
  raw=$(printf '%s=' "$release_key" | tr '_-' '/+')
  {
    echo '-----BEGIN PUBLIC KEY-----'
    { printf 'MCowBQYDK2VwAyEA' | base64 -d && printf '%s' "$raw" | base64 -d; } | base64 -w 0
    printf '\n%s\n' '-----END PUBLIC KEY-----'
  } >key.pem
  quietly openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest -sigfile manifest.sig ||
    refuse "the release of $hub is not signed with the key of its releases" "Do not use it. Tell the operator of $hub."
  [ "$(head -n 1 manifest)" = 'wopr-release 1' ] ||
    refuse "the release of $hub is in a form that this script does not know" "Run the install.sh that the hub has now."
}

# --- the system ---

# put_file SOURCE TARGET MODE: writes only what differs, as a whole or not at all.
put_file() {
  if cmp --silent "$1" "$2" && [ "$(stat -c %a "$2")" = "$3" ]; then return; fi
  install -D -m "$3" "$1" "$2.wopr-new"
  mv "$2.wopr-new" "$2"
}

put_text() {
  cat >"$SCRATCH/text"
  put_file "$SCRATCH/text" "$1" "$2"
}

# Everything of ours outside of our own folders is in one tree of the release, as it lies under the root.
put_system_files() {
  for file in $(cd "$PROGRAMS/current/system" && find . -type f | sed 's/^\.//' | sort); do
    mode=644
    [ ! -x "$PROGRAMS/current/system$file" ] || mode=755
    # The provider, or the owner, has settled how Docker runs here.
    [ "$file" = /etc/docker/daemon.json ] && [ -e "$file" ] && continue
    put_file "$PROGRAMS/current/system$file" "$file" "$mode"
  done
  systemctl daemon-reload
}

# is_newer FILE SERVICE: whether it was written since the service was started. Asked of the two, so that it is right after a run that
# was broken off between writing the one and starting the other.
is_newer() {
  [ -e "$1" ] || return 1
  stat --format=%.6Y "$1" | awk -v started="$(systemctl show --property=ActiveEnterTimestampMonotonic --value "$2")" \
    -v now="$(date +%s.%6N)" -v uptime="$(cut -d' ' -f1 /proc/uptime)" '{ exit !($1 > now - uptime + started / 1000000) }'
}

# ensure_service SERVICE FILE…: runs now and after each reboot, with these files as they are.
ensure_service() {
  service=$1
  shift
  for file in "$@"; do
    ! is_newer "$file" "$service" || quietly systemctl restart "$service" || break
  done
  systemctl --quiet is-enabled "$service" 2>/dev/null || quietly systemctl enable "$service"
  systemctl --quiet is-active "$service" || quietly systemctl start "$service" ||
    fail "the service $service does not start" "See why: journalctl -u $service. Run this again once that is mended."
}

ssh_ports() { sshd -T 2>/dev/null | awk '$1 == "port" { print $2 }' | grep . || echo 22; }

put_firewall() {
  [ -e "$SETTINGS/firewall-before" ] || ufw status | head -n 1 | put_text "$SETTINGS/firewall-before" 644
  rules=$(ufw show added)
  for port in $(ssh_ports | sed 's|$|/tcp|') 80/tcp 443/tcp 443/udp; do
    case $rules in *"ufw allow $port comment 'WOPR'"*) continue ;; esac
    quietly ufw allow "$port" comment WOPR || fail "ufw does not take a rule for $port" "The end of $LOG says why."
  done
  ufw status | grep -q '^Status: active' || quietly ufw --force enable || fail "ufw does not start" "The end of $LOG says why."
  ensure_service ufw.service
}

put_owner() {
  [ -n "$owner_key" ] || return 0
  id owner >/dev/null 2>&1 || quietly useradd --create-home --shell /bin/bash --comment 'Owner of this beacon' owner
  home=$(getent passwd owner | cut -d: -f6)
  install -d -m 0700 -o owner -g owner "$home/.ssh"
  keys=$home/.ssh/authorized_keys
  if ! grep -qxF -- "$owner_key" "$keys" 2>/dev/null; then
    printf '%s\n' "$owner_key" >>"$keys"
    chown owner:owner "$keys"
    chmod 0600 "$keys"
  fi
  # The account has no password that sudo could ask for.
  echo 'owner ALL=(ALL) NOPASSWD: ALL' | put_text /etc/sudoers.d/owner 440
}

# --- the agent ---

put_agent() {
  install -d -m 0700 "$DATA"
  printf '%s\n' "$release_key" | put_text "$SETTINGS/release-key" 644
  # What the owner has changed there stays, unless the beacon goes to another hub.
  if [ "$(setting hub)" != "$hub" ]; then
    [ ! -e "$SETTINGS/agent.json" ] || cp -p "$SETTINGS/agent.json" "$SETTINGS/agent.json.before"
    agent_settings | put_text "$SETTINGS/agent.json" 644
  fi
  if [ -n "$token_file" ] && [ -e "$token_file" ]; then
    install -m 0600 "$token_file" "$DATA/enrolment-token.new"
    mv "$DATA/enrolment-token.new" "$DATA/enrolment-token"
    rm -f "$token_file"
  fi
  ensure_service wopr-agent.service "$PROGRAMS/current" "$SETTINGS/agent.json" "$DATA/enrolment-token" \
    /etc/systemd/system/wopr-agent.service
}

agent_settings() {
  printf '{\n  "hub": "%s",\n' "$hub"
  [ -z "$mirror" ] || printf '  "registryMirror": "%s",\n' "$mirror"
  printf '  "certificates": "%s",\n' "${certificates:-acme}"
  printf '  "dataDirectory": "%s",\n' "$DATA"
  printf '  "enrolmentTokenFile": "%s",\n' "$DATA/enrolment-token"
  printf '  "modulesDirectory": "%s"\n}\n' "$PROGRAMS/current/compose-modules"
}

remove_old_releases() {
  for old in "$PROGRAMS"/releases/*; do [ "$old" = "$PROGRAMS/releases/$release" ] || rm -rf "$old"; done
}

install_beacon() {
  [ -d "$SETTINGS" ] || install -d -m 0755 "$SETTINGS"
  install -d -m 0700 "$SCRATCH"
  ensure_packages ca-certificates curl openssl tar
  put_release
  # First the files, so that what is installed next starts with them.
  step "Settings of the system"
  put_system_files
  # shellcheck disable=SC2046 # a list of names
  ensure_packages iptables $(docker_packages) restic ufw fail2ban python3-systemd unattended-upgrades sudo
  # Newer distributions have Docker's command line, which is for people, in a package of its own.
  command -v docker >/dev/null || [ -z "$(apt-cache --names-only search '^docker-cli$')" ] || ensure_packages docker-cli
  step "Docker"
  ensure_service wopr-published-ports.service /etc/systemd/system/wopr-published-ports.service "$PROGRAMS/current/published-ports.sh"
  ensure_service docker.service /etc/docker/daemon.json
  step "Firewall"
  put_firewall
  step "Protection of SSH, security updates"
  ensure_service fail2ban.service /etc/fail2ban/jail.d/wopr.conf
  ensure_service unattended-upgrades.service /etc/apt/apt.conf.d/52wopr-upgrades
  step "Owner"
  put_owner
  step "Agent"
  put_agent
  step "Done"
  remove_old_releases
  printf 'release %s\nsystem %s\n' "$release" "$system" | put_text "$MARKER" 644
  rm -rf "$SCRATCH"
  note "This server is a beacon of $hub. Its agent: systemctl status wopr-agent"
}

uninstall() {
  [ -e "$PROGRAMS/current/uninstall.sh" ] ||
    refuse "there is no beacon on this server" "Where an installation was broken off early, remove $SETTINGS and $PROGRAMS."
  sh "$PROGRAMS/current/uninstall.sh"
}

main() {
  read_arguments "$@"
  case $task in help) ;; uninstall) check_root ;; *) check_root && check_system ;; esac
  case $task in
    help) usage ;;
    check) note "This server is suited: $system, $architecture, $memory MB of memory." ;;
    uninstall) take_lock && uninstall ;;
    install)
      touch "$LOG" && chmod 0640 "$LOG"
      check_arguments
      take_lock
      install_beacon
      ;;
  esac
}

# A test reads the functions alone. At the end, so that a script that came only in part does nothing.
[ "${WOPR_FUNCTIONS_ONLY:-}" = yes ] || main "$@"
