#!/bin/sh
# The manual pages without a complaint of mandoc's; TAP.
echo 1..4
n=0
for page in syndicated.8 syndicatectl.1 syndicated.yaml.5 syndicated.webhook.5; do
	n=$((n + 1))
	if ! command -v mandoc >/dev/null; then echo "ok $n - $page # SKIP mandoc is not installed"; continue; fi
	if out=$(mandoc -Tlint -W warning "$top_srcdir/man/$page"); then echo "ok $n - $page"; else
		printf '%s\n' "$out" | sed 's/^/# /'
		echo "not ok $n - $page"
	fi
done
