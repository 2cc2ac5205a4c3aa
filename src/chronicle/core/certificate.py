"""Whether a connection failed because nobody whom we trust signed for the other end."""

import ssl


def is_untrusted(fault: BaseException | None) -> bool:
    """Tell it of an error and those that caused it: HTTP libraries wrap OpenSSL's."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return True
        fault = fault.__cause__ or fault.__context__
    return False
