# The drive: gateway, workers and their tools, by what command is given. See docker-compose.yml.
FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# npm may refuse Bun's install script, which puts the binary in its place.
RUN npm ci --omit=dev --no-audit --no-fund && node node_modules/bun/install.js && node_modules/.bin/bun --version

FROM debian:12-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates ffmpeg \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin sluice \
  && install -d -o sluice -g sluice /data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json bunfig.toml tsconfig.json ./
COPY bin bin
COPY lib lib
COPY db db
COPY nginx nginx
COPY workers workers
COPY gateway gateway
ENV PATH=/app/node_modules/.bin:$PATH BUN_CONFIG_MAX_HTTP_REQUESTS=65535 HOME=/tmp DATA_DIR=/data HOST=0.0.0.0 PORT=8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s CMD ["bun", "bin/health.ts"]
CMD ["bun", "gateway/main.ts"]
