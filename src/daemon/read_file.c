#include "read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "syndicated/base/limits.h"

int read_file(const char *path, struct buf *out, struct err *err)
{
	int fd = strcmp(path, "-") == 0 ? dup(0) : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	if (fd < 0)
		return err_set(err, ERR_IO, "cannot open %s: %s", path, strerror(errno));
	while (n > 0) {
		char *p = buf_reserve(out, 64 << 10);

		if (!p)
			break;
		n = read(fd, p, 64 << 10);
		if (n > 0)
			buf_grew(out, (size_t)n);
	}
	close(fd);
	if (buf_error(out))
		return err_set(err, ERR_TOO_BIG, "%s has more than %u MiB", path, LIMIT_FEED_BYTES >> 20);
	return n < 0 ? err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno)) : 0;
}
