/* secret-file: the only place where a variable is expanded, and a file that no one else should read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader.h"

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"

#define CREDENTIALS           "${CREDENTIALS_DIRECTORY}"
#define SECRET_FILE_BYTES_MAX 4096u

static char *expand(struct loader *l, const char *path, struct place where)
{
	const char *dir;

	if (!text_has_prefix(path, CREDENTIALS))
		return mem_dup_str(path);
	dir = secure_getenv("CREDENTIALS_DIRECTORY");
	if (dir && dir[0] == '/')
		return mem_printf("%s%s", dir, path + strlen(CREDENTIALS));
	report_error(&l->report, where,
		     "secret-file: CREDENTIALS_DIRECTORY is not set; systemd sets it for a service with "
		     "LoadCredential=%s:/path/to/the/file",
		     path + strlen(CREDENTIALS) + 1);
	return NULL;
}

/* The file without its white space, or NULL after a complaint. */
static char *read_secret(struct loader *l, const char *path, struct place where)
{
	char bytes[SECRET_FILE_BYTES_MAX + 1];
	struct stat st;
	ssize_t n = -1;
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0)
		n = read(fd, bytes, sizeof(bytes));
	if (n < 0) {
		report_error(&l->report, where, "secret-file: %s cannot be read: %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IROTH))
		report_warning(&l->report, where,
			       "secret-file: %s can be read by every user of this machine; chmod o-r it", path);
	(void)close(fd);
	for (ssize_t i = 0; i < n; i++)
		if (!text_is_space(bytes[i]))
			bytes[len++] = bytes[i];
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
	auto_free char *path = expand(l, w->secret_file, where);
	char *secret = path ? read_secret(l, path, where) : NULL;

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
