/*
 * What is written of an element's attributes, and the elements that stand or fall with an address: links, pictures, and
 * the links that take the place of players and films (REL-20, REL-22, REL-29, REL-31, REL-32).
 */
#include "html.h"

#include <stdio.h>
#include <string.h>

#include "syndicated/base/text.h"
#include "syndicated/clean.h"

enum { LANGUAGE_BYTES = 35, NUMBER_DIGITS = 5, LABEL_BYTES = 200 };
static const char relation[] = " rel=\"nofollow noopener noreferrer\""; /* REL-29 */
static const char loading[] = " loading=\"lazy\" referrerpolicy=\"no-referrer\"";

enum kind { KIND_TEXT, KIND_WORDS, KIND_NUMBER, KIND_DIRECTION, KIND_LANGUAGE, KIND_URL };

struct rule {
	enum html_attribute attribute;
	enum kind kind;
};

static const struct rule everywhere[] = { { AT_TITLE, KIND_WORDS }, { AT_LANG, KIND_LANGUAGE }, { AT_DIR, KIND_DIRECTION }, { AT_COUNT, 0 } };
static const struct rule cell_rules[] = { { AT_COLSPAN, KIND_NUMBER }, { AT_ROWSPAN, KIND_NUMBER }, { AT_COUNT, 0 } };
static const struct rule column_rules[] = { { AT_SPAN, KIND_NUMBER }, { AT_COUNT, 0 } };
static const struct rule list_rules[] = { { AT_START, KIND_NUMBER }, { AT_COUNT, 0 } };
static const struct rule quote_rules[] = { { AT_CITE, KIND_URL }, { AT_COUNT, 0 } };
static const struct rule edit_rules[] = { { AT_CITE, KIND_URL }, { AT_DATETIME, KIND_WORDS }, { AT_COUNT, 0 } };
static const struct rule time_rules[] = { { AT_DATETIME, KIND_WORDS }, { AT_COUNT, 0 } };
static const struct rule picture_rules[] = { { AT_ALT, KIND_TEXT }, { AT_WIDTH, KIND_NUMBER }, { AT_HEIGHT, KIND_NUMBER }, { AT_COUNT, 0 } };

static const struct rule *const rules[EL_COUNT] = {
	[EL_TD] = cell_rules,
	[EL_TH] = cell_rules,
	[EL_COL] = column_rules,
	[EL_COLGROUP] = column_rules,
	[EL_OL] = list_rules,
	[EL_BLOCKQUOTE] = quote_rules,
	[EL_Q] = quote_rules,
	[EL_DEL] = edit_rules,
	[EL_INS] = edit_rules,
	[EL_TIME] = time_rules,
};

static struct html_slice trim(struct html_slice s)
{
	while (s.len && (unsigned char)s.s[0] <= ' ') {
		s.s++;
		s.len--;
	}
	while (s.len && (unsigned char)s.s[s.len - 1] <= ' ')
		s.len--;
	return s;
}

/* word is lower case. */
static bool is_word(struct html_slice s, const char *word)
{
	if (s.len != strlen(word))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (text_lower(s.s[i]) != word[i])
			return false;
	}
	return true;
}

/* The digits of "640", " 640px"; nothing of "100%". */
static struct html_slice digits(struct html_slice s)
{
	struct html_slice ret = trim(s);
	size_t n = 0;

	while (n < ret.len && ret.s[n] >= '0' && ret.s[n] <= '9')
		n++;
	s = trim((struct html_slice){ ret.s + n, ret.len - n });
	ret.len = n <= NUMBER_DIGITS && (s.len == 0 || is_word(s, "px")) ? n : 0;
	return ret;
}

