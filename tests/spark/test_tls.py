"""A search whose workers speak TLS, because a Spark setting says so."""

from __future__ import annotations

import socket
import ssl
from functools import partial

import pytest

from tests.spark import functions
from tests.spark.test_search import SPACE
from tests.waiting import eventually

pytestmark = pytest.mark.spark


def with_settings(spark, monkeypatch, **settings):
    conf = spark.sparkContext.getConf()
    for name, value in settings.items():
        conf.set(f"spark.maggy.{name.replace('_', '.')}", value)
    monkeypatch.setattr(spark.sparkContext, "getConf", lambda: conf)


def test_workers_speak_tls_where_spark_says_so(lagom, spark, monkeypatch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with_settings(spark, monkeypatch, driver_port=str(port), tls="true")
    handle = lagom(partial(functions.waits_for, path=str(tmp_path / "go")), SPACE, num_trials=4, wait=False)
    eventually(lambda: "TrialStarted" in (handle.path / "events.jsonl").read_text(), 60)
    assert ssl.get_server_certificate(("127.0.0.1", port)).startswith("-----BEGIN CERTIFICATE-----")
    (tmp_path / "go").touch()
    found = handle.result(60)
    assert (found["status"], found["num_trials"], found["failed"]) == ("finished", 4, 0)


def test_a_setting_that_is_neither_is_refused_and_leaves_nothing(lagom, spark, monkeypatch, tmp_path):
    with_settings(spark, monkeypatch, tls="yes, please")
    with pytest.raises(ValueError, match=r"spark\.maggy\.tls must be true or false, not 'yes, please'"):
        lagom(functions.square, SPACE)
    assert list(tmp_path.iterdir()) == []
