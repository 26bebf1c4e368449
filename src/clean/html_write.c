/*
 * The one writer of safe HTML. It keeps what is open and a small content model, so that the output is in a grammar that
 * every HTML parser reads back to the very same elements (REL-90, REL-91): before an element begins, all that some parser
 * would close then is closed; what would be moved elsewhere (text between table cells, a link in a link) is never
 * written. Text and values are escaped here and nowhere else (REL-42); names are literals of html_policies.
 *
 * Nothing depends on the depth or the order of the input: no recursion, at most LIMIT_HTML_DEPTH looks at what is open
 * for a tag. Output is at most LIMIT_ITEM_BYTES a call, cut between tags or characters with all elements closed. By
 * input it is bounded thus: a byte of text becomes at most 5, an element at most 64 bytes and its address made absolute
 * (base and all) longer.
 */
#include "html.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "syndicated/base/text.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH EACH(0x80)

static unsigned flags_of(const struct html_writer *w, unsigned index)
{
	return html_policies[w->stack[index].element].flags;
}

static const struct html_open *top(const struct html_writer *w)
{
	return w->depth ? &w->stack[w->depth - 1] : NULL;
}

static bool in_table(const struct html_writer *w)
{
	return w->depth && flags_of(w, w->depth - 1) & IN_TABLE;
}

/* ---- bytes ---- */

static bool has_room(struct html_writer *w, size_t len)
{
	return !w->torn && !w->full && len + w->closing_bytes <= w->limit - w->out->len;
}

static void append(struct html_writer *w, const char *s, size_t len)
{
	char *room = w->out->capacity - w->out->len >= len && w->out->bytes ? w->out->bytes + w->out->len : buf_reserve(w->out, len);

	if (!room)
		return;
	memcpy(room, s, len);
	w->out->len += len;
}

bool html_put(struct html_writer *w, const char *s, size_t len)
{
	if (has_room(w, len))
		append(w, s, len);
	else
		w->torn = true;
	return !w->torn;
}

static void cut_back(struct html_writer *w, size_t len)
{
	w->out->len = len;
	buf_grew(w->out, 0);
}

/* The reference for a byte that may not stand for itself; a quote may, in text. */
static const char *reference_for(char c, bool in_value)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return in_value ? "&#34;" : NULL;
	case '\n':
		return in_value ? "&#10;" : NULL;
	case '\t':
		return in_value ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

/* 0x80 in each byte that equals c, and perhaps in others when one does. */
static uint64_t equals(uint64_t w, char c)
{
	uint64_t x = w ^ EACH((unsigned char)c);

	return (x - EACH(1)) & ~x & HIGH;
}

#ifdef __SSE2__
/* A bit for each of 16 bytes that has a reference. */
static unsigned references_in(const char *s, bool in_value)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s), is;

	is = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('&')), _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8('<' ^ '>')), _mm_set1_epi8('<' | '>')));
	if (in_value)
		is = _mm_or_si128(is, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
		                                   _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')))));
	return (unsigned)_mm_movemask_epi8(is);
}
#endif

/* Bytes up to the first that has a reference. */
static size_t literal_run(const char *s, size_t len, bool in_value)
{
	size_t n = 0;

#ifdef __SSE2__
	for (unsigned references; len - n >= 16; n += 16) {
		references = references_in(s + n, in_value);
		if (references)
			return n + (size_t)__builtin_ctz(references);
	}
#endif
	for (uint64_t w; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, s + n, sizeof(w));
		if (equals(w, '&') | equals(w, '<') | equals(w, '>'))
			break;
		if (in_value && (equals(w, '"') | equals(w, '\n') | equals(w, '\t')))
			break;
	}
	while (n < len && !reference_for(s[n], in_value))
		n++;
	return n;
}

