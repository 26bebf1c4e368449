#ifndef SYNDICATED_CLEAN_HTML_H
#define SYNDICATED_CLEAN_HTML_H
/*
 * HTML inside clean/. Foreign bytes are cut into tokens (html_token.c), tokens become a stream of open, text and close,
 * read by ourselves where all parsers agree (html_plain.c), else by libxml2 (html_read.c); the stream is written by one
 * writer (html_write.c), which believes no reader: what may stand where is its own business.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syndicated/base/buf.h"
#include "syndicated/base/limits.h"

/* ---- names: elements and attributes that mean something to us; all others do not exist ---- */

enum html_fate {
	FATE_KEEP,     /* written, under the name in `as` */
	FATE_UNWRAP,   /* the tag goes, what is in it stays */
	FATE_DROP,     /* goes with all that is in it */
	FATE_PLAYER,   /* a link to the page of a known player, or nothing */
	FATE_MEDIA,    /* video and audio: a link to the file */
	FATE_SOURCE,
	FATE_NOSCRIPT, /* repeats what scripts would show; only pictures are taken from it */
	FATE_SVG,      /* only its words */
	FATE_SVG_WORDS,
};

enum {
	IS_BLOCK = 1,     /* apart from what is around it in plain text */
	ENDS_P = 2,       /* HTML 13.2.6.4.7: closes an open p */
	IS_VOID = 4,
	IS_SPECIAL = 8,   /* ends the search for an open li, dd, dt: "special" without address, div, p */
	IS_SCOPE = 16,    /* ends the search for an open p, a, ruby */
	IS_PART = 32,     /* of a table */
	IN_TABLE = 64,    /* holds parts of a table only: text in it would be moved before the table */
	IS_RAW = 128,     /* its content is no markup */
	MAY_OMIT_END = 256,
	IS_HEADING = 512,
	IS_ODD = 1024,    /* parsers differ about it: not for the reader of plain HTML */
	ENDS_SVG = 2048,  /* its start tag ends an svg that somebody forgot to close, as in HTML 13.2.6.5 */
};

#define FLOW (IS_BLOCK | ENDS_P | ENDS_SVG)
#define TITLE (FLOW | IS_SPECIAL | IS_HEADING)
#define CELL (IS_BLOCK | IS_SPECIAL | IS_SCOPE | IS_PART | MAY_OMIT_END)
#define ROWS (IS_SPECIAL | IS_PART | IN_TABLE | MAY_OMIT_END)

