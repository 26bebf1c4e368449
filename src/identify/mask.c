/*
 * What changes by itself in a text that nobody edited (features.md B15). Counted words and those that say how long ago
 * are few in each language, so they are in a table; what the table misses is learned by the store, from items that
 * change at each poll in nothing but numbers (store/items.c). Too little masked costs some updates that say nothing; too
 * much would hide a corrected number, so a number goes only beside such a word.
 */
#include "mask_internal.h"

#include <string.h>

enum { STAMP_BYTES = 48 };

const unsigned char mask_classes[256] = {
	['0' ... '9'] = DIGIT, ['A' ... 'Z'] = LETTER, ['a' ... 'z'] = LETTER, [0x80 ... 0xFF] = BEYOND_ASCII, ['\''] = APOSTROPHE, ['-'] = HYPHEN,
};

/* ---- markup ---- */

static void begin_block(struct mask *m)
{
	if (m->block_is_ad) {
		m->to = m->block_begins;
		m->words = m->block_words;
	}
	m->block_begins = m->to;
	m->block_words = m->words;
	m->block_is_ad = false;
	m->block_has_words = false;
	m->before = (struct span){ NULL, 0 };
	m->in_stamp = false;
}

static void put(struct mask *m, const char *s, size_t len)
{
	memcpy(m->to, s, len);
	m->to += len;
}

/* The same for what is nearly always short and stands in the text, behind which there is as much room as in the text. */
static void put_name(struct mask *m, struct span name)
{
	if (name.len > NAME_BYTES || m->end - name.s < NAME_BYTES) {
		put(m, name.s, name.len);
		return;
	}
	memcpy(m->to, name.s, NAME_BYTES);
	m->to += name.len;
}

/* The name of the file alone. */
static struct span file_of(struct span url)
{
	size_t n = 0, from = 0;

	for (; n < url.len && url.s[n] != '?' && url.s[n] != '#'; n++)
		if (url.s[n] == '/' && n + 1 < url.len && url.s[n + 1] != '?' && url.s[n + 1] != '#')
			from = n + 1;
	return (struct span){ url.s + from, n - from };
}

/* The address in an attribute's value: of pictures only the name of the file, since their servers take turns. */
static void put_address(struct mask *m, struct span value, bool is_picture)
{
	if (!m->block_has_words && mask_is_advertiser(value)) {
		m->block_is_ad = true;
		put(m, "ad", 2);
		return;
	}
	if (is_picture)
		value = file_of(value);
	m->to = mask_put_url(value.s, value.len, m->to);
}

static void read_attribute(struct mask *m, struct span name, struct span value)
{
	if (names_one_of(PLACES, name, m->end))
		put_address(m, value, false);
	else if (names_one_of(PICTURES, name, m->end))
		put_address(m, value, true);
}

static struct span read_name(const char *at)
{
	return (struct span){ at, run_of(at, WORD | DIGIT | HYPHEN) };
}

/* From behind the name on, to behind the ">". The cleaner writes name="value" and nothing else. NULL: it is no tag. */
static const char *read_attributes(struct mask *m, const char *at)
{
	while (*at && *at != '>' && *at != '<') {
		struct span name = read_name(at);
		const char *close;

		at += name.len;
		if (name.len && at[0] == '=' && at[1] == '"')
			at++;
		if (*at != '"') {
			at += name.len == 0;
			continue;
		}
		close = strchr(at + 1, '"');
		if (!close)
			return NULL;
		if (name.len)
			read_attribute(m, name, (struct span){ at + 1, (size_t)(close - at - 1) });
		at = close + 1;
	}
	return *at == '>' ? at + 1 : NULL;
}

static bool read_opening(struct mask *m, struct span name)
{
	struct mask before = *m;
	const char *end = name.s + name.len;

	if (names_one_of(BLOCKS, name, m->end))
		begin_block(m);
	*m->to++ = '<';
	put_name(m, name);
	end = *end == '>' ? end + 1 : read_attributes(m, end);
	if (!end) {
		*m = before;
		return false;
	}
	*m->to++ = '>';
	m->at = end;
	return true;
}

static bool read_closing(struct mask *m, struct span name)
{
	const char *end = name.s + name.len;

	if (*end != '>')
		end += strcspn(end, "<>");
	if (*end != '>')
		return false;
	if (names_one_of(BLOCKS, name, m->end))
		begin_block(m);
	m->at = end + 1;
	return true;
}

static bool read_tag(struct mask *m)
{
	bool closing = m->at[1] == '/';
	struct span name = read_name(m->at + 1 + closing);

	if (name.len == 0 || !is_class(*name.s, WORD))
		return false;
	return closing ? read_closing(m, name) : read_opening(m, name);
}

/* ---- text ---- */

static struct span next_word(const char *s)
{
	while (*s == ' ' || *s == '(' || *s == '[')
		s++;
	return (struct span){ s, run_of(s, WORD | APOSTROPHE) };
}

