from tests.check.declared import project

__all__ = ["project"]
