#!/bin/sh
# Makes ./configure from configure.ac. Needs autoconf, automake, pkg-config.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
autoreconf --install --force
echo "Now: mkdir -p build && cd build && ../configure && make"
