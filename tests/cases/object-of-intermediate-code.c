//#Options: -flto -fno-fat-lto-objects
//#Expect: KLP0866
int replacement(void) { return 1; }
