#include "detect.h"

#include <string.h>

#include "syndicated/base/text.h"

static size_t skip_space(const char *s, size_t len, size_t at)
{
	while (at < len && text_is_space(s[at]))
		at++;
	return at;
}

/* Behind the next occurrence of `end`, or the end of the text. */
static size_t skip_past(const char *s, size_t len, size_t at, const char *end)
{
	const char *found = memmem(s + at, len - at, end, strlen(end));

	return found ? (size_t)(found - s) + strlen(end) : len;
}

/* Behind a document type declaration, with its internal subset when it has one. */
static size_t skip_doctype(const char *s, size_t len, size_t at)
{
	while (at < len && s[at] != '>' && s[at] != '[')
		at++;
	if (at < len && s[at] == '[')
		at = skip_past(s, len, at, "]");
	return skip_past(s, len, at, ">");
}

static int starts(const char *s, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return len - at >= n && text_has_prefix_nocase(s + at, word);
}

/* Elements that begin HTML pages when the document element is not <html>. */
static enum detected judge_root(const char *s, size_t len, size_t at)
{
	static const char *const html[] = { "<html", "<head", "<body", "<title>", "<meta ", "<script", "<!--[if" };

	for (size_t i = 0; i < sizeof(html) / sizeof(html[0]); i++) {
		if (starts(s, len, at, html[i]))
			return DETECT_HTML;
	}
	return DETECT_XML;
}

enum detected detect_format(const char *s, size_t len)
{
	size_t at = skip_space(s, len, 0);

	if (at == len)
		return DETECT_EMPTY;
	if (s[at] == '{')
		return DETECT_JSON;
	if (s[at] != '<')
		return DETECT_OTHER;
	while (at < len) {
		if (starts(s, len, at, "<?"))
			at = skip_past(s, len, at, "?>");
		else if (starts(s, len, at, "<!--"))
			at = skip_past(s, len, at, "-->");
		else if (starts(s, len, at, "<!doctype html"))
			return DETECT_HTML;
		else if (starts(s, len, at, "<!doctype"))
			at = skip_doctype(s, len, at);
		else
			return judge_root(s, len, at);
		at = skip_space(s, len, at);
	}
	return DETECT_XML;
}
