"""Virtualization Taxonomy API: a read-only vocabulary over HTTP. A package imports only packages above it in this list.

    settings  folding   the settings of a deployment; how two spellings are compared
    store/              the database: tables, collections, engines, migration, readiness (the reasons of `/readyz`)
    shapes/             the JSON shapes: entries, results (pages, hits, look-ups), dataset
    packs/              YAML to rows, the only code that writes entries: content, files (faults), checks, rows, load
    queries/            one question per file: lookup, search, export, lists (filters: collections), refusals (422)
    formats/            the formats of downloads: spreadsheet (CSV), archive, skos, jsonld
    api/                HTTP: routes/ (one file per URL), query_string, responses (Link, 301), handlers (404, 503)
    server/             hosts, request_log (ids), cache and cached_answer (HEAD, 304), revision_watch, probes, process
    pages/              pages for browsers: explorer (`/`), documentation (`/docs`), problem
    main  cli           create_app(), which connects the parts; the command line

Take the URL: for `/lookup`, `api/routes/lookup.py` defines request and response, `queries/lookup.py` reads the data.
"""
