"""A certificate for one experiment, which its workers are given and trust, and no other."""

from __future__ import annotations

import datetime
import ssl
import tempfile
from pathlib import Path
from typing import NamedTuple

MISSING = "spark.maggy.tls needs cryptography, which is not installed; pip install 'maggy[tls]'"
# The certificate lives as long as the experiment; executors' clocks may be wrong.
_SLACK = datetime.timedelta(days=3650)


class Tls(NamedTuple):
    """What the driver listens with, and what workers are given (PEM)."""

    context: ssl.SSLContext
    certificate: str


def make_tls() -> Tls:
    """A new key, which never leaves this process, and its certificate.

    Raises:
        ImportError: `cryptography` is not installed.
    """
    certificate, key = _certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory(prefix="maggy-tls-") as folder:  # readable by its owner alone
        path = Path(folder, "both.pem")
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)
    return Tls(context, certificate.decode())


def _certificate() -> tuple[bytes, bytes]:
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        raise ImportError(MISSING) from None
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a driver of Maggy")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + _SLACK)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
