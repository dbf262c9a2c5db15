from tests.driver.local import lagom  # noqa: F401