static bool is_il_y_a(const struct mask *m)
{
	return m->before.len == 1 && *m->before.s == 'a' && m->before.s - m->begin >= 5 && text_has_prefix_nocase(m->before.s - 5, "il y ");
}

/* How far the words of "5 minutes ago" reach from the number, or the "an", at m->at on; 0: it is no such thing. */
static size_t ago_length(const struct mask *m, const char *behind)
{
	struct span unit = next_word(behind), after;

	if (unit.len == 0 || unit.len >= WORD_BYTES)
		return 0;
	after = next_word(unit.s + unit.len);
	if (one_of(AGO_AFTER, after))
		return (size_t)(after.s - m->at) + after.len;
	if (one_of(AGO_BEFORE, m->before) || is_il_y_a(m))
		return (size_t)(unit.s - m->at) + unit.len;
	return 0;
}

/* "1,234", "1.234", "12.3k", "12:30:05" */
static const char *number_end(const char *s)
{
	while (is_class(*s, DIGIT) || ((*s == ',' || *s == '.' || *s == ':') && is_class(s[1], DIGIT)))
		s++;
	if ((text_lower(*s) == 'k' || text_lower(*s) == 'm') && !is_class(s[1], WORD))
		s++;
	return s;
}

static void skip_ago(struct mask *m, size_t len)
{
	*m->to++ = '~';
	m->at += len;
	m->words_from = m->at;
	m->before = (struct span){ NULL, 0 };
}

static void read_number(struct mask *m)
{
	const char *behind = number_end(m->at);
	struct span next = next_word(behind);
	size_t ago = mask_begins_ago(next) ? (size_t)(next.s - m->at) + next.len : ago_length(m, behind);
	bool counts = one_of(COUNTED, next) || (m->has_colon && (one_of(LABELS, m->before) || one_of(COUNTED, m->before)));

	if (ago) {
		skip_ago(m, ago);
		return;
	}
	if (counts || m->in_stamp)
		*m->to++ = '#';
	else
		put(m, m->at, (size_t)(behind - m->at));
	m->at = m->words_from = behind;
	m->has_colon = false;
}

/* "Advertisement", "Ad: buy this": a label, and no sentence that begins with the word. */
static bool is_label(struct span w)
{
	const char *s = w.s + w.len;

	while (*s == ' ')
		s++;
	return one_of(ADVERTISEMENTS, w) && strchr(":<|-]", *s); /* or the end, which strchr() finds, too */
}

/* Letters and digits that nobody has written, from here on. */
static bool skip_random(struct mask *m)
{
	struct span run = { m->at, run_of(m->at, ALNUM) };

	if (run.len < RANDOM_HEX_BYTES || !mask_is_random(run))
		return false;
	*m->to++ = '*';
	m->at += run.len;
	m->words_from = m->at;
	return true;
}

/* ---- "an hour ago" ---- */

static const char *before_gap(const struct mask *m, const char *s)
{
	while (s > m->words_from && (s[-1] == ' ' || s[-1] == '(' || s[-1] == '['))
		s--;
	return s;
}

static struct span word_before(const struct mask *m, const char *end)
{
	const char *s = end;

	while (s > m->words_from && is_class(s[-1], WORD | APOSTROPHE))
		s--;
	return (struct span){ s, (size_t)(end - s) };
}

/* Whether "an" and "hour" are in front of an "ago" that stands there. */
static bool find_one(const struct mask *m, const char *ago, struct span *ret_one, struct span *ret_unit)
{
	const char *unit_end = before_gap(m, ago);

	*ret_unit = word_before(m, unit_end);
	if (unit_end == ago || ret_unit->len == 0 || ret_unit->len >= WORD_BYTES)
		return false;
	*ret_one = word_before(m, before_gap(m, ret_unit->s));
	while (ret_one->len && *ret_one->s == '\'') /* no word begins with one */
		*ret_one = (struct span){ ret_one->s + 1, ret_one->len - 1 };
	return one_of(ONES, *ret_one);
}

/* Of what has been written of it all but a mark is taken back. */
static bool take_back_one(struct mask *m, struct span ago)
{
	struct span one, unit;

	if (!find_one(m, ago.s, &one, &unit))
		return false;
	m->words -= one.len + unit.len - strspn(unit.s, "'");
	for (const char *s = one.s; s < ago.s; s++)
		m->to -= *s != ' ' || s == one.s || s[-1] != ' '; /* of several spaces one was written */
	skip_ago(m, ago.len);
	m->in_stamp = false; /* the unit was none: inside of one, "an" is asked in front */
	return true;
}

static bool begins_il_y_a(struct span w)
{
	return one_of(IL, w) && text_has_prefix_nocase(w.s + w.len, " y a");
}

