#include "syndicated/model/spec.h"

#include <string.h>

#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

enum { KEY_BYTES_MIN = 24, KEY_BYTES_MAX = 64 };
static const char secret_prefix[] = "whsec_";

void string_list_add(struct string_list *l, const char *s)
{
	l->items = mem_resize_array(l->items, l->n + 1, sizeof(*l->items));
	l->items[l->n++] = mem_dup_str(s);
}

bool string_list_has(const struct string_list *l, const char *s)
{
	for (size_t i = 0; s != NULL && i < l->n; i++) {
		if (strcmp(l->items[i], s) == 0)
			return true;
	}
	return false;
}

void string_list_copy(struct string_list *to, const struct string_list *from)
{
	*to = (struct string_list){0};
	for (size_t i = 0; i < from->n; i++)
		string_list_add(to, from->items[i]);
}

void string_list_done(struct string_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		mem_free(l->items[i]);
	mem_free(l->items);
	*l = (struct string_list){0};
}

const char *item_field_name(enum item_field f)
{
	static const char *const names[] = {[FIELD_ANY] = "any",       [FIELD_TITLE] = "title", [FIELD_TEXT] = "text",
	                                    [FIELD_AUTHOR] = "author", [FIELD_LINK] = "link",   [FIELD_CATEGORY] = "category"};

	return names[f];
}

bool source_access_is_plain(const struct source_access *a)
{
	return !a->user_agent && a->headers.n == 0 && !a->authorization && !a->proxy && !a->ca_file && !a->cert_file && a->verify && !a->deltas;
}

void source_access_copy(struct source_access *to, const struct source_access *from)
{
	*to = (struct source_access){
		.home = mem_dup_str(from->home),
		.user_agent = mem_dup_str(from->user_agent),
		.basic_file = mem_dup_str(from->basic_file),
		.bearer_file = mem_dup_str(from->bearer_file),
		.authorization = mem_dup_str(from->authorization),
		.proxy = mem_dup_str(from->proxy),
		.ca_file = mem_dup_str(from->ca_file),
		.cert_file = mem_dup_str(from->cert_file),
		.key_file = mem_dup_str(from->key_file),
		.verify = from->verify,
		.deltas = from->deltas,
	};
	string_list_copy(&to->headers, &from->headers);
}

void source_access_done(struct source_access *a)
{
	mem_free_secret(a->authorization);
	mem_free(a->home);
	mem_free(a->user_agent);
	for (size_t i = 0; i < a->headers.n; i++) /* a key of an API, for instance */
		explicit_bzero(a->headers.items[i], strlen(a->headers.items[i]));
	string_list_done(&a->headers);
	mem_free(a->basic_file);
	mem_free(a->bearer_file);
	mem_free(a->proxy);
	mem_free(a->ca_file);
	mem_free(a->cert_file);
	mem_free(a->key_file);
	*a = (struct source_access){0};
}

int webhook_secret_decode(const char *secret, struct buf *ret_key)
{
	if (!secret || !text_has_prefix(secret, secret_prefix))
		return ERR_INVALID;
	if (digest_decode_base64(secret + strlen(secret_prefix), ret_key) < 0)
		return ERR_INVALID;
	return ret_key->len >= KEY_BYTES_MIN && ret_key->len <= KEY_BYTES_MAX ? 0 : ERR_INVALID;
}

void webhook_secret_forget(struct buf *key)
{
	if (key->bytes)
		explicit_bzero(key->bytes, key->len);
	buf_done(key);
}
