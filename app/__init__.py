"""Virtualization Taxonomy API: a read-only vocabulary over HTTP.

Imports point one way, from the top of this map to its bottom:

    cli                                   the command line
    server                                how it is run: processes, limits
    main   protocol                       create_app(): where the parts meet; how bytes become requests
    routes/                               one module a resource, named after its URL; never each other
    answers                               language, media type, envelope and links of an answer
    seed   queries   search   openapi     packs into the database; reads beyond one list; the contract
    filters                               the query parameters of each collection
    formats                               CSV, and SKOS JSON-LD, piece by piece
    listing   schemas   database          how any list is cut; the JSON shapes; the engines
    parameters   migration                how a query string is read; the database's schema
    kept                                  what answers derive from one revision, and use again
    door                                  which hosts we are; what each request leaves behind
    logs   metrics                        how log lines look; what is counted
    problems                              the one error body, as JSON and as a page
    explorer                              the pages for people: templates, texts, files
    models   settings   folding   negotiation   cache   policy    these import nothing of app
"""
