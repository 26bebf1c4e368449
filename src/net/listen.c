/* Listening sockets from what the configuration says. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "syndicated/base/mem.h"
#include "syndicated/base/text.h"
#include "syndicated/net/server.h"

enum { BACKLOG = 512 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
};

/* The host part without brackets; false when where has no port or a bad one. */
static bool split(const char *where, char *host, size_t size, uint16_t *ret_port)
{
	const char *colon = strrchr(where, ':');
	size_t len = colon ? (size_t)(colon - where) : 0;
	int64_t port;

	if (!colon || !text_to_int64(colon + 1, 1, 65535, &port))
		return false;
	if (len >= 2 && where[0] == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	} else if (memchr(where, ':', len)) {
		return false; /* an IPv6 address without brackets */
	}
	if (len >= size)
		return false;
	memcpy(host, where, len);
	host[len] = '\0';
	*ret_port = (uint16_t)port;
	return true;
}

static bool parse(const char *where, union address *ret, socklen_t *ret_len)
{
	char host[INET6_ADDRSTRLEN + 1];
	uint16_t port;

	if (!split(where, host, sizeof(host), &port))
		return false;
	*ret = (union address){0};
	if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		*ret_len = sizeof(ret->v4);
		return true;
	}
	if (host[0] && strcmp(host, "*") != 0 && inet_pton(AF_INET6, host, &ret->v6.sin6_addr) != 1)
		return false;
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	*ret_len = sizeof(ret->v6);
	return true;
}

bool server_address_is_valid(const char *where)
{
	union address a;
	socklen_t len;

	return parse(where, &a, &len);
}

static int fail(int fd, const char *where, struct err *err)
{
	const char *advice = errno == EADDRINUSE ? "; is another syndicated running, or another program on that port?"
	                     : errno == EACCES   ? "; ports below 1024 need a privilege, a proxy in front does not"
	                                         : "";
	int rc = err_set(err, ERR_IO, "cannot listen on %s: %s%s", where, strerror(errno), advice);

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int listen_tcp(const char *where, struct err *err)
{
	union address a;
	socklen_t len;
	int on = 1, off = 0, fd;

	if (!parse(where, &a, &len))
		return err_set(err, ERR_INVALID, "cannot listen on '%s': expected ADDRESS:PORT, such as 127.0.0.1:8780 or [::1]:8780", where);
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(fd, where, err);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, &a.any, len) != 0 || listen(fd, BACKLOG) != 0)
		return fail(fd, where, err);
	return fd;
}

/* Someone answers on it: it is in use. Nobody: it is a leftover of a run that was killed. */
static bool is_in_use(const union address *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answered = fd >= 0 && connect(fd, &a->any, sizeof(a->path)) == 0;

	if (fd >= 0)
		(void)close(fd);
	return answered;
}

/* /run is empty after a boot, and without a service manager nobody has made our directory there. */
static void make_parent(const char *path)
{
	auto_free char *parent = mem_dup_bytes(path, (size_t)(strrchr(path, '/') - path));

	(void)mkdir(parent, 0750); /* if it fails, bind() says why */
}

static int listen_unix(const char *path, struct err *err)
{
	union address a = {.path.sun_family = AF_UNIX};
	struct stat there;
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof(a.path.sun_path))
		return err_set(err, ERR_INVALID, "cannot listen on %s: a socket path has at most %zu characters", path, sizeof(a.path.sun_path) - 1);
	memcpy(a.path.sun_path, path, strlen(path) + 1);
	if (is_in_use(&a))
		return err_set(err, ERR_EXISTS, "cannot listen on %s: another syndicated answers there already", path);
	if (lstat(path, &there) == 0) {
		if (!S_ISSOCK(there.st_mode)) /* a mistaken path must not cost a file */
			return err_set(err, ERR_EXISTS, "cannot listen on %s: something that is not a socket is there; it is left alone", path);
		(void)unlink(path);
	}
	make_parent(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(fd, path, err);
	mask = umask(0117);
	rc = bind(fd, &a.any, sizeof(a.path));
	(void)umask(mask);
	if (rc != 0 || listen(fd, BACKLOG) != 0)
		return fail(fd, path, err);
	return fd;
}

int server_listen(const char *where, struct err *err)
{
	return where[0] == '/' ? listen_unix(where, err) : listen_tcp(where, err);
}