static void put_escaped(struct html_writer *w, const char *s, size_t len, bool in_value)
{
	for (size_t i = 0; i < len && !w->torn;) {
		size_t n = literal_run(s + i, len - i, in_value);
		const char *reference;

		html_put(w, s + i, n);
		i += n;
		if (i == len)
			return;
		reference = reference_for(s[i++], in_value);
		html_put(w, reference, strlen(reference));
	}
}

/* ---- opening and closing ---- */

static void count(struct html_writer *w, enum html_element e, int by)
{
	w->closing_bytes += (unsigned)(by * (html_policies[e].name_len + 3));
	switch ((unsigned)e) {
	case EL_P:
		w->open_p += (unsigned)by;
		break;
	case EL_A:
		w->open_a += (unsigned)by;
		break;
	case EL_TABLE:
		w->open_tables += (unsigned)by;
		break;
	case EL_RUBY:
		w->open_ruby += (unsigned)by;
		break;
	default:
		break;
	}
}

void html_end(struct html_writer *w)
{
	const struct html_open *o = &w->stack[--w->depth];
	const struct html_policy *p = &html_policies[o->element];

	count(w, o->element, -1);
	if (o->element == EL_A && w->out->len == o->content) { /* a link around nothing: often what was left of a tracker */
		cut_back(w, o->start);
		return;
	}
	append(w, p->close, p->name_len + 3);
}

static void end_until(struct html_writer *w, unsigned depth)
{
	while (w->depth > depth)
		html_end(w);
}

/* One more than the index of the innermost of these elements that is not behind a boundary; 0 for none. */
static unsigned find_open(const struct html_writer *w, enum html_element a, enum html_element b, unsigned boundary, unsigned but)
{
	for (unsigned i = w->depth; i > 0; i--) {
		unsigned flags = flags_of(w, i - 1);

		if (w->stack[i - 1].element == a || w->stack[i - 1].element == b)
			return i;
		if (flags & boundary && !(flags & but))
			return 0;
	}
	return 0;
}

/* Closes what an HTML 4 parser or an HTML 5 parser would close itself. */
static void end_what_ends(struct html_writer *w, enum html_element e)
{
	unsigned flags = html_policies[e].flags, before, i;

	do {
		before = w->depth;
		i = 0;
		while (w->depth && html_closes(e, top(w)->element))
			html_end(w);
		if (e == EL_LI)
			i = find_open(w, EL_LI, EL_LI, IS_SPECIAL, 0);
		else if (e == EL_DD || e == EL_DT)
			i = find_open(w, EL_DD, EL_DT, IS_SPECIAL, 0);
		else if (e == EL_A && w->open_a)
			i = find_open(w, EL_A, EL_A, IS_SCOPE, 0);
		if (i)
			end_until(w, i - 1);
		if (flags & ENDS_P && w->open_p && (i = find_open(w, EL_P, EL_P, IS_SCOPE, 0)))
			end_until(w, i - 1);
		if (flags & IS_HEADING && w->depth && flags_of(w, w->depth - 1) & IS_HEADING)
			html_end(w);
	} while (w->depth != before);
}

static bool begin(struct html_writer *w, enum html_element e)
{
	const struct html_policy *p = &html_policies[e];

	w->torn = false;
	if (!has_room(w, 2 * (size_t)p->name_len + 6)) {
		w->full = true;
		return false;
	}
	w->stack[w->depth] = (struct html_open){ .element = e, .serial = ++w->serial, .start = w->out->len };
	if (!(p->flags & IS_VOID))
		count(w, e, 1);
	w->depth++;
	append(w, p->open, p->name_len + 1);
	return true;
}

bool html_ready(struct html_writer *w)
{
	struct html_open *o = &w->stack[w->depth - 1];
	bool is_void = html_policies[o->element].flags & IS_VOID;

	if (!html_put(w, ">", 1)) {
		cut_back(w, o->start);
		w->full = true;
	}
	o->content = w->out->len;
	if (!is_void && w->full)
		count(w, o->element, -1);
	if (is_void || w->full)
		w->depth--;
	w->torn = false;
	return !w->full;
}

