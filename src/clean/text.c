/* HTML to plain text: what a reader would see, blocks apart by a space, white space collapsed. */
#include "html.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

void html_text_gap(struct buf *text, const struct element_policy *p)
{
	if (p->block && text->len)
		buf_append_char(text, ' ');
}

void html_text_end(struct buf *text, struct buf *out)
{
	char *s = NULL;
	size_t n = 0;

	if (text->len && buf_take(text, &s, &n) == 0)
		buf_append(out, s, text_collapse(s, n));
	mem_free(s);
	buf_done(text);
}

static bool enter(const struct element_policy *p, const struct html_attribute_list *l, void *ctx)
{
	(void)l;
	html_text_gap(ctx, p);
	return true;
}

static void leave(const struct element_policy *p, bool opened, void *ctx)
{
	(void)opened;
	html_text_gap(ctx, p);
}

static void add_text(const char *s, size_t len, void *ctx)
{
	text_scrub(ctx, s, len);
}

void clean_html_to_text(const char *html, size_t len, struct buf *out)
{
	static const struct html_visitor visitor = { enter, leave, add_text };
	struct buf plain = BUF_INIT(out->max_bytes);

	html_walk(html, len, &visitor, &plain);
	html_text_end(&plain, out);
}
