#include "tls_origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES = 256 };

struct tls_origin_secrets {
	EVP_PKEY *ca_key, *key, *other_ca_key;
	X509 *ca;
	SSL_CTX *contexts[NAMES]; /* by the last byte of the address that was connected to */
	long serial;
};

static void must(int ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "tls_origin: %s failed\n", what);
	exit(EXIT_FAILURE);
}

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(e && X509_add_ext(cert, e, -1), "extension");
	X509_EXTENSION_free(e);
}

static X509 *make_cert(struct tls_origin_secrets *s, EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, const char *names,
                       long from_s, long to_s)
{
	X509 *cert = X509_new();

	must(cert && X509_set_version(cert, 2) && ASN1_INTEGER_set(X509_get_serialNumber(cert), ++s->serial), "certificate");
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), from_s);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), to_s);
	(void)X509_set_pubkey(cert, key);
	(void)X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	(void)X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
	if (names)
		add_extension(cert, issuer ? issuer : cert, NID_subject_alt_name, names);
	else if (!issuer)
		add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
	must(X509_sign(cert, issuer_key, EVP_sha256()) > 0, "sign");
	return cert;
}

static void make_secrets(struct tls_origin *o)
{
	struct tls_origin_secrets *s = o->secrets = calloc(1, sizeof *s);
	EVP_PKEY *client_key = EVP_EC_gen("P-256");
	X509 *client;
	FILE *f;

	must(s != NULL, "memory");
	s->serial = (long)getpid() << 12;
	s->ca_key = EVP_EC_gen("P-256");
	s->other_ca_key = o->options.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	s->key = o->options.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	s->ca = make_cert(s, s->ca_key, "Test CA", NULL, s->ca_key, NULL, -3600, 86400);
	client = make_cert(s, client_key, "client", s->ca, s->ca_key, "DNS:client.example", -3600, 86400);
	(void)snprintf(o->dir, sizeof o->dir, "/tmp/tls-origin-XXXXXX");
	must(mkdtemp(o->dir) != NULL, "directory");
	(void)snprintf(o->ca_file, sizeof o->ca_file, "%s/ca.pem", o->dir);
	(void)snprintf(o->client_file, sizeof o->client_file, "%s/client.pem", o->dir);
	f = fopen(o->ca_file, "w");
	must(f && PEM_write_X509(f, s->ca) && fclose(f) == 0, "ca.pem");
	f = fopen(o->client_file, "w");
	must(f && PEM_write_X509(f, client) && PEM_write_PrivateKey(f, client_key, NULL, NULL, 0, NULL, NULL) && fclose(f) == 0, "client.pem");
	X509_free(client);
	EVP_PKEY_free(client_key);
}

static X509 *make_server_cert(struct tls_origin *o, unsigned last)
{
	struct tls_origin_secrets *s = o->secrets;
	enum tls_origin_certificate how = o->options.certificate;
	int self = how == TLS_ORIGIN_SELF_SIGNED;
	EVP_PKEY *issuer_key = self ? s->key : how == TLS_ORIGIN_OTHER_CA ? s->other_ca_key : s->ca_key;
	long day = 86400, from = how == TLS_ORIGIN_NOT_YET ? day : -2 * day, to = how == TLS_ORIGIN_EXPIRED ? -day : 90 * day;
	char names[64];

	(void)snprintf(names, sizeof names, how == TLS_ORIGIN_WRONG_NAME ? "DNS:other.example" : "DNS:good.example,IP:127.0.0.%u", last);
	return make_cert(s, s->key, "origin", self ? NULL : s->ca, issuer_key, names, from, to);
}

