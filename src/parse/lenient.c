/*
 * The walk. At each place one of: text up to the next "<" or "&", a reference, a tag, a comment, a CDATA section, a
 * processing instruction, a declaration. What turns out to be none of these is text.
 *
 * Everything is linear: each search for an end remembers what it found, so that a thousand openings without an end
 * cost one search, and a tag ends at the latest at the next "<" outside of quotes.
 */
#include "lenient.h"

#include <string.h>

#include "lenient_internal.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

static const struct {
	const char *code;
	const char *text;
} repair_words[REPAIRS] = {
	[REPAIR_AMPERSAND] = { "bare-ampersand", "An ampersand that begins no reference was taken for itself" },
	[REPAIR_ENTITY] = { "unknown-entity", "A reference to an unknown entity was left as it is" },
	[REPAIR_CHARACTER] = { "bad-character", "A reference to a character that XML does not allow was replaced" },
	[REPAIR_LESS_THAN] = { "bare-less-than", "A \"<\" that begins no tag was taken for itself" },
	[REPAIR_TAG] = { "broken-tag", "A tag without its \">\" was ended where the next thing begins" },
	[REPAIR_ATTRIBUTE] = { "broken-attribute", "An attribute without value or quotes, or given twice, was read all the same" },
	[REPAIR_UNCLOSED] = { "unclosed-tag", "An element that was never closed was ended where it had to be" },
	[REPAIR_STRAY_END] = { "stray-end-tag", "An end tag of an element that is not open was passed over" },
	[REPAIR_CDATA] = { "unclosed-cdata", "A CDATA section without end was ended with its element" },
	[REPAIR_COMMENT] = { "unclosed-comment", "A comment without end was ended at the next \">\"" },
	[REPAIR_DOCTYPE] = { "document-type", "A document type declaration was passed over; entities that it declares are not used" },
	[REPAIR_PREFIX] = { "undeclared-prefix", "A prefix that is not declared was understood by its usual meaning" },
	[REPAIR_SEVERAL] = { "several-documents", "Another document follows behind the end of the first; it was read as well" },
	[REPAIR_OUTSIDE] = { "text-outside", "Text before or behind the document element was passed over" },
	[REPAIR_DEPTH] = { "too-deep", "Elements nested too deep were read as part of what is around them" },
};

uint32_t lenient_line(struct lenient *l, size_t at)
{
	size_t end = at < l->len ? at : l->len;

	if (end > l->line_at)
		l->line += (uint32_t)text_count_lines(l->s + l->line_at, end - l->line_at);
	if (at > l->line_at)
		l->line_at = at;
	return l->line;
}

void lenient_repair(struct lenient *l, enum repair what, size_t at)
{
	if (l->repairs[what].count++ == 0)
		l->repairs[what].first_line = lenient_line(l, at);
}

/* A document of a million different names gets no more of them than the dictionary may hold. */
const char *lenient_intern(struct lenient *l, const char *s, size_t len)
{
	bool full = xmlDictSize(l->dict) >= (int)LIMIT_XML_NAMES;
	const xmlChar *name = NULL;

	if (len <= LIMIT_SHORT_BYTES)
		name = full ? xmlDictExists(l->dict, (const xmlChar *)s, (int)len) : xmlDictLookup(l->dict, (const xmlChar *)s, (int)len);
	return name ? (const char *)name : "?";
}

size_t lenient_find(struct lenient *l, size_t from, const char *what, size_t *memo)
{
	const char *found = NULL;

	if (*memo >= from && *memo != SIZE_MAX)
		return *memo;
	if (from < l->len)
		found = what[1] ? memmem(l->s + from, l->len - from, what, strlen(what)) : memchr(l->s + from, *what, l->len - from);
	*memo = found ? (size_t)(found - l->s) : l->len;
	return *memo;
}

static void put_text(struct lenient *l, const char *s, size_t len)
{
	if (len == 0)
		return;
	if (len <= (size_t)(l->sink->end - l->sink->at)) {
		memcpy(l->sink->at, s, len);
		l->sink->at += len;
	} else {
		l->handler->text_cb(s, len, l->ctx);
	}
}

/* But for what XML cannot hold. C1 characters are the business of who keeps the text, as in well-formed XML. */
static uint32_t allowed_character(uint32_t c)
{
	if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
		return 0xFFFD;
	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || c == 0xFFFE || c == 0xFFFF)
		return 0xFFFD;
	return c;
}

