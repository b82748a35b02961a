"""The service and its peers, measured side by side in one run: ``make bench``.

    __main__                     the command line; writes RESULTS.md
    hits   growth   memory       what is measured: beside the peers, by size of the dataset, by number of URLs
    contenders   report          every server of the comparison; tables, targets, the machine
    peers   packs                what is installed for the comparison; generated datasets
    load   processes             wrk; servers that are pinned to a core and never outlive the run
    constant   stock             two servers to compare with
    urls.lua                     the paths that wrk asks for

Linux only. Everything listens on the loopback interface.
"""
