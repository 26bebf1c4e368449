#!/bin/sh
# TAP around scripts/check-layers.
echo 1..1
if out=$("$top_srcdir/scripts/check-layers" 2>&1); then echo "ok 1 - $out"; else printf '%s\n' "$out" | sed 's/^/# /'; echo "not ok 1 - check-layers"; fi