/* "#233;" or "#xE9;" behind the ampersand; 0 when it is none. *ret_used counts the ampersand and the semicolon. */
static uint32_t numeric_reference(const char *s, size_t len, size_t *ret_used)
{
	bool hex = len > 2 && (s[2] == 'x' || s[2] == 'X');
	size_t at = hex ? 3 : 2, from = at;
	uint32_t c = 0;

	for (; at < len && at - from < 12; at++) {
		int digit = s[at] >= '0' && s[at] <= '9' ? s[at] - '0' : -1;

		if (hex && text_lower(s[at]) >= 'a' && text_lower(s[at]) <= 'f')
			digit = text_lower(s[at]) - 'a' + 10;
		if (digit < 0)
			break;
		if (c <= 0x10FFFF)
			c = c * (hex ? 16 : 10) + (uint32_t)digit;
	}
	*ret_used = at + (at < len && s[at] == ';');
	return at == from || at == len || s[at] != ';' ? 0 : c ? c : 0xFFFD;
}

/* Two references that write one character as UTF-16 does: the second half's length is added to *used. */
static uint32_t join_surrogates(uint32_t high, const char *s, size_t len, size_t *used)
{
	uint32_t low;
	size_t n;

	if (high < 0xD800 || high >= 0xDC00 || len - *used < 3 || s[*used] != '&' || s[*used + 1] != '#')
		return high;
	low = numeric_reference(s + *used, len - *used, &n);
	if (low < 0xDC00 || low >= 0xE000)
		return high;
	*used += n;
	return 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00));
}

size_t lenient_reference(struct lenient *l, const char *s, size_t len, char out[8], size_t *ret_len)
{
	enum { MAX_NAME = 32 };
	size_t used = 1, n = 1;
	uint32_t c = 0;

	out[0] = '&';
	*ret_len = 1;
	if (len > 2 && s[1] == '#') {
		c = join_surrogates(numeric_reference(s, len, &used), s, len, &used);
		if (c && allowed_character(c) == 0xFFFD && c != 0xFFFD)
			lenient_repair(l, REPAIR_CHARACTER, (size_t)(s - l->s));
		c = c ? allowed_character(c) : 0;
	} else {
		while (n < len && n <= MAX_NAME && ((text_lower(s[n]) >= 'a' && text_lower(s[n]) <= 'z') || (s[n] >= '0' && s[n] <= '9')))
			n++;
		if (n > 1 && n < len && s[n] == ';') {
			c = xml_entity(s + 1, n - 1);
			if (!c && n == 5 && memcmp(s + 1, "apos", 4) == 0)
				c = '\'';
			used = n + 1;
		}
	}
	if (!c) { /* The ampersand alone is taken; what follows is text by itself. */
		lenient_repair(l, used > 1 ? REPAIR_ENTITY : REPAIR_AMPERSAND, (size_t)(s - l->s));
		return 1;
	}
	*ret_len = text_encode(c, out);
	return used;
}

static void read_text(struct lenient *l)
{
	const char *s = l->s + l->at, *end = l->s + l->len, *p = s;

	while (p < end && *p != '<' && *p != '&')
		p++;
	if (l->depth == 0) {
		for (const char *q = s; q < p; q++) {
			if (!text_is_space(*q)) {
				lenient_repair(l, REPAIR_OUTSIDE, (size_t)(q - l->s));
				break;
			}
		}
	} else {
		put_text(l, s, (size_t)(p - s));
	}
	l->at = (size_t)(p - l->s);
}

static void read_reference(struct lenient *l)
{
	char out[8];
	size_t n;

	l->at += lenient_reference(l, l->s + l->at, l->len - l->at, out, &n);
	if (l->depth)
		put_text(l, out, n);
}

static bool starts(const struct lenient *l, const char *word)
{
	size_t n = strlen(word);

	return l->len - l->at >= n && memcmp(l->s + l->at, word, n) == 0;
}

/* The text ends with its length, not with a NUL. */
static bool starts_nocase(const struct lenient *l, const char *word)
{
	return l->len - l->at >= strlen(word) && text_has_prefix_nocase(l->s + l->at, word);
}

/* Behind the next ">", but not into the next tag. */
static void end_at_next_greater(struct lenient *l)
{
	size_t at = l->at + 1;

	while (at < l->len && l->s[at] != '>' && l->s[at] != '<')
		at++;
	l->cut |= at == l->len;
	l->at = at < l->len && l->s[at] == '>' ? at + 1 : at;
}

/* The end tag of the innermost open element between two places, or `to`. */
static size_t find_end_tag(const struct lenient *l, size_t from, size_t to)
{
	const char *raw = l->depth ? l->open[l->depth - 1].raw : NULL;
	size_t n = raw ? strlen(raw) : 0;

	while (raw && from < to) {
		const char *found = memmem(l->s + from, to - from, "</", 2);

		if (!found)
			break;
		from = (size_t)(found - l->s);
		if (to - from > n + 2 && text_has_prefix_nocase(found + 2, raw) && (found[n + 2] == '>' || text_is_space(found[n + 2])))
			return from;
		from += 2;
	}
	return to;
}

