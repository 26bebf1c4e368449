#!/bin/sh
# The systemd unit: verified, and exposed no more than REL-60 allows (1.1 of 10); TAP.
echo 1..2
unit="$top_builddir/systemd/syndicated.service"
if ! command -v systemd-analyze >/dev/null; then
	echo "ok 1 - verify # SKIP systemd-analyze is not installed"
	echo "ok 2 - security # SKIP systemd-analyze is not installed"
	exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# The programs need not be installed for this: verified with those of the build.
sed -e "s|^\(Exec[A-Za-z]*=\)[^ ]*/\(syndicated[a-z]*\)|\1$top_builddir/\2|" "$unit" >"$dir/syndicated.service"
out=$(systemd-analyze verify --man=no "$dir/syndicated.service" 2>&1 | grep -F "$dir/syndicated.service:")
[ -z "$out" ] && echo "ok 1 - verify" || { printf '%s\n' "$out" | sed 's/^/# /'; echo "not ok 1 - verify"; }
score=$(systemd-analyze security --offline=yes --threshold=100 "$dir/syndicated.service" 2>/dev/null | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
if [ -z "$score" ]; then echo "ok 2 - security # SKIP this systemd-analyze has no offline score"; else
	awk "BEGIN { exit !($score <= 1.1) }" && echo "ok 2 - security $score" || echo "not ok 2 - security $score is over 1.1"
fi
