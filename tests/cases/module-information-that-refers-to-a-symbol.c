//#Machine: x86_64 arm64 ppc64le s390x
//#Index: vmlinux foo
//#Index: ext4 bar
//#Patch: vmlinux replacement
//#Patch: ext4 other
//#Expect: KLP0376
//#Expect: KLP0376
//#Text: error KLP0376: Section .modinfo refers to 'foo'. The kernel reads that section before it writes any relocation. Remove the reference.
//#Text: error KLP0376: Section __versions refers to 'bar'.
extern int foo(int), bar(int);
static const void *const author __attribute__((used, section(".modinfo"))) = foo;
static const void *const version __attribute__((used, section("__versions"))) = bar;
int replacement(int a) { return a + 1; }
int other(int a) { return a + 2; }
