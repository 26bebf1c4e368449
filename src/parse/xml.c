/*
 * Why each guard is there: reliability.md section 1.1 measured libxml2 2.9.14 without it. The push parser itself has
 * no limit on depth, on attributes or on what entities expand to.
 *
 * Entities. A document that declares one is stopped there (REL-3). The names of XML and HTML (REL-4) are answered by
 * look_up_entity(), also for documents without DOCTYPE, where libxml2 takes an unanswered one for fatal. In text the
 * answer is made to look like one of XML's own entities: then libxml2 hands its characters to the text callback and
 * looks no further. In an attribute it would take only the first byte of that; there the answer is an ordinary entity,
 * which libxml2 leaves in the value as "&name;", while every true ampersand arrives as "&#38;". So decode_attribute()
 * can tell them apart.
 *
 * Long texts do not go through libxml2 (xml_run.h): it is fed up to where one begins, asked whether it stands in an
 * element's text or in a CDATA section there, and goes on behind it.
 */
#include "xml.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "xml_run.h"

enum { CHUNK_BYTES = 16 << 10, RUN_BYTES = 96, MAX_ENTITY_NAME = 32, MAX_ENTITIES = 300 };

struct entity {
	const char *name;
	size_t len;
	uint32_t codepoint;
};

static struct entity entities[MAX_ENTITIES]; /* sorted by name; written once by make_tables() */
static size_t n_entities;
static size_t chunk_bytes = CHUNK_BYTES;
static size_t run_bytes = RUN_BYTES;
static unsigned external_requests;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

struct session {
	const struct xml_handler *handler;
	void *ctx;
	struct xml_sink *sink;
	struct xml_result *result;
	xmlParserCtxtPtr parser;
	size_t depth;
	size_t may_deliver; /* characters that may still be handed out, in bytes (REL-9); none when it has stopped */
	bool stopped;
	bool ended;
	struct buf values; /* attribute values of the element at hand */
	xmlEntity answer;
	char answer_text[MAX_ENTITY_NAME * 4];
	struct xml_attribute attributes[LIMIT_XML_ATTRIBUTES]; /* not cleared, as all behind */
	size_t offsets[LIMIT_XML_ATTRIBUTES];
	char slice[XML_SLICE_BYTES];
};

static int compare_entities(const void *a, const void *b)
{
	const struct entity *x = a, *y = b;
	int r = memcmp(x->name, y->name, x->len < y->len ? x->len : y->len);

	return r ? r : (x->len > y->len) - (x->len < y->len);
}

/* libxml2's HTML parser brings the 253 names of HTML 4; asking for each code point once gives a table of them. */
static void make_tables(void)
{
	(void)xmlMemSetup(mem_free, mem_lend, mem_lend_resize, mem_lend_dup);
	xmlInitParser();
	for (unsigned c = 1; c < 0x2700 && n_entities < MAX_ENTITIES; c++) {
		const htmlEntityDesc *d = htmlEntityValueLookup(c);

		if (d)
			entities[n_entities++] = (struct entity){ d->name, strlen(d->name), d->value };
	}
	qsort(entities, n_entities, sizeof(entities[0]), compare_entities);
}

static xmlParserInputPtr refuse_external(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	(void)url;
	(void)id;
	(void)parser;
	external_requests++;
	return NULL;
}

void xml_init(void)
{
	pthread_once(&tables_once, make_tables);
	xmlSetExternalEntityLoader(refuse_external);
}

unsigned xml_external_requests(void)
{
	return external_requests;
}

void xml_set_chunk_bytes(size_t n)
{
	chunk_bytes = n ? n : CHUNK_BYTES;
}

void xml_set_run_bytes(size_t n)
{
	run_bytes = n ? n : RUN_BYTES;
}

uint32_t xml_entity(const char *name, size_t len)
{
	const struct entity key = { .name = name, .len = len };
	const struct entity *e = bsearch(&key, entities, n_entities, sizeof(entities[0]), compare_entities);

	return e ? e->codepoint : 0;
}

static void stop(struct session *s, enum xml_stop why, const char *reason)
{
	if (s->stopped)
		return;
	s->stopped = true;
	s->may_deliver = 0;
	s->result->stop = why;
	if (s->result->reason[0] == '\0') {
		snprintf(s->result->reason, sizeof(s->result->reason), "%s", reason);
		s->result->line = (uint32_t)xmlSAX2GetLineNumber(s->parser);
	}
	xmlStopParser(s->parser);
}

