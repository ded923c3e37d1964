"""Other systems, a folder each: what they report, what they are told, what the doctor checks."""
