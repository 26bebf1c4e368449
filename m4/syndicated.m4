dnl Our own macros: warnings, hardening (REL-83), sanitizers, libraries with readable complaints.

AC_DEFUN([SYN_TRY_FLAG], [dnl variable, flag: appended when compiler and linker take it
  AC_MSG_CHECKING([whether $CC takes $2])
  syn_saved_cflags="$CFLAGS"
  CFLAGS="$CFLAGS $$1 -Werror $2" # with those before it: some mean nothing alone
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
  CFLAGS="$syn_saved_cflags"
])

AC_DEFUN([SYN_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [make warnings errors])], [], [enable_werror=no])
  syn_werror=$enable_werror
  SYN_CFLAGS="-std=gnu17"
  m4_foreach_w([syn_flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wswitch-enum -Wvla
    -Wwrite-strings -Wconversion -Wsign-conversion -Wundef -Wpointer-arith -Wimplicit-fallthrough -Wtrampolines -Wbidi-chars=any -Wcast-qual
    -Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion],
    [SYN_TRY_FLAG([SYN_CFLAGS], syn_flag)])
  AS_IF([test "x$enable_werror" = xyes], [SYN_CFLAGS="$SYN_CFLAGS -Werror"])
  AC_SUBST([SYN_CFLAGS])
])

dnl REL-83. -fPIE and the linker flags are ours; CFLAGS stays the user's.
AC_DEFUN([SYN_HARDENING], [
  AC_ARG_ENABLE([hardening], [AS_HELP_STRING([--disable-hardening], [leave out the hardening flags])], [], [enable_hardening=yes])
  SYN_LDFLAGS=""
  AS_IF([test "x$enable_hardening" = xyes], [
    m4_foreach_w([syn_flag], [-fstack-clash-protection -fstack-protector-strong -fcf-protection=full
      -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing -ftrivial-auto-var-init=zero -fexceptions -fPIE],
      [SYN_TRY_FLAG([SYN_CFLAGS], syn_flag)])
    m4_foreach([syn_flag], [[-pie], [[-Wl,-z,nodlopen]], [[-Wl,-z,noexecstack]], [[-Wl,-z,relro]], [[-Wl,-z,now]], [[-Wl,--as-needed]],
      [[-Wl,--no-copy-dt-needed-entries]]], [SYN_TRY_FLAG([SYN_LDFLAGS], syn_flag)])
  ])
  AC_SUBST([SYN_LDFLAGS])
])

AC_DEFUN([SYN_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers=LIST], [address,undefined (default of the switch) or thread])],
    [], [enable_sanitizers=no])
  AS_IF([test "x$enable_sanitizers" = xyes], [enable_sanitizers=address,undefined])
  syn_sanitizers=$enable_sanitizers
  AS_IF([test "x$enable_sanitizers" != xno], [
    syn_saved_cflags="$CFLAGS"
    CFLAGS="$CFLAGS -fsanitize=$enable_sanitizers"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [], [AC_MSG_ERROR([$CC cannot link with -fsanitize=$enable_sanitizers])])
    CFLAGS="$syn_saved_cflags"
    SYN_CFLAGS="$SYN_CFLAGS -fsanitize=$enable_sanitizers -fno-omit-frame-pointer"
    AS_CASE([$enable_sanitizers], [*undefined*], [SYN_CFLAGS="$SYN_CFLAGS -fno-sanitize-recover=undefined"])
    SYN_LDFLAGS="$SYN_LDFLAGS -fsanitize=$enable_sanitizers"
    AC_DEFINE([SYN_SANITIZED], [1], [Built with a sanitizer: its runtime needs system calls and address space that the worker sandbox refuses otherwise.])
  ], [
    AS_IF([test "x$enable_hardening" = xyes], [SYN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"])
  ])
  AC_SUBST([SYN_CPPFLAGS])
])

AC_DEFUN([SYN_COVERAGE], [
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [count executed lines with gcov])], [], [enable_coverage=no])
  syn_coverage=$enable_coverage
  AS_IF([test "x$enable_coverage" = xyes], [SYN_CFLAGS="$SYN_CFLAGS --coverage -O0"; SYN_LDFLAGS="$SYN_LDFLAGS --coverage"])
])

AC_DEFUN([SYN_FUZZ], [
  AC_ARG_ENABLE([fuzz], [AS_HELP_STRING([--enable-fuzz], [build the fuzz targets with libFuzzer (needs clang)])], [], [enable_fuzz=no])
  syn_fuzz=$enable_fuzz
  AS_IF([test "x$enable_fuzz" = xyes], [
    syn_saved_cflags="$CFLAGS"
    CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [], [AC_MSG_ERROR([$CC has no libFuzzer: configure with CC=clang])])
    CFLAGS="$syn_saved_cflags"
    dnl Comparisons of strings are seen by the interceptors; to trace those of numbers too costs a third of the executions.
    SYN_CFLAGS="$SYN_CFLAGS -fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp"
    FUZZ_LDFLAGS="-fsanitize=fuzzer"
  ])
  AC_SUBST([FUZZ_LDFLAGS])
  AM_CONDITIONAL([FUZZ], [test "x$enable_fuzz" = xyes])
])

dnl SYN_NEED(PREFIX, pkg-config modules, Debian package, what for)
AC_DEFUN([SYN_NEED], [
  PKG_CHECK_MODULES([$1], [$2], [], [AC_MSG_ERROR([
  $4 needs "$2", which is missing or too old here:
    $$1_PKG_ERRORS
  On Debian or Ubuntu: apt-get install $3   (scripts/install-deps installs everything)])])
])

dnl REL-50: libevent 2.1.12 as first released has eight CVEs; Debian fixed them in 2.1.12-stable-8+deb12u1, upstream in 2.1.13.
AC_DEFUN([SYN_CHECK_LIBEVENT_FIXED], [
  AC_ARG_ENABLE([libevent-check], [AS_HELP_STRING([--disable-libevent-check], [accept a libevent with known holes])], [], [enable_libevent_check=yes])
  AC_MSG_CHECKING([that libevent has the fixes of 2026-08-20])
  AS_IF([test "x$enable_libevent_check" = xno], [AC_MSG_RESULT([not asked])],
    [$PKG_CONFIG --atleast-version=2.1.13 libevent_core], [AC_MSG_RESULT([yes, upstream])],
    [syn_libevent=`dpkg-query -W -f='$''{Version}' libevent-dev 2>/dev/null`
     AS_IF([test -n "$syn_libevent" && dpkg --compare-versions "$syn_libevent" ge 2.1.12-stable-8+deb12u1],
       [AC_MSG_RESULT([yes, $syn_libevent])],
       [AC_MSG_RESULT([no])
        AC_MSG_ERROR([
  libevent `$PKG_CONFIG --modversion libevent_core` (package version "$syn_libevent") has the holes published on 2026-08-20.
  Needed: 2.1.13, or Debian's 2.1.12-stable-8+deb12u1. On Debian: apt-get update && apt-get install libevent-dev
  To build with it all the same: --disable-libevent-check])])])
])
