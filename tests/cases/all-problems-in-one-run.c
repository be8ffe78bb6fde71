//#Options: -g
//#Index: vmlinux two 2
//#Index: vmlinux early 1 t init
//#Index: vmlinux spelling_error
//#Patch: vmlinux replacement
//#Expect: KLP0350
//#Expect: KLP0351
//#Expect: KLP0351
//#Expect: KLP0357
//#Text: spelling_error
//#Text: input.c(13
extern int two(int), early(int), speling_error(int), nowhere(int);
int replacement(int a) { return two(a) + early(a) + speling_error(a) + nowhere(a); }
