/*
 * The words of safe HTML. The sanitiser writes a grammar so small that this needs no parser: '<' begins a tag and nothing
 * else, '>' ends it and nothing else, and text holds three references.
 */
#include "syndicated/base/markup.h"

#include <stdbool.h>
#include <string.h>

#include "syndicated/base/text.h"

/* Elements that stand in a line; all others begin and end one. */
static bool is_inline(const char *name, size_t len)
{
	static const char *const names[] = {"a",    "abbr", "b",   "bdi",   "bdo",   "big",    "cite", "code", "data", "del", "dfn", "em",
	                                    "font", "i",    "img", "ins",   "kbd",   "mark",   "q",    "rp",   "rt",   "ruby", "s",  "samp",
	                                    "small", "span", "strike", "strong", "sub", "sup", "time", "tt",   "u",    "var", "wbr"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return true;
	return false;
}

struct plain_writer {
	struct buf *out;
	size_t start;
	char pending; /* white space that is written before the next character */
};

/* White space of any length is one space, or one line end when a block ends or begins in it. */
static void put_space(struct plain_writer *w, char c)
{
	if (c == '\n' || !w->pending)
		w->pending = c == '\n' ? '\n' : ' ';
}

static void put(struct plain_writer *w, const char *s, size_t len)
{
	if (w->pending && w->out->len > w->start)
		buf_append_char(w->out, w->pending);
	w->pending = 0;
	buf_append(w->out, s, len);
}

/* Most bytes of an item pass here, so it is one look. */
static bool is_plain(char c)
{
	static const bool is_other[256] = {['<'] = true, ['&'] = true, [' '] = true, ['\t'] = true, ['\n'] = true, ['\v'] = true, ['\f'] = true, ['\r'] = true};

	return !is_other[(unsigned char)c];
}

/* Bytes that stand for themselves, and so does one space between two of them. */
static size_t run_length(const char *s, const char *end)
{
	const char *p = s;

	while (p < end) {
		while (p < end && is_plain(*p))
			p++;
		if (p + 1 >= end || *p != ' ' || !is_plain(p[1]))
			break;
		p += 2;
	}
	return (size_t)(p - s);
}

static const char *put_tag(struct plain_writer *w, const char *s, const char *end)
{
	const char *close = memchr(s, '>', (size_t)(end - s));
	const char *name = s + 1 + (s + 1 < end && s[1] == '/');
	size_t len = 0;

	if (!close)
		return end;
	while (name + len < close && name[len] != ' ' && name[len] != '/')
		len++;
	if (!is_inline(name, len))
		put_space(w, '\n');
	return close + 1;
}

static const char *put_reference(struct plain_writer *w, const char *s, const char *end)
{
	static const struct {
		const char *text;
		char c;
	} references[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};

	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++) {
		size_t len = strlen(references[i].text);

		if ((size_t)(end - s) < len || memcmp(s, references[i].text, len) != 0)
			continue;
		put(w, &references[i].c, 1);
		return s + len;
	}
	put(w, s, 1);
	return s + 1;
}

void markup_plain_text(struct safe_html html, struct buf *out)
{
	struct plain_writer w = {.out = out, .start = out->len};
	const char *s = html.bytes, *end = html.bytes + html.len;

	while (s < end && buf_error(out) == 0) {
		if (*s == '<') {
			s = put_tag(&w, s, end);
		} else if (*s == '&') {
			s = put_reference(&w, s, end);
		} else if (text_is_space(*s)) {
			put_space(&w, ' ');
			s++;
		} else {
			size_t len = run_length(s, end);

			put(&w, s, len);
			s += len;
		}
	}
}
