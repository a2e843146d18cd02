#!/bin/sh
# Lets nothing from outside into a container but what Caddy serves. `up` and `down`; Docker may run or not.
#
# Docker's own rules for published ports come before those of ufw, so that ufw cannot close them; the chain DOCKER-USER is where Docker
# looks before (https://docs.docker.com/engine/network/packet-filtering-firewalls/). It also closes what neighbours on the same
# network could reach by a route to a container, which a default address in daemon.json would not, nor what names an address.
set -eu

fill() {
  $1 -N DOCKER-USER 2>/dev/null || :
  $1 -N WOPR-PUBLISHED 2>/dev/null || $1 -F WOPR-PUBLISHED
  $1 -A WOPR-PUBLISHED -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
  # Containers among themselves.
  for bridge in docker0 br-+; do $1 -A WOPR-PUBLISHED -i "$bridge" -j RETURN; done
  for port in tcp/80 tcp/443 udp/443; do
    $1 -A WOPR-PUBLISHED -p "${port%/*}" -m conntrack --ctstate DNAT --ctorigdstport "${port#*/}" -j RETURN
  done
  $1 -A WOPR-PUBLISHED -j DROP
  for bridge in docker0 br-+; do
    $1 -C DOCKER-USER -o "$bridge" -j WOPR-PUBLISHED 2>/dev/null || $1 -I DOCKER-USER -o "$bridge" -j WOPR-PUBLISHED
  done
}

empty() {
  for bridge in docker0 br-+; do $1 -D DOCKER-USER -o "$bridge" -j WOPR-PUBLISHED 2>/dev/null || :; done
  $1 -F WOPR-PUBLISHED 2>/dev/null || :
  $1 -X WOPR-PUBLISHED 2>/dev/null || :
}

for tables in 'iptables -w' 'ip6tables -w'; do
  case ${1:-} in
    up) fill "$tables" ;;
    down) empty "$tables" ;;
    *)
      echo 'Use: published-ports.sh up|down' >&2
      exit 2
      ;;
  esac
done