static bool is_language(struct html_slice s)
{
	if (s.len == 0 || s.len > LANGUAGE_BYTES)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = text_lower(s.s[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

/* The address made absolute into w->url. */
static bool take_url(struct html_writer *w, struct html_slice s)
{
	buf_clear(w->url);
	return s.len && clean_url_append(s.s, s.len, w->base, w->url) && buf_error(w->url) == 0 && w->url->len <= LIMIT_URL_BYTES;
}

static struct html_slice url_of(const struct html_writer *w)
{
	return (struct html_slice){ buf_str(w->url), w->url->len };
}

static void write_rule(struct html_writer *w, const struct rule *r, struct html_slice value)
{
	switch (r->kind) {
	case KIND_TEXT:
		break;
	case KIND_WORDS:
		if (value.len == 0)
			return;
		break;
	case KIND_NUMBER:
		value = digits(value);
		if (value.len == 0)
			return;
		break;
	case KIND_DIRECTION:
		if (!is_word(value, "ltr") && !is_word(value, "rtl") && !is_word(value, "auto"))
			return;
		break;
	case KIND_LANGUAGE:
		if (!is_language(value))
			return;
		break;
	case KIND_URL:
		if (!take_url(w, value))
			return;
		value = url_of(w);
		break;
	}
	html_attribute(w, r->attribute, value);
}

static void write_rules(struct html_writer *w, const struct rule *r, const struct html_values *v)
{
	for (; r && r->attribute != AT_COUNT; r++) {
		if (html_has(v, r->attribute))
			write_rule(w, r, v->of[r->attribute]);
	}
}

/* ---- links ---- */

static bool is_mail(struct html_slice s)
{
	static const char scheme[] = "mailto:";

	if (s.len < sizeof(scheme) || s.len >= LIMIT_SHORT_BYTES || !is_word((struct html_slice){ s.s, sizeof(scheme) - 1 }, scheme))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.s[i] <= ' ' || s.s[i] == '<' || s.s[i] == '>' || s.s[i] == '"')
			return false;
	}
	return true;
}

/* The href of a link into w->url: http, https or mailto. */
static bool take_link(struct html_writer *w, const struct html_values *v)
{
	struct html_slice s;

	if (!html_has(v, AT_HREF))
		return false;
	s = trim(v->of[AT_HREF]);
	if (!is_mail(s))
		return take_url(w, s);
	buf_clear(w->url);
	buf_append(w->url, s.s, s.len);
	return true;
}

static void write_href(struct html_writer *w)
{
	html_attribute(w, AT_HREF, url_of(w));
	html_put(w, relation, sizeof(relation) - 1);
}

void html_write_element(struct html_writer *w, enum html_element e, const struct html_values *v, struct html_frame *f)
{
	if (e == EL_IMG) {
		html_write_picture(w, v);
		return;
	}
	/* A link to nowhere is none: anchors are left open so often that they would swallow the links behind them. */
	if (!w->out || (e == EL_A && !take_link(w, v)) || !html_begin(w, e))
		return;
	if (e == EL_A)
		write_href(w);
	if (v->mask) {
		write_rules(w, rules[e], v);
		write_rules(w, everywhere, v);
	}
	if (html_ready(w) && !(html_policies[e].flags & IS_VOID)) {
		f->index = (uint16_t)(w->depth - 1);
		f->serial = w->serial;
	}
}

/* YouTube shows a picture of each film under an address made of its name. False when the page is none of a film. */
static bool write_preview(struct html_writer *w, struct html_slice page, struct html_slice label)
{
	static const char watch[] = "https://www.youtube.com/watch?v=";
	enum { NAME = sizeof(watch) - 1 };
	char address[96];
	int n;

	if (page.len <= NAME || page.len - NAME > 16 || memcmp(page.s, watch, NAME) != 0)
		return false;
	n = snprintf(address, sizeof(address), "https://i.ytimg.com/vi/%.*s/hqdefault.jpg", (int)(page.len - NAME), page.s + NAME);
	if (!html_begin(w, EL_IMG))
		return false;
	html_attribute(w, AT_SRC, (struct html_slice){ address, (size_t)n });
	html_attribute(w, AT_ALT, label);
	html_put(w, loading, sizeof(loading) - 1);
	(void)html_ready(w);
	return true;
}

/* A link of our own to what is in w->url. What it says is not the author's, so it is no part of the text. */
static void write_link(struct html_writer *w, struct html_slice label)
{
	bool full = w->text.full;
	struct html_slice page = url_of(w);

	if (!w->out || !html_make_flow(w) || !html_begin(w, EL_A))
		return;
	write_href(w);
	if (!html_ready(w))
		return;
	w->text.full = true;
	if (!write_preview(w, page, label))
		html_write(w, label.s, label.len);
	w->text.full = full;
	html_end(w);
}

static struct html_slice label_of(const struct html_values *v, struct html_slice otherwise)
{
	struct html_slice s = html_has(v, AT_TITLE) ? trim(v->of[AT_TITLE]) : (struct html_slice){ "", 0 };

	if (s.len == 0)
		s = otherwise;
	s.len = text_cut(s.s, s.len, LABEL_BYTES);
	return s;
}

bool html_write_player(struct html_writer *w, const struct html_values *v)
{
	static const enum html_attribute sources[] = { AT_SRC, AT_DATA_SRC, AT_DATA_LAZY_SRC, AT_DATA };
	struct buf page = BUF_INIT(2 * LIMIT_URL_BYTES);
	bool found = false;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && !found; i++) {
		const char *label;

		if (!html_has(v, sources[i]) || !take_url(w, v->of[sources[i]]))
			continue;
		buf_clear(&page);
		found = html_player_page(url_of(w), &page, &label) &&
		        take_url(w, (struct html_slice){ buf_str(&page), page.len });
		if (found)
			write_link(w, label_of(v, (struct html_slice){ label, strlen(label) }));
	}
	buf_done(&page);
	return found;
}

