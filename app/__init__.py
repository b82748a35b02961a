"""Virtualization Taxonomy API: a read-only vocabulary over HTTP. A package imports only what stands above it.

    settings  folding   what a deployment may change; how two spellings are compared
    store/              what is stored: tables, collections, engines, migration, readiness (why /readyz says no)
    shapes/             the JSON of entries, of results (pages, hits, look-ups), of the dataset
    packs/              YAML to rows, the only code that writes entries: content, files (faults), checks, rows, load
    queries/            a question a file: lookup, search, export, lists (filters of each: collections), refusals (422)
    formats/            bytes other than one JSON answer: spreadsheet (CSV), archive, skos, jsonld
    api/                HTTP: routes/ (one file a URL), query_string, responses (Link, 301), handlers (404, 503)
    server/             hosts, request_log (ids), cache and cached_answer (HEAD, 304), revision_watch, probes, process
    pages/              what people see: explorer (`/`), documentation (`/docs`), problem
    main  cli           where the parts meet; the command line

Take the URL: `/lookup` is `api/routes/lookup.py` (what goes in and out) and `queries/lookup.py` (what is read).
"""
