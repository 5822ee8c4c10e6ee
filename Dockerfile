# One image for the bot and the intake. Nothing in it is secret, and nothing needs to be written into it.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY flows flows
COPY locales locales
RUN python -m venv /opt/stonechat && /opt/stonechat/bin/pip install --no-cache-dir .

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stonechat
COPY --from=build /opt/stonechat /opt/stonechat
ENV PATH=/opt/stonechat/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["stonechat"]
CMD ["run"]