static bool open_bare(struct html_writer *w, enum html_element e)
{
	return begin(w, e) && html_ready(w);
}

/* ---- tables ---- */

/* Closes up to the innermost of the table's parts a cell can be added to, and adds what is missing between. */
static bool make_rows(struct html_writer *w, unsigned table, enum html_element part)
{
	unsigned section = table, row = 0;

	if (w->depth > table && w->stack[table].element != EL_CAPTION && w->stack[table].element != EL_COLGROUP) {
		section = table + 1;
		if (part != EL_TR && w->depth > section && w->stack[section].element == EL_TR)
			row = section + 1;
	}
	end_until(w, row ? row : section);
	if (section == table && !open_bare(w, EL_TBODY))
		return false;
	return part == EL_TR || row || open_bare(w, EL_TR);
}

/* Makes the place of a part of a table; false when there is no table. A table has room for its parts, see begin_here(). */
static bool make_place(struct html_writer *w, enum html_element part)
{
	unsigned table = w->open_tables ? find_open(w, EL_TABLE, EL_TABLE, 0, 0) : 0;

	if (!table)
		return false;
	switch ((unsigned)part) {
	case EL_TR:
	case EL_TD:
	case EL_TH:
		return make_rows(w, table, part);
	case EL_COL:
		if (w->depth > table && w->stack[table].element == EL_COLGROUP) {
			end_until(w, table + 1);
			return true;
		}
		end_until(w, table);
		return open_bare(w, EL_COLGROUP);
	default:
		end_until(w, table);
		return true;
	}
}

/* Between the parts of a table, what is no part goes into a cell. */
bool html_make_flow(struct html_writer *w)
{
	return !in_table(w) || (make_place(w, EL_TD) && open_bare(w, EL_TD));
}

/* ---- elements ---- */

/* A ruby text is closed by the next; without a ruby it is nothing. */
static bool begin_ruby_text(struct html_writer *w)
{
	static const uint64_t implied = UINT64_C(1) << EL_DD | UINT64_C(1) << EL_DT | UINT64_C(1) << EL_LI | UINT64_C(1) << EL_P;

	if (!w->open_ruby || !find_open(w, EL_RUBY, EL_RUBY, IS_SCOPE, 0))
		return false;
	while (top(w)->element == EL_RT || top(w)->element == EL_RP || (top(w)->element < 64 && implied >> top(w)->element & 1))
		html_end(w);
	return true;
}

static bool begin_here(struct html_writer *w, enum html_element e)
{
	unsigned room = e == EL_TABLE ? 4 : 1; /* a table, its body, a row and a cell, or its text would have no place */

	if (html_policies[e].flags & IS_PART) {
		if (!make_place(w, e))
			return false;
	} else if (in_table(w)) {
		if ((e != EL_IMG && e != EL_HR) || !html_make_flow(w))
			return false;
	} else if (e == EL_RT || e == EL_RP) {
		if (!begin_ruby_text(w))
			return false;
	} else {
		end_what_ends(w, e);
	}
	if (e == EL_A && w->open_a)
		return false; /* one is open around a table; HTML 5 allows that, others do not */
	if (w->depth + room > LIMIT_HTML_DEPTH) /* REL-92: deeper ones are flattened */
		return false;
	return begin(w, e);
}

bool html_begin(struct html_writer *w, enum html_element e)
{
	return w->out && !w->full && begin_here(w, e);
}

void html_attribute(struct html_writer *w, enum html_attribute a, struct html_slice value)
{
	html_put(w, html_attribute_starts[a].s, html_attribute_starts[a].len);
	put_escaped(w, value.s, value.len, true);
	html_put(w, "\"", 1);
}

/* ---- words ---- */

