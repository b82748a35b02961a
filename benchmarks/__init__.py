"""Measures the service and its peers side by side in one run: ``make bench``.

    __main__                     the command line; writes RESULTS.md
    hits   growth   memory       the parts: against the peers, by size of the dataset, by number of URLs
    contenders   report          the servers of the comparison; tables, targets, the machine
    peers   packs                installing the peers; generating datasets
    load   processes             wrk; servers that are pinned to a core and stopped at the end of the run
    constant   stock             two servers to compare with
    urls.lua                     the paths that wrk requests

Linux only. All servers listen on the loopback interface.
"""
