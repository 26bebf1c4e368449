#!/bin/sh
# The schedule over made-up sources (polling.md 3.4): the figures that doc/schedule.md records, within 5 %, no poll sooner than
# poll.min, and less delay than polling all sources alike with as many polls.
set -eu
echo 1..4
sim=./tests/sim/schedule
figure() { printf '%s\n' "$1" | sed 's/.*"'"$2"'": \([0-9.]*\).*/\1/'; }
near() { # what, value, recorded
	awk -v v="$2" -v r="$3" 'BEGIN { exit !(v > r * 0.95 && v < r * 1.05) }' || { echo "not ok - $1 is $2, recorded is $3"; exit 1; }
}
less() { # what, value, bound
	awk -v v="$2" -v b="$3" 'BEGIN { exit !(v < b) }' || { echo "not ok - $1 is $2, must be under $3"; exit 1; }
}

usual=$($sim --generate 150 --seed 4)
near "mean delay" "$(figure "$usual" mean_delay_h)" 0.695
near "median delay" "$(figure "$usual" median_delay_h)" 0.439
near "polls a source and day" "$(figure "$usual" polls_per_source_day)" 8.99
echo "ok 1 - figures of doc/schedule.md"
[ "$(figure "$usual" early)" = 0 ] || { echo "not ok - polls came sooner than poll.min"; exit 1; }
echo "ok 2 - never sooner than poll.min"

alike=$($sim --generate 150 --seed 4 --min 2h --max 2h)
learned=$($sim --generate 150 --seed 4 --price 0.033)
less "polls a source and day at that price" "$(figure "$learned" polls_per_source_day)" "$(figure "$alike" polls_per_source_day)"
less "mean delay with no more polls than every two hours" "$(figure "$learned" mean_delay_h)" \
	"$(awk -v m="$(figure "$alike" mean_delay_h)" 'BEGIN { print 0.6 * m }')"
echo "ok 3 - less delay than polling all alike"

again=$($sim --generate 150 --seed 4)
[ "$usual" = "$again" ] || { echo "not ok - the same seed gave other figures"; exit 1; }
echo "ok 4 - the same seed gives the same figures"
