#!/bin/sh
# An executable delegate in shell: the time zone of the node, as facet {urn:example:timezone}timezone.
# `--describe` says what it provides; a run gets JSON on standard input, which this one does not need.
if [ "$1" = --describe ]; then
  echo '{ "name": "timezone", "version": "1.0.0", "provides": ["Q{urn:example:timezone}timezone"] }'
  exit
fi
zone=$(readlink /etc/localtime) || zone=UTC
printf '{ "zone": "%s", "offset": "%s" }\n' "${zone#*zoneinfo/}" "$(date +%z)"
