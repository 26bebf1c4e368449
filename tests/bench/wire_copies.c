/*
 * Whether wire copies are known, by language: wire_copies.py | wire_copies
 *
 * Reads lines of language, source, true story, minutes, title, summary, content, separated by tabs, in the order of time,
 * from standard input; all go into one index. Prints one line of JSON: of each language its items, how many were taken
 * by which rule, and pairwise and B-cubed precision, recall and F1 of the stories.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stories_score.h"
#include "syndicated/base/mem.h"
#include "syndicated/story.h"

enum { COLUMNS = 7, MINUTE_MS = 60000 };
enum column { LANGUAGE, SOURCE, STORY, MINUTES, TITLE, SUMMARY, CONTENT };

static const int64_t BEGIN_MS = 1700000000000;

struct item {
	char *line;
	char *columns[COLUMNS];
	enum story_rule rule;
	double score;
};

struct items {
	struct item *v;
	size_t n;
	uint32_t *truth, *found;
};

static bool read_item(struct items *all, char *line)
{
	struct item i = { .line = line };

	line[strcspn(line, "\r\n")] = '\0';
	for (size_t k = 0; k < COLUMNS; k++) {
		if (!line)
			return false;
		i.columns[k] = line;
		line = strchr(line, '\t');
		if (line)
			*line++ = '\0';
	}
	all->v = mem_resize_array(all->v, all->n + 1, sizeof(*all->v));
	all->v[all->n++] = i;
	return true;
}

static uint32_t first_with(const struct items *all, enum column column, size_t i)
{
	uint32_t j = 0;

	while (strcmp(all->v[j].columns[column], all->v[i].columns[column]) != 0)
		j++;
	return j;
}

static void place_item(struct story_index *x, struct items *all, size_t i)
{
	char **c = all->v[i].columns;
	const struct story_text text = { .title = c[TITLE], .summary = c[SUMMARY], .content = c[CONTENT], .source_title = c[SOURCE] };
	struct story_place p = { .item_id = (int64_t)i + 1, .source_id = first_with(all, SOURCE, i) + 1 };
	struct story_features f;
	struct story_decision d;

	p.time_ms = BEGIN_MS + strtol(c[MINUTES], NULL, 10) * MINUTE_MS;
	story_features_make(&text, &f);
	story_index_match(x, &f, p.source_id, p.time_ms, &d);
	p.story_id = d.story_id ? d.story_id : p.item_id;
	p.group_id = d.group_id;
	if (story_index_add(x, &p, &f) < 0)
		exit(EXIT_FAILURE);
	story_index_expire(x, p.time_ms);
	all->v[i].rule = d.rule;
	all->v[i].score = d.score;
	all->truth[i] = first_with(all, STORY, i);
	all->found[i] = (uint32_t)(p.story_id - 1);
}

static void print_language(const struct items *all, const char *language)
{
	bool *in = mem_new_array(bool, all->n + 1);
	size_t n = 0, by_rule[STORY_WIRE + 1] = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		in[i] = strcmp(all->v[i].columns[LANGUAGE], language) == 0;
		n += in[i];
		by_rule[all->v[i].rule] += in[i];
	}
	printf(", \"%s\": {\"items\": %zu, \"similar\": %zu, \"wire\": %zu, \"scores\": ", language, n, by_rule[STORY_SIMILAR], by_rule[STORY_WIRE]);
	score_print(all->truth, all->found, in, all->n);
	printf("}");
	mem_free(in);
}

/* What went wrong, for people: pairs of items under one label of one kind with two of the other. */
static void print_errors(const struct items *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < i; j++)
			if ((all->truth[i] == all->truth[j]) != (all->found[i] == all->found[j]))
				fprintf(stderr, "%s\n\t%s: %s\n\t%s: %s: %s, %.3f\n", all->truth[i] == all->truth[j] ? "apart" : "together", all->v[j].columns[STORY],
				        all->v[j].columns[TITLE], all->v[i].columns[STORY], all->v[i].columns[TITLE], story_rule_words(all->v[i].rule), all->v[i].score);
}

int main(int argc, char **argv)
{
	struct story_rules rules;
	struct story_index *x;
	struct items all = { 0 };
	char *line = NULL;
	size_t room = 0;

	story_rules_default(&rules);
	while (getline(&line, &room, stdin) > 0)
		if (!read_item(&all, mem_dup_str(line)))
			return EXIT_FAILURE;
	free(line);
	x = story_index_new(&rules);
	all.truth = mem_new_array(uint32_t, all.n + 1);
	all.found = mem_new_array(uint32_t, all.n + 1);
	for (size_t i = 0; i < all.n; i++)
		place_item(x, &all, i);
	printf("{\"bench\": \"wire_copies\"");
	for (size_t i = 0; i < all.n; i++)
		if (first_with(&all, LANGUAGE, i) == i)
			print_language(&all, all.v[i].columns[LANGUAGE]);
	printf("}\n");
	if (argc > 1 && strcmp(argv[1], "--errors") == 0)
		print_errors(&all);
	story_index_free(x);
	for (size_t i = 0; i < all.n; i++)
		mem_free(all.v[i].line);
	mem_free(all.v);
	mem_free(all.truth);
	mem_free(all.found);
	return EXIT_SUCCESS;
}
