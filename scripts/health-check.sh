#!/usr/bin/env bash
# Asks a running shop about each of its parts; exit status 1 if one is wrong. Usage: scripts/health-check.sh [URL]
. "$(dirname "$0")/runtime.sh"
use_node
install_packages
exec "$NODE" tools/health-check.ts "$@"
