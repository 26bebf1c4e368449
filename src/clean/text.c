/* HTML to plain text: what a reader would see, blocks apart by a space, white space collapsed. */
#include "html.h"

#include <string.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/clean.h"

static void gap(const struct element_policy *p, struct buf *out)
{
	if (p->block && out->len)
		buf_append_char(out, ' ');
}

static bool enter(const struct element_policy *p, const struct html_attribute_list *l, void *ctx)
{
	(void)l;
	gap(p, ctx);
	return true;
}

static void leave(const struct element_policy *p, void *ctx)
{
	gap(p, ctx);
}

static void add_text(const char *s, size_t len, void *ctx)
{
	text_scrub(ctx, s, len);
}

void clean_html_to_text(const char *html, size_t len, struct buf *out)
{
	static const struct html_visitor visitor = { enter, leave, add_text };
	struct buf plain = BUF_INIT(out->max_bytes);
	char *s = NULL;
	size_t n = 0;

	html_walk(html, len, &visitor, &plain);
	if (plain.len && buf_take(&plain, &s, &n) == 0)
		buf_append(out, s, text_collapse(s, n));
	mem_free(s);
	buf_done(&plain);
}
