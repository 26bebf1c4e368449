/*
 * How well stories are told apart: stories FILE.tsv [--split NAME] [--set RULE=VALUE ...]
 *
 * Columns doc_id, topic, story, split, text under one header line. Each document is an item of a source of its own, in
 * the order of the file, ten minutes apart; nothing of a later one is known. One line of JSON: pairwise and B-cubed
 * precision, recall and F1 of the stories ("merge") and of the groups ("related"), of all documents and of each split;
 * all documents are always read, --split only says which are counted. The text goes in as a summary: where it has a
 * title, nothing says where that ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stories_score.h"
#include "syndicated/base/mem.h"
#include "syndicated/story.h"

enum { MAX_SPLITS = 16, COLUMNS = 5 };

static const int64_t STEP_MS = 600000, BEGIN_MS = 1700000000000;

struct document {
	char *line;
	char *columns[COLUMNS];
};

struct corpus {
	struct document *documents;
	size_t n;
	uint32_t *truth, *stories, *groups; /* labels by document */
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "stories: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static struct document split_line(char *line)
{
	struct document d = { .line = line };

	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; i < COLUMNS; i++) {
		d.columns[i] = line;
		line = i + 1 < COLUMNS ? strchr(line, '\t') : NULL;
		if (!line && i + 1 < COLUMNS)
			fail(d.columns[0], "a line needs doc_id, topic, story, split, text");
		if (line)
			*line++ = '\0';
	}
	return d;
}

static struct corpus read_corpus(const char *name)
{
	struct corpus c = { 0 };
	FILE *f = fopen(name, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		fail(name, strerror(errno));
	if (getline(&line, &room, f) < 0)
		fail(name, "is empty");
	while (getline(&line, &room, f) > 0) {
		c.documents = mem_resize_array(c.documents, c.n + 1, sizeof(*c.documents));
		c.documents[c.n++] = split_line(mem_dup_str(line));
	}
	free(line);
	(void)fclose(f);
	return c;
}

static uint32_t first_with(const struct corpus *c, size_t column, size_t i)
{
	uint32_t j = 0;

	while (strcmp(c->documents[j].columns[column], c->documents[i].columns[column]) != 0)
		j++;
	return j;
}

static void cluster(struct corpus *c, const struct story_rules *rules)
{
	struct story_index *x = story_index_new(rules);

	c->truth = mem_new_array(uint32_t, c->n + 1);
	c->stories = mem_new_array(uint32_t, c->n + 1);
	c->groups = mem_new_array(uint32_t, c->n + 1);
	for (size_t i = 0; i < c->n; i++) {
		const struct story_text text = { .summary = c->documents[i].columns[4] };
		struct story_features f;
		struct story_decision d;
		struct story_place p = { .item_id = (int64_t)i + 1, .source_id = (int64_t)i + 1, .time_ms = BEGIN_MS + (int64_t)i * STEP_MS };

		story_features_make(&text, &f);
		story_index_match(x, &f, p.source_id, p.time_ms, &d);
		p.story_id = d.story_id ? d.story_id : p.item_id;
		p.group_id = d.group_id ? d.group_id : p.item_id;
		if (story_index_add(x, &p, &f) < 0)
			fail(c->documents[i].columns[0], "was not taken");
		story_index_expire(x, p.time_ms);
		c->truth[i] = first_with(c, 2, i);
		c->stories[i] = (uint32_t)(p.story_id - 1);
		c->groups[i] = (uint32_t)(p.group_id - 1);
	}
	story_index_free(x);
}

static void print_split(const struct corpus *c, const char *split)
{
	bool *in = mem_new_array(bool, c->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += in[i] = !split || strcmp(c->documents[i].columns[3], split) == 0;
	printf("\"documents\": %zu, \"merge\": ", n);
	score_print(c->truth, c->stories, in, c->n);
	printf(", \"related\": ");
	score_print(c->truth, c->groups, in, c->n);
	mem_free(in);
}

static void print_result(const struct corpus *c, const char *split)
{
	printf("{\"bench\": \"stories\", ");
	print_split(c, split);
	for (size_t i = 0; i < c->n && !split; i++) {
		if (first_with(c, 3, i) != i)
			continue;
		printf(", \"%s\": {", c->documents[i].columns[3]);
		print_split(c, c->documents[i].columns[3]);
		printf("}");
	}
	printf("}\n");
}

static void set_rule(struct story_rules *r, const char *arg)
{
	const struct {
		const char *name;
		double *real;
		uint32_t *whole;
	} names[] = {
		{ "merge", &r->merge, NULL }, { "related", &r->related, NULL }, { "wire", &r->wire, NULL },
		{ "story_items", NULL, &r->story_items }, { "group_items", NULL, &r->group_items },
		{ "min_terms", NULL, &r->min_terms }, { "related_from", NULL, &r->related_from }, { "min_common", NULL, &r->min_common },
		{ "fade", &r->fade, NULL }, { "prior_items", &r->prior_items, NULL }, { "prior_uses", &r->prior_uses, NULL },
		{ "work", NULL, &r->work },
	};
	size_t n = strcspn(arg, "=");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && arg[n]; i++) {
		if (strlen(names[i].name) != n || strncmp(names[i].name, arg, n) != 0)
			continue;
		if (names[i].real)
			*names[i].real = strtod(arg + n + 1, NULL);
		else
			*names[i].whole = (uint32_t)strtoul(arg + n + 1, NULL, 10);
		return;
	}
	fail(arg, "is no rule; write NAME=VALUE");
}

int main(int argc, char **argv)
{
	struct story_rules rules;
	const char *file = NULL, *split = NULL;
	struct corpus c;

	story_rules_default(&rules);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--split") == 0 && i + 1 < argc)
			split = argv[++i];
		else if (strcmp(argv[i], "--set") == 0 && i + 1 < argc)
			set_rule(&rules, argv[++i]);
		else
			file = argv[i];
	}
	if (!file)
		fail("usage", "stories FILE.tsv [--split NAME] [--set RULE=VALUE ...]");
	c = read_corpus(file);
	cluster(&c, &rules);
	print_result(&c, split);
	for (size_t i = 0; i < c.n; i++)
		mem_free(c.documents[i].line);
	mem_free(c.documents);
	mem_free(c.truth);
	mem_free(c.stories);
	mem_free(c.groups);
	return EXIT_SUCCESS;
}
