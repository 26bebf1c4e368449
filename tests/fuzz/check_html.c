/* A reader of our own writer's HTML, strict and small: what it does not know is a finding. */
#include <string.h>

#include "fuzz.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

static const char tags[] =
	" a abbr acronym address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure"
	" h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup table tbody td tfoot th"
	" thead time tr tt u ul var wbr audio video source picture track ";
static const char void_tags[] = " br col hr img source track wbr ";
static const char attributes[] =
	" href src alt width height srcset title lang dir cite datetime colspan rowspan span start reversed type rel loading referrerpolicy"
	" controls preload poster headers scope open value abbr media sizes ";
static const char link_attributes[] = " href src cite poster ";

struct checker {
	const char *at, *end, *begin;
	char open[LIMIT_HTML_DEPTH + 64][16];
	size_t depth;
};

static void expect(const struct checker *c, bool ok, const char *what)
{
	FUZZ_CHECK(ok, "safe HTML: %s, at byte %zu of:\n%.*s", what, (size_t)(c->at - c->begin), (int)(c->end - c->begin), c->begin);
}

static bool listed(const char *list, const char *name, size_t len)
{
	for (const char *p = list; (p = memchr(p, ' ', strlen(p))) && p[1]; p++) {
		if (strncmp(p + 1, name, len) == 0 && p[1 + len] == ' ')
			return true;
	}
	return false;
}

static size_t name_length(const struct checker *c)
{
	size_t n = 0;

	while (c->at + n < c->end && ((c->at[n] >= 'a' && c->at[n] <= 'z') || (c->at[n] >= '0' && c->at[n] <= '9') || c->at[n] == '-'))
		n++;
	return n;
}

/* "&" in what we write is a reference with its semicolon, never a bare one that readers might take for more. */
static void check_reference(struct checker *c)
{
	const char *s = c->at + 1;

	while (s < c->end && ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '#'))
		s++;
	expect(c, s < c->end && *s == ';' && s > c->at + 1, "a bare ampersand");
	c->at = s + 1;
}

static void check_attribute(struct checker *c)
{
	size_t n = name_length(c);
	const char *name = c->at, *value;

	expect(c, n > 0 && listed(attributes, name, n), "an attribute that is not on the list");
	c->at += n;
	if (c->at < c->end && *c->at != '=') /* controls */
		return;
	expect(c, c->end - c->at > 2 && c->at[0] == '=' && c->at[1] == '"', "an attribute without quotes");
	value = c->at += 2;
	while (c->at < c->end && *c->at != '"') {
		expect(c, *c->at != '<' && *c->at != '>', "a bracket in an attribute");
		if (*c->at == '&')
			check_reference(c);
		else
			c->at++;
	}
	expect(c, c->at < c->end, "an attribute without end");
	if (listed(link_attributes, name, n))
		expect(c, text_has_prefix(value, "http://") || text_has_prefix(value, "https://") || (n == 4 && text_has_prefix_nocase(value, "mailto:")),
		       "a scheme that is not on the list");
	c->at++;
}

static void check_start_tag(struct checker *c)
{
	size_t n = name_length(c);
	const char *name = c->at;

	expect(c, n > 0 && listed(tags, name, n), "an element that is not on the list");
	c->at += n;
	while (c->at < c->end && *c->at == ' ') {
		c->at++;
		check_attribute(c);
	}
	expect(c, c->at < c->end && *c->at == '>', "a tag without end");
	c->at++;
	if (listed(void_tags, name, n))
		return;
	expect(c, c->depth < sizeof(c->open) / sizeof(c->open[0]), "too deep");
	memcpy(c->open[c->depth], name, n);
	c->open[c->depth++][n] = '\0';
}

static void check_end_tag(struct checker *c)
{
	size_t n = name_length(c);

	expect(c, c->depth > 0 && strlen(c->open[c->depth - 1]) == n && strncmp(c->open[c->depth - 1], c->at, n) == 0, "tags that are not nested");
	c->depth--;
	c->at += n;
	expect(c, c->at < c->end && *c->at == '>', "an end tag without end");
	c->at++;
}

void fuzz_check_html(const char *html, size_t len)
{
	struct checker c = {.at = html, .end = html + len, .begin = html};

	expect(&c, text_is_clean(html, len), "no clean UTF-8");
	while (c.at < c.end) {
		if (*c.at == '&') {
			check_reference(&c);
		} else if (*c.at != '<') {
			c.at++;
		} else if (++c.at < c.end && *c.at == '/') {
			c.at++;
			check_end_tag(&c);
		} else {
			check_start_tag(&c);
		}
	}
	expect(&c, c.depth == 0, "an element that is not ended");
}
