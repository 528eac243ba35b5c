#!/usr/bin/env bash
# npm with a Node.js that is new enough, the machine's or the one below .runtime/. Usage: scripts/npm.sh run check
. "$(dirname "$0")/runtime.sh"
use_node
install_packages
exec "$NODE" "$(npm_cli)" "$@"
