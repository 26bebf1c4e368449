/*
 * Every id is a SHA-256 over a word for its kind and what it is made of, cut to 16 bytes. They are in people's feed
 * readers and receivers' databases: changing anything here makes the whole history unread once more.
 */
#include "syndicated/model/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID_BASE32_BYTES = (ID_RAW_BYTES * 8 + 4) / 5 + 1 };

static void hash_fields(const char *kind, const char *a, const char *b, const char *c, uint8_t out[ID_RAW_BYTES])
{
	struct digest_state *s = digest_begin();

	digest_add_field(s, kind);
	digest_add_field(s, a);
	digest_add_field(s, b);
	digest_add_field(s, c);
	struct digest d = digest_end(s);
	memcpy(out, d.bytes, ID_RAW_BYTES);
}

static void write_base32(const char *prefix, const uint8_t raw[ID_RAW_BYTES], char out[ID_BYTES])
{
	char text[ID_BASE32_BYTES];

	digest_base32(raw, ID_RAW_BYTES, text);
	snprintf(out, ID_BYTES, "%s%s", prefix, text);
}

void id_of_source(const char *url, char out[ID_BYTES])
{
	uint8_t raw[ID_RAW_BYTES];

	hash_fields("source", url, NULL, NULL, raw);
	write_base32("src_", raw, out);
}

void id_of_item(const char *source_uid, const struct item_key *key, char out[ID_BYTES])
{
	char hex[2 * ITEM_KEY_BYTES + 1];
	uint8_t raw[ID_RAW_BYTES];

	digest_hex(key->bytes, ITEM_KEY_BYTES, hex);
	hash_fields("item", source_uid, hex, NULL, raw);
	write_base32("itm_", raw, out);
}

void id_of_story_raw(const char *first_item_uid, uint8_t out[ID_RAW_BYTES])
{
	hash_fields("story", first_item_uid, NULL, NULL, out);
	out[6] = (uint8_t)(0x80 | (out[6] & 0x0f)); /* version 8: made by our own rule */
	out[8] = (uint8_t)(0x80 | (out[8] & 0x3f)); /* the variant of RFC 9562 section 4.1 */
}

void id_of_story(const char *first_item_uid, char out[ID_BYTES])
{
	uint8_t raw[ID_RAW_BYTES];

	id_of_story_raw(first_item_uid, raw);
	id_from_story_raw(raw, out);
}

void id_from_story_raw(const uint8_t raw[ID_RAW_BYTES], char out[ID_BYTES])
{
	char hex[2 * ID_RAW_BYTES + 1];

	digest_hex(raw, ID_RAW_BYTES, hex);
	snprintf(out, ID_BYTES, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void id_of_event(const char *type, const char *item_uid, int64_t revision, char out[ID_BYTES])
{
	char number[24];
	uint8_t raw[ID_RAW_BYTES];

	snprintf(number, sizeof(number), "%" PRId64, revision);
	hash_fields("event", type, item_uid, number, raw);
	write_base32("evt_", raw, out);
}
