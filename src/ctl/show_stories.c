/* Stories for people: an item in its story, a trial of thresholds, a trial of a feed. */
#include "show.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cells.h"

static void put_share(const json_t *o, const char *key, const char *before, const char *after)
{
	const json_t *share = json_object_get(o, key);

	if (json_is_number(share))
		(void)printf("%s%.2f%s", before, json_number_value(share), after);
}

static void show_placed(const json_t *v)
{
	(void)printf("  %8lld  ", number_of(v, "id"));
	put_text(text_of(v, "placed"), 10);
	put_share(v, "likeness", "  ", "");
	(void)printf("%*s", json_is_number(json_object_get(v, "likeness")) ? 2 : 8, "");
	put_text(text_of(v, "source"), 20);
	(void)printf("  ");
	put_text(*text_of(v, "title") ? text_of(v, "title") : text_of(v, "link"), 0);
	(void)putchar('\n');
}

static void show_note(const json_t *n)
{
	(void)printf("  %8lld  ", number_of(n, "item"));
	put_text(text_of(n, "source"), 20);
	(void)printf("  ");
	put_text(*text_of(n, "title") ? text_of(n, "title") : "(purged)", 0);
	(void)putchar('\n');
	if (!*text_of(n, "why"))
		return;
	(void)printf("            ");
	put_share(n, "likeness", "likeness ", "; ");
	put_share(n, "copied", "copied ", "; ");
	put_text(text_of(n, "why"), 0);
	(void)putchar('\n');
}

static void show_notes(const json_t *o, const char *key, const char *head)
{
	const json_t *rows = json_object_get(o, key);
	json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	(void)puts(head);
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
		show_note(row);
}

/* What each way of getting into a story means. */
static const char *words_of(const char *placed)
{
	static const struct {
		const char *placed, *words;
	} all[] = {
		{"new", "it began this story: nothing that was known then tells the same"},
		{"same-page", "it links to the same page as another item of the story"},
		{"same-id", "it has the same id as another item of the story, one that is unique in the world"},
		{"same-text", "its text is that of another item of the story"},
		{"similar", "its words tell what the story tells"},
		{"joined", "a person put it here"},
		{"split", "a person let it begin this story"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(all[i].placed, placed) == 0)
			return all[i].words;
	return placed;
}

void show_item(const json_t *o)
{
	const json_t *item = json_object_get(o, "item"), *items = json_object_get(o, "items");
	json_t *row;
	size_t i;

	(void)printf("%lld  ", number_of(item, "id"));
	put_text(*text_of(item, "title") ? text_of(item, "title") : text_of(item, "link"), 0);
	(void)printf("\nwhy        ");
	put_text(words_of(text_of(item, "placed")), 0);
	put_share(item, "likeness", " (", ")");
	(void)printf("\nstory      %lld, %zu item%s, the first leads\n", number_of(o, "story"), json_array_size(items), json_array_size(items) == 1 ? "" : "s");
	json_array_foreach((json_t *)(uintptr_t)items, i, row)
		show_placed(row);
	show_notes(o, "candidates", "what came into question when it was new");
	if (json_is_null(json_object_get(o, "candidates")))
		(void)puts("what came into question when it was new is forgotten: it is older than stories.window");
	show_notes(o, "related", "stories about the same");
}

void show_replay(const json_t *o)
{
	const json_t *rows = json_object_get(o, "changes");
	json_t *row;
	size_t i;

	(void)printf("merge %.2f, related %.2f: the %lld items of the last days would be %lld stories; they are %lld now\n",
	             json_number_value(json_object_get(o, "merge")), json_number_value(json_object_get(o, "related")), number_of(o, "items"),
	             number_of(o, "stories_then"), number_of(o, "stories_now"));
	if (number_of(o, "differing") == 0)
		(void)puts("No item would be elsewhere.");
	else
		(void)printf("%lld items would be elsewhere, of which %zu are shown; nothing was changed\n", number_of(o, "differing"), json_array_size(rows));
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		(void)printf("\n  ");
		put_text(text_of(row, "item"), 0);
		if (*text_of(row, "leaves")) {
			(void)printf("\n    leaves ");
			put_text(text_of(row, "leaves"), 0);
		}
		(void)printf("\n    %s", *text_of(row, "joins") ? "joins " : "begins a story of its own");
		put_text(text_of(row, "joins"), 0);
		put_share(row, "likeness", " (", ")");
		(void)putchar('\n');
	}
}

/* ---- what a feed takes ---- */

/* "match.title", as the configuration says it. */
static void rule_of(const json_t *row, char *out, size_t size)
{
	const char *rule = text_of(row, "rule"), *field = text_of(row, "field");
	bool has_field = strcmp(field, "any") != 0;

	if (strcmp(rule, "taken") == 0 && *text_of(row, "quote"))
		rule = "match";
	(void)snprintf(out, size, "%s%s%s", rule, has_field ? "." : "", has_field ? field : "");
}

void show_trials(const json_t *o)
{
	const json_t *rows = json_object_get(o, "items");
	size_t source = width_of(rows, "source", 6, 24), i;
	json_t *row;

	if (json_array_size(rows) == 0) {
		(void)puts("No items are stored yet, so there is nothing to try the feed on.");
		return;
	}
	(void)printf("%lld of the newest %zu items are in the feed ", number_of(o, "taken"), json_array_size(rows));
	put_text(text_of(o, "feed"), 0);
	(void)printf("\n\n     %-14s  %-12s  %-*s  %s\n", "RULE", "FIRST SEEN", (int)source, "SOURCE", "TITLE");
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
		char seen[64], rule[64];

		relative(row, "first_seen", seen, sizeof(seen));
		rule_of(row, rule, sizeof(rule));
		(void)printf("%-3s  ", json_is_true(json_object_get(row, "taken")) ? "in" : "out");
		put_text(rule, 14);
		(void)printf("  %-12s  ", seen);
		put_text(text_of(row, "source"), source);
		(void)printf("  ");
		put_text(*text_of(row, "title") ? text_of(row, "title") : text_of(row, "link"), 0);
		if (*text_of(row, "quote")) {
			(void)printf("  (\"");
			put_text(text_of(row, "quote"), 0);
			(void)printf("\")");
		}
		(void)putchar('\n');
	}
}
