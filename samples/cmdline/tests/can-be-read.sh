#!/bin/sh
# /proc/cmdline can be read at any time, also while the patch comes and goes.
[ -n "$(cat /proc/cmdline)" ]
