"""What is wrong with a server's certificate, in a sentence, with what to do.

Belongs here: finding the fault in an error of any HTTP library, and its words. Stays out: asking.
"""

from __future__ import annotations

import ssl

from ecommerce_assets.lib.failures import PermanentFailure

#: OpenSSL's numbers of what a verification found.
_NOT_YET, _EXPIRED, _WRONG_HOST, _WRONG_ADDRESS = 9, 10, 62, 64


class CertificateRefused(PermanentFailure):
    """A server cannot prove that it is the one that was asked for."""


def certificate_failure(error: BaseException, place: str, variable: str) -> PermanentFailure | None:
    """The failure that an error of TLS stands for; None where it is another error.

    Args:
        error: of any HTTP library.
        place: the server, for people.
        variable: of the environment, which names a file of certificates to that library.
    """
    found = _tls_error(error)
    if isinstance(found, ssl.SSLCertVerificationError):
        return _refused(found, place, variable)
    if found is not None and found.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return CertificateRefused(
            f"{place} does not answer with an encrypted connection",
            "check the address: its port, and whether it has to begin with http://",
        )
    return None


def _refused(error: ssl.SSLCertVerificationError, place: str, variable: str) -> PermanentFailure:
    told = "ask the owner of the server to renew it; what it sends is not to be trusted until then"
    if error.verify_code == _EXPIRED:
        return CertificateRefused(
            f"the certificate of {place} has expired", f"check this machine's clock, else {told}"
        )
    if error.verify_code == _NOT_YET:
        return CertificateRefused(
            f"the certificate of {place} is not valid yet",
            f"check this machine's clock, else {told}",
        )
    if error.verify_code in (_WRONG_HOST, _WRONG_ADDRESS):
        return CertificateRefused(
            f"the certificate of {place} is another host's",
            "set the address with the name that the certificate has, or ask the owner of the "
            "server for one that has this name",
        )
    return CertificateRefused(
        f"the certificate of {place} is signed by nobody whom this machine trusts "
        f"({error.verify_message or 'unknown issuer'})",
        f"if it is your company's own, set {variable} to the file (PEM) with the certificate of "
        "its authority; else somebody may be reading along: tell the owner of the server",
    )


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """The error of TLS behind an error, wherever the library keeps it."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        if isinstance(each, ssl.SSLError):
            return each
        seen.add(id(each))
        waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return None
