/*
 * What an ingest worker can still do after sandbox_enter(): read and write descriptors it has, allocate memory that is
 * not executable, tell the time, end. Everything else fails with EPERM, which a library takes as "not available"; a
 * filter that kills would turn a harmless look of libc's at /proc into a lost poll.
 *
 * Resource limits are the second wall: address space, no files, no core. The third is the parent, which kills a worker
 * that takes longer than LIMIT_WORKER_JOB_MS.
 *
 * A build with a sanitizer needs more (its runtime maps terabytes, opens /proc, and LeakSanitizer clones): there the
 * filter denies only what the box is about: sockets, files for writing, new programs.
 */
#include "sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "syndicated/base/limits.h"

#ifdef SYN_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static const int plain_calls[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(lseek),
};

static const int forbidden_with_sanitizer[] = {
	SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(mkdir),
	SCMP_SYS(ptrace), SCMP_SYS(mount), SCMP_SYS(kill),
};

static int allow_listed(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(plain_calls) / sizeof(plain_calls[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);
	/* Memory, but never executable memory. */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return rc;
}

static int deny_listed(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(forbidden_with_sanitizer) / sizeof(forbidden_with_sanitizer[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden_with_sanitizer[i], 0);
	return rc;
}

static int load_filter(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (!filter)
		return err_set(err, ERR_IO, "cannot make the worker's system call filter");
	rc = SANITIZED ? deny_listed(filter) : allow_listed(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc != 0)
		return err_set(err, ERR_IO, "cannot load the worker's system call filter: %s", strerror(-rc));
	return 0;
}

/* Where we were given less already, it stays: a limit can only be lowered without privileges. */
static int set_limit(int resource, rlim_t value, struct err *err)
{
	struct rlimit limit = {.rlim_max = value};

	if (getrlimit(resource, &limit) != 0 || value < limit.rlim_max)
		limit.rlim_max = value;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(resource, &limit) != 0)
		return err_set(err, ERR_IO, "cannot set the worker's resource limit %d: %s", resource, strerror(errno));
	return 0;
}

static int set_limits(struct err *err)
{
	int rc = set_limit(RLIMIT_CORE, 0, err);

	if (rc == 0)
		rc = set_limit(RLIMIT_FSIZE, 0, err);
	if (rc == 0 && !SANITIZED)
		rc = set_limit(RLIMIT_NOFILE, 0, err);
	if (rc == 0 && !SANITIZED)
		rc = set_limit(RLIMIT_AS, LIMIT_WORKER_ADDRESS_BYTES, err);
	if (rc == 0)
		rc = set_limit(RLIMIT_CPU, 2 * LIMIT_WORKER_CPU_S, err);
	return rc;
}

int sandbox_enter(int keep_fd, struct err *err)
{
	int rc;

	if (keep_fd > STDERR_FILENO + 1 && close_range(STDERR_FILENO + 1, (unsigned)keep_fd - 1, 0) != 0)
		return err_set(err, ERR_IO, "cannot close the worker's inherited descriptors: %s", strerror(errno));
	if (close_range((unsigned)keep_fd + 1, ~0U, 0) != 0)
		return err_set(err, ERR_IO, "cannot close the worker's inherited descriptors: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_set(err, ERR_IO, "cannot give up privileges: %s", strerror(errno));
	rc = set_limits(err);
	if (rc == 0)
		rc = load_filter(err);
	return rc;
}
