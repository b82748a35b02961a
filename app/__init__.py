"""Virtualization Taxonomy API: a read-only vocabulary over HTTP. Each part imports only from itself and those above it.

    database_url        which database URLs are accepted, and how people see one
    folding             how spellings are compared
    path_prefix         the path under which a proxy publishes the service, and how URLs come to begin with it
    settings            the settings of a deployment
    store/              the database: tables, engines, migration; its copy in memory, which is read: snapshot, served
    shapes/             the JSON shapes: entries, results (pages, hits, look-ups), dataset
    packs/              YAML to rows; only this writes entries: content (schema), files, checks, load, prepare, release
    queries/            one question per file: lookup, parts, reconcile, search, export, lists, …; refusals, hints
    formats/            other formats than one JSON answer: spreadsheet (CSV), archive (zip), skos, jsonld, atom
    api/                HTTP: routes/ (one file per URL), query_string, responses (Link, 301), not_found, handlers
    mcp/                the same questions as tools of a model: tools, resources, prompt; http (`/mcp`), stdio
    server/             around requests: hosts, request_log (ids), cache, cached_answer (304, HEAD), cross_origin (CORS)
    pages/              HTML: explorer (`/`), documentation (`/docs`), problem (`/problems`), reconciliation (preview)
    main                create_app(), which connects the parts
    static_copy         every answer as a file (`virt-taxonomy export-site`)
    terminal  cli       the command line: lookup and identify, which need no service; all others

Start from the URL: `api/routes/lookup.py` answers `/lookup`; `queries/lookup.py` has its parameters and its SQL.
"""