/* identifier, name, fate, written as, flags. Those that another start tag may close come first: they fit a mask. */
#define HTML_ELEMENTS(X) \
	X(NONE, "", FATE_UNWRAP, NONE, 0) \
	X(A, "a", FATE_KEEP, A, 0) \
	X(ADDRESS, "address", FATE_KEEP, ADDRESS, FLOW) \
	X(B, "b", FATE_KEEP, B, ENDS_SVG) \
	X(BIG, "big", FATE_KEEP, BIG, ENDS_SVG) \
	X(CAPTION, "caption", FATE_KEEP, CAPTION, CELL & ~MAY_OMIT_END) \
	X(COLGROUP, "colgroup", FATE_KEEP, COLGROUP, ROWS) \
	X(DD, "dd", FATE_KEEP, DD, FLOW | IS_SPECIAL | MAY_OMIT_END) \
	X(DL, "dl", FATE_KEEP, DL, FLOW | IS_SPECIAL) \
	X(DT, "dt", FATE_KEEP, DT, FLOW | IS_SPECIAL | MAY_OMIT_END) \
	X(H1, "h1", FATE_KEEP, H1, TITLE) \
	X(H2, "h2", FATE_KEEP, H2, TITLE) \
	X(H3, "h3", FATE_KEEP, H3, TITLE) \
	X(H4, "h4", FATE_KEEP, H4, TITLE) \
	X(H5, "h5", FATE_KEEP, H5, TITLE) \
	X(H6, "h6", FATE_KEEP, H6, TITLE) \
	X(I, "i", FATE_KEEP, I, ENDS_SVG) \
	X(LI, "li", FATE_KEEP, LI, FLOW | IS_SPECIAL | MAY_OMIT_END) \
	X(OL, "ol", FATE_KEEP, OL, FLOW | IS_SPECIAL) \
	X(P, "p", FATE_KEEP, P, FLOW | MAY_OMIT_END) \
	X(PRE, "pre", FATE_KEEP, PRE, FLOW | IS_SPECIAL) \
	X(S, "s", FATE_KEEP, S, ENDS_SVG) \
	X(SMALL, "small", FATE_KEEP, SMALL, ENDS_SVG) \
	X(SPAN, "span", FATE_KEEP, SPAN, ENDS_SVG) \
	X(STRIKE, "strike", FATE_KEEP, STRIKE, ENDS_SVG) \
	X(TBODY, "tbody", FATE_KEEP, TBODY, ROWS) \
	X(TD, "td", FATE_KEEP, TD, CELL) \
	X(TFOOT, "tfoot", FATE_KEEP, TFOOT, ROWS) \
	X(TH, "th", FATE_KEEP, TH, CELL) \
	X(THEAD, "thead", FATE_KEEP, THEAD, ROWS) \
	X(TR, "tr", FATE_KEEP, TR, ROWS | IS_BLOCK) \
	X(TT, "tt", FATE_KEEP, TT, ENDS_SVG) \
	X(U, "u", FATE_KEEP, U, ENDS_SVG) \
	X(UL, "ul", FATE_KEEP, UL, FLOW | IS_SPECIAL) \
	X(ABBR, "abbr", FATE_KEEP, ABBR, 0) \
	X(ACRONYM, "acronym", FATE_KEEP, ACRONYM, 0) \
	X(BDI, "bdi", FATE_KEEP, BDI, 0) \
	X(BDO, "bdo", FATE_KEEP, BDO, 0) \
	X(BLOCKQUOTE, "blockquote", FATE_KEEP, BLOCKQUOTE, FLOW | IS_SPECIAL) \
	X(CENTER, "center", FATE_KEEP, CENTER, FLOW | IS_SPECIAL) \
	X(CITE, "cite", FATE_KEEP, CITE, 0) \
	X(CODE, "code", FATE_KEEP, CODE, ENDS_SVG) \
	X(DEL, "del", FATE_KEEP, DEL, 0) \
	X(DFN, "dfn", FATE_KEEP, DFN, 0) \
	X(DIV, "div", FATE_KEEP, DIV, FLOW) \
	X(EM, "em", FATE_KEEP, EM, ENDS_SVG) \
	X(FIGCAPTION, "figcaption", FATE_KEEP, FIGCAPTION, FLOW | IS_SPECIAL) \
	X(FIGURE, "figure", FATE_KEEP, FIGURE, FLOW | IS_SPECIAL) \
	X(INS, "ins", FATE_KEEP, INS, 0) \
	X(KBD, "kbd", FATE_KEEP, KBD, 0) \
	X(MARK, "mark", FATE_KEEP, MARK, 0) \
	X(Q, "q", FATE_KEEP, Q, 0) \
	X(RP, "rp", FATE_KEEP, RP, 0) \
	X(RT, "rt", FATE_KEEP, RT, 0) \
	X(RUBY, "ruby", FATE_KEEP, RUBY, ENDS_SVG) \
	X(SAMP, "samp", FATE_KEEP, SAMP, 0) \
	X(STRONG, "strong", FATE_KEEP, STRONG, ENDS_SVG) \
	X(SUB, "sub", FATE_KEEP, SUB, ENDS_SVG) \
	X(SUP, "sup", FATE_KEEP, SUP, ENDS_SVG) \
	X(TABLE, "table", FATE_KEEP, TABLE, FLOW | IS_SPECIAL | IS_SCOPE | IN_TABLE) \
	X(TIME, "time", FATE_KEEP, TIME, 0) \
	X(VAR, "var", FATE_KEEP, VAR, ENDS_SVG) \
	X(BR, "br", FATE_KEEP, BR, IS_BLOCK | IS_VOID | ENDS_SVG) \
	X(COL, "col", FATE_KEEP, COL, IS_VOID | IS_PART) \
	X(HR, "hr", FATE_KEEP, HR, FLOW | IS_VOID) \
	X(IMG, "img", FATE_KEEP, IMG, IS_VOID | ENDS_SVG) \
	X(WBR, "wbr", FATE_KEEP, WBR, IS_VOID) \
	X(ARTICLE, "article", FATE_KEEP, DIV, FLOW) \
	X(ASIDE, "aside", FATE_KEEP, DIV, FLOW) \
	X(DETAILS, "details", FATE_KEEP, DIV, FLOW) \
	X(DIALOG, "dialog", FATE_KEEP, DIV, FLOW) \
	X(DIR, "dir", FATE_KEEP, UL, FLOW | IS_ODD) \
	X(FIELDSET, "fieldset", FATE_KEEP, DIV, FLOW | IS_ODD) \
	X(FOOTER, "footer", FATE_KEEP, DIV, FLOW) \
	X(HEADER, "header", FATE_KEEP, DIV, FLOW) \
	X(HGROUP, "hgroup", FATE_KEEP, DIV, FLOW) \
	X(IMAGE, "image", FATE_KEEP, IMG, IS_VOID | IS_ODD) \
	X(LEGEND, "legend", FATE_KEEP, DIV, IS_BLOCK | IS_ODD) \
	X(LISTING, "listing", FATE_KEEP, PRE, FLOW | IS_ODD) \
	X(MAIN, "main", FATE_KEEP, DIV, FLOW) \
	X(MENU, "menu", FATE_KEEP, UL, FLOW | IS_ODD) \
	X(NAV, "nav", FATE_KEEP, DIV, FLOW) \
	X(SEARCH, "search", FATE_KEEP, DIV, FLOW | IS_ODD) \
	X(SECTION, "section", FATE_KEEP, DIV, FLOW) \
	X(SUMMARY, "summary", FATE_KEEP, DIV, FLOW) \
	X(PICTURE, "picture", FATE_UNWRAP, NONE, 0) \
	X(AUDIO, "audio", FATE_MEDIA, NONE, 0) \
	X(VIDEO, "video", FATE_MEDIA, NONE, 0) \
	X(SOURCE, "source", FATE_SOURCE, NONE, IS_VOID) \
	X(EMBED, "embed", FATE_PLAYER, NONE, IS_VOID) \
	X(IFRAME, "iframe", FATE_PLAYER, NONE, IS_RAW) \
	X(OBJECT, "object", FATE_PLAYER, NONE, 0) \
	X(NOSCRIPT, "noscript", FATE_NOSCRIPT, NONE, 0) \
	X(SVG, "svg", FATE_SVG, NONE, 0) \
	X(DESC, "desc", FATE_SVG_WORDS, NONE, 0) \
	X(TEXT, "text", FATE_SVG_WORDS, NONE, 0) \
	X(TITLE, "title", FATE_DROP, NONE, IS_RAW | IS_ODD) \
	X(ANNOTATION, "annotation", FATE_DROP, NONE, IS_ODD) \
	X(ANNOTATION_XML, "annotation-xml", FATE_DROP, NONE, IS_ODD) \
	X(APPLET, "applet", FATE_DROP, NONE, IS_ODD) \
	X(DATALIST, "datalist", FATE_DROP, NONE, IS_ODD) \
	X(NOEMBED, "noembed", FATE_DROP, NONE, IS_RAW | IS_ODD) \
	X(NOFRAMES, "noframes", FATE_DROP, NONE, IS_RAW | IS_ODD) \
	X(PLAINTEXT, "plaintext", FATE_DROP, NONE, IS_RAW | IS_ODD) \
	X(SCRIPT, "script", FATE_DROP, NONE, IS_RAW) \
	X(SELECT, "select", FATE_DROP, NONE, IS_ODD) \
	X(STYLE, "style", FATE_DROP, NONE, IS_RAW) \
	X(TEMPLATE, "template", FATE_DROP, NONE, IS_ODD) \
	X(TEXTAREA, "textarea", FATE_DROP, NONE, IS_RAW | IS_ODD) \
	X(XMP, "xmp", FATE_DROP, NONE, IS_RAW | IS_ODD)

