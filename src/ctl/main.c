/* syndicatectl(1). What it does is in ctl.c (commands) and show.c (tables for people). */
#include "syndicated/ctl.h"

int main(int argc, char **argv)
{
	return ctl_main(argc, argv);
}
