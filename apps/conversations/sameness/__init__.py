"""How alike two replies are once names, links, signatures and numbers are left out: pure functions.

Such things do not make a reply personal; what is left are the words somebody chose.
"""