/* The last part of an address's path, or all of it. */
static struct html_slice file_name(struct html_slice url)
{
	size_t end = 0, from;

	while (end < url.len && url.s[end] != '?' && url.s[end] != '#')
		end++;
	for (from = end; from && url.s[from - 1] != '/'; from--)
		;
	return from < end ? (struct html_slice){ url.s + from, end - from } : url;
}

bool html_write_media(struct html_writer *w, const struct html_values *v)
{
	struct html_slice url;
	struct buf copy = BUF_INIT(LIMIT_URL_BYTES);

	if (!(html_has(v, AT_SRC) && take_url(w, v->of[AT_SRC])) && !(html_has(v, AT_DATA_SRC) && take_url(w, v->of[AT_DATA_SRC])))
		return false;
	buf_append(&copy, w->url->bytes, w->url->len);
	url = (struct html_slice){ buf_str(&copy), copy.len };
	write_link(w, label_of(v, file_name(url)));
	buf_done(&copy);
	return true;
}

/* ---- pictures ---- */

/* The largest candidate of a srcset; false for none. */
static bool best_candidate(struct html_slice set, struct html_slice *ret)
{
	unsigned long best = 0;
	size_t i = 0;

	ret->len = 0;
	while (i < set.len) {
		size_t from, to;
		unsigned long size = 1;

		while (i < set.len && (text_is_space(set.s[i]) || set.s[i] == ','))
			i++;
		for (from = i; i < set.len && !text_is_space(set.s[i]); i++)
			;
		for (to = i; to > from && set.s[to - 1] == ','; to--)
			;
		if (to == i) {
			while (i < set.len && text_is_space(set.s[i]))
				i++;
			if (i < set.len && set.s[i] >= '0' && set.s[i] <= '9')
				size = 0;
			for (; i < set.len && set.s[i] >= '0' && set.s[i] <= '9'; i++)
				size = size < 1000000 ? size * 10 + (unsigned long)(set.s[i] - '0') : size;
			for (; i < set.len && set.s[i] != ','; i++)
				;
		}
		if (to > from && size > best && !html_is_placeholder((struct html_slice){ set.s + from, to - from })) {
			best = size;
			*ret = (struct html_slice){ set.s + from, to - from };
		}
	}
	return ret->len > 0;
}

