#!/usr/bin/env bash
# Sets up what is missing, then runs everything that CI runs: checks, tests, and the list of security assertions.
. "$(dirname "$0")/runtime.sh"
began=$SECONDS

debian_is_at_least() { (. /etc/os-release && [ "${VERSION_ID%%.*}" -ge "$1" ]) 2>/dev/null; }

# Debian packages that tests want, each with what is said without it. Without root they have to be there already; a test
# that lacks one says so and is skipped, with CI=true it fails.
need_packages() {
  missing=""
  command -v strace >/dev/null || missing="$missing strace"
  command -v kcat >/dev/null || missing="$missing kcat"
  command -v openssl >/dev/null || missing="$missing openssl"
  command -v mvn >/dev/null || missing="$missing maven"
  java -version >/dev/null 2>&1 || missing="$missing default-jre-headless"
  # Debian has a Go that is new enough (1.22) from 13 on; what Go's own archive unpacks is found where it lies.
  if ! command -v go >/dev/null && [ ! -x /usr/local/go/bin/go ] && debian_is_at_least 13; then missing="$missing golang-go"; fi
  python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
  [ -n "$missing" ] || return 0
  if [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "Some tests want these and are skipped without:$missing"
    return 0
  fi
  say "Installing Debian packages:$missing ..."
  export DEBIAN_FRONTEND=noninteractive
  for _ in 1 2 3; do
    # shellcheck disable=SC2086
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing; } >/dev/null 2>&1 && return 0
  done
  say "Some of them could not be installed; what lacks them says so."
}

use_node
say "Node.js $("$NODE" --version) at $NODE"
install_packages
need_packages
"$NODE" tools/check.ts
"$NODE" tools/run-tests.ts "$@"
say "Everything passed after $((SECONDS - began)) s."
