# One image for web, worker, beat and every command. No secret is needed to build it.
FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv --without-pip /venv
COPY requirements.lock .
RUN python -m pip --python /venv/bin/python install --require-hashes -r requirements.lock
COPY . .
RUN /venv/bin/python -m config.catalogs
RUN STATIC_ROOT=/app/public HALFPENNY_ENV=production \
    SECRET_KEY="$(/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    FIELD_KEYS="$(/venv/bin/python -m config.new_key)" \
    ALLOWED_HOSTS=build.invalid REDIS_URL=redis://build.invalid DATABASE_URL=sqlite:////tmp/none \
    /venv/bin/python manage.py collectstatic --noinput
# Where it runs nothing can be written: each process, each health check would compile anew.
RUN /venv/bin/python -m compileall -q config orders panel

FROM python:3.12-slim
RUN groupadd --gid 10001 halfpenny && useradd --uid 10001 --gid halfpenny \
    --home-dir /var/lib/halfpenny --create-home halfpenny
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HALFPENNY_ENV=production HALFPENNY_VAR=/var/lib/halfpenny STATIC_ROOT=/app/public \
    WEB_BIND=0.0.0.0:8000
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "-c", "python:config.gunicorn"]
