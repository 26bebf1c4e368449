/*
 * What an entry says beside text and people: further links by an allow-list of relations (RFC 4287 section 4.2.7.2), what
 * it answers (RFC 4685), pictures and sizes (Media RSS), the place (GeoRSS), season and episode (Apple's namespace, which
 * programs read in Atom as well). Counts of comments are left out: what is stored is as old as the item's last change.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "publish_internal.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

void atom_namespaces(struct markup *m)
{
	markup_attr(m, "xmlns", "http://www.w3.org/2005/Atom");
	markup_attr(m, "xmlns:thr", "http://purl.org/syndication/thread/1.0");
	markup_attr(m, "xmlns:media", "http://search.yahoo.com/mrss/");
	markup_attr(m, "xmlns:georss", "http://www.georss.org/georss");
	markup_attr(m, "xmlns:itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd");
}

static void write_attr_number(struct markup *m, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	markup_attr(m, name, n >= 0 ? text : NULL);
}

void atom_link(struct markup *m, const struct atom_link *l)
{
	if (web_url(l->href) == NULL)
		return;
	markup_begin(m, "link");
	markup_attr(m, "rel", l->rel);
	markup_attr(m, "href", l->href);
	markup_attr(m, "type", valid_media_type(l->type));
	markup_attr(m, "hreflang", valid_language(l->language));
	if (l->with_length)
		write_attr_number(m, "length", l->length);
	markup_attr(m, "title", text_is_empty(l->title) ? NULL : l->title);
	markup_end(m);
}

/* Only one alternate may be of a type and language (A6), and the first, without either, is the item's link. */
static char *name_of(const struct link *l, const char *rel)
{
	const char *type = valid_media_type(l->type), *language = valid_language(l->language);

	if (strcmp(rel, "related") == 0)
		return mem_dup_str(l->url);
	if (strcmp(rel, "alternate") != 0)
		return mem_printf("%s %s", rel, l->url);
	if (type == NULL && language == NULL)
		return NULL;
	return mem_printf("alternate %s %s", type != NULL ? type : "", language != NULL ? language : "");
}

static void write_further_link(struct markup *m, struct map *written, const struct link *l)
{
	bool registered = false;
	const char *rel = link_rel_published(l->rel, &registered);
	auto_free char *name = rel != NULL && registered && web_url(l->url) != NULL ? name_of(l, rel) : NULL;

	if (name == NULL || map_put(written, name, written) != NULL)
		return;
	atom_link(m, &(struct atom_link){.rel = rel, .href = l->url, .type = l->type, .language = l->language, .title = l->title});
}

void atom_write_further_links(struct markup *m, struct map *written, const struct item *i)
{
	auto_free char *replies = i->comments_url != NULL ? mem_printf("replies %s", i->comments_url) : NULL;

	for (size_t k = 0; k < i->n_links; k++)
		write_further_link(m, written, &i->links[k]);
	/* Without a type a feed is meant (RFC 4685 section 4), and this is a page. */
	if (replies != NULL && map_put(written, replies, written) == NULL)
		atom_link(m, &(struct atom_link){.rel = "replies", .href = i->comments_url, .type = "text/html"});
}

static void write_reply(struct markup *m, const struct item *i)
{
	if (!is_iri(i->in_reply_to))
		return;
	markup_begin(m, "thr:in-reply-to");
	markup_attr(m, "ref", i->in_reply_to);
	markup_attr(m, "href", web_url(i->in_reply_to));
	markup_end(m);
}

static const char *medium_of(const struct enclosure *e)
{
	static const char *const media[] = {"image", "audio", "video", "document", "executable"};

	for (size_t k = 0; e->medium != NULL && k < sizeof(media) / sizeof(*media); k++) {
		if (strcmp(e->medium, media[k]) == 0)
			return media[k];
	}
	return NULL;
}

/* What a link has no attributes for. */
static void write_media(struct markup *m, const struct item *i)
{
	for (size_t k = 0; k < i->n_enclosures; k++) {
		const struct enclosure *e = &i->enclosures[k];

		if (web_url(e->url) == NULL || (e->width < 0 && e->height < 0 && e->duration_s < 0))
			continue;
		markup_begin(m, "media:content");
		markup_attr(m, "url", e->url);
		markup_attr(m, "type", valid_media_type(e->type));
		markup_attr(m, "medium", medium_of(e));
		write_attr_number(m, "fileSize", e->length_bytes);
		write_attr_number(m, "duration", e->duration_s);
		write_attr_number(m, "width", e->width);
		write_attr_number(m, "height", e->height);
		markup_end(m);
	}
	if (web_url(i->thumbnail) == NULL)
		return;
	markup_begin(m, "media:thumbnail");
	markup_attr(m, "url", i->thumbnail);
	markup_end(m);
}

static bool is_number(const char *s)
{
	size_t n = s != NULL ? strspn(s, DIGITS) : 0;

	return n > 0 && n < 10 && s[n] == '\0';
}

static void write_podcast(struct markup *m, const struct item *i)
{
	int64_t seconds = i->n_enclosures > 0 ? i->enclosures[0].duration_s : -1;
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, seconds);
	markup_element(m, "itunes:duration", seconds > 0 ? text : NULL);
	markup_element(m, "itunes:season", is_number(i->season) ? i->season : NULL);
	markup_element(m, "itunes:episode", is_number(i->episode) ? i->episode : NULL);
}

void atom_write_details(struct markup *m, const struct item *i)
{
	double latitude, longitude;

	write_reply(m, i);
	write_media(m, i);
	write_podcast(m, i);
	markup_element(m, "georss:point", item_place(i, &latitude, &longitude) ? i->location : NULL);
}