static SSL_CTX *context_for(struct tls_origin *o, unsigned last)
{
	SSL_CTX **slot = &o->secrets->contexts[last];
	X509 *cert;

	if (*slot)
		return *slot;
	cert = make_server_cert(o, last);
	*slot = SSL_CTX_new(TLS_server_method());
	must(*slot && SSL_CTX_use_certificate(*slot, cert) && SSL_CTX_use_PrivateKey(*slot, o->secrets->key), "context");
	X509_free(cert);
	(void)SSL_CTX_set_session_id_context(*slot, (const unsigned char *)"o", 1);
	if (o->options.max_version)
		(void)SSL_CTX_set_max_proto_version(*slot, o->options.max_version);
	if (o->options.min_version) {
		(void)SSL_CTX_set_min_proto_version(*slot, o->options.min_version);
		SSL_CTX_set_security_level(*slot, 0);
	}
	if (o->options.ticket_s)
		(void)SSL_CTX_set_timeout(*slot, o->options.ticket_s);
	if (o->options.want_client) {
		SSL_CTX_set_verify(*slot, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		(void)X509_STORE_add_cert(SSL_CTX_get_cert_store(*slot), o->secrets->ca);
	}
	return *slot;
}

static void answer(struct tls_origin *o, SSL *ssl)
{
	static const char not_modified[] = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nConnection: close\r\n\r\n";
	static const char feed[] = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n"
				   "<rss version=\"2.0\"><channel><title>B</title><item><guid>1</guid><title>One</title></item></channel></rss>";
	char *request = o->counts->last_request;
	int n = 0, got;
	const char *reply;

	while (n < (int)sizeof o->counts->last_request - 1 &&
	       (got = SSL_read(ssl, request + n, (int)sizeof o->counts->last_request - 1 - n)) > 0) {
		n += got;
		request[n] = '\0';
		if (strstr(request, "\r\n\r\n"))
			break;
	}
	if (n == 0)
		return;
	o->counts->requests++;
	reply = o->options.reply ? o->options.reply : strstr(request, "If-None-Match:") ? not_modified : feed;
	(void)SSL_write(ssl, reply, (int)strlen(reply));
}

static void serve(struct tls_origin *o, int fd)
{
	struct sockaddr_in local;
	socklen_t len = sizeof local;
	const struct timeval limit = {.tv_sec = 3};
	SSL *ssl;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	must(getsockname(fd, (struct sockaddr *)&local, &len) == 0, "getsockname");
	ssl = SSL_new(context_for(o, ntohl(local.sin_addr.s_addr) & 0xFF));
	o->counts->connections++;
	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		X509 *peer = SSL_get1_peer_certificate(ssl);

		o->counts->handshakes++;
		if (SSL_session_reused(ssl))
			o->counts->resumed++;
		if (peer)
			o->counts->with_client++;
		X509_free(peer);
		answer(o, ssl);
		(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	(void)close(fd);
}

static void *run(void *arg)
{
	struct tls_origin *o = arg;
	sigset_t pipe_signal;

	(void)sigemptyset(&pipe_signal); /* libcurl restores what stood before it, in the whole process */
	(void)sigaddset(&pipe_signal, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
	while (!atomic_load(&o->stop)) {
		struct pollfd p = {.fd = o->fd, .events = POLLIN};
		int fd;

		if (poll(&p, 1, 20) > 0 && (fd = accept(o->fd, NULL, NULL)) >= 0)
			serve(o, fd);
	}
	return NULL;
}

static void prepare(struct tls_origin *o, const struct tls_origin_options *options)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;

	memset(o, 0, sizeof *o);
	o->options = *options;
	o->counts = mmap(NULL, sizeof *o->counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(o->counts != MAP_FAILED, "shared memory");
	make_secrets(o);
	o->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(o->fd >= 0 && bind(o->fd, (struct sockaddr *)&a, len) == 0 && listen(o->fd, 1024) == 0 &&
	         getsockname(o->fd, (struct sockaddr *)&a, &len) == 0, "listen");
	o->port = ntohs(a.sin_port);
}

void tls_origin_start(struct tls_origin *o, const struct tls_origin_options *options)
{
	prepare(o, options);
	must(pthread_create(&o->thread, NULL, run, o) == 0, "thread");
}

void tls_origin_fork(struct tls_origin *o, const struct tls_origin_options *options)
{
	prepare(o, options);
	o->pid = fork();
	if (o->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		(void)run(o);
		_exit(0);
	}
	must(o->pid > 0, "fork");
}

void tls_origin_stop(struct tls_origin *o)
{
	struct tls_origin_secrets *s = o->secrets;

	if (o->pid > 0) {
		(void)kill(o->pid, SIGKILL);
		(void)waitpid(o->pid, NULL, 0);
	} else {
		atomic_store(&o->stop, 1);
		(void)pthread_join(o->thread, NULL);
	}
	(void)close(o->fd);
	for (size_t i = 0; i < NAMES; i++)
		SSL_CTX_free(s->contexts[i]);
	X509_free(s->ca);
	EVP_PKEY_free(s->ca_key);
	EVP_PKEY_free(s->other_ca_key);
	EVP_PKEY_free(s->key);
	free(s);
	(void)unlink(o->ca_file);
	(void)unlink(o->client_file);
	(void)rmdir(o->dir);
	(void)munmap(o->counts, sizeof *o->counts);
}
