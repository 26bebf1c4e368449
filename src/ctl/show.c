#include "show.h"

#include "cells.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/clock.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* ---- status ---- */

static void show_webhook(const json_t *w)
{
	char last[64], next[64];

	relative(w, "last_success", last, sizeof(last));
	relative(w, "next", next, sizeof(next));
	(void)printf("webhook   ");
	put_text(text_of(w, "name"), 0);
	(void)printf(" (feed ");
	put_text(text_of(w, "feed"), 0);
	(void)printf("): %s, last success %s, %lld waiting", text_of(w, "state"), last, number_of(w, "pending"));
	if (number_of(w, "dead"))
		(void)printf(", %lld given up", number_of(w, "dead"));
	(void)putchar('\n');
	if (*text_of(w, "last_message")) {
		(void)printf("          ");
		put_text(text_of(w, "last_message"), 0);
		(void)printf("%s%s\n", number_of(w, "pending") ? "; next try " : "", number_of(w, "pending") ? next : "");
	}
}

static void show_errors(const json_t *errors)
{
	const char *name, *before = "errors    ";
	json_t *n;

	json_object_foreach((json_t *)(uintptr_t)errors, name, n) {
		(void)printf("%s%lld ", before, (long long)json_integer_value(n));
		put_text(name, 0);
		before = ", ";
	}
	if (json_object_size(errors))
		(void)putchar('\n');
}

static long long delayed_items(const json_t *delays)
{
	long long total = 0;
	size_t i;
	json_t *d;

	json_array_foreach((json_t *)(uintptr_t)delays, i, d)
		total += number_of(d, "items");
	return total;
}

/* Where the share grows; what is beyond the last bound is the rest. */
static void show_delays(const json_t *delays)
{
	long long total = delayed_items(delays), so_far = 0;
	size_t i;
	json_t *d;

	if (total == 0)
		return;
	(void)printf("delay     of %lld items that came between two polls", total);
	json_array_foreach((json_t *)(uintptr_t)delays, i, d) {
		long long minutes = number_of(d, "up_to_seconds") / 60, items = number_of(d, "items");

		so_far += items;
		if (items && minutes)
			(void)printf(", %lld %% within %lld %s", 100 * so_far / total, minutes < 120 ? minutes : minutes / 60, minutes < 120 ? "min" : "h");
	}
	(void)putchar('\n');
}

static void show_polls(const json_t *p)
{
	char received[64], each[64];

	size_for_people(number_of(p, "received_bytes"), received, sizeof(received));
	(void)printf("polls     %lld since the start (%lld requests, %s): %lld with 200, %lld with 304, %lld with 429, %lld unconditional\n",
	             number_of(p, "total"), number_of(p, "requests"), received, number_of(p, "status_200"), number_of(p, "status_304"),
	             number_of(p, "status_429"), number_of(p, "unconditional"));
	show_errors(json_object_get(p, "errors"));
	(void)printf("news      %lld items, %lld changed", number_of(p, "new_items"), number_of(p, "changed_items"));
	if (number_of(p, "new_items")) {
		size_for_people((long long)json_number_value(json_object_get(p, "bytes_per_new_item")), each, sizeof(each));
		(void)printf("; %.1f polls and %s an item", json_number_value(json_object_get(p, "polls_per_new_item")), each);
	}
	(void)putchar('\n');
	show_delays(json_object_get(p, "delays"));
}

