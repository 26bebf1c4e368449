#ifndef SYNDICATED_CTL_H
#define SYNDICATED_CTL_H
/* syndicatectl: asks the daemon over its Unix socket and shows the answer. Exit status 0, 1 for a failure, 2 for wrong usage. */
int ctl_main(int argc, char **argv);
#endif
