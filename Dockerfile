# The build tools stay in the first stage: the image contains Python, the dependencies and the service.
FROM python:3.13-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/virt-taxonomy

# Dependencies change less often than the code; a layer of their own is not rebuilt with it.
COPY requirements-run.lock requirements-build.lock ./
RUN pip install --require-hashes --requirement requirements-build.lock --target /opt/build \
 && pip --python /opt/virt-taxonomy/bin/python install --require-hashes --requirement requirements-run.lock

COPY pyproject.toml README.md LICENSE openapi.json ./
COPY migrations migrations
COPY seed seed
COPY app app
COPY virtualization_taxonomy virtualization_taxonomy
RUN PYTHONPATH=/opt/build pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && pip --python /opt/virt-taxonomy/bin/python install --no-deps dist/*.whl \
 && mkdir /opt/data


FROM python:3.13-slim-trixie

LABEL org.opencontainers.image.title="Virtualization Taxonomy API" \
      org.opencontainers.image.description="A read-only REST API over a reviewed vocabulary of virtualization types, examples and hypervisors." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"

COPY --from=build /opt/virt-taxonomy /opt/virt-taxonomy
# A new volume gets the owner of the folder. Without --chown that is root, whoever owns /opt/data.
COPY --from=build --chown=10001:10001 /opt/data /data

ENV PATH=/opt/virt-taxonomy/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TAXONOMY_HOST=0.0.0.0 \
    TAXONOMY_PORT=8000 \
    TAXONOMY_DATABASE_URL=sqlite:////data/virt-taxonomy.db

# By number: an orchestrator that refuses root cannot resolve a user name.
USER 10001:10001
WORKDIR /data
# The only path that the service writes to; with PostgreSQL it writes nothing.
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['TAXONOMY_PORT']}/readyz\", timeout=4)"]
ENTRYPOINT ["virt-taxonomy"]
CMD ["serve"]
