import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { tarOf } from "#agent/docker/archive.ts";

/** How a layer comes: whole; never after its first half; or cut off after it. */
export type Delivery = "whole" | "stall" | "cut";

/** A registry on the loopback interface that has only what a test put there. */
export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Adds an image of one layer with one file in it, under `repository:tag`. */
  add(repository: string, tag: string, options?: { delivery?: Delivery; sizeBytes?: number }): void;
  /** Repositories asked for, in order, each manifest once. */
  readonly asked: string[];
  stop(): Promise<void>;
}

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

interface Blob {
  readonly bytes: Buffer;
  readonly type: string;
  readonly delivery: Delivery;
}

const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Speaks as much of https://distribution.github.io/distribution/spec/api/ as a pull needs. */
export async function startTestRegistry(): Promise<TestRegistry> {
  const blobs = new Map<string, Blob>();
  const tags = new Map<string, string>();
  const asked: string[] = [];

  const store = (bytes: Buffer, type: string, delivery: Delivery = "whole") => {
    blobs.set(digestOf(bytes), { bytes, type, delivery });
    return { mediaType: type, size: bytes.length, digest: digestOf(bytes) };
  };

  function manifest(repository: string, reference: string, response: ServerResponse): void {
    if (!asked.includes(repository)) asked.push(repository);
    const digest = reference.startsWith("sha256:") ? reference : tags.get(`${repository}:${reference}`);
    const blob = digest === undefined ? undefined : blobs.get(digest);
    if (digest === undefined || blob === undefined) {
      const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }];
      response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ errors }));
      return;
    }
    response.setHeader("docker-content-digest", digest);
    send(blob, response);
  }

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const [, repository = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    if (path === "/v2/") response.writeHead(200).end("{}");
    else if (kind === "manifests") manifest(repository, reference, response);
    else send(blobs.get(reference), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");

  return {
    address: `127.0.0.1:${address.port}`,
    asked,
    add: (repository, tag, { delivery = "whole", sizeBytes = 1000 } = {}) => {
      const content = createHash("sha256").update(`${repository}:${tag}`).digest("hex");
      // Random text, so that the layer keeps its size when it is compressed.
      const filler = Array.from({ length: Math.ceil(sizeBytes / 64) }, (_, n) =>
        digestOf(Buffer.from(`${content}${n}`)),
      );
      const tar = tarOf([{ target: "/file", content: filler.join(""), mode: 0o644 }]);
      const layer = store(gzipSync(tar), "application/vnd.docker.image.rootfs.diff.tar.gzip", delivery);
      const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
      const config = { architecture: "amd64", os: "linux", config: { Cmd: ["/file"] }, rootfs };
      const image = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: store(Buffer.from(JSON.stringify(config)), "application/vnd.docker.container.image.v1+json"),
        layers: [layer],
      };
      tags.set(`${repository}:${tag}`, store(Buffer.from(JSON.stringify(image)), MANIFEST).digest);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(blob: Blob | undefined, response: ServerResponse): void {
  if (blob === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": blob.type, "content-length": blob.bytes.length });
  if (blob.delivery === "whole") {
    response.end(blob.bytes);
    return;
  }
  response.write(blob.bytes.subarray(0, blob.bytes.length / 2), () => {
    if (blob.delivery === "cut") response.destroy();
  });
}
