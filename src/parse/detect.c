/*
 * The prolog is walked: declarations, comments, instructions, the document type. Where a document element should stand
 * and something else does (text, or an element of HTML that begins no page), the document is looked for behind it:
 *
 *   in front of the document                  found in feeds as
 *   ---------------------------------------   --------------------------------------------------------
 *   white space, NULs                         templates of PHP and JSP
 *   a second mark, "ï»¿" in UTF-8             files joined by a script, or saved once too often
 *   comments and scripts before "<?xml"       free hosts, caches, debug bars
 *   text, "<br />", "<b>"                     warnings of PHP, also between declaration and document element
 *   lines of an HTTP head, a chunk's length   broken gateways
 *   a whole page before the feed              error pages; only behind </html>, for what is inside a page is the page's
 *   )]}' while(1); for(;;); name(             JSON that guards against being run as a script, and JSONP
 */
#include "detect.h"

#include <string.h>

#include "syndicated/base/text.h"

enum { SEARCH_BYTES = 64 << 10, MAX_NAME = 40 };

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

static bool starts(const char *s, size_t len, size_t at, const char *word)
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

/* Behind white space, control characters and byte order marks, also one that went through windows-1252 and back. */
static size_t skip_blank(const char *s, size_t len, size_t at, bool *marks)
{
	for (;;) {
		if (at < len && (unsigned char)s[at] <= 0x20) {
			at++;
		} else if (starts(s, len, at, "\xEF\xBB\xBF")) {
			*marks = true;
			at += 3;
		} else if (starts(s, len, at, "\xC3\xAF\xC2\xBB\xC2\xBF")) {
			*marks = true;
			at += 6;
		} else {
			return at;
		}
	}
}

static bool is_name_char(char c)
{
	return (text_lower(c) >= 'a' && text_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':';
}

/* Whether the tag at s[at] has one of the names, which end with NULL; a prefix is passed over when it may have one. */
static bool is_tag(const char *s, size_t len, size_t at, const char *const *names, bool prefixed)
{
	char name[MAX_NAME];
	size_t n = 0;

	if (at >= len || s[at] != '<')
		return false;
	for (at++; at < len && is_name_char(s[at]); at++) {
		if (n == sizeof(name) - 1)
			return false;
		name[n++] = s[at];
		if (s[at] == ':' && prefixed)
			n = 0;
	}
	name[n] = '\0';
	if (at < len && s[at] != '>' && s[at] != '/' && !text_is_space(s[at]))
		return false;
	while (*names && !text_equal_nocase(name, *names))
		names++;
	return *names != NULL;
}

static bool is_feed_root(const char *s, size_t len, size_t at)
{
	static const char *const names[] = { "rss", "feed", "rdf", "channel", "opml", NULL };

	return is_tag(s, len, at, names, true);
}

/* What a warning, a debug line or an injected script begins with. */
static bool is_loose_html(const char *s, size_t len, size_t at)
{
	static const char *const names[] = {
		"html", "head", "body", "b", "br", "p", "div", "span", "font", "script", "noscript", "style", "a", "img", "center", "table",
		"pre", "h1", "h2", "h3", "hr", "strong", "i", "em", "ul", "meta", "link", "title", "iframe", "xmp", "code", NULL,
	};

	return is_tag(s, len, at, names, false);
}

/* The length of the XML declaration at s[at], or 0. One that never ends is none. */
static size_t declaration_at(const char *s, size_t len, size_t at)
{
	const char *end;

	if (!starts(s, len, at, "<?xml") || len - at < 6 || !(text_is_space(s[at + 5]) || s[at + 5] == '?'))
		return 0;
	end = memchr(s + at, '>', len - at < 1024 ? len - at : 1024);
	return end ? (size_t)(end - (s + at)) + 1 : 0;
}

/* A feed's first tag, or its declaration, outside of comments, scripts and pages; len when there is none. */
static size_t find_feed(const char *s, size_t len, size_t at)
{
	static const char *const page[] = { "html", "head", "body", NULL };
	size_t limit = len - at < SEARCH_BYTES ? len : at + SEARCH_BYTES;
	bool in_page = false;

	while (at < limit) {
		const char *found = memchr(s + at, '<', limit - at);

		if (!found)
			break;
		at = (size_t)(found - s);
		if (!in_page && (declaration_at(s, len, at) || is_feed_root(s, len, at)))
			return at;
		if (starts(s, len, at, "<!--"))
			at = skip_past(s, limit, at, "-->");
		else if (starts(s, len, at, "<script"))
			at = skip_past(s, limit, at, "</script");
		else if (starts(s, len, at, "<style"))
			at = skip_past(s, limit, at, "</style");
		else
			at++;
		if (is_tag(s, len, at - 1, page, false))
			in_page = true;
		else if (starts(s, len, at, "/html"))
			in_page = false;
	}
	return len;
}

/* Behind what guards JSON from being run: a prefix of the known ones, or the name of a function and "(". Else `at`. */
static size_t skip_guard(const char *s, size_t len, size_t at)
{
	static const char *const guards[] = { ")]}',", ")]}'", "while(1);", "while (1);", "for(;;);", "for (;;);" };
	size_t end = at;

	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		if (starts(s, len, at, guards[i]))
			return at + strlen(guards[i]);
	}
	if (starts(s, len, end, "/**/"))
		end = skip_space(s, len, end + 4);
	while (end < len && end - at < 256 && (is_name_char(s[end]) || s[end] == '$' || s[end] == '[' || s[end] == ']'))
		end++;
	end = skip_space(s, len, end);
	return end > at && end < len && s[end] == '(' ? end + 1 : at;
}

