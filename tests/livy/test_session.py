"""What a session of a real Livy does: the ground that the remote notebook stands on."""

import io
import textwrap
import zipfile

import pytest

from tests.livy.client import Session, finished_or_none, pickled
from tests.waiting import eventually


def test_a_statement_runs_on_spark(session: Session) -> None:
    assert session.run("print(sc.version[:3], sc.master, sc.range(10).sum())") == "3.5 local[2] 45"


def test_a_job_runs_beside_a_statement_and_shares_its_variables(session: Session) -> None:
    waiting = session.submit("import threading; gate = threading.Event(); print(gate.wait(60))")
    eventually(lambda: session.statement(waiting)["state"] == "running")
    eventually(lambda: session.call(shared("'gate' in variables")))
    session.call(shared("variables['gate'].set()"))
    assert session.output(waiting)["data"]["text/plain"] == "True"


def test_the_result_of_a_job_can_be_fetched_only_once(session: Session) -> None:
    number = session.submit_job(pickled("lambda context: 'once'"))
    eventually(lambda: session.job(number)["state"] == "SUCCEEDED")
    with pytest.raises(AssertionError, match=r"500.*NoSuchElementException"):
        session.job(number)


def test_a_job_that_raises_tells_its_traceback(session: Session) -> None:
    number = session.submit_job(pickled("lambda context: 1 / 0"))
    failed = eventually(lambda: finished_or_none(session.job(number)))
    assert "ZeroDivisionError: division by zero" in failed["error"]


def test_a_job_ships_a_package_to_the_session_and_its_executors(session: Session) -> None:
    session.call(pickled(SHIP.format(content=package("shipped_by_job"))))
    assert session.run(importing("shipped_by_job")) == "['here', 'here']"


def test_an_upload_ships_a_package_to_the_session_and_its_executors(session: Session) -> None:
    session.upload("uploaded.zip", package("shipped_by_upload"))
    assert session.run(importing("shipped_by_upload")) == "['here', 'here']"


# The value of this expression is a callable that makes a zip of these bytes importable.
SHIP = textwrap.dedent("""\
    lambda context: (
        lambda file: (file.write({content!r}), file.close(), context.sc.addPyFile(file.name))
    )(__import__('tempfile').NamedTemporaryFile(suffix='.zip', delete=False))[2]
""")


def package(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "where = 'here'")
    return content.getvalue()


def importing(name: str) -> str:
    """A statement that prints what the package says here and on an executor."""
    there = f"sc.range(1).map(lambda _: __import__('{name}').where).collect()"
    return f"import {name}; print([{name}.where] + {there})"


def shared(expression: str) -> bytes:
    """A job that works out this expression of `variables`, those of the statements; its value is plain."""
    return pickled(f"lambda context: (lambda variables: {expression})(__import__('__main__').global_dict)")
