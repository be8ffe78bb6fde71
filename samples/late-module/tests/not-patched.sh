#!/bin/sh
# Before and after, the file is pktgen's own.
grep -q 'Packet Generator for packet performance testing' /proc/net/pktgen/pgctrl
