#!/bin/sh
# The scenes of polling.md section 7 that take days, in virtual time and small: T30 to T32, T34 to T37. tests/sim/scenes plays them
# bigger: scenes import --sources 5000.
# A poller whose writer ends before it leaves what it wanted to give back, and no leak: see check-scorecard.sh.
ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS
echo 1..7
n=0
for scene in import clock failing flapping rhythms one-host troubles; do
	n=$((n + 1))
	if out=$(tests/sim/scenes $scene 2>&1); then echo "ok $n - $scene"; else echo "not ok $n - $scene"; fi
	printf '%s\n' "$out" | sed 's/^/# /'
done
