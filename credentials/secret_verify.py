"""Checks every sealed secret against the digest that the activity log has of the last one stored."""

from collections.abc import Iterator

from credentials.models import Credential
from organizations import audit_chain
from organizations.audit_verify import AT_ONCE, Finding, Known


def verify_secrets(known: Known) -> Iterator[Finding]:
    """Opens nothing: digests are of ciphertexts."""
    rows = (
        Credential.objects.order_by()
        .filter(secret__isnull=False)
        .only("id", "organization_id", "name", "secret")
    )
    for credential in rows.select_related("organization").iterator(chunk_size=AT_ONCE):
        stored = known.secrets.get(str(credential.pk))
        if stored is None:
            problem = "the activity log knows nothing of this secret."
        elif not audit_chain.secret_fits(stored, credential.pk, credential.ciphertext):
            problem = "this is not the secret that was stored last. It is not opened."
        else:
            continue
        yield Finding(f"{credential.organization}, credential “{credential.name}”", None, problem)
