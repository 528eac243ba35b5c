#!/usr/bin/env bash
# Sets up what is missing, then serves http://localhost:8000.
. "$(dirname "$0")/runtime.sh"
NODE=$(find_node)
if [ -z "$NODE" ] || [ ! -f .env ] || ! installed; then
  ./scripts/bootstrap.sh
fi
use_node
exec "$NODE" src/boot.mjs
