/*
 * The text of the element being collected. It grows in one buffer that is used for every field of the document; the
 * parser writes into it directly (struct xml_sink) as long as there is room.
 */
#include "reader_internal.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/markup.h"
#include "syndicated/base/text.h"

enum { FIRST_CAPACITY = 8 << 10 };

static size_t text_len(const struct reader *r)
{
	return r->sink.at ? (size_t)(r->sink.at - r->text) : 0;
}

/* Room for len more bytes, or false at the limit of a field (REL-8). */
static bool make_room(struct reader *r, size_t len)
{
	size_t used = text_len(r), capacity = r->text_capacity ? r->text_capacity : FIRST_CAPACITY;

	if (len > LIMIT_FIELD_BYTES - used)
		return false;
	while (capacity < used + len)
		capacity *= 2;
	if (capacity > r->text_capacity) {
		r->text = mem_resize_array(r->text, capacity + 1, 1);
		r->text_capacity = capacity;
	}
	r->sink.at = r->text + used;
	/* Text between elements of xhtml is escaped on its way, so it comes by call. */
	r->sink.end = r->xhtml ? r->sink.at : r->text + (capacity < LIMIT_FIELD_BYTES ? capacity : LIMIT_FIELD_BYTES);
	return true;
}

static void cut_text(struct reader *r)
{
	r->text_cut = true;
	r->sink.end = r->sink.at;
	problem_add(&r->feed->problems, "field-too-long", 0, "A field holds more text than is kept; it was cut.");
}

static void put(struct reader *r, const char *s, size_t len)
{
	if (r->text_cut)
		return;
	if (!make_room(r, len)) {
		size_t room = LIMIT_FIELD_BYTES - text_len(r);

		cut_text(r);
		len = room < len ? text_cut(s, len, room) : len;
		(void)make_room(r, len);
	}
	memcpy(r->sink.at, s, len);
	r->sink.at += len;
	if (r->text_cut || r->xhtml)
		r->sink.end = r->sink.at; /* the end is never before it: the parsers take the difference for room */
}

static void put_str(struct reader *r, const char *s)
{
	put(r, s, strlen(s));
}

/* Ends on a whole character or reference. */
static void put_escaped(struct reader *r, const char *s, size_t len)
{
	static const bool special[256] = { ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true };
	struct buf escaped = BUF_INIT(6 * len + 1);
	size_t plain = 0;

	while (plain < len && !special[(unsigned char)s[plain]])
		plain++;
	if (plain == len) {
		put(r, s, len);
		return;
	}
	markup_escape_text(&escaped, s, len);
	put(r, buf_str(&escaped), escaped.len);
	buf_done(&escaped);
}

void reader_append_text(struct reader *r, const char *s, size_t len)
{
	if (r->xhtml)
		put_escaped(r, s, len);
	else
		put(r, s, len);
}

/* Markup that stands in a field as elements is written out again as HTML source (Atom xhtml; RSS that forgot to escape). */
void reader_write_tag(struct reader *r, const struct xml_element *e)
{
	struct buf b = BUF_INIT(LIMIT_FIELD_BYTES);

	if (r->text_cut)
		return;
	buf_append_char(&b, '<');
	buf_append_str(&b, e->name.local);
	for (size_t i = 0; i < e->n_attributes; i++) {
		const struct xml_attribute *a = &e->attributes[i];

		if (a->name.uri || a->name.prefix)
			continue;
		buf_append_char(&b, ' ');
		buf_append_str(&b, a->name.local);
		buf_append_str(&b, "=\"");
		markup_escape_attr(&b, a->value, strlen(a->value));
		buf_append_char(&b, '"');
	}
	buf_append_char(&b, '>');
	if (!buf_error(&b) && b.len <= LIMIT_FIELD_BYTES - text_len(r))
		put(r, b.bytes, b.len);
	else
		cut_text(r); /* Half a tag is none. */
	buf_done(&b);
}

void reader_write_end(struct reader *r, const char *name)
{
	static const char *const voids[] = { "br", "hr", "img", "col", "wbr", "area", "base", "embed", "input", "link", "meta", "param",
		                             "source", "track" };

	for (size_t i = 0; i < sizeof(voids) / sizeof(voids[0]); i++) {
		if (voids[i][0] == name[0] && strcmp(voids[i], name) == 0)
			return;
	}
	if (r->text_cut)
		return;
	put_str(r, "</");
	put_str(r, name);
	put_str(r, ">");
}

void reader_set_kind(struct reader *r, enum raw_text_kind kind)
{
	r->kind = kind;
}

void reader_set_xhtml(struct reader *r)
{
	r->kind = RAW_TEXT_HTML;
	r->xhtml = true;
	r->sink.end = r->sink.at;
}

void reader_set_base64(struct reader *r)
{
	r->base64 = true;
}

void reader_drop_field(struct reader *r)
{
	r->collecting = 0;
	r->sink.at = r->sink.end = NULL;
}