/*
 * Whether the end found for a section or comment is another one's: it opens once more before that, and its element ends
 * even before. The text up to the second opening is searched for no other one, so this stays linear.
 */
static bool is_end_of_another(const struct lenient *l, size_t from, size_t end, const char *opening)
{
	const char *again = memmem(l->s + from, end - from, opening, strlen(opening));

	return again && find_end_tag(l, from, (size_t)(again - l->s)) < (size_t)(again - l->s);
}

static void read_comment(struct lenient *l)
{
	size_t from = l->at + 4, end = lenient_find(l, from, "-->", &l->next_comment_end);

	if (end < l->len && !is_end_of_another(l, from, end, "<!--")) {
		l->at = end + 3;
		return;
	}
	lenient_repair(l, REPAIR_COMMENT, l->at);
	l->at += 3;
	end_at_next_greater(l);
}

/* What was meant for the end of a section: "]]", perhaps with a blank or an escaped ">" behind. */
static size_t without_broken_end(const char *s, size_t len)
{
	size_t n = len;

	while (n && text_is_space(s[n - 1]))
		n--;
	if (n >= 4 && memcmp(s + n - 4, "&gt;", 4) == 0)
		n -= 4;
	else if (n && s[n - 1] == '>')
		n--;
	while (n && text_is_space(s[n - 1]))
		n--;
	return n >= 2 && memcmp(s + n - 2, "]]", 2) == 0 ? n - 2 : len;
}

/* Without its end, a section goes to the end tag of its element, and without that to the end of the document. */
static void read_cdata(struct lenient *l)
{
	size_t from = l->at + 9, end = lenient_find(l, from, "]]>", &l->next_cdata_end);

	if (end < l->len && !is_end_of_another(l, from, end, "<![CDATA[")) {
		if (l->depth)
			put_text(l, l->s + from, end - from);
		l->at = end + 3;
		return;
	}
	lenient_repair(l, REPAIR_CDATA, l->at);
	end = l->depth ? find_end_tag(l, from, l->len) : from;
	l->cut |= end == l->len;
	if (l->depth)
		put_text(l, l->s + from, without_broken_end(l->s + from, end - from));
	l->at = end;
}

static void read_instruction(struct lenient *l)
{
	size_t end = lenient_find(l, l->at, "?>", &l->next_pi_end);

	/* "<?php echo ?" with its end forgotten must not eat the document; nor "<?xml ...>", in which no ">" can stand. */
	if (end < l->len && end - l->at <= LIMIT_XML_TAG_BYTES &&
	    (!starts_nocase(l, "<?xml") || !memchr(l->s + l->at, '>', end - l->at)))
		l->at = end + 2;
	else
		end_at_next_greater(l);
}

/* The last byte of a comment at `at` in a declaration, or `at`. */
static size_t skip_comment(struct lenient *l, size_t at, size_t *memo)
{
	size_t end = l->len - at > 4 && memcmp(l->s + at, "<!--", 4) == 0 ? lenient_find(l, at + 4, "-->", memo) : l->len;

	return end < l->len ? end + 2 : at;
}

/*
 * Behind <!DOCTYPE ... [ ... ]>, or 0: the brackets may hold ">", quotes, comments. What opens a tag in them shows that
 * they were never closed.
 */
static size_t find_declaration_end(struct lenient *l)
{
	size_t depth = 0, memo = SIZE_MAX;
	char quote = 0;

	for (size_t at = l->at + 2; at < l->len; at++) {
		char c = l->s[at];

		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (depth && (c == '"' || c == '\'')) {
			quote = c;
		} else if (depth && c == '<' && at + 1 < l->len) {
			if (lenient_is_name_start(l->s[at + 1]))
				return at;
			at = skip_comment(l, at, &memo);
		} else if (c == '[') {
			depth++;
		} else if (c == ']') {
			depth -= depth > 0;
		} else if (c == '>' && depth == 0) {
			return at + 1;
		}
	}
	return 0;
}

static void read_declaration(struct lenient *l)
{
	size_t end = l->no_declaration_end ? 0 : find_declaration_end(l);

	if (starts_nocase(l, "<!doctype"))
		lenient_repair(l, REPAIR_DOCTYPE, l->at);
	if (end) {
		l->at = end;
		return;
	}
	/* It has no end like this, nor has a later one; then it has the simplest. */
	l->no_declaration_end = true;
	l->at++;
	end_at_next_greater(l);
}