static void write_literally(struct html_writer *w, const char *s, size_t len)
{
	if (has_room(w, 5 * len)) { /* the usual case, without looking at each run */
		put_escaped(w, s, len, false);
		return;
	}
	/* Character by character, so that the cut is between two. */
	for (size_t at = 0, from = 0; at < len && !w->torn; from = at) {
		(void)text_next(s, len, &at);
		if (!has_room(w, 5 * (at - from)))
			w->torn = true;
		else
			put_escaped(w, s + from, at - from, false);
	}
	w->full |= w->torn;
	w->torn = false;
}

static size_t white_space(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && text_is_space(s[n]))
		n++;
	return n;
}

void html_write(struct html_writer *w, const char *s, size_t len)
{
	size_t n = w->image->len ? white_space(s, len) : 0;

	if (n < len)
		buf_clear(w->image);
	html_text_add(&w->text, s, len);
	if (!w->out || w->full)
		return;
	if (in_table(w)) {
		n = white_space(s, len);
		write_literally(w, s, n);
		s += n;
		len -= n;
		if (len == 0 || w->full || !html_make_flow(w))
			return;
	}
	/* Parsers skip one line feed behind <pre>; when none is written there, all agree. */
	if (w->depth && top(w)->element == EL_PRE && top(w)->content == w->out->len) {
		for (; len && *s == '\n'; len--)
			s++;
	}
	write_literally(w, s, len);
}

/* ---- what readers call ---- */

void html_writer_begin(struct html_writer *w, struct html_scratch *scratch, const char *base, struct buf *out, struct buf *text)
{
	w->url = &scratch->url;
	w->picture = &scratch->picture;
	w->image = &scratch->image;
	buf_clear(w->image);
	w->image_stands_in = false;
	w->base = base;
	w->out = out;
	w->start = out ? out->len : 0;
	w->limit = out && out->max_bytes - out->len > LIMIT_ITEM_BYTES ? out->len + LIMIT_ITEM_BYTES : out ? out->max_bytes : 0;
	w->full = out && out->error != 0;
	w->torn = false;
	w->depth = w->n_frames = w->closing_bytes = w->open_p = w->open_a = w->open_tables = w->open_ruby = 0;
	w->serial = 0;
	buf_clear(w->picture);
	html_text_init(&w->text, text);
}

void html_writer_undo(struct html_writer *w)
{
	html_text_undo(&w->text);
	if (w->out)
		cut_back(w, w->start);
}

void html_writer_end(struct html_writer *w)
{
	if (w->out) {
		end_until(w, 0);
		buf_grew(w->out, 0);
	}
	html_text_end(&w->text);
}

static unsigned mode_of(const struct html_writer *w)
{
	return w->n_frames ? w->frames[w->n_frames - 1].mode : MODE_FLOW;
}

static void leave_svg(struct html_writer *w)
{
	for (unsigned i = 0; i < w->n_frames; i++) {
		if (w->frames[i].mode == MODE_SVG)
			w->frames[i].mode = MODE_FLOW;
	}
}

/* What the element is to us inside these others: its fate, or FATE_UNWRAP for what means nothing there. */
static unsigned fate_in(struct html_writer *w, unsigned mode, enum html_element e)
{
	unsigned fate = html_policies[e].fate;

	switch (mode) {
	case MODE_SVG:
		if (html_policies[e].flags & ENDS_SVG) {
			leave_svg(w);
			return fate;
		}
		return fate == FATE_SVG_WORDS || e == EL_TITLE ? FATE_SVG_WORDS : FATE_UNWRAP;
	case MODE_NOSCRIPT:
		return html_policies[e].as == EL_IMG ? FATE_KEEP : FATE_UNWRAP;
	case MODE_MEDIA:
		return fate == FATE_SOURCE || fate == FATE_PLAYER ? fate : FATE_UNWRAP;
	case MODE_DROP:
		return FATE_UNWRAP;
	default:
		return fate == FATE_SVG_WORDS && mode == MODE_FLOW ? FATE_UNWRAP : fate;
	}
}

