/*
 * Patterns come from the operator, but the text they run on is foreign, so the work of one match is bounded (REL-27).
 * PCRE2's match limit starts again at each place of the subject where a match may begin; on a long summary that is
 * thousands of times. A callout before each item of the pattern therefore counts the work of the whole match.
 */
#include "syndicated/model/selection.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

struct selection {
	struct string_list tags;
	struct string_list sources;
	pcre2_code *match[ITEM_FIELDS];
	pcre2_code *exclude[ITEM_FIELDS];
	char *search;
	int64_t per_source;
	bool merges;
	bool has_patterns;
};

static pcre2_code *compile(const struct feed_spec *spec, const char *option, enum item_field field, const char *pattern, struct err *err)
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
	err_set(err, ERR_INVALID, "the '%s%s%s' pattern of feed '%s' cannot be used: %s at byte %zu of \"%s\"", option,
	        field == FIELD_ANY ? "" : ".", field == FIELD_ANY ? "" : item_field_name(field), spec->name, (const char *)why,
	        (size_t)offset + 1, pattern);
	return NULL;
}

static int compile_all(struct selection *s, const struct feed_spec *spec, const char *option, char *const patterns[ITEM_FIELDS],
                       pcre2_code *ret[ITEM_FIELDS], struct err *err)
{
	for (unsigned f = 0; f < ITEM_FIELDS; f++) {
		if (patterns[f] == NULL)
			continue;
		s->has_patterns = true;
		ret[f] = compile(spec, option, (enum item_field)f, patterns[f], err);
		if (ret[f] == NULL)
			return ERR_INVALID;
	}
	return 0;
}

struct selection *selection_new(const struct feed_spec *spec, struct err *err)
{
	struct selection *s = mem_new(struct selection);

	string_list_copy(&s->tags, &spec->tags);
	string_list_copy(&s->sources, &spec->sources);
	s->search = mem_dup_str(spec->search);
	s->per_source = spec->per_source;
	s->merges = spec->merge_duplicates;
	if (compile_all(s, spec, "match", spec->match, s->match, err) < 0 || compile_all(s, spec, "exclude", spec->exclude, s->exclude, err) < 0)
		return selection_free(s);
	return s;
}