static xmlEntityPtr look_up_entity(void *user, const xmlChar *name)
{
	struct session *s = user;
	uint32_t c = xml_entity((const char *)name, strlen((const char *)name));
	bool in_attribute = s->parser->instate == XML_PARSER_ATTRIBUTE_VALUE;
	size_t n = 0;

	if (c) {
		n = text_encode(c, s->answer_text);
		s->answer_text[n] = '\0';
	} else { /* An unknown name stays what it is: text. */
		if (strlen((const char *)name) > MAX_ENTITY_NAME)
			return NULL;
		n = (size_t)snprintf(s->answer_text, sizeof(s->answer_text), "&%s;", (const char *)name);
	}
	memset(&s->answer, 0, sizeof(s->answer));
	s->answer.type = XML_ENTITY_DECL;
	s->answer.name = name;
	s->answer.content = (xmlChar *)s->answer_text;
	s->answer.orig = (xmlChar *)s->answer_text;
	s->answer.length = (int)n;
	s->answer.checked = 2; /* counted already, holds no "<" */
	s->answer.etype = in_attribute ? XML_INTERNAL_GENERAL_ENTITY : XML_INTERNAL_PREDEFINED_ENTITY;
	return &s->answer;
}

static void refuse_entity(void *user, const xmlChar *name, int type, const xmlChar *public_id, const xmlChar *system_id,
                          xmlChar *content)
{
	(void)name;
	(void)type;
	(void)public_id;
	(void)system_id;
	(void)content;
	stop(user, XML_STOP_ENTITY, "it declares an entity, which no feed needs and attacks use");
}

/* Appends the value with its references replaced, and a NUL; see the top of the file. */
static void decode_attribute(struct buf *out, const char *value, size_t len)
{
	const char *end = value + len, *ampersand;

	while ((ampersand = memchr(value, '&', (size_t)(end - value)))) {
		const char *semicolon = memchr(ampersand, ';', (size_t)(end - ampersand));
		size_t n = semicolon ? (size_t)(semicolon - ampersand) - 1 : 0;
		char utf8[4];
		uint32_t c;

		text_append_meant(out, value, (size_t)(ampersand - value));
		value = ampersand + 1;
		if (n == 0 || n > MAX_ENTITY_NAME) {
			buf_append_char(out, '&');
			continue;
		}
		c = n == 3 && memcmp(value, "#38", 3) == 0 ? '&' : xml_entity(value, n);
		if (c)
			buf_append(out, utf8, text_encode(c, utf8));
		else
			buf_append(out, ampersand, n + 2);
		value = semicolon + 1;
	}
	text_append_meant(out, value, (size_t)(end - value));
	buf_append_char(out, '\0');
}

static void on_start(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	struct session *s = user;
	struct xml_attribute *list = s->attributes;
	struct xml_element e = { .name = { (const char *)uri, (const char *)prefix, (const char *)local }, .attributes = list };

	(void)namespaces;
	(void)n_defaulted;
	if (s->stopped)
		return;
	if (++s->depth > LIMIT_XML_DEPTH) {
		stop(s, XML_STOP_LIMIT, "its elements are nested too deep");
		return;
	}
	if (n_attributes > (int)LIMIT_XML_ATTRIBUTES || n_namespaces > (int)LIMIT_XML_ATTRIBUTES) {
		stop(s, XML_STOP_LIMIT, "an element has too many attributes");
		return;
	}
	if (n_attributes)
		buf_clear(&s->values);
	for (int i = 0; i < n_attributes; i++) { /* five pointers each: local, prefix, uri, value, end */
		const xmlChar **a = attributes + 5 * i;

		s->offsets[i] = s->values.len;
		decode_attribute(&s->values, (const char *)a[3], (size_t)(a[4] - a[3]));
		list[i].name = (struct xml_name){ (const char *)a[2], (const char *)a[1], (const char *)a[0] };
	}
	if (buf_error(&s->values)) {
		stop(s, XML_STOP_LIMIT, "the attributes of an element are too long");
		return;
	}
	for (int i = 0; i < n_attributes; i++)
		list[i].value = s->values.bytes + s->offsets[i];
	e.n_attributes = (size_t)n_attributes;
	e.line = (uint32_t)xmlSAX2GetLineNumber(s->parser);
	s->handler->start_cb(&e, s->ctx);
}

