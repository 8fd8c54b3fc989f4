"""The yardstick: every city object parsed by lxml and thrown away.

Usage: ``bare_iterparse.py FILE...``
"""

import sys

from lxml import etree

count = 0
for path in sys.argv[1:]:
    for _, member in etree.iterparse(path, tag="{*}cityObjectMember", huge_tree=True):
        count += 1
        member.clear()
        while member.getprevious() is not None:
            del member.getparent()[0]
print(count)
