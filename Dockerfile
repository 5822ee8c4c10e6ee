# One image for the bot and the intake. Nothing in it is secret, and nothing needs to be written into it.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/stonechat && /opt/stonechat/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY flows flows
COPY locales locales
RUN /opt/stonechat/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stonechat
COPY --from=build /opt/stonechat /opt/stonechat
ENV PATH=/opt/stonechat/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["stonechat"]
CMD ["run"]
