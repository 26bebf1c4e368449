#!/bin/sh
# TAP around scripts/check-banned.
echo 1..1
if out=$("$top_srcdir/scripts/check-banned" 2>&1); then echo "ok 1 - $out"; else printf '%s\n' "$out" | sed 's/^/# /'; echo "not ok 1 - check-banned"; fi
