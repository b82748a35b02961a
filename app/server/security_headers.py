"""What browsers may do with our answers: the headers on each, and the Content-Security-Policy of each page."""

POLICY = "Content-Security-Policy"

# Answers that are no pages: data, problem documents, files.
DATA = "default-src 'none'; frame-ancestors 'none'"
# The page at `/`: scripts, styles and pictures of our own, and requests to us.
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Swagger UI writes styles into its elements.
SWAGGER_UI = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# ReDoc does too, and searches in a worker that it makes of its own text.
REDOC = f"{SWAGGER_UI}; worker-src blob:"

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (POLICY.lower().encode(), DATA.encode()),
]
