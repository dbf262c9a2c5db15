import pytest

# Its asserts tell what they compare, as those of test files do.
pytest.register_assert_rewrite("maggy.testing")