void reader_yield(struct reader *r, enum slot slot)
{
	if (r->item)
		r->item_ranks[slot] = 0;
}

void reader_begin_field(struct reader *r, const struct rule *rule)
{
	r->collecting = r->depth;
	r->text_cut = false;
	r->xhtml = false;
	r->base64 = false;
	r->sink.at = r->text;
	(void)make_room(r, 1);
	switch (rule->holds) {
	case HOLDS_HTML: r->kind = RAW_TEXT_HTML; break;
	case HOLDS_GUESS: r->kind = RAW_TEXT_GUESS; break;
	case HOLDS_NOTHING:
	case HOLDS_PLAIN:
	case HOLDS_TYPED:
	default: r->kind = RAW_TEXT_PLAIN; break;
	}
}

/* What is not base64 after all stays as it is. */
static void decode_base64_field(struct reader *r)
{
	struct buf plain = BUF_INIT(LIMIT_FIELD_BYTES), clean = BUF_INIT(LIMIT_FIELD_BYTES), squeezed = BUF_INIT(LIMIT_FIELD_BYTES + 1);

	for (const char *s = r->text; s < r->sink.at; s++) {
		if (!text_is_space(*s))
			buf_append_char(&squeezed, *s);
	}
	if (digest_decode_base64(buf_str(&squeezed), &plain) == 0 && plain.len && memchr(plain.bytes, '\0', plain.len)) {
		r->sink.at = r->text; /* a picture */
	} else if (!buf_error(&plain) && plain.len) {
		text_scrub(&clean, buf_str(&plain), plain.len);
		r->sink.at = r->text;
		put(r, buf_str(&clean), buf_error(&clean) ? 0 : clean.len);
	}
	buf_done(&plain);
	buf_done(&clean);
	buf_done(&squeezed);
}

/*
 * C1 controls, from references or converted: what windows-1252 has there, as the readers of broken XML and of HTML say
 * too. One character at most becomes a byte longer.
 */
static void mend_c1(struct reader *r)
{
	struct buf meant = BUF_INIT(2 * LIMIT_FIELD_BYTES);

	if (!text_has_c1(r->text, text_len(r)))
		return;
	text_append_meant(&meant, r->text, text_len(r));
	r->text_cut = false;
	r->sink.at = r->text;
	put(r, buf_str(&meant), buf_error(&meant) ? 0 : meant.len);
	buf_done(&meant);
}

/* The first mark that opens a section at s or behind it, or `end`. "!" is rare in texts, "<" is not. */
static char *find_section(char *s, char *end)
{
	char *mark;

	while ((mark = memchr(s, '!', (size_t)(end - s)))) {
		if (mark > s && mark[-1] == '<' && end - mark >= 8 && memcmp(mark, "![CDATA[", 8) == 0)
			return mark - 1;
		s = mark + 1;
	}
	return end;
}

/* The length of the mark that ends a section, also of one that was escaped once more than the one that opens it; or 0. */
static size_t section_end(const char *s, const char *end)
{
	if (end - s >= 3 && memcmp(s, "]]>", 3) == 0)
		return 3;
	return end - s >= 6 && memcmp(s, "]]&gt;", 6) == 0 ? 6 : 0;
}

/*
 * Marks of CDATA sections that somebody escaped, or wrote twice, mean what they mean: what is between them is the text.
 * In HTML they can mean nothing else anywhere; in plain text they may be what it is about, unless it begins with one. A
 * sample of code in HTML shows them escaped once more, and those stay.
 */
static void unwrap_sections(struct reader *r)
{
	char *s = r->text, *end = r->sink.at, *to;
	size_t open = 0, n;

	while (s < end && text_is_space(*s))
		s++;
	if (r->kind == RAW_TEXT_PLAIN && (s == end || *s != '<'))
		return;
	to = find_section(s, end);
	if (to == end || (r->kind == RAW_TEXT_PLAIN && to != s))
		return;
	for (s = to; s < end; s += n) {
		n = 1;
		if (*s == '<' && end - s >= 9 && memcmp(s, "<![CDATA[", 9) == 0) {
			open++;
			n = 9;
		} else if (*s == ']' && open && section_end(s, end)) {
			open--;
			n = section_end(s, end);
		} else {
			*to++ = *s;
		}
	}
	r->sink.at = to;
}

void reader_end_field(struct reader *r)
{
	const struct rule *rule = r->stack[r->depth].rule;
	size_t len;

	r->collecting = 0;
	if (r->base64)
		decode_base64_field(r);
	mend_c1(r);
	unwrap_sections(r);
	len = text_len(r);
	r->text[len] = '\0';
	r->sink.at = r->sink.end = NULL;
	if (rule->end)
		rule->end(r, r->text);
	else
		reader_fill_bytes(r, rule->slot, rule->rank, r->text, len, r->kind);
	memset(r->remembered, 0, sizeof(r->remembered));
}
