"""A record that a stranger can check: its bytes, its tree, its signatures, its proofs.

Everything here is pure: no database, no clock, no network. Formats are those of RFC 8785, RFC 6962
and 9162, and of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-witness).
"""
