#!/usr/bin/python3
"""An executable delegate in Python: the interpreter of the node, as facet {urn:example:python}python.

`--describe` says what it provides. A run gets JSON on standard input: the resource's id, the configuration, the facets it requires.
"""
import json
import platform
import sys
from xml.sax.saxutils import escape

NS = "urn:example:python"

if sys.argv[1:] == ["--describe"]:
    print(json.dumps({"name": "python-runtime", "version": "1.0.0", "provides": ["Q{%s}python" % NS]}))
    sys.exit()

asked = json.load(sys.stdin)
print("asked for %s" % asked["resource"]["id"], file=sys.stderr)  # standard error is for people
print(
    '<p:python xmlns:p="%s"><p:version>%s</p:version><p:implementation>%s</p:implementation></p:python>'
    % (NS, escape(platform.python_version()), escape(platform.python_implementation()))
)
