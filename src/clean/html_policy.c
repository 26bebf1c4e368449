/*
 * What HTML may go on to readers (REL-32, REL-90): these elements, these attributes, nothing else. No element here has
 * raw text or foreign content in it, which is where parsers disagree.
 */
#include "html.h"

#include <stdlib.h>
#include <string.h>

static const struct element_policy elements[] = { /* sorted by name, for bsearch */
	{ "a", FATE_KEEP, false }, { "abbr", FATE_KEEP, false }, { "acronym", FATE_KEEP, false }, { "address", FATE_KEEP, true },
	{ "article", FATE_UNWRAP, true }, { "aside", FATE_UNWRAP, true },
	{ "b", FATE_KEEP, false }, { "bdi", FATE_KEEP, false }, { "bdo", FATE_KEEP, false }, { "big", FATE_KEEP, false },
	{ "blockquote", FATE_KEEP, true }, { "br", FATE_KEEP, true }, { "caption", FATE_KEEP, true }, { "center", FATE_KEEP, true },
	{ "cite", FATE_KEEP, false }, { "code", FATE_KEEP, false }, { "col", FATE_KEEP, false }, { "colgroup", FATE_KEEP, false },
	{ "dd", FATE_KEEP, true }, { "del", FATE_KEEP, false }, { "dfn", FATE_KEEP, false }, { "div", FATE_KEEP, true },
	{ "dl", FATE_KEEP, true }, { "dt", FATE_KEEP, true }, { "em", FATE_KEEP, false }, { "embed", FATE_DROP, false },
	{ "figcaption", FATE_KEEP, true }, { "figure", FATE_KEEP, true }, { "footer", FATE_UNWRAP, true },
	{ "h1", FATE_KEEP, true }, { "h2", FATE_KEEP, true }, { "h3", FATE_KEEP, true }, { "h4", FATE_KEEP, true },
	{ "h5", FATE_KEEP, true }, { "h6", FATE_KEEP, true }, { "header", FATE_UNWRAP, true }, { "hr", FATE_KEEP, true },
	{ "i", FATE_KEEP, false }, { "iframe", FATE_DROP, false }, { "img", FATE_KEEP, false }, { "ins", FATE_KEEP, false },
	{ "kbd", FATE_KEEP, false }, { "li", FATE_KEEP, true }, { "main", FATE_UNWRAP, true }, { "mark", FATE_KEEP, false },
	{ "math", FATE_DROP, false }, { "nav", FATE_UNWRAP, true }, { "noembed", FATE_DROP, false }, { "noframes", FATE_DROP, false },
	{ "noscript", FATE_DROP, false }, { "object", FATE_DROP, false }, { "ol", FATE_KEEP, true }, { "p", FATE_KEEP, true },
	{ "plaintext", FATE_DROP, false }, { "pre", FATE_KEEP, true }, { "q", FATE_KEEP, false }, { "rp", FATE_KEEP, false },
	{ "rt", FATE_KEEP, false }, { "ruby", FATE_KEEP, false }, { "s", FATE_KEEP, false }, { "samp", FATE_KEEP, false },
	{ "script", FATE_DROP, false }, { "section", FATE_UNWRAP, true }, { "select", FATE_DROP, false }, { "small", FATE_KEEP, false },
	{ "span", FATE_KEEP, false }, { "strike", FATE_KEEP, false }, { "strong", FATE_KEEP, false }, { "style", FATE_DROP, false },
	{ "sub", FATE_KEEP, false }, { "sup", FATE_KEEP, false }, { "svg", FATE_DROP, false }, { "table", FATE_KEEP, true },
	{ "tbody", FATE_KEEP, false }, { "td", FATE_KEEP, true }, { "template", FATE_DROP, false }, { "textarea", FATE_DROP, false },
	{ "tfoot", FATE_KEEP, false }, { "th", FATE_KEEP, true }, { "thead", FATE_KEEP, false }, { "time", FATE_KEEP, false },
	{ "title", FATE_DROP, false }, { "tr", FATE_KEEP, true }, { "tt", FATE_KEEP, false }, { "u", FATE_KEEP, false },
	{ "ul", FATE_KEEP, true }, { "var", FATE_KEEP, false }, { "wbr", FATE_KEEP, false }, { "xmp", FATE_DROP, false },
};

static const struct allowed_attribute attributes[] = {
	{ NULL, "title", ATTRIBUTE_TEXT }, { NULL, "lang", ATTRIBUTE_TEXT }, { NULL, "dir", ATTRIBUTE_DIRECTION },
	{ "a", "href", ATTRIBUTE_LINK }, { "img", "src", ATTRIBUTE_PICTURE }, { "img", "alt", ATTRIBUTE_TEXT },
	{ "img", "width", ATTRIBUTE_NUMBER }, { "img", "height", ATTRIBUTE_NUMBER },
	{ "blockquote", "cite", ATTRIBUTE_PICTURE }, { "q", "cite", ATTRIBUTE_PICTURE }, { "del", "cite", ATTRIBUTE_PICTURE },
	{ "ins", "cite", ATTRIBUTE_PICTURE }, { "del", "datetime", ATTRIBUTE_TEXT }, { "ins", "datetime", ATTRIBUTE_TEXT },
	{ "time", "datetime", ATTRIBUTE_TEXT }, { "td", "colspan", ATTRIBUTE_NUMBER }, { "td", "rowspan", ATTRIBUTE_NUMBER },
	{ "th", "colspan", ATTRIBUTE_NUMBER }, { "th", "rowspan", ATTRIBUTE_NUMBER }, { "col", "span", ATTRIBUTE_NUMBER },
	{ "colgroup", "span", ATTRIBUTE_NUMBER }, { "ol", "start", ATTRIBUTE_NUMBER },
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct element_policy *)a)->name, ((const struct element_policy *)b)->name);
}

const struct element_policy *html_policy_find(const char *name)
{
	static const struct element_policy unknown = { NULL, FATE_UNWRAP, false };
	struct element_policy key = { .name = name };
	const struct element_policy *p = bsearch(&key, elements, sizeof(elements) / sizeof(elements[0]), sizeof(elements[0]), compare);

	return p ? p : &unknown;
}

const struct allowed_attribute *html_policy_attributes(size_t *ret_n)
{
	*ret_n = sizeof(attributes) / sizeof(attributes[0]);
	return attributes;
}