/* Where the name of the end tag at l->at begins, also in "</ title>"; 0 when it is none. */
static size_t end_tag_name(const struct lenient *l)
{
	size_t at = l->at + 2;

	while (at < l->len && text_is_space(l->s[at]))
		at++;
	return at < l->len && lenient_is_name_start(l->s[at]) ? at : 0;
}

static void read_end_tag(struct lenient *l)
{
	size_t at = end_tag_name(l), from = at;

	while (at < l->len && l->s[at] != '>' && l->s[at] != '<' && !text_is_space(l->s[at]))
		at++;
	lenient_end_tag(l, l->s + from, at - from, l->at);
	while (at < l->len && l->s[at] != '>' && l->s[at] != '<')
		at++;
	if (at < l->len && l->s[at] == '>')
		at++;
	else
		lenient_repair(l, REPAIR_TAG, l->at);
	l->at = at;
}

static void read_markup(struct lenient *l)
{
	char c = l->at + 1 < l->len ? l->s[l->at + 1] : '\0';

	if (starts(l, "<!--")) {
		read_comment(l);
	} else if (starts_nocase(l, "<![CDATA[")) {
		read_cdata(l);
	} else if (c == '!') {
		/* Declarations stand before the document element; inside they are somebody's text. */
		if (l->depth && !starts_nocase(l, "<!doctype")) {
			lenient_repair(l, REPAIR_LESS_THAN, l->at);
			put_text(l, "<", 1);
			l->at++;
		} else {
			read_declaration(l);
		}
	} else if (c == '?') {
		read_instruction(l);
	} else if (c == '/' && end_tag_name(l)) {
		read_end_tag(l);
	} else if (lenient_is_name_start(c)) {
		lenient_start_tag(l);
	} else {
		lenient_repair(l, REPAIR_LESS_THAN, l->at);
		if (l->depth)
			put_text(l, "<", 1);
		l->at++;
	}
}

static void report(struct lenient *l, struct problem_list *problems)
{
	for (size_t i = 0; i < REPAIRS; i++) {
		if (l->repairs[i].count == 1)
			problem_add(problems, repair_words[i].code, l->repairs[i].first_line, "%s.", repair_words[i].text);
		else if (l->repairs[i].count)
			problem_add(problems, repair_words[i].code, l->repairs[i].first_line, "%s (%zu places, this is the first).",
			            repair_words[i].text, l->repairs[i].count);
	}
}

/* As XML reads line ends, for one text that has others. NULL for none; the caller frees. */
static char *with_line_feeds(const char *text, size_t *len)
{
	char *copy = memchr(text, '\r', *len) ? mem_dup_bytes(text, *len) : NULL;
	size_t n = 0;

	for (size_t i = 0; copy && i < *len; i++) {
		if (text[i] != '\r')
			copy[n++] = text[i];
		else if (i + 1 == *len || text[i + 1] != '\n')
			copy[n++] = '\n';
	}
	if (!copy)
		return NULL;
	copy[n] = '\0';
	*len = n;
	return copy;
}

void lenient_parse(const char *text, size_t len, uint32_t first_line, bool root_is_sound, const struct xml_handler *handler, void *ctx, struct xml_sink *sink,
                   struct problem_list *problems, struct lenient_result *ret)
{
	struct lenient *l = mem_new_head(struct lenient, open);
	auto_free char *copy = with_line_feeds(text, &len);

	xml_init();
	l->s = copy ? copy : text;
	l->len = len;
	l->handler = handler;
	l->ctx = ctx;
	l->sink = sink;
	l->line = first_line;
	l->root_is_sound = root_is_sound;
	l->dict = xmlDictCreate();
	(void)xmlDictSetLimit(l->dict, LIMIT_XML_TOKEN_BYTES);
	l->next_comment_end = l->next_cdata_end = l->next_pi_end = l->next_double = l->next_single = SIZE_MAX;
	buf_init(&l->values, LIMIT_XML_TOKEN_BYTES);
	while (l->at < l->len) {
		if (l->s[l->at] == '<')
			read_markup(l);
		else if (l->s[l->at] == '&')
			read_reference(l);
		else
			read_text(l);
	}
	ret->complete = l->depth == 0 && l->roots > 0 && !l->cut;
	ret->line = lenient_line(l, l->len);
	if (l->depth && ret->complete == false)
		lenient_repair(l, REPAIR_UNCLOSED, l->len);
	report(l, problems);
	buf_done(&l->values);
	xmlDictFree(l->dict);
	mem_free(l);
}
