#!/usr/bin/env bash
# Sets up what is missing, then runs everything that CI runs: checks, tests, and the list of security assertions.
. "$(dirname "$0")/runtime.sh"
began=$SECONDS

# strace shows that a sync comes before an answer leaves; without it that test says that it was skipped.
need_strace() {
  command -v strace >/dev/null && return 0
  [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  say "Installing strace (Debian package) ..."
  { apt-get -qq update && apt-get -qq install -y strace; } >/dev/null 2>&1 || say "strace could not be installed."
}

use_node
say "Node.js $("$NODE" --version) at $NODE"
install_packages
need_strace
"$NODE" tools/check.ts
"$NODE" tools/run-tests.ts "$@"
say "Everything passed after $((SECONDS - began)) s."
