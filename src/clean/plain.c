/* Short texts: titles, names, terms. Plain text comes out, whatever went in (REL-28, REL-93). */
#include "feed.h"
#include "html.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

/* What is cut short, which is rare, is collapsed elsewhere, so that the document does not keep the rest of it. */
static char *plain_start(struct cleaner *c, const char *s, size_t len, size_t max)
{
	auto_free char *copy = mem_dup_bytes(s, len);
	size_t n = text_collapse(copy, len);

	n = text_cut(copy, n, max);
	return n ? arena_dup(c->arena, copy, n) : NULL;
}

char *clean_plain(struct cleaner *c, const char *s, size_t max)
{
	size_t len = s ? strlen(s) : 0;
	char *copy;

	if (len == 0)
		return NULL;
	if (len > max)
		return plain_start(c, s, len, max);
	copy = arena_dup(c->arena, s, len);
	return text_collapse(copy, len) ? copy : NULL;
}

/* "&" with a name or number and ";", or something like a tag: then a text that may be HTML is HTML. */
static bool looks_like_html(const char *s)
{
	for (s = strpbrk(s, "<&"); s; s = strpbrk(s + 1, "<&")) {
		const char *p = s + 1;
		bool named = *p == '#' || (text_lower(*p) >= 'a' && text_lower(*p) <= 'z');

		if (*s == '<' && (named || *p == '/' || *p == '!') && strchr(p, '>'))
			return true;
		if (*s != '&' || !named)
			continue;
		while (*p == '#' || (text_lower(*p) >= 'a' && text_lower(*p) <= 'z') || (*p >= '0' && *p <= '9'))
			p++;
		if (*p == ';')
			return true;
	}
	return false;
}

bool clean_is_html(const struct raw_text *t)
{
	return t->kind == RAW_TEXT_HTML || (t->kind == RAW_TEXT_GUESS && looks_like_html(t->value));
}

/* HTML that nothing is left of was text that only looks like it ("<a": an unfinished tag); better that than no title. */
char *clean_plain_text(struct cleaner *c, const struct raw_text *t, size_t max)
{
	char *ret;

	if (!t->value)
		return NULL;
	if (!strpbrk(t->value, "<&") || !clean_is_html(t))
		return clean_plain(c, t->value, max);
	buf_clear(&c->text_out);
	(void)html_clean_scrubbed(HTML_PATH_AUTO, t->value, strlen(t->value), NULL, NULL, &c->text_out);
	ret = clean_plain(c, buf_str(&c->text_out), max);
	return ret || strchr(t->value, '>') ? ret : clean_plain(c, t->value, max);
}
