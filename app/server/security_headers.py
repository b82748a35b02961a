"""Security headers: those of every response, and the Content-Security-Policy of each page."""

POLICY_HEADER = "Content-Security-Policy"

# For responses other than pages: data, problem documents, files.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
# For the explorer: scripts, styles, images and requests of the same origin only.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# For the pages that clients of `/reconcile` show in a frame of their own.
FRAMED_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
# Swagger UI sets inline styles.
SWAGGER_UI_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# ReDoc also sets inline styles, and runs its search in a worker from a blob: URL.
REDOC_POLICY = f"{SWAGGER_UI_POLICY}; worker-src blob:"
# No page uses these, and no script that found its way into one may.
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

# The headers of every response.
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (POLICY_HEADER.lower().encode(), DATA_POLICY.encode()),
]


def page_headers(policy: str) -> dict[str, str]:
    """Return the headers of a page with a Content-Security-Policy."""
    return {POLICY_HEADER: policy, "Permissions-Policy": PERMISSIONS}
