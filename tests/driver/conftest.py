from tests.driver.local import lagom  # noqa: F401
from tests.driver.stores import other_machine, store  # noqa: F401
