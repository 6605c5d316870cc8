"""Secrets left out of what is shown or kept: messages, logs, provenance."""

import re

USERINFO = re.compile(r"(https?://)[^/@\s]+@")
SIGNED = re.compile(  # what makes a signed URL (S3, Azure, Google) a key
    r"(?i)([?&](?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig)=)[^&\s]+"
)


def redact(text: str, secret: str | None) -> str:
    """Return a text without a secret, however a URL writes it: plain or percent-encoded."""

    def forms(character: str) -> str:
        encoded = "".join(f"%{byte:02x}" for byte in character.encode())
        plus = r"|\+" if character == " " else ""
        return f"(?:{re.escape(character)}|(?i:{encoded}){plus})"

    return re.sub("".join(map(forms, secret)), "***", text) if secret else text


def redact_urls(text: str) -> str:
    """Return a text without the passwords and signatures that URLs in it carry."""
    return SIGNED.sub(r"\1***", USERINFO.sub(r"\1", text))
