/*
 * The reader of plain HTML: what nearly all feeds hold, tags in order, ends left out only where everybody knows how. It
 * says the same as libxml2 would, several times faster, or gives up at the first thing parsers may differ about
 * (doc/decisions/004-plain-html-reader.md). Its stack is libxml2's at each step: that is what the checks are for.
 */
#include "html.h"

#include <string.h>

#include "syndicated/base/text.h"

struct plain {
	struct html_writer *w;
	unsigned open_p, open_a;
};

static enum html_element inner(const struct plain *p)
{
	return p->w->n_frames ? (enum html_element)p->w->frames[p->w->n_frames - 1].element : EL_NONE;
}

static unsigned flags_of(enum html_element e)
{
	return html_policies[e].flags;
}

static void pop(struct plain *p)
{
	enum html_element e = inner(p);

	p->open_p -= e == EL_P;
	p->open_a -= e == EL_A;
	html_close(p->w);
}

static void push(struct plain *p, enum html_element e, const struct html_values *v)
{
	html_open(p->w, e, v);
	p->open_p += e == EL_P;
	p->open_a += e == EL_A;
}

/* Ends what e ends. False when only some parsers would. */
static bool end_what_ends(struct plain *p, enum html_element e)
{
	while (html_closes(e, inner(p))) {
		if (!(flags_of(inner(p)) & MAY_OMIT_END))
			return false;
		pop(p);
	}
	return !(flags_of(e) & ENDS_P && p->open_p);
}

/* Whether e stands where its kind belongs. */
static bool is_in_place(const struct plain *p, enum html_element e)
{
	enum html_element in = inner(p);

	switch ((unsigned)e) {
	case EL_LI:
		return in == EL_UL || in == EL_OL;
	case EL_DD:
	case EL_DT:
		return in == EL_DL;
	case EL_RT:
	case EL_RP:
		return in == EL_RUBY;
	case EL_TD:
	case EL_TH:
		return in == EL_TR;
	case EL_TR:
		return in == EL_TABLE || in == EL_TBODY || in == EL_THEAD || in == EL_TFOOT;
	case EL_COL:
		return in == EL_COLGROUP;
	case EL_CAPTION:
	case EL_COLGROUP:
	case EL_THEAD:
	case EL_TBODY:
	case EL_TFOOT:
		return in == EL_TABLE;
	case EL_A:
		return p->open_a == 0 && !(flags_of(in) & IN_TABLE);
	default:
		return !(flags_of(in) & IN_TABLE) && !(flags_of(e) & IS_HEADING && flags_of(in) & IS_HEADING);
	}
}

/* In pictures: what has no meaning in HTML, and the words. */
static bool is_of_svg(enum html_element e)
{
	return html_policies[e].fate == FATE_SVG_WORDS || e == EL_SVG || e == EL_TITLE || e == EL_STYLE || e == EL_SCRIPT;
}

static bool open_element(struct plain *p, const struct html_token *t)
{
	enum html_element e = t->element;
	bool in_svg = p->w->n_frames && p->w->frames[p->w->n_frames - 1].mode == MODE_SVG;

	if ((in_svg ? !is_of_svg(e) : flags_of(e) & IS_ODD) || !end_what_ends(p, e) || !is_in_place(p, e) || p->w->n_frames >= LIMIT_HTML_DEPTH - 4)
		return false;
	push(p, e, &t->values);
	if (t->empty)
		pop(p);
	return true;
}

/* Whether the end tag of e may end the innermost element without an end tag of its own. */
static bool may_end(enum html_element in, enum html_element e)
{
	bool of_table = flags_of(in) & IS_PART;

	if (!(flags_of(in) & MAY_OMIT_END) || !(flags_of(e) & (IS_BLOCK | IN_TABLE)) || e == EL_P || flags_of(e) & IS_HEADING)
		return false;
	switch ((unsigned)in) {
	case EL_TD:
	case EL_TH:
		return flags_of(e) & IN_TABLE && e != EL_COLGROUP;
	case EL_TR:
		return e == EL_TBODY || e == EL_THEAD || e == EL_TFOOT || e == EL_TABLE;
	default:
		return !of_table || e == EL_TABLE;
	}
}

static bool close_element(struct plain *p, enum html_element e)
{
	if (e == EL_P && p->open_p == 0) /* left over where a block ended the paragraph: an empty one to some, nothing to see for all */
		return true;
	while (p->w->n_frames && inner(p) != e) {
		if (!may_end(inner(p), e))
			return false;
		pop(p);
	}
	if (p->w->n_frames == 0)
		return false;
	pop(p);
	return true;
}

static bool is_blank(struct html_slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!text_is_space(s.s[i]))
			return false;
	}
	return true;
}

static bool take(struct plain *p, const struct html_token *t)
{
	if (t->kind == TOKEN_OPEN)
		return open_element(p, t);
	if (t->kind == TOKEN_CLOSE)
		return close_element(p, t->element);
	if (flags_of(inner(p)) & IN_TABLE && !is_blank(t->text))
		return false;
	html_words(p->w, t->text.s, t->text.len);
	return true;
}

bool html_read_plain(struct html_writer *w, const char *s, size_t len, struct buf *values)
{
	struct plain p = { .w = w };
	struct html_tokens tokens;
	struct html_token t;

	html_tokens_init(&tokens, s, len, values);
	for (;;) {
		html_token_next(&tokens, &t);
		if (t.odd)
			return false;
		if (t.kind == TOKEN_END)
			break;
		if (!take(&p, &t))
			return false;
	}
	while (w->n_frames)
		pop(&p);
	return true;
}
