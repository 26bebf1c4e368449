#include "wire.h"

#include <string.h>

#include "syndicated/base/frame.h"
#include "syndicated/base/limits.h"
#include "syndicated/base/text.h"

void wire_pack_text(struct buf *b, const char *s)
{
	struct buf clean = BUF_INIT(4 * LIMIT_URL_BYTES);

	if (!s) {
		pack_str(b, NULL);
		return;
	}
	text_scrub(&clean, s, strlen(s));
	pack_str(b, buf_str(&clean));
	buf_done(&clean);
}

void wire_pack_job(struct buf *b, const struct ingest_request *request)
{
	wire_pack_text(b, request->url);
	wire_pack_text(b, request->content_type);
	wire_pack_text(b, request->content_encoding);
	pack_u32(b, (uint32_t)request->max_bytes);
	pack_i64(b, request->story_since_ms);
	pack_bytes(b, request->bytes ? request->bytes : "", request->len);
}
