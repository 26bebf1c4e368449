#ifndef SYNDICATED_PARSE_PRECEDENCE_H
#define SYNDICATED_PARSE_PRECEDENCE_H
/*
 * Which of competing elements wins: the one table. Inside a slot a later row beats an earlier one; of two elements of the
 * same row the first in the document stays (of authors, both). `syndicated parse --precedence` prints it.
 */

/* Where text goes. */
enum slot {
	SLOT_NONE,
	SLOT_TITLE,
	SLOT_SUMMARY, /* of a feed: the subtitle */
	SLOT_CONTENT,
	SLOT_ID,
	SLOT_PUBLISHED,
	SLOT_UPDATED,
	SLOT_AUTHOR, /* one more in the list, unless a row of higher rank filled it */
	SLOT_CATEGORY, /* always one more */
	SLOT_RIGHTS,
	SLOT_LANGUAGE,
	SLOT_COMMENTS,
	SLOT_COMMENTS_FEED,
	SLOT_COMMENTS_COUNT,
	SLOT_IN_REPLY_TO,
	SLOT_ORIGINAL_URL,
	SLOT_THUMBNAIL,
	SLOT_SEASON,
	SLOT_EPISODE,
	SLOT_DURATION, /* of the item's recording */
	SLOT_LATITUDE,
	SLOT_LONGITUDE,
	SLOT_GENERATOR,
	SLOT_ICON,
	SLOT_LOGO,
	SLOT_TTL,
	SLOT_PERIOD,
	SLOT_FREQUENCY,
	SLOT_BASE,
	SLOTS
};

