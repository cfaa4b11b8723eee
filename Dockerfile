# The worker as a small image: no shell, no package manager, no compiler, a user without rights, nothing written
# outside /var/lib/neupr and /tmp. `docker build --target tensorflow` adds native TensorFlow (x86-64 only).
# For a release pin both bases by digest: --build-arg NODE=node:22-…@sha256:… --build-arg RUNTIME=…@sha256:…
ARG NODE=node:22-bookworm-slim
ARG RUNTIME=gcr.io/distroless/nodejs22-debian12:nonroot

FROM ${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json build.mjs ./
COPY src src
COPY schemas schemas
COPY docs/openapi.json docs/openapi.json
COPY test/tensorflow/install.ts test/tensorflow/install.ts
COPY test/servers test/servers
COPY test/runner/command-line.ts test/runner/command-line.ts
RUN npm run build
RUN npm prune --omit=dev --omit=optional
# A new volume takes its owner from the folder it is mounted over.
RUN mkdir state
# Two thirds of the packages' bytes are source maps, types and tests.
RUN find node_modules -type f '(' -name '*.map' -o -name '*.d.ts' -o -name '*_test.js' ')' -delete

FROM ${NODE} AS native
ENV SERVERS_CACHE=/opt/tensorflow
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-pip make g++
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
COPY --from=build /build/dist dist
COPY test/tensorflow/install.ts test/tensorflow/install.ts
COPY test/servers test/servers
RUN node dist/test/tensorflow/install.js

FROM ${RUNTIME} AS runtime
WORKDIR /app
ENV NODE_ENV=production NEUPR_HTTP_HOST=0.0.0.0 NEUPR_HTTP_PORT=9090 NEUPR_CHECKPOINTS=/var/lib/neupr
COPY --from=build /build/package.json /build/LICENSE* ./
COPY --from=build /build/dist/bin dist/bin
COPY --from=build /build/dist/src/kernel dist/src/kernel
COPY --from=build /build/dist/src/adapters/http/page dist/src/adapters/http/page
COPY --from=build /build/schemas schemas
COPY --from=build /build/docs/openapi.json docs/openapi.json
COPY --from=build --chown=10001:10001 /build/state /var/lib/neupr
USER 10001:10001
VOLUME /var/lib/neupr
EXPOSE 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps", "/app/dist/bin/main.js"]
CMD ["run"]

FROM runtime AS tensorflow
COPY --from=native /opt/tensorflow /opt/tensorflow
COPY --from=native /build/node_modules node_modules

FROM runtime AS worker
COPY --from=build /build/node_modules node_modules
