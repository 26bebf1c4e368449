/*
 * Patterns come from the operator, but the text they run on is foreign, so the work of one match is bounded (REL-27).
 * PCRE2's match limit starts again at each place of the subject where a match may begin; on a long summary that is
 * thousands of times. A callout before each item of the pattern therefore counts the work of the whole match.
 */
#include "syndicated/model/selection.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

struct selection {
	struct string_list tags;
	struct string_list sources;
	pcre2_code *match;
	pcre2_code *exclude;
};

static pcre2_code *compile(const struct feed_spec *spec, const char *option, const char *pattern, struct err *err)
{
	/* Fields of the item are lines of the subject: ^ and $ are the ends of a field. */
	uint32_t options = PCRE2_UTF | PCRE2_CASELESS | PCRE2_MULTILINE | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C;
	int code = 0;
	PCRE2_SIZE offset = 0;
	PCRE2_UCHAR why[128];

	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &code, &offset, NULL);
	if (compiled != NULL)
		return compiled;
	if (pcre2_get_error_message(code, why, sizeof(why)) < 0)
		why[0] = '\0';
	err_set(err, ERR_INVALID, "the '%s' pattern of feed '%s' cannot be used: %s at byte %zu of \"%s\"", option, spec->name,
	        (const char *)why, (size_t)offset + 1, pattern);
	return NULL;
}

struct selection *selection_new(const struct feed_spec *spec, struct err *err)
{
	struct selection *s = mem_new(struct selection);

	string_list_copy(&s->tags, &spec->tags);
	string_list_copy(&s->sources, &spec->sources);
	if (spec->match != NULL) {
		s->match = compile(spec, "match", spec->match, err);
		if (s->match == NULL)
			return selection_free(s);
	}
	if (spec->exclude != NULL) {
		s->exclude = compile(spec, "exclude", spec->exclude, err);
		if (s->exclude == NULL)
			return selection_free(s);
	}
	return s;
}

struct selection *selection_free(struct selection *s)
{
	if (s == NULL)
		return NULL;
	string_list_done(&s->tags);
	string_list_done(&s->sources);
	pcre2_code_free(s->match);
	pcre2_code_free(s->exclude);
	mem_free(s);
	return NULL;
}

static bool source_is_in(const struct selection *s, const struct source_view *source)
{
	if (s->tags.n == 0 && s->sources.n == 0)
		return true;
	if (source == NULL)
		return false;
	for (size_t i = 0; i < source->tags.n; i++) {
		if (string_list_has(&s->tags, source->tags.items[i]))
			return true;
	}
	return string_list_has(&s->sources, source->name);
}

static void add_line(struct buf *subject, const char *text)
{
	if (text_is_empty(text))
		return;
	buf_append_str(subject, text);
	buf_append_char(subject, '\n');
}

static void write_subject(struct buf *subject, const struct item *i)
{
	add_line(subject, i->title);
	add_line(subject, i->summary);
	for (size_t k = 0; k < i->n_authors; k++)
		add_line(subject, i->authors[k].name);
	add_line(subject, i->link);
	for (size_t k = 0; k < i->n_categories; k++)
		add_line(subject, i->categories[k].term);
}

/* What a match may still cost, in steps of about the same time. */
struct budget {
	size_t left;
	size_t position;
};

enum { CHARACTERS_PER_STEP = 32 }; /* that a repeated character takes in the time of one step */

/*
 * Each item of the pattern costs a step, and so does the way it went over the subject: "a+[bc]" takes few steps at each
 * of n places, but each goes over all the rest.
 */
static int count_step(pcre2_callout_block *block, void *data)
{
	struct budget *b = data;
	size_t now = block->current_position;
	size_t way = now > b->position ? now - b->position : b->position - now;
	size_t cost = 1 + way / CHARACTERS_PER_STEP;

	b->position = now;
	if (cost >= b->left)
		return PCRE2_ERROR_MATCHLIMIT;
	b->left -= cost;
	return 0;
}

static bool pattern_matches(const pcre2_code *code, const struct buf *subject)
{
	struct budget budget = {.left = LIMIT_MATCH_STEPS};
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	int result = PCRE2_ERROR_NOMEMORY;

	if (data == NULL || context == NULL)
		goto out;
	pcre2_set_match_limit(context, LIMIT_MATCH_STEPS);
	pcre2_set_depth_limit(context, LIMIT_MATCH_DEPTH);
	pcre2_set_heap_limit(context, LIMIT_MATCH_HEAP_KIB);
	pcre2_set_callout(context, count_step, &budget);
	result = pcre2_match(code, (PCRE2_SPTR)buf_str(subject), subject->len, 0, 0, data, context);
out:
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	return result >= 0;
}

bool selection_accepts_source(const struct selection *s, const struct source_view *source)
{
	return source_is_in(s, source);
}

bool selection_accepts(const struct selection *s, const struct item_view *item)
{
	struct buf subject = BUF_INIT(LIMIT_ITEM_BYTES);
	bool accepted = source_is_in(s, item->source);

	if (!accepted || (s->match == NULL && s->exclude == NULL))
		return accepted;
	write_subject(&subject, &item->item);
	if (s->match != NULL)
		accepted = pattern_matches(s->match, &subject);
	if (accepted && s->exclude != NULL)
		accepted = !pattern_matches(s->exclude, &subject);
	buf_done(&subject);
	return accepted;
}
