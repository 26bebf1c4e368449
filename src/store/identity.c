#include "identity.h"

#include <string.h>

enum { FORM = 1, COUNT_MAX = 255, BIG_BYTES = 6 };

void identity_count(int64_t *count, int by)
{
	*count += by;
	if (*count < 0)
		*count = 0;
	if (*count > COUNT_MAX)
		*count = COUNT_MAX;
}

static void put_big(int64_t v, unsigned char *out)
{
	for (int i = 0; i < BIG_BYTES; i++)
		out[i] = (unsigned char)(v >> (8 * i));
}

static int64_t get_big(const unsigned char *in)
{
	int64_t v = 0;

	for (int i = 0; i < BIG_BYTES; i++)
		v |= (int64_t)in[i] << (8 * i);
	return v;
}

void identity_seen_encode(const struct identity_seen *s, unsigned char out[IDENTITY_SEEN_BYTES])
{
	memset(out, 0, IDENTITY_SEEN_BYTES);
	out[0] = FORM;
	out[1] = (unsigned char)s->documents;
	out[2] = (unsigned char)s->guids_change;
	out[3] = (unsigned char)s->guids_repeat;
	out[4] = (unsigned char)s->links_repeat;
	out[5] = (unsigned char)s->numbers_change;
	put_big(s->updates_day, out + 6);
	put_big(s->updates, out + 12);
}

void identity_seen_decode(const void *bytes, size_t len, struct identity_seen *ret)
{
	const unsigned char *in = bytes;

	*ret = (struct identity_seen){0};
	if (len != IDENTITY_SEEN_BYTES || in[0] != FORM)
		return;
	*ret = (struct identity_seen){
		.documents = in[1],
		.guids_change = in[2],
		.guids_repeat = in[3],
		.links_repeat = in[4],
		.numbers_change = in[5],
		.updates_day = get_big(in + 6),
		.updates = get_big(in + 12),
	};
}