void show_status(const json_t *o)
{
	char started[64], size[64];
	size_t i;
	json_t *w;

	relative(o, "started", started, sizeof(started));
	size_for_people(number_of(o, "database_bytes"), size, sizeof(size));
	(void)printf("syndicated %s, started %s, configuration %s\n", text_of(o, "version"), started, text_of(o, "config"));
	(void)printf("sources   %lld, of which %lld fail%s\n", number_of(o, "sources"), number_of(o, "sources_failing"),
	             number_of(o, "sources_failing") ? " (syndicatectl sources says why)" : "");
	if (number_of(o, "sources_unverified"))
		(void)printf("trust     %lld sources may be read and changed by anybody on the way (tls.verify: no)\n", number_of(o, "sources_unverified"));
	(void)printf("stories   %lld from %lld items, last event %lld, database %s\n", number_of(o, "stories"), number_of(o, "items"),
	             number_of(o, "last_seq"), size);
	if (*text_of(o, "trouble")) {
		(void)printf("trouble   ");
		put_text(text_of(o, "trouble"), 0);
		(void)putchar('\n');
	}
	(void)printf("now       %lld polls in flight, %lld ingest workers", number_of(o, "in_flight"), number_of(o, "ingest_workers"));
	if (number_of(o, "worker_restarts"))
		(void)printf(", replaced %lld times", number_of(o, "worker_restarts"));
	(void)putchar('\n');
	if (json_object_get(o, "polls"))
		show_polls(json_object_get(o, "polls"));
	json_array_foreach(json_object_get(o, "webhooks"), i, w)
		show_webhook(w);
}

/* ---- sources ---- */

static void show_trouble(const json_t *s, size_t indent)
{
	json_t *problem;
	size_t i;

	if (number_of(s, "failures") || *text_of(s, "message")) {
		(void)printf("%*s", (int)indent, "");
		put_text(*text_of(s, "message") ? text_of(s, "message") : text_of(s, "outcome_text"), 0);
		if (number_of(s, "failures") > 1)
			(void)printf(" (%lld times in a row)", number_of(s, "failures"));
		(void)putchar('\n');
	}
	if (json_is_false(json_object_get(s, "certificate_verified")))
		(void)printf("%*sits certificate is not verified (tls.verify: no)\n", (int)indent, "");
	json_array_foreach(json_object_get(s, "problems"), i, problem) {
		(void)printf("%*sproblem: ", (int)indent, "");
		put_text(text_of(problem, "text"), 0);
		if (number_of(problem, "line"))
			(void)printf(" (line %lld)", number_of(problem, "line"));
		(void)putchar('\n');
	}
}

void show_sources(const json_t *o)
{
	const json_t *rows = json_object_get(o, "sources");
	size_t name = width_of(rows, "name", 4, 32), outcome = width_of(rows, "outcome", 7, 20), i;
	json_t *s;

	if (json_array_size(rows) == 0) {
		(void)puts("There are no sources; add some to the configuration and run: syndicatectl reload");
		return;
	}
	(void)printf("%-*s  %-*s  %-12s  %-12s  %6s  %s\n", (int)name, "NAME", (int)outcome, "OUTCOME", "LAST POLL", "NEXT POLL", "ITEMS", "WHY THEN");
	json_array_foreach((json_t *)(uintptr_t)rows, i, s) {
		char last[64], next[64];

		relative(s, "last_poll", last, sizeof(last));
		relative(s, "next_poll", next, sizeof(next));
		put_text(text_of(s, "name"), name);
		(void)printf("  ");
		put_text(*text_of(s, "outcome") ? text_of(s, "outcome") : "-", outcome);
		(void)printf("  %-12s  %-12s  %6lld  ", last, next, number_of(s, "items"));
		put_text(*text_of(s, "next_poll_reason") ? text_of(s, "next_poll_reason") : "new", 0);
		(void)putchar('\n');
		show_trouble(s, 4);
	}
}

/* ---- explain ---- */

static void show_poll(const json_t *p)
{
	char when[64];

	relative(p, "started", when, sizeof(when));
	(void)printf("  %-12s  ", when);
	put_text(text_of(p, "outcome"), 14);
	if (number_of(p, "http_status"))
		(void)printf("  %3lld", number_of(p, "http_status"));
	else
		(void)printf("    -");
	(void)printf("  %7.2f s  %3lld new", (double)number_of(p, "duration_ms") / 1000, number_of(p, "new_items"));
	if (json_is_true(json_object_get(p, "redirected")))
		(void)printf(", redirected");
	if (number_of(p, "fresh_seconds"))
		(void)printf(", fresh for %lld min", number_of(p, "fresh_seconds") / 60);
	if (number_of(p, "retry_after_seconds"))
		(void)printf(", Retry-After %lld min", number_of(p, "retry_after_seconds") / 60);
	(void)putchar('\n');
}

