# One image for all roles: code location (the default command), webserver, daemon, `ecommerce …`.
#
#   docker build --build-arg PYTHON_DIGEST="$(docker buildx imagetools inspect \
#     python:3.11-slim-bookworm --format '{{.Manifest.Digest}}')" -t ecommerce-lakehouse:local .
#
# Without PYTHON_DIGEST the tag alone is taken, which is for trying out: the workflow `image` resolves
# the digest, builds from it and writes it into the image's labels.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG PYTHON_DIGEST=

FROM ${PYTHON_IMAGE}${PYTHON_DIGEST:+@${PYTHON_DIGEST}} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ENV DAGSTER_DISABLE_TELEMETRY=yes PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

# The environment has no pip of its own; the one of the base image installs into it, wheels only.
COPY requirements/cloud.txt requirements/
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --quiet --no-compile --only-binary :all: \
      --no-deps --require-hashes -r requirements/cloud.txt \
 && pip --python /opt/venv/bin/python check
ENV PATH=/opt/venv/bin:$PATH

COPY pyproject.toml setup.py README.md ./
COPY ecommerce_assets ecommerce_assets
COPY ecommerce_dashboard ecommerce_dashboard
COPY ecommerce_dbt ecommerce_dbt
# Byte code that holds whatever the files' dates: the file system is read-only where it runs.
RUN pip --python /opt/venv/bin/python install --quiet --no-deps --no-build-isolation -e . \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib ecommerce_assets ecommerce_dashboard
# One manifest an environment, for ECOMMERCE_ENV chooses it when a container starts. A step of its
# own: a test runs it as it stands here.
# hadolint ignore=DL3059
RUN for env in local dev prod; do \
      ECOMMERCE_ENV=$env ECOMMERCE_HOME=/tmp/home python -c \
        'from ecommerce_assets.dbt.project import ensure_manifest; print(ensure_manifest())' \
      || exit 1; \
    done

FROM ${PYTHON_IMAGE}${PYTHON_DIGEST:+@${PYTHON_DIGEST}}
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# Nothing is installed at run time; an installer in the image is only something to scan.
RUN pip uninstall --yes --quiet --root-user-action ignore setuptools wheel pip \
 && groupadd --gid 10001 ecommerce \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/ecommerce \
      --shell /usr/sbin/nologin ecommerce \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/ecommerce /var/lib/ecommerce/dagster

COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# The project's own Dagster settings lie beside those for PostgreSQL; the entry point takes one.
COPY workspace.yaml /app/
COPY dagster.yaml /app/deploy/local/
COPY deploy/dagster.yaml deploy/workspace.yaml /app/deploy/
COPY --chmod=0755 deploy/entrypoint.sh /app/deploy/
COPY --chmod=0755 deploy/bin /app/deploy/bin

# /app/deploy/bin comes first: there `dagster-webserver` is the one behind the guard.
ENV PATH=/app/deploy/bin:/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DAGSTER_DISABLE_TELEMETRY=yes \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    HOME=/var/lib/ecommerce \
    ECOMMERCE_HOME=/var/lib/ecommerce \
    DAGSTER_HOME=/var/lib/ecommerce/dagster
WORKDIR /app
USER 10001:10001
# Everything that is written lies here; the rest may be mounted read-only.
VOLUME /var/lib/ecommerce
EXPOSE 3000 4000

# Asks the code location itself; the other roles set a check of their own.
HEALTHCHECK --interval=60s --timeout=20s --start-period=90s --retries=3 \
  CMD ["dagster", "api", "grpc-health-check", "--port=4000"]
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["dagster", "api", "grpc", "--host=0.0.0.0", "--port=4000", "--module-name=ecommerce_assets.definitions", "--location-name=ecommerce_assets"]

ARG PYTHON_IMAGE
ARG PYTHON_DIGEST
ARG REVISION=unknown
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="ecommerce-lakehouse" \
      org.opencontainers.image.description="Code location, webserver, daemon and commands of the e-commerce lakehouse" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}" \
      org.opencontainers.image.base.digest="${PYTHON_DIGEST}"
