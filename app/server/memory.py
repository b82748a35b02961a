"""How TAXONOMY_CACHE_BYTES is divided among everything that clients can fill with what they send.

    three quarters    the response cache
    a sixteenth       the counts of a revision (`Snapshot.counts`)
    the rest          the memos below, which are bounded in number and length: at most 12 MiB together

    order_short_query          2,048 queries of up to 256 bytes, which decoding and encoding may treble
    Negotiation.reduce         1,024 combinations of headers of up to 1,024 bytes each
    best_language              1,024 headers of up to 1,024 bytes
    best_media_type            1,024 headers of up to 1,024 bytes
    TrustedHosts.is_allowed    256 hosts of up to 256 bytes
    is_host                    256 hosts of up to 256 bytes
    client_address             256 addresses, which proxies forward
    compile_list               256 questions, whose statements do not grow with the number of values
    shorten                    256 values of up to 200 characters, each with up to 34 of its forms

A memo that is not in this list has keys that clients cannot choose, such as a collection or a language.
"""

# With a small cache, counts still have this much.
LEAST_COUNT_BYTES = 2**20


def response_bytes(cache_bytes: int) -> int:
    """Return the bytes for cached responses."""
    return cache_bytes * 3 // 4


def count_bytes(cache_bytes: int) -> int:
    """Return the bytes for the counts of a revision."""
    return max(cache_bytes // 16, LEAST_COUNT_BYTES)