bool mask_says_when(const struct mask *m, struct span w)
{
	struct span one, unit;

	return one_of(STAMPS, w) || one_of(AGO_BEFORE, w) || begins_il_y_a(w) || (one_of(AGO_AFTER, w) && find_one(m, w.s, &one, &unit));
}

/* One of the few words that are looked for everywhere. True when it has been read, with what is behind. */
static bool read_known_word(struct mask *m, struct span w)
{
	size_t ago = one_of(ONES, w) ? ago_length(m, w.s + w.len) : 0;

	if (ago) {
		skip_ago(m, ago);
		return true;
	}
	if (one_of(AGO_BEFORE, w))
		m->words_to_ask = 2;
	else if (begins_il_y_a(w))
		m->words_to_ask = 4;
	if (one_of(STAMPS, w)) {
		m->in_stamp = true;
		m->stamp_left = STAMP_BYTES;
	}
	return false;
}

/* ---- words ---- */

/* Copies the word at m->at without taking it: m->to and m->words are where they were. */
static size_t copy_word(struct mask *m)
{
	size_t len = mask_word(m->at, m->end);

	memcpy(m->to, m->at, len);
	memcpy(m->words, m->at, len);
	return len;
}

static void take_word(struct mask *m, struct span w)
{
	m->at = w.s + w.len;
	m->to += w.len;
	m->words += w.len;
	if (!m->block_has_words)
		m->block_is_ad |= is_label(w);
	m->block_has_words = true;
	m->before = w;
	m->has_colon = false;
	m->words_to_ask -= m->words_to_ask > 0;
}

/* Nearly all of a text is here: words of no table. */
static void read_word(struct mask *m)
{
	struct span w = { m->at, copy_word(m) };

	if (one_of(AGO_AFTER, w) && take_back_one(m, w))
		return;
	if (is_class(w.s[w.len], DIGIT) && skip_random(m)) /* what is random has digits in it */
		return;
	if (read_known_word(m, w))
		return;
	take_word(m, w);
}

static void read_other(struct mask *m)
{
	char c = *m->at++;

	if (c == '\n' || (c == '.' && *m->at == ' '))
		m->in_stamp = false;
	if (text_is_space(c)) {
		if (m->to > m->out && m->to[-1] != ' ')
			*m->to++ = ' ';
		while (!m->in_stamp && text_is_space(*m->at))
			m->at++;
		return;
	}
	if (c == ':' || c == '(')
		m->has_colon = true;
	else
		m->before = (struct span){ NULL, 0 };
	*m->to++ = c;
}

static void read_one(struct mask *m)
{
	if (is_class(*m->at, WORD)) {
		read_word(m);
	} else if (*m->at == ' ' && m->at[1] != ' ') {
		if (m->to > m->out && m->to[-1] != ' ')
			*m->to++ = ' ';
		m->at++;
	} else if (is_class(*m->at, DIGIT)) {
		if (!skip_random(m))
			read_number(m);
	} else if (*m->at && (*m->at != '<' || !read_tag(m))) {
		read_other(m);
	}
}

/* Once for all words. */
static void lower(char *s, size_t len)
{
	size_t n = 0;

#ifdef __SSE2__
	for (; len - n >= 16; n += 16) {
		__m128i v = mask_step(s + n);

		_mm_storeu_si128((__m128i *)(void *)(s + n), _mm_or_si128(v, _mm_and_si128(mask_letters(v), _mm_set1_epi8(0x20))));
	}
#endif
	for (; n < len; n++)
		s[n] = text_lower(s[n]);
}

static bool may_be_plain(const struct mask *m)
{
	return m->block_has_words && !m->in_stamp && !m->words_to_ask && *m->at != '<' && !is_class(*m->at, DIGIT) && *m->at;
}

void mask_volatile(const char *s, struct buf *out, struct buf *words)
{
	size_t len = strlen(s);
	char *room = buf_reserve(out, len), *words_room = buf_reserve(words, len);
	struct mask m = { .out = room, .to = room, .words = words_room, .begin = s, .at = s, .end = s + len, .words_from = s, .block_begins = room, .block_words = words_room };

	mask_read_tables();
	if (!room || !words_room)
		return;
	while (*m.at) {
		if (may_be_plain(&m))
			mask_read_plain(&m);
		read_one(&m);
		if (m.in_stamp && m.stamp_left-- == 0)
			m.in_stamp = false;
	}
	begin_block(&m);
	lower(words_room, (size_t)(m.words - words_room));
	buf_grew(out, (size_t)(m.to - room));
	buf_grew(words, (size_t)(m.words - words_room));
}

void mask_title(const char *s, size_t len, struct buf *out)
{
	char *room = buf_reserve(out, len), *to = room;

	if (!room)
		return;
	for (size_t i = 0; i < len; i++) {
		*to = text_lower(s[i]);
		to += is_class(s[i], WORD | DIGIT) || s[i] == '#';
	}
	buf_grew(out, (size_t)(to - room));
}