struct selection *selection_free(struct selection *s)
{
	if (s == NULL)
		return NULL;
	string_list_done(&s->tags);
	string_list_done(&s->sources);
	for (unsigned f = 0; f < ITEM_FIELDS; f++) {
		pcre2_code_free(s->match[f]);
		pcre2_code_free(s->exclude[f]);
	}
	mem_free(s->search);
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

/*
 * What patterns look at, in lines. Each field has its own stretch, so that a pattern for one sees that alone, and one
 * for any sees all of it at once.
 */
struct subject {
	struct buf text;
	size_t ends[ITEM_FIELDS]; /* of field f: from ends[f - 1] on */
};

/* Of a long text its beginning: a match must stay cheap. */
static void write_content(struct buf *subject, const char *content)
{
	struct buf words = BUF_INIT(LIMIT_ITEM_BYTES);

	if (text_is_empty(content))
		return;
	markup_plain_text((struct safe_html){content, strlen(content)}, &words);
	buf_append(subject, words.bytes, text_cut(buf_str(&words), words.len, LIMIT_MATCH_TEXT_BYTES));
	buf_append_char(subject, '\n');
	buf_done(&words);
}

static void write_subject(struct subject *s, const struct item *i)
{
	s->ends[FIELD_ANY] = 0;
	add_line(&s->text, i->title);
	s->ends[FIELD_TITLE] = s->text.len;
	add_line(&s->text, i->summary);
	write_content(&s->text, i->content);
	s->ends[FIELD_TEXT] = s->text.len;
	for (size_t k = 0; k < i->n_authors; k++)
		add_line(&s->text, i->authors[k].name);
	s->ends[FIELD_AUTHOR] = s->text.len;
	add_line(&s->text, i->link);
	s->ends[FIELD_LINK] = s->text.len;
	for (size_t k = 0; k < i->n_categories; k++) {
		add_line(&s->text, i->categories[k].term);
		add_line(&s->text, i->categories[k].label);
	}
	s->ends[FIELD_CATEGORY] = s->text.len;
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

/* A line of the item, for people. */
static void quote_match(const char *text, size_t from, size_t to, char out[SELECTION_QUOTE_BYTES])
{
	size_t len = to > from ? to - from : 0;

	len = text_cut(text + from, len, SELECTION_QUOTE_BYTES - 1);
	memcpy(out, text + from, len);
	out[text_collapse(out, len)] = '\0';
}

/* 1 when it fits, 0 when not, negative when it took too much. */
static int match(const pcre2_code *code, const char *text, size_t len, char quote[SELECTION_QUOTE_BYTES])
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
	result = pcre2_match(code, (PCRE2_SPTR)text, len, 0, 0, data, context);
	if (result >= 0 && quote != NULL)
		quote_match(text, pcre2_get_ovector_pointer(data)[0], pcre2_get_ovector_pointer(data)[1], quote);
out:
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	return result >= 0 ? 1 : result == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

static int match_field(const pcre2_code *code, const struct subject *s, enum item_field f, struct selection_verdict *v)
{
	size_t from = f == FIELD_ANY ? 0 : s->ends[f - 1], to = f == FIELD_ANY ? s->text.len : s->ends[f];

	v->field = f;
	return match(code, buf_str(&s->text) + from, to - from, v->quote);
}

static void judge_patterns(const struct selection *s, const struct subject *subject, struct selection_verdict *v)
{
	for (unsigned f = 0; f < ITEM_FIELDS; f++) {
		int found = s->match[f] ? match_field(s->match[f], subject, (enum item_field)f, v) : 1;

		if (found <= 0) {
			v->rule = found < 0 ? SELECTION_TOO_COSTLY : SELECTION_NO_MATCH;
			v->quote[0] = '\0'; /* of the pattern before */
			return;
		}
	}
	for (unsigned f = 0; f < ITEM_FIELDS; f++) {
		struct selection_verdict excluded = {.rule = SELECTION_EXCLUDED};

		if (s->exclude[f] && match_field(s->exclude[f], subject, (enum item_field)f, &excluded) > 0) {
			*v = excluded;
			return;
		}
	}
}

void selection_judge(const struct selection *s, const struct item_view *item, struct selection_verdict *ret)
{
	struct subject subject = {.text = BUF_INIT(2 * LIMIT_ITEM_BYTES)};

	*ret = (struct selection_verdict){.rule = source_is_in(s, item->source) ? SELECTION_TAKEN : SELECTION_NO_SOURCE};
	if (ret->rule != SELECTION_TAKEN || !s->has_patterns)
		return;
	write_subject(&subject, &item->item);
	judge_patterns(s, &subject, ret);
	buf_done(&subject.text);
}

bool selection_accepts_source(const struct selection *s, const struct source_view *source)
{
	return source_is_in(s, source);
}

bool selection_accepts(const struct selection *s, const struct item_view *item)
{
	struct selection_verdict verdict;

	selection_judge(s, item, &verdict);
	return verdict.rule == SELECTION_TAKEN;
}

const char *selection_search(const struct selection *s)
{
	return s->search;
}

int64_t selection_per_source(const struct selection *s)
{
	return s->per_source;
}

bool selection_merges(const struct selection *s)
{
	return s->merges;
}

const char *selection_rule_name(enum selection_rule r)
{
	static const char *const names[] = {
		[SELECTION_TAKEN] = "taken",       [SELECTION_NO_SOURCE] = "sources", [SELECTION_NO_MATCH] = "match",
		[SELECTION_EXCLUDED] = "exclude",  [SELECTION_TOO_COSTLY] = "limit",  [SELECTION_NOT_FOUND] = "search",
		[SELECTION_OVER_CAP] = "per-source",
	};

	return names[r];
}
