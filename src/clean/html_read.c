/*
 * The reader for all HTML: our tokens, written once more without what is odd about them, read by libxml2's HTML parser,
 * which knows what closes what in the tag soup of thirty years. Through its SAX interface: no tree, and one parser context
 * for all calls.
 *
 * The parser looks through all that is open for each end tag, so what is open is bounded here: at HTML_READ_DEPTH it
 * is stopped and begins anew behind that tag, with nothing open. What the writer has open by then stays so until the end.
 * Names come from our tables, so the parser's dictionary does not grow with what people write.
 */
#include "html.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "syndicated/base/text.h"

struct reader {
	struct html_writer *w;
	htmlParserCtxtPtr parser;
	size_t stopped_at; /* behind the tag, 0: it was not */
};

/* ---- tokens back to HTML ---- */

static void append_escaped(struct buf *out, struct html_slice s)
{
	size_t start = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *reference = s.s[i] == '&' ? "&amp;" : s.s[i] == '<' ? "&lt;" : s.s[i] == '"' ? "&quot;" : NULL;

		if (!reference)
			continue;
		buf_append(out, s.s + start, i - start);
		buf_append_str(out, reference);
		start = i + 1;
	}
	buf_append(out, s.s + start, s.len - start);
}

static void append_open(struct buf *out, const struct html_token *t)
{
	const struct html_policy *p = &html_policies[t->element];

	buf_append(out, p->open, p->name_len + 1u);
	for (unsigned a = 0; a < AT_COUNT; a++) {
		if (!html_has(&t->values, a))
			continue;
		buf_append(out, html_attribute_starts[a].s, html_attribute_starts[a].len);
		append_escaped(out, t->values.of[a]);
		buf_append_char(out, '"');
	}
	buf_append_char(out, '>');
}

static void append_close(struct buf *out, enum html_element e)
{
	buf_append(out, html_policies[e].close, html_policies[e].name_len + 3u);
}

static bool is_void_to_libxml2(enum html_element e)
{
	return e == EL_BR || e == EL_HR || e == EL_IMG || e == EL_COL;
}

/* A body around it, so that nothing in it can be taken for a head. */
static const char prefix[] = "<html><body>";

static void append_tokens(struct buf *out, const struct buf *source, struct buf *values)
{
	struct html_tokens tokens;
	struct html_token t;

	buf_append_str(out, prefix);
	html_tokens_init(&tokens, buf_str(source), source->len, values);
	for (html_token_next(&tokens, &t); t.kind != TOKEN_END; html_token_next(&tokens, &t)) {
		if (t.kind == TOKEN_TEXT) {
			append_escaped(out, t.text);
		} else if (t.kind == TOKEN_OPEN) {
			append_open(out, &t);
			if (t.empty && !is_void_to_libxml2(t.element))
				append_close(out, t.element);
		} else {
			append_close(out, t.element);
		}
	}
}

/* ---- what libxml2 says ---- */

static void stop(struct reader *r)
{
	xmlParserInputPtr in = r->parser->input;

	r->stopped_at = in->consumed + (size_t)(in->cur - in->base) + 1;
	xmlStopParser(r->parser);
}

static void start_element(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	struct reader *r = ctx;
	const char *s = (const char *)name;
	struct html_values v = { .mask = 0 };

	if (r->stopped_at)
		return;
	for (; attributes && *attributes; attributes += 2) {
		const char *n = (const char *)attributes[0], *value = attributes[1] ? (const char *)attributes[1] : "";
		enum html_attribute a = html_attribute_find(html_name_of(n, strlen(n)));

		if (a == AT_COUNT || html_has(&v, a))
			continue;
		v.mask |= UINT32_C(1) << a;
		v.of[a] = (struct html_slice){ value, strlen(value) };
	}
	html_open(r->w, html_element_find(html_name_of(s, strlen(s))), &v);
	if (r->w->n_frames == HTML_READ_DEPTH)
		stop(r);
}

static void end_element(void *ctx, const xmlChar *name)
{
	struct reader *r = ctx;

	(void)name;
	if (!r->stopped_at && r->w->n_frames)
		html_close(r->w);
}

static void characters(void *ctx, const xmlChar *s, int len)
{
	struct reader *r = ctx;

	if (!r->stopped_at)
		html_words(r->w, (const char *)s, (size_t)len);
}

/* Lives as long as the process: a parser context costs more than most bodies. */
static htmlParserCtxtPtr get_parser(void)
{
	static _Thread_local htmlParserCtxtPtr parser;

	if (!parser) {
		parser = htmlNewParserCtxt();
		if (!parser)
			return NULL;
		*parser->sax = (htmlSAXHandler){
			.startElement = start_element,
			.endElement = end_element,
			.characters = characters,
			.ignorableWhitespace = characters,
			.cdataBlock = characters,
		};
	}
	return parser;
}

/* As htmlCtxtReadMemory(), but from where it is: that one copies all that is left, for each new beginning. */
static void parse(struct reader *r, const char *s, size_t len)
{
	xmlParserInputPtr in;

	r->stopped_at = 0;
	htmlCtxtReset(r->parser);
	(void)htmlCtxtUseOptions(r->parser, HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER | HTML_PARSE_IGNORE_ENC);
	r->parser->userData = r;
	in = xmlNewInputStream(r->parser);
	if (!in)
		return;
	in->base = in->cur = (const xmlChar *)s;
	in->end = in->base + len;
	in->encoding = xmlStrdup((const xmlChar *)"UTF-8");
	(void)inputPush(r->parser, in);
	(void)xmlSwitchEncoding(r->parser, XML_CHAR_ENCODING_UTF8);
	(void)htmlParseDocument(r->parser);
}

void html_read_any(struct html_writer *w, const char *s, size_t len, struct html_scratch *scratch)
{
	struct reader r = { .w = w, .parser = get_parser() };
	struct buf *markup = &scratch->markup;
	size_t at = 0;

	buf_clear(&scratch->source);
	buf_clear(markup);
	buf_append(&scratch->source, s, len);
	append_tokens(markup, &scratch->source, &scratch->values);
	if (!r.parser || buf_error(markup))
		return;
	do {
		parse(&r, markup->bytes + at, markup->len - at);
		html_forget_frames(w);
		if (r.stopped_at) { /* it stands at the ">", and what was read leaves room for the prefix */
			at += r.stopped_at - (sizeof(prefix) - 1);
			memcpy(markup->bytes + at, prefix, sizeof(prefix) - 1);
		}
	} while (r.stopped_at);
}