#define HTML_ATTRIBUTES(X) \
	X(ALT, "alt") X(CITE, "cite") X(CLASS, "class") X(COLSPAN, "colspan") X(DATA, "data") X(DATA_LAZY_SRC, "data-lazy-src") \
	X(DATA_LAZY_SRCSET, "data-lazy-srcset") X(DATA_ORIG_FILE, "data-orig-file") X(DATA_ORIGINAL, "data-original") \
	X(DATA_SRC, "data-src") X(DATA_SRCSET, "data-srcset") X(DATETIME, "datetime") X(DIR, "dir") X(HEIGHT, "height") X(HREF, "href") \
	X(LANG, "lang") X(ROWSPAN, "rowspan") X(SPAN, "span") X(SRC, "src") X(SRCSET, "srcset") X(START, "start") \
	X(STYLE, "style") X(TITLE, "title") X(WIDTH, "width")

#define X(id, ...) EL_##id,
enum html_element { HTML_ELEMENTS(X) EL_COUNT };
#undef X
#define X(id, ...) AT_##id,
enum html_attribute { HTML_ATTRIBUTES(X) AT_COUNT };
#undef X

struct html_policy {
	const char *name, *open, *close; /* the literals that are written: "<p", "</p>" */
	uint8_t name_len;
	uint8_t fate;
	uint8_t as;
	uint16_t flags;
};
extern const struct html_policy html_policies[EL_COUNT];

