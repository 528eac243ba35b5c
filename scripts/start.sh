#!/usr/bin/env bash
# Sets up what is missing, then serves http://localhost:8000.
. "$(dirname "$0")/runtime.sh"
NODE=$(find_node)
if [ -z "$NODE" ] || [ ! -f .env ] || ! installed; then
  ./scripts/bootstrap.sh
fi
use_node
# One pool of the C library's memory: a pool for each of the threads would keep some 15 MB more.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
# What requests leave behind is collected in pieces of 8 MB; left to itself Node.js waits for 32.
exec "$NODE" --max-semi-space-size=8 src/boot.mjs