static void show_event(const json_t *e)
{
	char when[64];

	relative(e, "time", when, sizeof(when));
	(void)printf("  %-12s  ", when);
	put_text(text_of(e, "type"), 16);
	if (*text_of(e, "new_url")) {
		(void)printf("  to ");
		put_text(text_of(e, "new_url"), 0);
	} else if (*text_of(e, "message")) {
		(void)printf("  ");
		put_text(text_of(e, "message"), 0);
	}
	(void)putchar('\n');
}

static void show_state(const json_t *o, const json_t *s)
{
	char since[64];

	relative(o, "state_since", since, sizeof(since));
	(void)printf("state      ");
	put_text(text_of(s, "state"), 0);
	if (*text_of(o, "state_since"))
		(void)printf(", since %s", since);
	(void)printf(": ");
	put_text(text_of(s, "state_text"), 0);
	(void)putchar('\n');
	if (json_is_false(json_object_get(s, "certificate_verified")))
		(void)printf("trust      none: its certificate is not verified (tls.verify: no)\n");
}

static void show_next(const json_t *o, const json_t *s)
{
	json_t *sentence;
	char next[64];
	size_t i;

	relative(s, "next_poll", next, sizeof(next));
	(void)printf("next poll  %s%s%s%s\n", next, *text_of(s, "next_poll") ? " (" : "", text_of(s, "next_poll"),
	             *text_of(s, "next_poll") ? ")" : "");
	json_array_foreach(json_object_get(o, "because"), i, sentence) {
		(void)printf("           ");
		put_text(json_string_value(sentence), 0);
		(void)putchar('\n');
	}
	(void)printf("host       ");
	put_text(text_of(o, "host"), 0);
	if (number_of(o, "host_pause_seconds"))
		(void)printf(": paused for %lld s, as its server asked", number_of(o, "host_pause_seconds"));
	(void)putchar('\n');
	if (*text_of(o, "trouble")) {
		(void)printf("trouble    ");
		put_text(text_of(o, "trouble"), 0);
		(void)putchar('\n');
	}
}

void show_explain(const json_t *o)
{
	const json_t *s = json_object_get(o, "source"), *events = json_object_get(o, "events");
	json_t *row;
	size_t i;

	put_text(text_of(s, "name"), 0);
	(void)printf("  ");
	put_text(text_of(s, "url"), 0);
	(void)putchar('\n');
	show_state(o, s);
	show_next(o, s);
	(void)printf("last polls\n");
	json_array_foreach(json_object_get(o, "polls"), i, row)
		show_poll(row);
	if (json_array_size(events) == 0)
		return;
	(void)printf("events\n");
	json_array_foreach((json_t *)(uintptr_t)events, i, row)
		show_event(row);
}

/* ---- items, messages ---- */

void show_items(const json_t *o)
{
	const json_t *rows = json_object_get(o, "items");
	size_t source = width_of(rows, "source", 6, 24), i;
	json_t *row;

	(void)printf("%8s  %-12s  %-*s  %s\n", "ID", "FIRST SEEN", (int)source, "SOURCE", "TITLE");
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		char seen[64];

		relative(row, "first_seen", seen, sizeof(seen));
		(void)printf("%8lld  %-12s  ", number_of(row, "id"), seen);
		put_text(text_of(row, "source"), source);
		(void)printf("  ");
		put_text(*text_of(row, "title") ? text_of(row, "title") : text_of(row, "link"), 0);
		(void)putchar('\n');
	}
}

void show_message(const json_t *o)
{
	print_lines(stdout, text_of(o, "message"));
}

void show_complaint(const char *complaint)
{
	(void)fputs("syndicatectl: ", stderr);
	print_lines(stderr, complaint);
}
