"""What becomes of an ImageDiff outside: a JSON Patch, kwargs of UpdateItem, lines for a terminal.

Its methods ``to_json_patch``, ``to_update_expression`` and ``render`` call the functions of these modules.
"""
