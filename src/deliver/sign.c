/* Signatures of Standard Webhooks (push.md W7, W9, W10). */
#include <string.h>

#include "syndicated/deliver.h"

#include "syndicated/base/digest.h"
#include "syndicated/model/spec.h"

#define KEY_TEXT_BYTES_MAX    128u
#define SIGNED_HEAD_BYTES_MAX 512u /* id and timestamp */

void deliver_sign(const char *secret, const char *id, int64_t unix_s, const void *body, size_t len, struct buf *out)
{
	struct buf key = BUF_INIT(KEY_TEXT_BYTES_MAX), text = BUF_INIT(len + SIGNED_HEAD_BYTES_MAX);
	struct digest mac;

	buf_append_printf(&text, "%s.%lld.", id, (long long)unix_s);
	buf_append(&text, body, len);
	if (webhook_secret_decode(secret, &key) == 0 && buf_error(&text) == 0) {
		mac = digest_hmac(key.bytes, key.len, text.bytes, text.len);
		buf_append_str(out, "v1,");
		digest_append_base64(out, mac.bytes, sizeof(mac.bytes));
	}
	webhook_secret_forget(&key);
	buf_done(&text);
}
