# The sandbox as a container, for programs in any language:
#
#     docker build --tag astra-sandbox .
#     docker run --publish 127.0.0.1:8787:8787 astra-sandbox
#
# compose.yaml runs it beside an app that reaches it by its name.

FROM python:3.13-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY astra ./astra
COPY generated ./generated
COPY docs/reference/errors ./docs/reference/errors
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim AS base
ENV PYTHONUNBUFFERED=1
COPY --from=wheel /wheels /wheels
# The image has no libpq, so the driver brings one.
RUN pip install --no-cache-dir "$(echo /wheels/*.whl)[sandbox,sql,cli]" "psycopg[binary]>=3.2.2" \
    && useradd --create-home --uid 10001 astra
WORKDIR /home/astra
USER 10001

FROM base AS example-app
USER 0
RUN pip install --no-cache-dir "fastapi>=0.120,<1"
USER 10001
COPY examples ./examples
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --retries=10 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/', timeout=2)"]
CMD ["uvicorn", "--app-dir", "examples", "fastapi_app:app", "--host", "0.0.0.0", "--port", "8000"]

FROM base AS sandbox
EXPOSE 8787
HEALTHCHECK --interval=5s --timeout=3s --retries=10 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8787/healthz', timeout=2)"]
ENTRYPOINT ["astra", "sandbox", "--host", "0.0.0.0"]
CMD ["--allow-host", "astra-sandbox"]
