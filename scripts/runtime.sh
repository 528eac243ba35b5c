# Sourced by the other scripts: finds a Node.js that is new enough, or brings one below .runtime/.
# Sets NODE and a function `npm` that runs the machine's npm with that Node.js.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

wanted_major=24
wanted_minor=6
runtime_version=26.10.0

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

new_enough() {
  "$1" -e "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > $wanted_major || (a === $wanted_major && b >= $wanted_minor) ? 0 : 1)" 2>/dev/null
}

runtime_package() {
  case "$(uname -s)" in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) fail "No Node.js can be brought for $(uname -s); install Node.js $wanted_major.$wanted_minor or newer and try again." ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) processor=x64 ;;
    aarch64 | arm64) processor=arm64 ;;
    *) fail "No Node.js can be brought for $(uname -m); install Node.js $wanted_major.$wanted_minor or newer and try again." ;;
  esac
  printf 'node-%s-%s' "$system" "$processor"
}

# Prints the path of a fitting Node.js; nothing when there is none yet.
find_node() {
  own=$(command -v node || true)
  brought="$root/.runtime/node_modules/$(runtime_package)/bin/node"
  if [ -n "$own" ] && new_enough "$own"; then
    printf '%s' "$own"
  elif [ -x "$brought" ] && new_enough "$brought"; then
    printf '%s' "$brought"
  fi
}

bring_node() {
  command -v npm >/dev/null || fail "npm was not found. Install Node.js (20 or newer, with npm) and try again."
  package=$(runtime_package)
  say "This machine's Node.js is $(node --version 2>/dev/null || echo absent); bringing $runtime_version below .runtime/ ..."
  mkdir -p .runtime
  command npm install --silent --no-save --ignore-scripts --engine-strict=false --prefix .runtime "$package@$runtime_version" ||
    fail "Node.js $runtime_version could not be installed from npm ($package). Is the registry reachable?"
}

use_node() {
  NODE=$(find_node)
  [ -n "$NODE" ] || { bring_node && NODE=$(find_node); }
  [ -n "$NODE" ] || fail "The Node.js below .runtime/ does not run on this machine. Remove .runtime/ and try again."
  PATH="$(dirname "$NODE"):$PATH"
  export PATH NODE
}

npm_cli() {
  found=$(type -P npm) || fail "npm was not found. Install Node.js (20 or newer, with npm) and try again."
  "$NODE" -p "require('fs').realpathSync('$found')"
}

npm() {
  cli=$(npm_cli) || exit 1
  "$NODE" "$cli" "$@"
}

# What an installation was made for; another text means that bootstrap.sh has to run again.
fingerprint() { "$NODE" -p "process.version + ' ' + require('crypto').createHash('sha256').update(require('fs').readFileSync('package-lock.json')).digest('hex')"; }

installed() { [ -f .runtime/installed ] && [ -d node_modules ] && [ "$(cat .runtime/installed)" = "$(fingerprint)" ]; }

install_packages() {
  installed && return 0
  say "Installing packages (npm ci) ..."
  npm ci --loglevel=error --ignore-scripts || fail "npm ci failed; its message is above."
  mkdir -p .runtime
  fingerprint >.runtime/installed
}
