/*
 * Foreign HTML to safe HTML and to text. Nothing of what a reader says is believed but text and names that are on our
 * list, and nothing of the source is copied (style.md 4.5); html.h names the parts.
 */
#include "html.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

enum { INPUT_BYTES = 8 * LIMIT_FIELD_BYTES, KEPT_BYTES = 256 << 10 };

/* Kept from call to call by the worker, unless a large body made it large. */
static struct html_scratch *get_scratch(void)
{
	static _Thread_local struct html_scratch s = {
		.values = { .max_bytes = INPUT_BYTES },
		.lines = { .max_bytes = INPUT_BYTES },
		.source = { .max_bytes = 3 * (size_t)INPUT_BYTES },
		.markup = { .max_bytes = 8 * (size_t)INPUT_BYTES },
		.url = { .max_bytes = 4 * LIMIT_URL_BYTES },
		.picture = { .max_bytes = LIMIT_FIELD_BYTES },
		.image = { .max_bytes = LIMIT_URL_BYTES },
	};

	return &s;
}

static void trim(struct buf *b)
{
	if (b->capacity > KEPT_BYTES)
		buf_done(b);
}

/* Line ends as line feeds, the way all HTML is read. */
static void copy_lines(struct buf *out, const char *s, size_t len)
{
	const char *end = s + len;

	buf_clear(out);
	while (s < end) {
		const char *cr = memchr(s, '\r', (size_t)(end - s));

		buf_append(out, s, (size_t)((cr ? cr : end) - s));
		if (!cr)
			return;
		s = cr + 1;
		if (s == end || *s != '\n')
			buf_append_char(out, '\n');
	}
}

bool html_clean_scrubbed(enum html_path path, const char *html, size_t len, const char *base, struct buf *out, struct buf *text)
{
	struct html_scratch *scratch = get_scratch();
	struct html_writer w;
	bool done = false;

	if (len > INPUT_BYTES)
		len = INPUT_BYTES;
	if (memchr(html, '\r', len)) {
		copy_lines(&scratch->lines, html, len);
		html = buf_str(&scratch->lines);
		len = scratch->lines.len;
	}
	html_writer_begin(&w, scratch, base, out, text);
	if (path != HTML_PATH_LIBXML2) {
		done = html_read_plain(&w, html, len, &scratch->values);
		if (!done)
			html_writer_undo(&w);
	}
	if (!done && path != HTML_PATH_PLAIN) {
		html_writer_begin(&w, scratch, base, out, text);
		html_read_any(&w, html, len, scratch);
		done = true;
	}
	if (done)
		html_writer_end(&w);
	trim(&scratch->values);
	trim(&scratch->lines);
	trim(&scratch->source);
	trim(&scratch->markup);
	trim(&scratch->picture);
	return done;
}

bool html_clean_by(enum html_path path, const char *html, size_t len, const char *base, struct buf *out, struct buf *text)
{
	struct buf clean = BUF_INIT(3 * (size_t)INPUT_BYTES);
	bool done;

	if (len > INPUT_BYTES)
		len = INPUT_BYTES;
	if (text_is_clean(html, len))
		return html_clean_scrubbed(path, html, len, base, out, text);
	text_scrub(&clean, html, len);
	done = html_clean_scrubbed(path, buf_str(&clean), clean.len, base, out, text);
	buf_done(&clean);
	return done;
}

void clean_html_with_text(const char *html, size_t len, const char *base_url, struct buf *out, struct buf *text)
{
	(void)html_clean_by(HTML_PATH_AUTO, html, len, base_url, out, text);
}

void clean_html(const char *html, size_t len, const char *base_url, struct buf *out)
{
	(void)html_clean_by(HTML_PATH_AUTO, html, len, base_url, out, NULL);
}

void clean_html_to_text(const char *html, size_t len, struct buf *out)
{
	(void)html_clean_by(HTML_PATH_AUTO, html, len, NULL, NULL, out);
}
