#!/bin/sh
exec curl --fail --silent --show-error "http://localhost:${ROCKET_PORT:-80}/alive"
