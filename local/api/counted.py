"""counted.py DOCUMENT COUNTED CASES tells how many cases each operation had, and fails where there were fewer
than CASES, or none of coverage."""

import collections
import json
import os
import sys

PHASES = ("examples", "coverage", "fuzzing", "stateful")

# Operations that have nothing to vary: neither parameters nor a body. What they had is each
# method, with and without what a request should not carry.
NOTHING_TO_VARY = {"getPage", "getStyle", "getScript", "getOpenAPI", "getCollections"}

document, counted, least = sys.argv[1], sys.argv[2], int(sys.argv[3])
if not os.path.exists(counted):
    sys.exit("no case was counted: schemathesis sent none, or did not run count.py")
cases = collections.defaultdict(collections.Counter)
for line in open(counted, encoding="utf-8"):
    label, phase, n = line.rstrip("\n").split("\t")
    cases[label][phase] += int(n)

few = []
print("%-46s" % "cases of" + "".join("%9s" % phase for phase in PHASES) + "%9s" % "all")
for path, methods in sorted(json.load(open(document, encoding="utf-8"))["paths"].items()):
    for method, operation in methods.items():
        if method == "parameters":
            continue
        label = f"{method.upper()} {path}"
        n = cases[label].total()
        fixed = operation["operationId"] in NOTHING_TO_VARY
        want, note = (1, "  nothing to vary") if fixed else (least, "")
        if n < want or not cases[label]["coverage"]:  # which tries every wrong value
            few.append(label)
            note = f"  fewer than {want}, or none of coverage"
        print("%-46s" % label + "".join("%9d" % cases[label][phase] for phase in PHASES) + "%9d%s" % (n, note))
if few:
    sys.exit(f"too few cases: {', '.join(few)}")
