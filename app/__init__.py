"""Virtualization Taxonomy API: a read-only vocabulary over HTTP. A package imports only what stands above it.

    settings  folding   what a deployment may change; how two spellings are compared
    store/              what is stored: tables, collections, engines, migration, readiness
    shapes/             what leaves: the JSON shapes, and how a row becomes one
    packs/              from YAML to rows, the only code that writes
    queries/            what can be asked: a question a file, with its parameters and its SQL
    formats/            bytes other than one JSON answer: CSV, zip, JSON-LD
    api/                HTTP: routes/ (one file a URL), responses, problems, the OpenAPI document
    server/             what happens to every request, the process, and the probes
    pages/              what people see in a browser
    main  cli           where the parts meet: create_app(), and the command line

Take the URL: `/lookup` is `api/routes/lookup.py` (what goes in and out) and `queries/lookup.py` (what is read).
"""