#define PRECEDENCE(X) \
	X(TITLE, MEDIA, "media:title", "names a file; it is the item's only name in some video feeds") \
	X(TITLE, ITUNES, "itunes:title", "the title without number and show name, for players") \
	X(TITLE, DC, "dc:title", "older feeds use it where RSS's own title is missing") \
	X(TITLE, ATOM, "atom:title", "inside RSS a copy for Atom readers") \
	X(TITLE, OWN, "title", "what every reader of the format shows") \
	X(SUMMARY, MEDIA, "media:description", "describes a file, not the item") \
	X(SUMMARY, SUBTITLE, "itunes:subtitle", "a line for lists") \
	X(SUMMARY, ABSTRACT, "dcterms:abstract", "libraries and journals, where there is no description") \
	X(SUMMARY, DC, "dc:description", "older feeds use it where RSS's own is missing") \
	X(SUMMARY, ITUNES, "itunes:summary", "a description for players, often cut") \
	X(SUMMARY, ATOM, "atom:summary", "inside RSS a copy for Atom readers") \
	X(SUMMARY, OWN, "description, abstract, tagline, subtitle, summary", "what every reader of the format shows") \
	X(CONTENT, FULL, "fullitem, full-text, content", "home-made elements, only where nothing better is") \
	X(CONTENT, XHTML, "xhtml:body, xhtml:div", "the text as markup, by readers of RSS 2.0's early years") \
	X(CONTENT, ENCODED, "content:encoded", "the whole text, where description is its beginning") \
	X(CONTENT, ATOM, "atom:content", "the whole text, with its type") \
	X(ID, DC, "dc:identifier", "an identifier of the work, seldom unique in a feed") \
	X(ID, ABOUT, "rdf:about", "RSS 1.0's subject: the address of the item") \
	X(ID, ATOM, "atom:id", "inside RSS a copy for Atom readers") \
	X(ID, OWN, "guid, id", "made to tell items apart") \
	X(PUBLISHED, PRISM, "prism:publicationDate", "journals; the date of the issue") \
	X(PUBLISHED, CREATED, "dcterms:created, atom:created", "when it was written, not when it came out") \
	X(PUBLISHED, ISSUED, "dcterms:issued, dcterms:available", "when it came out, for libraries") \
	X(PUBLISHED, ATOM, "atom:published, atom:issued", "inside RSS a copy for Atom readers") \
	X(PUBLISHED, OWN, "pubDate", "when it came out") \
	X(UPDATED, DC, "dc:date", "some date of the work; RSS 1.0's only one") \
	X(UPDATED, MODIFIED, "atom:modified, dcterms:modified", "Atom 0.3's last change of any kind") \
	X(UPDATED, ATOM, "atom:updated", "the last change that matters") \
	X(UPDATED, OWN, "lastBuildDate", "when this document was made") \
	X(AUTHOR, WEBMASTER, "webMaster, dc:publisher", "who runs the site, where nobody is said to have written it") \
	X(AUTHOR, MEDIA, "media:credit with role author", "who made the file") \
	X(AUTHOR, PODCAST, "podcast:person, googleplay:author", "hosts and guests") \
	X(AUTHOR, ITUNES, "itunes:author", "the show's name as often as a person's") \
	X(AUTHOR, DC_AUTHOR, "dc:author", "no element of Dublin Core, but written") \
	X(AUTHOR, OWN, "author, managingEditor, dc:creator", "who wrote it: an address or a name") \
	X(AUTHOR, ATOM, "atom:author", "who wrote it, in parts") \
	X(RIGHTS, MEDIA, "media:copyright", "of the file") \
	X(RIGHTS, DC, "dc:rights", "of the work, where RSS has nothing of its own") \
	X(RIGHTS, OWN, "copyright, rights", "of the item or the feed") \
	X(LANGUAGE, XML, "xml:lang of the document element", "of all that is in it, unless something says otherwise") \
	X(LANGUAGE, DC, "dc:language", "where RSS has nothing of its own") \
	X(LANGUAGE, OWN, "language", "of the feed") \
	X(COMMENTS, WFW, "wfw:comment", "where comments are sent to") \
	X(COMMENTS, OWN, "comments", "the page to read them on") \
	X(COMMENTS_FEED, WFW, "wfw:commentRss", "the feed of an item's comments") \
	X(COMMENTS_COUNT, SLASH, "slash:comments", "a number that every poll may change") \
	X(COMMENTS_COUNT, LINK, "thr:count of a link to replies", "the same in Atom, of one of perhaps several (RFC 4685)") \
	X(COMMENTS_COUNT, THR, "thr:total", "the same in Atom (RFC 4685)") \
	X(IN_REPLY_TO, THR, "thr:in-reply-to", "RFC 4685") \
	X(ORIGINAL_URL, FEEDBURNER, "feedburner:origLink, pheedo:origLink", "where a counting redirector leads") \
	X(THUMBNAIL, ITUNES, "itunes:image", "the cover, mostly of the show") \
	X(THUMBNAIL, CONTENT, "media:content with an image", "a picture in full size") \
	X(THUMBNAIL, IMAGE, "image of an item", "home-made, but about the item") \
	X(THUMBNAIL, MEDIA, "media:thumbnail", "made to be shown small") \
	X(SEASON, ITUNES, "itunes:season", "a number") \
	X(SEASON, PODCAST, "podcast:season", "a number, newer") \
	X(EPISODE, ITUNES, "itunes:episode", "a whole number") \
	X(EPISODE, PODCAST, "podcast:episode", "may be 3.5") \
	X(DURATION, ITUNES, "itunes:duration", "of the item's recording") \
	X(LATITUDE, GEO, "geo:lat", "W3C basic geo") \
	X(LATITUDE, GEORSS, "georss:point, gml:pos", "GeoRSS") \
	X(LONGITUDE, GEO, "geo:long", "W3C basic geo") \
	X(LONGITUDE, GEORSS, "georss:point, gml:pos", "GeoRSS") \
	X(GENERATOR, ADMIN, "admin:generatorAgent", "an address instead of a name") \
	X(GENERATOR, OWN, "generator", "what wrote the document") \
	X(ICON, OWN, "atom:icon, favicon", "small and square") \
	X(LOGO, ITUNES, "itunes:image, googleplay:image", "the cover of a show") \
	X(LOGO, OWN, "image/url, atom:logo, LOGO", "the feed's picture") \
	X(TTL, OWN, "ttl", "minutes") \
	X(PERIOD, SY, "sy:updatePeriod", "hourly to yearly") \
	X(FREQUENCY, SY, "sy:updateFrequency", "how often in a period") \
	X(BASE, SY, "sy:updateBase", "where periods begin")

enum rank {
	RANK_ANY, /* slots that need no table: each one counts */
#define PRECEDENCE_ENUM(slot, name, elements, reason) RANK_##slot##_##name,
	PRECEDENCE(PRECEDENCE_ENUM)
#undef PRECEDENCE_ENUM
};

#endif
