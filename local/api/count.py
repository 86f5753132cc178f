"""A hook of schemathesis: adds to the file COUNTED how many cases each operation had in each phase."""

import atexit
import collections
import os

import schemathesis

cases = collections.Counter()


@schemathesis.hook
def after_call(context, case, response):
    cases[case.operation.label, case.meta.phase.name.value if case.meta else "other"] += 1


@atexit.register
def write():
    with open(os.environ["COUNTED"], "a", encoding="utf-8") as file:
        for (operation, phase), n in cases.items():
            file.write(f"{operation}\t{phase}\t{n}\n")