struct html_slice {
	const char *s;
	size_t len;
};
extern const struct html_slice html_attribute_names[AT_COUNT], html_attribute_starts[AT_COUNT]; /* "href", " href=\"" */

/* The elements that HTML 4 parsers, libxml2's among them, close when this one starts right inside them, as a mask. */
uint64_t html_closed_by(enum html_element started);
static inline bool html_closes(enum html_element started, unsigned open)
{
	return open < 64 && (html_closed_by(started) >> open & 1);
}

/* A name in ASCII lower case, at most 16 bytes, as two words. */
struct html_name {
	uint64_t words[2];
};
/* EL_NONE, AT_COUNT for unknown ones. */
enum html_element html_element_find(struct html_name name);
enum html_attribute html_attribute_find(struct html_name name);
struct html_name html_name_of(const char *s, size_t len); /* longer names give the empty one, which is unknown */

/* Of one tag: the first of each name, references decoded. Valid until the next token. */
struct html_values {
	uint32_t mask;
	struct html_slice of[AT_COUNT];
};

static inline bool html_has(const struct html_values *v, enum html_attribute a)
{
	return v->mask >> a & 1;
}

/*
 * A character reference at s, which begins with "&": how many bytes it takes, 0 when it is none. Names of HTML that stand
 * for one character, and numbers as HTML reads them (windows-1252 for 128 to 159). *ret is a character that XML may hold.
 */
size_t html_reference(const char *s, size_t len, uint32_t *ret);

/* ---- tokens ---- */

enum html_token_kind { TOKEN_END, TOKEN_TEXT, TOKEN_OPEN, TOKEN_CLOSE };

struct html_token {
	enum html_token_kind kind;
	enum html_element element;
	struct html_slice text; /* decoded; TOKEN_TEXT */
	bool empty;             /* TOKEN_OPEN: void, self-closing, or raw content that was skipped: no close will follow */
	bool odd;               /* HTML parsers may differ about what was read since the last token */
	struct html_values values;
};

struct html_tokens {
	const char *at, *end;
	const char *next_lt;  /* the "<" found last, or the end: references before it need no second look. NULL: none yet */
	struct buf *scratch;  /* decoded values of one tag */
	bool in_svg;          /* where a title is no raw element */
	uint64_t unclosed[2]; /* raw elements of which no end tag follows any more */
	char character[4];
};
/* s is clean text without CR; scratch is lent. */
void html_tokens_init(struct html_tokens *t, const char *s, size_t len, struct buf *scratch);
void html_token_next(struct html_tokens *t, struct html_token *ret);

/* ---- plain text ---- */

struct html_text {
	struct buf *out; /* NULL: not wanted */
	size_t start;
	bool full;
};
void html_text_init(struct html_text *t, struct buf *out);
void html_text_add(struct html_text *t, const char *s, size_t len);
void html_text_gap(struct html_text *t);
void html_text_end(struct html_text *t);
void html_text_undo(struct html_text *t);

/* ---- the writer ---- */

enum { HTML_READ_DEPTH = LIMIT_HTML_DEPTH + 32 }; /* of elements a reader may have open; more than are ever written */