static void on_end(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct session *s = user;
	const struct xml_name name = { (const char *)uri, (const char *)prefix, (const char *)local };

	if (s->stopped)
		return;
	if (--s->depth == 0)
		s->result->root_is_sound = true;
	s->handler->end_cb(&name, s->ctx);
}

/* False: it has stopped. */
static bool may_deliver(struct session *s, size_t n)
{
	if (n > s->may_deliver) {
		stop(s, XML_STOP_LIMIT, "it grows far beyond its size when read");
		return false;
	}
	s->may_deliver -= n;
	return true;
}

static void on_text(void *user, const xmlChar *text, int len)
{
	struct session *s = user;
	struct xml_sink *sink = s->sink;
	size_t n = (size_t)len;

	if (len <= 0 || !may_deliver(s, n))
		return;
	if (n <= (size_t)(sink->end - sink->at)) {
		if (n == 1)
			*sink->at = (char)*text;
		else
			memcpy(sink->at, text, n);
		sink->at += n;
	} else {
		s->handler->text_cb((const char *)text, n, s->ctx);
	}
}

static void on_end_document(void *user)
{
	((struct session *)user)->ended = true;
}

/* Keeps the first fatal one; libxml2's sentence ends in a line feed. Undeclared prefixes and the like are no damage. */
static void on_error(void *user, xmlErrorPtr error)
{
	struct session *s = user;
	struct xml_result *r = s->result;

	if (s->stopped || error->level != XML_ERR_FATAL || r->reason[0])
		return;
	snprintf(r->reason, sizeof(r->reason), "%s", error->message ? error->message : "it is not well-formed");
	r->reason[strcspn(r->reason, "\r\n")] = '\0';
	r->reason[text_cut(r->reason, strlen(r->reason), sizeof(r->reason) - 1)] = '\0';
	r->line = error->line > 0 ? (uint32_t)error->line : 0;
}

/*
 * What a token may be that has not ended yet (REL-6): much in CDATA, comments and PIs, little in tags. And how many names
 * there may be: libxml2 looks each up in a table that stops growing at a thousand rows.
 */
static void check_token(struct session *s)
{
	const xmlParserInput *in = s->parser->input;
	xmlParserInputState state = s->parser->instate;
	size_t pending, max = LIMIT_XML_TAG_BYTES;

	if (!in || s->stopped)
		return;
	pending = (size_t)(in->end - in->cur);
	if (state == XML_PARSER_CDATA_SECTION || state == XML_PARSER_COMMENT || state == XML_PARSER_PI)
		max = LIMIT_XML_TOKEN_BYTES;
	else if (state != XML_PARSER_START_TAG && pending > 1 && in->cur[0] == '<' && (in->cur[1] == '!' || in->cur[1] == '?'))
		max = LIMIT_XML_TOKEN_BYTES;
	if (pending > max)
		stop(s, XML_STOP_LIMIT, "one of its tags or comments is too long");
	else if (xmlDictSize(s->parser->dict) > (int)LIMIT_XML_NAMES)
		stop(s, XML_STOP_LIMIT, "it has too many different names");
}

/* False: it has stopped. */
static bool feed_chunks(struct session *s, const char *text, size_t len)
{
	for (size_t at = 0; at < len && !s->stopped; at += chunk_bytes) {
		size_t n = len - at < chunk_bytes ? len - at : chunk_bytes;

		if (xmlParseChunk(s->parser, text + at, (int)n, 0) != XML_ERR_OK && s->parser->disableSAX)
			return false;
		check_token(s);
	}
	return !s->stopped;
}

/* Whether the parser, too, is where the run begins: it may be in a comment that looks like markup, or wait for more. */
static bool is_at_run(const struct session *s, const struct xml_run *run)
{
	const xmlParserInput *in = s->parser->input;

	return in && in->cur == in->end && s->parser->instate == (run->cdata ? XML_PARSER_CDATA_SECTION : XML_PARSER_CONTENT);
}

