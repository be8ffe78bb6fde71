//#Machine: x86_64 ppc64le s390x
//#Index: ext4 foo
//#Patch: ext4 replacement
//#Expect[ppc64le]: KLP0377
//#KlpSymbol[x86_64]: ext4.foo,0
//#KlpSymbol[s390x]: ext4.foo,0
//#KlpRela[x86_64]: ext4.rodata 1
//#KlpRela[s390x]: ext4.data.rel.ro 1
extern int foo(int);
int (*const table[2])(int) = { foo, 0 };
int replacement(int i) { return table[i](i); }