enum html_mode { /* what is shown of what is inside an element */
	MODE_FLOW,      /* all */
	MODE_DROP,      /* nothing */
	MODE_SVG,       /* titles, descriptions, words; nothing else */
	MODE_SVG_WORDS,
	MODE_NOSCRIPT,  /* pictures */
	MODE_MEDIA,     /* the first address of a sound, film or player */
};

struct html_open {
	enum html_element element;
	uint32_t serial;
	size_t start, content; /* in out: of its tag, and behind it */
};

struct html_frame {
	uint8_t element;
	uint8_t mode;
	uint16_t index; /* of the html_open it made, if that still has this serial */
	uint32_t serial;
};

struct html_writer {
	const char *base;
	struct buf *out; /* NULL: only the text is wanted */
	size_t start, limit;
	struct html_text text;
	struct buf *url;      /* scratch: one URL */
	struct buf *picture;  /* srcset of the first source in a picture element */
	struct buf *image; /* URL of the last picture, while no words follow it */
	bool image_stands_in; /* that one came from noscript, or in the place of one that scripts load */
	bool full, torn;
	unsigned depth, n_frames, closing_bytes, open_p, open_a, open_tables, open_ruby;
	uint32_t serial;
	struct html_open stack[LIMIT_HTML_DEPTH];
	struct html_frame frames[HTML_READ_DEPTH];
};

/* Memory that is used again from call to call. */
struct html_scratch {
	struct buf values, lines, source, markup, url, picture, image;
};

/* Begins behind what out holds. out and text may be NULL. */
void html_writer_begin(struct html_writer *w, struct html_scratch *scratch, const char *base, struct buf *out, struct buf *text);
void html_writer_undo(struct html_writer *w); /* out and text as they were at the beginning */
void html_writer_end(struct html_writer *w);

/* What a reader says, in document order. Each open has a close; the reader keeps n_frames under HTML_READ_DEPTH. */
void html_open(struct html_writer *w, enum html_element e, const struct html_values *v);
void html_close(struct html_writer *w);
void html_words(struct html_writer *w, const char *s, size_t len);
void html_forget_frames(struct html_writer *w); /* the reader begins anew in the middle; what is written stays open */

/* Between the writer's files. An element begins, has attributes, and is ready; false: it may not be here. */
bool html_begin(struct html_writer *w, enum html_element e);
bool html_make_flow(struct html_writer *w); /* a place for text and pictures: a cell, between those of a table */
void html_attribute(struct html_writer *w, enum html_attribute a, struct html_slice value);
bool html_ready(struct html_writer *w);
void html_end(struct html_writer *w); /* the innermost */
void html_write(struct html_writer *w, const char *s, size_t len); /* words, whatever the mode */
bool html_put(struct html_writer *w, const char *s, size_t len);

/* Attributes by element; links and pictures have conditions. */
void html_write_element(struct html_writer *w, enum html_element e, const struct html_values *v, struct html_frame *f);
/* A link to a known player's page; false for others. */
bool html_write_player(struct html_writer *w, const struct html_values *v);
/* A link to a sound or film; false when there is no usable address in v. */
bool html_write_media(struct html_writer *w, const struct html_values *v);
void html_write_picture(struct html_writer *w, const struct html_values *v);

/* ---- what is known of the web ---- */

/* The page of a player's absolute address, appended to out, and what to call it; false for other addresses. */
bool html_player_page(struct html_slice url, struct buf *out, const char **ret_label);
bool html_is_tracker(struct html_slice url);
bool html_is_placeholder(struct html_slice src);
bool html_is_junk(struct html_slice class_names);

/* ---- the readers ---- */

/* True when all of it was plain; else w has to be undone. */
bool html_read_plain(struct html_writer *w, const char *s, size_t len, struct buf *values);
void html_read_any(struct html_writer *w, const char *s, size_t len, struct html_scratch *scratch);

/* For tests and benchmarks: which of the two reads. */
enum html_path { HTML_PATH_AUTO, HTML_PATH_PLAIN, HTML_PATH_LIBXML2 };
/* False when the plain path was asked for and refused; out and text are as they were then. */
bool html_clean_scrubbed(enum html_path path, const char *html, size_t len, const char *base, struct buf *out, struct buf *text); /* html is clean (base/text.h) */
bool html_clean_by(enum html_path path, const char *html, size_t len, const char *base, struct buf *out, struct buf *text);

#endif
