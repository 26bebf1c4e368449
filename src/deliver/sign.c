/* Signatures of Standard Webhooks (push.md W7, W9, W10). */
#include <string.h>

#include "syndicated/deliver.h"

#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define SECRET_PREFIX         "whsec_"
#define KEY_BYTES_MIN         24u
#define KEY_BYTES_MAX         64u
#define SIGNED_HEAD_BYTES_MAX 512u /* id and timestamp */

/* The key is wiped, not only freed: it must not be found in a core file of a later fault. */
static void forget(struct buf *key)
{
	if (key->bytes)
		explicit_bzero(key->bytes, key->len);
	buf_done(key);
}

static bool decode_key(const char *secret, struct buf *key)
{
	if (!text_has_prefix(secret, SECRET_PREFIX))
		return false;
	return digest_decode_base64(secret + strlen(SECRET_PREFIX), key) == 0 && key->len >= KEY_BYTES_MIN &&
	       key->len <= KEY_BYTES_MAX;
}

int deliver_secret_check(const char *secret, struct err *err)
{
	struct buf key = BUF_INIT(2 * KEY_BYTES_MAX);
	bool ok = secret && decode_key(secret, &key);

	forget(&key);
	if (ok)
		return 0;
	return err_set(err, ERR_INVALID, "a secret is \"" SECRET_PREFIX "\" and %u to %u bytes in base64",
		       KEY_BYTES_MIN, KEY_BYTES_MAX);
}

void deliver_sign(const char *secret, const char *id, int64_t unix_s, const void *body, size_t len, struct buf *out)
{
	struct buf key = BUF_INIT(2 * KEY_BYTES_MAX), text = BUF_INIT(len + SIGNED_HEAD_BYTES_MAX);
	struct digest mac;

	buf_append_printf(&text, "%s.%lld.", id, (long long)unix_s);
	buf_append(&text, body, len);
	if (decode_key(secret, &key) && buf_error(&text) == 0) {
		mac = digest_hmac(key.bytes, key.len, text.bytes, text.len);
		buf_append_str(out, "v1,");
		digest_append_base64(out, mac.bytes, sizeof(mac.bytes));
	}
	forget(&key);
	buf_done(&text);
}
