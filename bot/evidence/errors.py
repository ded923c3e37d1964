"""How evidence can fail: it can't be read, a signature doesn't hold, a proof doesn't hold."""


class EvidenceError(Exception):
    """Evidence that does not show what it is said to show; the message says why."""


class MalformedError(EvidenceError):
    """Bytes that are not of the form that their specification asks for."""


class UnsignedError(EvidenceError):
    """A note that no key known here has signed, or one of whose signatures is false."""


class ProofError(EvidenceError):
    """A proof that does not lead to the root that it is held against."""


class OtherLogError(EvidenceError):
    """The log is to go on under another origin than it has."""


class ExaminationEndedError(Exception):
    """A process has ended before it had said what it found: nothing is known of its leaves."""
