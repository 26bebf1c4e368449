#include <stdio.h>
int main(void)
{
	puts("syndicated");
	return 0;
}