/* A slice of what is there, into the sink where that has room for it. False: there is no more, or it has stopped. */
static bool deliver_slice(struct session *s, const char **at, const char *end)
{
	struct xml_sink *sink = s->sink;
	size_t left = (size_t)(end - *at), most = left < XML_SLICE_BYTES ? left : XML_SLICE_BYTES, n;
	const char *from = *at;

	if (left == 0)
		return false;
	if (most > (size_t)(sink->end - sink->at)) {
		n = xml_decode_slice(at, end, s->slice);
		on_text(s, (const xmlChar *)s->slice, (int)n);
	} else {
		n = xml_decode_slice(at, end, sink->at);
		if (may_deliver(s, n))
			sink->at += n;
	}
	return *at > from && !s->stopped;
}

/* Hands out the run's text, all of a section, or what can be decoded; returns where the parser goes on. */
static const char *deliver_run(struct session *s, const struct xml_run *run)
{
	const char *at = run->from;

	if (run->cdata) {
		on_text(s, (const xmlChar *)at, (int)(run->to - at));
		at = run->to;
	}
	while (deliver_slice(s, &at, run->to))
		;
	/* What the parser does not see, it counts no lines of. */
	s->parser->input->line += (int)text_count_lines(run->from, (size_t)(at - run->from));
	return at;
}

static void feed_all(struct session *s, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct xml_run run = { .to = text };

	while (xml_find_run(run.to, end, run_bytes, &run)) {
		if (!feed_chunks(s, at, (size_t)(run.from - at)))
			return;
		at = is_at_run(s, &run) ? deliver_run(s, &run) : run.from;
	}
	if (feed_chunks(s, at, (size_t)(end - at)))
		xmlParseChunk(s->parser, text, 0, 1);
}

void xml_parse(const char *text, size_t len, const struct xml_handler *handler, void *ctx, struct xml_sink *sink, struct xml_result *ret)
{
	struct xml_sink none = { NULL, NULL };
	struct session *s = mem_new_head(struct session, attributes);
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.getEntity = look_up_entity,
		.entityDecl = refuse_entity,
		.endDocument = on_end_document,
		.serror = on_error,
	};

	*ret = (struct xml_result){ 0 };
	xml_init();
	s->handler = handler;
	s->ctx = ctx;
	s->sink = sink ? sink : &none;
	s->result = ret;
	s->may_deliver = 2 * len + (1u << 20);
	buf_init(&s->values, LIMIT_XML_TOKEN_BYTES);
	s->parser = xmlCreatePushParserCtxt(&sax, s, NULL, 0, NULL);
	if (s->parser) {
		xmlCtxtUseOptions(s->parser, XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
		s->parser->sax->serror = on_error; /* NOERROR and NOWARNING silence the others, not this one */
		feed_all(s, text, len);
		ret->complete = s->ended && s->depth == 0 && !s->stopped && s->parser->wellFormed;
		/* An entity declaration makes libxml2 begin a document of its own, even without tree. */
		if (s->parser->myDoc)
			xmlFreeDoc(s->parser->myDoc);
		s->parser->myDoc = NULL;
		xmlFreeParserCtxt(s->parser);
	} else {
		snprintf(ret->reason, sizeof(ret->reason), "there is not enough memory to read it");
	}
	buf_done(&s->values);
	mem_free(s);
}

const char *xml_attribute(const struct xml_element *e, const char *local)
{
	const char *other_case = NULL;

	for (size_t i = 0; i < e->n_attributes; i++) {
		const struct xml_attribute *a = &e->attributes[i];

		if (((a->name.local[0] ^ local[0]) & ~0x20) || a->name.uri || a->name.prefix)
			continue;
		if (strcmp(a->name.local, local) == 0)
			return a->value;
		if (!other_case && text_equal_nocase(a->name.local, local))
			other_case = a->value;
	}
	return other_case;
}

const char *xml_attribute_ns(const struct xml_element *e, const char *uri, const char *local)
{
	for (size_t i = 0; i < e->n_attributes; i++) {
		const struct xml_attribute *a = &e->attributes[i];

		if (a->name.uri && strcmp(a->name.uri, uri) == 0 && strcmp(a->name.local, local) == 0)
			return a->value;
	}
	return NULL;
}
