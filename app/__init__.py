"""Virtualization Taxonomy API: a read-only vocabulary over HTTP. A package imports only packages above it in this list.

    settings  folding   the settings of a deployment; how two spellings are compared
    store/              the database: tables, collections, engines, migration, readiness
    shapes/             the JSON shapes of answers, and how a row becomes one
    packs/              from YAML to rows: the only code that writes to the database
    queries/            one file per question, with its parameters and its SQL; no HTTP
    formats/            the formats of downloads: CSV, zip, SKOS
    api/                HTTP: routes/ (one file per URL), responses, problems, the OpenAPI document
    server/             the layers that every request passes, the process, the probes
    pages/              the explorer, Swagger UI, ReDoc
    main  cli           create_app(), which connects the parts; the command line

Take the URL: for `/lookup`, `api/routes/lookup.py` defines request and response, `queries/lookup.py` reads the data.
"""
