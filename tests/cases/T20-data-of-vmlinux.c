//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Index: vmlinux counter 1 b
//#Patch: vmlinux replacement
//#KlpSymbol: vmlinux.counter,0
//#KlpRela[x86_64]: vmlinux.text 1
//#KlpRela[arm64]: vmlinux.text 2
//#KlpRela[ppc64le]: vmlinux.toc 1
//#KlpRela[s390x]: vmlinux.text 1
//#Undefined[ppc64le]: .TOC.
extern int counter;
int replacement(void) { return counter; }
