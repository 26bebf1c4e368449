#!/bin/sh
# A short scorecard (polling.md R119), with kills. The whole one is "tests/sim/scorecard": 10,000 source-days.
echo 1..1
# A poller whose writer ends before it leaves what it wanted to give back: that is what a kill does, too, and no leak.
ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS
if out=$(tests/sim/scorecard --sources 20 --days 3 2>&1); then echo "ok 1 - scorecard"; else echo "not ok 1 - scorecard"; fi
printf '%s\n' "$out" | sed 's/^/# /'