/* Where JSON behind a guard begins, or len. */
static size_t find_guarded(const char *s, size_t len, size_t at)
{
	size_t from = skip_guard(s, len, at), next = skip_space(s, len, from);

	return from > at && next < len && s[next] == '{' ? next : len;
}

/* Where JSON behind some text begins, or len; it must call itself a JSON Feed soon. */
static size_t find_json(const char *s, size_t len, size_t at)
{
	size_t limit = len - at < SEARCH_BYTES ? len : at + SEARCH_BYTES;
	const char *brace;

	if (!memmem(s + at, limit - at, "jsonfeed.org/version", 20))
		return len;
	while ((brace = memchr(s + at, '{', limit - at))) {
		size_t next = skip_space(s, limit, (size_t)(brace - s) + 1);

		if (next < limit && s[next] == '"')
			return (size_t)(brace - s);
		at = next;
	}
	return len;
}

/* Walks the prolog from `at` and returns where the document element should stand. */
static size_t walk_prolog(const char *s, size_t len, size_t at, struct document_start *ret)
{
	size_t first = at, n;
	bool marks = false, again = false;

	while (at < len) {
		if ((n = declaration_at(s, len, at))) {
			if ((at != first || again) && !ret->has_junk) {
				ret->has_junk = true;
				ret->junk = again ? at : first;
			}
			again = true;
			ret->declaration = at;
			ret->declaration_len = n;
			ret->at = at += n;
		} else if (starts(s, len, at, "<?")) {
			at = skip_past(s, len, at, "?>");
		} else if (starts(s, len, at, "<!--")) {
			at = skip_past(s, len, at, "-->");
		} else if (starts(s, len, at, "<!doctype") && !starts(s, len, at, "<!doctype html")) {
			at = skip_doctype(s, len, at);
		} else {
			break;
		}
		n = skip_blank(s, len, at, &marks);
		if (marks) { /* A mark in the middle: what stands before it goes with it. */
			if (!ret->has_junk)
				ret->junk = at;
			ret->has_junk = true;
			ret->at = n;
			marks = false;
		}
		at = n;
	}
	return at;
}

static bool may_be_document(const char *s, size_t len, size_t at)
{
	if (s[at] == '{')
		return true;
	return s[at] == '<' && !is_loose_html(s, len, at) && !starts(s, len, at, "<!doctype html");
}

/* The document behind what stands at `at` and is none, or len. */
static size_t find_document(const char *s, size_t len, size_t at)
{
	size_t found = find_guarded(s, len, at);

	if (found == len)
		found = find_feed(s, len, at);
	return found == len ? find_json(s, len, at) : found;
}

void detect_start(const char *s, size_t len, struct document_start *ret)
{
	bool marks = false;
	size_t at = skip_blank(s, len, 0, &marks), front = at;

	*ret = (struct document_start){ .at = at, .has_junk = marks };
	at = walk_prolog(s, len, at, ret);
	ret->has_space = front > 0 && !marks && ret->declaration_len && ret->declaration == front;
	/* Twice: one warning in front of the declaration, one behind it. */
	for (int pass = 0; pass < 2 && at < len && !may_be_document(s, len, at); pass++) {
		size_t found = find_document(s, len, at);

		if (found == len)
			return;
		if (!ret->has_junk)
			ret->junk = at;
		ret->has_junk = true;
		ret->at = found;
		at = s[found] == '<' ? walk_prolog(s, len, found, ret) : found;
	}
}
