"""Records beside the sums: small tables, read anew each time and part of the evidence's fingerprint."""

import hashlib
from dataclasses import replace

from evaluation.evidence.evidence import Evidence
from evaluation.organisations.records import read_records
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents


def with_records(evidence: Evidence, documents: Documents, register: Register) -> Evidence:
    """The same evidence with the counts of every measure that is counted; itself where none is.

    Raises:
        ProtocolError: a table of records is wrong.
    """
    counted = [name for name, measure in documents.protocol.measures.items() if measure.is_counted]
    if not counted:
        return evidence
    records = {name: read_records(documents, register, name) for name in counted}
    text = "".join(f"{name}\n{table.to_csv(index=False, lineterminator=chr(10))}" for name, table in sorted(records.items()))
    fingerprint = hashlib.sha256((evidence.fingerprint + text).encode()).hexdigest()
    return replace(evidence, records=records, fingerprint=fingerprint)
