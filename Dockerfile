FROM node:24-bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /watchbill
COPY . .
RUN npm ci --omit=dev && mkdir -p data && chown -R node:node data
USER node
EXPOSE 8000 8001
CMD ["node", "runner/cli/main.ts", "start"]
