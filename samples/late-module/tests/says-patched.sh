#!/bin/sh
# With pktgen there, its control file says that it is patched, and the new code reads pktgen's own variable.
grep -q 'pktgen, patched: sends [1-9][0-9]* packets' /proc/net/pktgen/pgctrl
