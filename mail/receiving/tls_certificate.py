"""The receiver's TLS certificate for STARTTLS: loaded at the start, and anew when its files were renewed.

A renewed certificate holds from the next connection on, without a restart. Must never keep mail out: while new
files cannot be loaded (half written, or a key that does not fit), the ones before stay in use.
"""

import logging
import ssl
from pathlib import Path

log = logging.getLogger(__name__)


class TlsCertificate:
    """A certificate with its chain, and its private key, as PEM files. Raises OSError (ssl.SSLError is one) where they
    cannot be loaded at the start."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._stamps = self._stamped()
        self._context = self._loaded()

    def context(self) -> ssl.SSLContext:
        """For the next connection: the files as they are now."""
        try:
            stamps = self._stamped()
            if stamps != self._stamps:
                self._stamps = stamps  # also if they are faulty: said once, and tried again when they change again
                self._context = self._loaded()
                log.info("the certificate was renewed")
        except OSError as error:
            log.error("the renewed certificate cannot be loaded, the one before stays: %s", error)
        return self._context

    def _stamped(self) -> list[tuple[int, int, int]]:
        return [(found.st_mtime_ns, found.st_size, found.st_ino) for found in (file.stat() for file in self._files)]

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        certificate, key = self._files
        context.load_cert_chain(certificate, key, password=b"")  # without one OpenSSL would ask at the terminal
        return context