/* The address of a picture into w->url; *ret_lazy: it is not the one in src. */
static bool take_source(struct html_writer *w, const struct html_values *v, bool *ret_lazy)
{
	static const enum html_attribute lazy[] = { AT_DATA_SRC, AT_DATA_LAZY_SRC, AT_DATA_ORIGINAL, AT_DATA_ORIG_FILE };
	static const enum html_attribute sets[] = { AT_DATA_SRCSET, AT_DATA_LAZY_SRCSET, AT_SRCSET };
	struct html_slice best;

	*ret_lazy = false;
	if (html_has(v, AT_SRC) && !html_is_placeholder(trim(v->of[AT_SRC])) && take_url(w, v->of[AT_SRC]))
		return true;
	*ret_lazy = true;
	for (size_t i = 0; i < sizeof(lazy) / sizeof(lazy[0]); i++) {
		if (html_has(v, lazy[i]) && !html_is_placeholder(trim(v->of[lazy[i]])) && take_url(w, v->of[lazy[i]]))
			return true;
	}
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (html_has(v, sets[i]) && best_candidate(v->of[sets[i]], &best) && take_url(w, best))
			return true;
	}
	return best_candidate((struct html_slice){ buf_str(w->picture), w->picture->len }, &best) && take_url(w, best);
}

/* The number behind "name:" in a style, or -1; -1 also for "auto" and the like. */
static int style_number(struct html_slice style, const char *name)
{
	for (size_t i = 0, next; i < style.len; i = next + 1) {
		struct html_slice key, value;
		size_t colon;

		for (next = i; next < style.len && style.s[next] != ';'; next++)
			;
		for (colon = i; colon < next && style.s[colon] != ':'; colon++)
			;
		if (colon == next)
			continue;
		key = trim((struct html_slice){ style.s + i, colon - i });
		value = digits((struct html_slice){ style.s + colon + 1, next - colon - 1 });
		if (is_word(key, name) && value.len)
			return value.len == 1 ? value.s[0] - '0' : 10;
	}
	return -1;
}

static int dimension(const struct html_values *v, enum html_attribute a, const char *name)
{
	struct html_slice s;

	if (html_has(v, a)) {
		s = digits(v->of[a]);
		while (s.len > 1 && *s.s == '0') {
			s.s++;
			s.len--;
		}
		if (s.len)
			return s.len == 1 ? s.s[0] - '0' : 10;
	}
	return html_has(v, AT_STYLE) ? style_number(v->of[AT_STYLE], name) : -1;
}

/* A picture nobody is meant to see tells somebody that the text was read. */
static bool is_pixel(const struct html_values *v)
{
	int width = dimension(v, AT_WIDTH, "width"), height = dimension(v, AT_HEIGHT, "height");

	return width == 0 || height == 0 || (width == 1 && height == 1);
}

/* The same picture again, for readers with and without scripts. */
static bool is_repeated(struct html_writer *w, bool stands_in)
{
	bool noscript = w->n_frames > 1 && w->frames[w->n_frames - 2].mode == MODE_NOSCRIPT;
	bool same = w->image->len == w->url->len && memcmp(w->image->bytes, w->url->bytes, w->url->len) == 0;

	if (w->image->len && noscript && (w->image_stands_in || same))
		return true;
	if (w->image->len && same && (stands_in || w->image_stands_in))
		return true;
	buf_clear(w->image);
	buf_append(w->image, w->url->bytes, w->url->len);
	w->image_stands_in = stands_in || noscript;
	return false;
}

void html_write_picture(struct html_writer *w, const struct html_values *v)
{
	bool lazy, found;

	if (is_pixel(v) || !w->out)
		return;
	found = take_source(w, v, &lazy);
	buf_clear(w->picture);
	if (!found || html_is_tracker(url_of(w)) || is_repeated(w, lazy))
		return;
	if (!html_begin(w, EL_IMG))
		return;
	html_attribute(w, AT_SRC, url_of(w));
	write_rules(w, picture_rules, v);
	write_rules(w, everywhere, v);
	html_put(w, loading, sizeof(loading) - 1);
	(void)html_ready(w);
}
