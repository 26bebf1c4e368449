/* Short texts: titles, names, terms. Plain text comes out, whatever went in (REL-28, REL-93). */
#include "feed.h"
#include "html.h"

#include <string.h>

#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

char *clean_plain(const char *s, size_t max)
{
	char *copy;
	size_t n;

	if (text_is_empty(s))
		return NULL;
	copy = mem_dup_str(s);
	n = text_collapse(copy, strlen(copy));
	n = text_cut(copy, n, max);
	copy[n] = '\0';
	if (n == 0) {
		mem_free(copy);
		return NULL;
	}
	return copy;
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
		return clean_plain(t->value, max);
	buf_clear(&c->text_out);
	(void)html_clean_scrubbed(HTML_PATH_AUTO, t->value, strlen(t->value), NULL, NULL, &c->text_out);
	ret = clean_plain(buf_str(&c->text_out), max);
	return ret || strchr(t->value, '>') ? ret : clean_plain(t->value, max);
}
