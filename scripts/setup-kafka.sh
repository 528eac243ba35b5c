#!/usr/bin/env bash
# Makes the shop's topics in the Kafka that the configuration names; may be run again at any time.
. "$(dirname "$0")/runtime.sh"
use_node
install_packages
exec "$NODE" tools/setup-kafka.ts "$@"