/* A film or sound needs one link: once it has it, the rest of it is dropped. */
static unsigned enter_media(struct html_writer *w, unsigned mode, bool written)
{
	struct html_frame *outer = w->n_frames > 1 ? &w->frames[w->n_frames - 2] : NULL;

	if (written && outer && (mode == MODE_MEDIA || outer->element == EL_OBJECT))
		outer->mode = MODE_DROP;
	return written ? MODE_DROP : MODE_MEDIA;
}

static void remember_picture(struct html_writer *w, const struct html_values *v)
{
	enum html_attribute a = html_has(v, AT_SRCSET) ? AT_SRCSET : AT_DATA_SRCSET;

	if (w->picture->len == 0 && html_has(v, a))
		buf_append(w->picture, v->of[a].s, v->of[a].len);
}

static unsigned enter_kept(struct html_writer *w, unsigned mode, enum html_element e, const struct html_values *v, struct html_frame *f)
{
	if (html_policies[e].flags & IS_BLOCK)
		html_text_gap(&w->text);
	if (html_has(v, AT_CLASS) && html_is_junk(v->of[AT_CLASS]))
		return MODE_DROP;
	if (e == EL_Q)
		html_text_add(&w->text, "\xE2\x80\x9C", 3);
	html_write_element(w, html_policies[e].as, v, f);
	return mode;
}

/* By what it is. Returns the mode of what is in it. */
static unsigned enter(struct html_writer *w, unsigned mode, unsigned fate, enum html_element e, const struct html_values *v, struct html_frame *f)
{
	switch (fate) {
	case FATE_KEEP:
		return enter_kept(w, mode, e, v, f);
	case FATE_DROP:
		return MODE_DROP;
	case FATE_PLAYER:
		if (html_write_player(w, v))
			return enter_media(w, mode, true);
		/* What an <object> holds is shown by those who cannot show it. */
		return e == EL_OBJECT ? mode : enter_media(w, mode, false);
	case FATE_MEDIA:
		return enter_media(w, mode, html_write_media(w, v));
	case FATE_SOURCE:
		if (mode == MODE_MEDIA)
			return enter_media(w, mode, html_write_media(w, v));
		remember_picture(w, v);
		return mode;
	case FATE_NOSCRIPT:
		return MODE_NOSCRIPT;
	case FATE_SVG:
		return MODE_SVG;
	case FATE_SVG_WORDS:
		html_text_gap(&w->text);
		return MODE_SVG_WORDS;
	default:
		if (e == EL_PICTURE)
			buf_clear(w->picture);
		return mode;
	}
}

void html_open(struct html_writer *w, enum html_element e, const struct html_values *v)
{
	unsigned mode = mode_of(w), fate = fate_in(w, mode, e);
	struct html_frame *f = &w->frames[w->n_frames++];

	if (mode == MODE_SVG && fate != FATE_SVG_WORDS && fate != FATE_UNWRAP)
		mode = MODE_FLOW; /* it was left */
	*f = (struct html_frame){ .element = (uint8_t)e };
	f->mode = (uint8_t)enter(w, mode, fate, e, v, f);
}

void html_close(struct html_writer *w)
{
	const struct html_frame *f = &w->frames[--w->n_frames];

	if (f->element == EL_Q && f->mode == MODE_FLOW)
		html_text_add(&w->text, "\xE2\x80\x9D", 3);
	if (html_policies[f->element].flags & IS_BLOCK && f->mode == MODE_FLOW)
		html_text_gap(&w->text);
	if (f->serial && f->index < w->depth && w->stack[f->index].serial == f->serial)
		end_until(w, f->index);
	if (f->element == EL_PICTURE)
		buf_clear(w->picture);
}

void html_words(struct html_writer *w, const char *s, size_t len)
{
	unsigned mode = mode_of(w);

	if (mode == MODE_FLOW || mode == MODE_SVG_WORDS)
		html_write(w, s, len);
}

void html_forget_frames(struct html_writer *w)
{
	w->n_frames = 0;
}
