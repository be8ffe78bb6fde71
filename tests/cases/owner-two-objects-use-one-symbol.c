//#Machine: x86_64 arm64 ppc64le s390x
//#Kernel: 6.17
//#Module: ext4 jbd2 { int ext4_own(int a) { return a; } }
//#Module: ocfs2 jbd2 { int ocfs2_own(int a) { return a; } }
//#Module: jbd2 { static int journal(int a) { return a; } int user(void) { return journal(1); } int jbd2_stop(int a) { return a; } }
//#Patch: ext4 ext4_new
//#Patch: ocfs2 ocfs2_new
//#KlpSymbol: jbd2.jbd2_stop,0
//#KlpSymbol: jbd2.jbd2_stop,0
//#KlpRela: ext4.text 1
//#KlpRela: ocfs2.text 2
extern int jbd2_stop(int);
int ext4_new(int a) { return jbd2_stop(a) + 1; }
int ocfs2_new(int a) { return jbd2_stop(a) + jbd2_stop(a + 1) + 1; }
