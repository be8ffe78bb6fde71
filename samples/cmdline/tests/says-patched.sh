#!/bin/sh
# /proc/cmdline says what the patch makes it say.
grep -qx 'this kernel has been patched while it runs' /proc/cmdline
