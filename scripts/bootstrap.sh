#!/usr/bin/env bash
# Once, and again whenever something is missing: runtime, packages, .env, storage, first administrator, health check.
. "$(dirname "$0")/runtime.sh"
began=$SECONDS
use_node
say "Node.js $("$NODE" --version) at $NODE"
install_packages
if [ ! -f .env ]; then
  cp .env.example .env
  say "Made .env from .env.example; change it to your liking."
fi
say "Preparing the storage and checking the server's health ..."
"$NODE" tools/setup.ts
say "Ready after $((SECONDS - began)) s. Start the shop with ./scripts/start.sh"
