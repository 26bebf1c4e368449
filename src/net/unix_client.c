#include "syndicated/net/unix_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static size_t take(char *p, size_t size, size_t n, void *ctx)
{
	struct buf *body = ctx;

	buf_append(body, p, size * n);
	return buf_error(body) < 0 ? 0 : size * n;
}

/* curl says only "couldn't connect"; the file system knows why. */
static int explain(const char *path, CURLcode code, struct err *err)
{
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(err, ERR_TIMEOUT, "syndicated at %s does not answer; is it very busy or stopped?", path);
	if (code != CURLE_COULDNT_CONNECT)
		return err_set(err, ERR_IO, "talking to syndicated at %s failed: %s", path, curl_easy_strerror(code));
	if (access(path, F_OK) != 0)
		return err_set(err, ERR_NOT_FOUND, "cannot reach syndicated at %s: %s; is the daemon running, and is this the control path of its configuration?",
		               path, strerror(errno));
	if (access(path, W_OK) != 0)
		return err_set(err, ERR_REFUSED, "cannot reach syndicated at %s: %s; run as root or as a member of its group", path, strerror(errno));
	return err_set(err, ERR_CLOSED, "cannot reach syndicated at %s: nobody listens there; the daemon is not running", path);
}

static void set_options(CURL *e, const char *socket_path, const char *method, const char *url, const char *body, int64_t timeout_ms,
                        struct buf *ret_body)
{
	(void)curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, socket_path);
	(void)curl_easy_setopt(e, CURLOPT_URL, url);
	(void)curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
	if (body || strcmp(method, "POST") == 0)
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, body ? body : "");
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, ret_body);
}

int unix_client_request(const char *socket_path, const char *method, const char *path, const char *body, int64_t timeout_ms, int *ret_status,
                        struct buf *ret_body, struct err *err)
{
	struct buf url = BUF_INIT(64 << 10);
	CURL *e = curl_easy_init();
	CURLcode code = CURLE_FAILED_INIT;
	long status = 0;
	int rc = 0;

	buf_append_printf(&url, "http://localhost%s", path);
	if (e && buf_error(&url) == 0) {
		set_options(e, socket_path, method, buf_str(&url), body, timeout_ms, ret_body);
		code = curl_easy_perform(e);
		(void)curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
	}
	if (code != CURLE_OK)
		rc = explain(socket_path, code, err);
	else
		*ret_status = (int)status;
	curl_easy_cleanup(e);
	buf_done(&url);
	return rc;
}

void unix_client_escape(struct buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c))
			buf_append_char(out, *s);
		else
			buf_append_printf(out, "%%%02X", c);
	}
}
