/* Files that hold secrets: the only places where a variable is expanded, and that no one else should read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader.h"

#include "syndicated/base/digest.h"
#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define CREDENTIALS           "${CREDENTIALS_DIRECTORY}"
#define SECRET_FILE_BYTES_MAX 4096u

static char *expand(struct loader *l, const char *option, const char *path, struct place where)
{
	const char *dir;

	if (!text_has_prefix(path, CREDENTIALS))
		return mem_dup_str(path);
	dir = secure_getenv("CREDENTIALS_DIRECTORY");
	if (dir && dir[0] == '/')
		return mem_printf("%s%s", dir, path + strlen(CREDENTIALS));
	report_error(&l->report, where,
		     "%s: CREDENTIALS_DIRECTORY is not set; systemd sets it for a service with "
		     "LoadCredential=%s:/path/to/the/file",
		     option, path + strlen(CREDENTIALS) + 1);
	return NULL;
}

/* The file without its white space (with keep_inner: without that around it), or NULL after a complaint. */
static char *read_secret(struct loader *l, const char *option, const char *path, bool keep_inner, struct place where)
{
	char bytes[SECRET_FILE_BYTES_MAX + 1];
	struct stat st;
	ssize_t n = -1;
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		n = read(fd, bytes, sizeof(bytes));
	if (n < 0) {
		report_error(&l->report, where, "%s: %s cannot be read: %s", option, path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IROTH))
		report_warning(&l->report, where,
			       "%s: %s can be read by every user of this machine; chmod o-r it", option, path);
	(void)close(fd);
	for (ssize_t i = 0; i < n; i++)
		if (!text_is_space(bytes[i]) || (keep_inner && len > 0))
			bytes[len++] = bytes[i];
	while (len > 0 && text_is_space(bytes[len - 1]))
		len--;
	return mem_dup_bytes(bytes, len < sizeof(bytes) ? len : 0);
}

static bool is_secret(const char *secret)
{
	struct buf key = BUF_INIT(SECRET_FILE_BYTES_MAX);
	bool ok = webhook_secret_decode(secret, &key) == 0;

	webhook_secret_forget(&key);
	return ok;
}

void load_secret(struct loader *l, struct webhook_spec *w, struct place where)
{
	auto_free char *path = expand(l, "secret-file", w->secret_file, where);
	char *secret = path ? read_secret(l, "secret-file", path, false, where) : NULL;

	if (!secret)
		return;
	if (is_secret(secret)) {
		w->secret = secret;
		return;
	}
	report_error(&l->report, where,
		     "secret-file: %s does not hold a secret; it must be one line of \"whsec_\" and 24 to 64 bytes in "
		     "base64, as "
		     "made by: echo whsec_$(openssl rand -base64 32)",
		     path);
	explicit_bzero(secret, strlen(secret));
	mem_free(secret);
}

/* ---- logins ---- */

static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	mem_free(secret);
}

/* What the file holds, when that may stand in a header field; NULL after a complaint. */
static char *load_line(struct loader *l, const char *option, const char *file, const char *form, bool needs_colon, struct place where)
{
	auto_free char *path = expand(l, option, file, where);
	char *line = path ? read_secret(l, option, path, true, where) : NULL;
	bool fits = line && line[0] && (!needs_colon || strchr(line, ':'));

	for (const char *p = line; fits && *p; p++)
		fits = (unsigned char)*p >= 0x20 && *p != 0x7f;
	if (!line || fits)
		return line;
	report_error(&l->report, where, "%s: %s must hold one line: %s", option, path, form);
	wipe(line);
	return NULL;
}

static char *encode_basic(const char *login)
{
	struct buf b = BUF_INIT(2 * SECRET_FILE_BYTES_MAX);
	char *ret;

	buf_append_str(&b, "Basic ");
	digest_append_base64(&b, login, strlen(login));
	ret = mem_dup_str(buf_str(&b));
	if (b.bytes)
		explicit_bzero(b.bytes, b.len);
	buf_done(&b);
	return ret;
}

void load_login(struct loader *l, struct source_access *a, const struct yaml_node *entry)
{
	struct place where = place_in(entry, "login", a->basic_file ? "basic-file" : "bearer-file");
	char *line;

	if (a->basic_file && a->bearer_file) {
		report_error(&l->report, where, "login: basic-file and bearer-file exclude each other");
		return;
	}
	if (a->basic_file)
		line = load_line(l, "login.basic-file", a->basic_file, "user:password", true, where);
	else
		line = load_line(l, "login.bearer-file", a->bearer_file, "the token", false, where);
	if (line)
		a->authorization = a->basic_file ? encode_basic(line) : mem_printf("Bearer %s", line);
	wipe(line);
}

void load_proxy_login(struct loader *l)
{
	struct config *c = l->config;

	c->fetch_proxy_login = load_line(l, "fetch.proxy-login-file", c->fetch_proxy_login_file, "user:password", true,
					 place_in(l->root, "fetch", "proxy-login-file"));
}

void load_key_path(struct loader *l, const char *option, char **path, struct place where)
{
	char *expanded = expand(l, option, *path, where);

	if (expanded && access(expanded, R_OK) != 0)
		report_error(&l->report, where, "%s: %s cannot be read: %s", option, expanded, strerror(errno));
	if (!expanded)
		return;
	mem_free(*path);
	*path = expanded;
}
