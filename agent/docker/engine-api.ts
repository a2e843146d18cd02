import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import type { EngineHttp } from "./engine-http.ts";

type Filters = Readonly<Record<string, readonly string[]>>;

/** A container by its id or name. */
export interface EngineContainer {
  readonly inspect: () => Promise<Dockerode.ContainerInspectInfo>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly remove: (how: { readonly force: boolean; readonly v: boolean }) => Promise<void>;
  readonly rename: (to: { readonly name: string }) => Promise<void>;
  readonly update: (settings: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly exec: (program: Dockerode.ExecCreateOptions) => Promise<EngineExec>;
  /** Both outputs in frames, as they come. */
  readonly logs: (options: LogsOptions) => Promise<IncomingMessage>;
  /** Whether a path is there. */
  readonly infoArchive: (of: { readonly path: string }) => Promise<boolean>;
  /** Unpacks a tar archive. */
  readonly putArchive: (archive: Uint8Array, at: { readonly path: string }) => Promise<void>;
}

export interface LogsOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  readonly follow: boolean;
  readonly tail: number;
  /** Seconds since the epoch, with a fraction. */
  readonly since?: number;
  readonly until?: number;
  readonly abortSignal: AbortSignal;
}

/** A program that was made ready to run in a container. */
export interface EngineExec {
  readonly id: string;
  /** Runs it. @returns its output in frames */
  readonly start: (options: { readonly abortSignal: AbortSignal }) => Promise<IncomingMessage>;
  /** Runs it. @returns its input and its output: in frames, or as it is with a terminal */
  readonly attach: (options: { readonly Tty: boolean }) => Promise<Duplex>;
  readonly resize: (size: { readonly w: number; readonly h: number }) => Promise<void>;
  readonly inspect: () => Promise<Dockerode.ExecInspectInfo>;
}

export interface EngineNetwork {
  readonly connect: (options: Dockerode.NetworkConnectOptions) => Promise<void>;
  readonly disconnect: (options: { readonly Container: string; readonly Force: boolean }) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface EngineVolume {
  readonly inspect: () => Promise<Dockerode.VolumeInspectInfo>;
  readonly remove: () => Promise<void>;
}

export interface EngineImage {
  readonly inspect: () => Promise<Dockerode.ImageInspectInfo>;
  readonly tag: (as: { readonly repo: string; readonly tag: string }) => Promise<void>;
  readonly remove: (how: { readonly noprune: boolean }) => Promise<void>;
}

/**
 * What an agent asks of the Docker Engine, in the names and with the types of dockerode's declarations. dockerode itself would
 * bring its builds, its SSH and its archives, and spells each request out at any depth for a log that nobody has turned on:
 * it cost more memory and CPU time than all else in the agent together.
 */
export interface EngineApi {
  readonly version: () => Promise<Dockerode.DockerVersion>;
  readonly info: () => Promise<unknown>;
  readonly df: () => Promise<unknown>;
  readonly listContainers: (options: {
    readonly all?: boolean;
    readonly filters?: Filters;
  }) => Promise<Dockerode.ContainerInfo[]>;
  readonly listNetworks: (options?: { readonly filters: Filters }) => Promise<Dockerode.NetworkInspectInfo[]>;
  readonly listVolumes: () => Promise<{ readonly Volumes: Dockerode.VolumeInspectInfo[] | null }>;
  readonly listImages: (options: { readonly digests: boolean }) => Promise<Dockerode.ImageInfo[]>;
  readonly createContainer: (options: Dockerode.ContainerCreateOptions) => Promise<EngineContainer & { id: string }>;
  readonly createNetwork: (options: Dockerode.NetworkCreateOptions) => Promise<void>;
  readonly createVolume: (options: Dockerode.VolumeCreateOptions) => Promise<void>;
  /** Pulls. @returns lines of JSON as they come */
  readonly createImage: (source: {
    readonly fromImage: string;
    readonly tag: string | undefined;
    readonly abortSignal: AbortSignal;
  }) => Promise<IncomingMessage>;
  readonly getContainer: (id: string) => EngineContainer;
  readonly getNetwork: (id: string) => EngineNetwork;
  readonly getVolume: (name: string) => EngineVolume;
  readonly getImage: (name: string) => EngineImage;
  readonly getExec: (id: string) => EngineExec;
}

/** Source of the paths: https://docs.docker.com/reference/api/engine/version/v1.41/ */
export function engineApi({ ask, stream, upgrade }: EngineHttp): EngineApi {
  const getExec = (id: string): EngineExec => ({
    id,
    start: ({ abortSignal: signal }) =>
      stream("POST", `/exec/${id}/start`, { body: { Detach: false, Tty: false }, signal }),
    attach: ({ Tty }) => upgrade("POST", `/exec/${id}/start`, { body: { Detach: false, Tty } }),
    resize: (query) => ask("POST", `/exec/${id}/resize`, { query }),
    inspect: () => ask("GET", `/exec/${id}/json`),
  });

  const getContainer = (id: string): EngineContainer => {
    const path = `/containers/${id}`;
    return {
      inspect: () => ask("GET", `${path}/json`),
      start: () => ask("POST", `${path}/start`),
      stop: () => ask("POST", `${path}/stop`),
      remove: (query) => ask("DELETE", path, { query }),
      rename: (query) => ask("POST", `${path}/rename`, { query }),
      update: (body) => ask("POST", `${path}/update`, { body }),
      exec: async (body) => getExec((await ask<{ Id: string }>("POST", `${path}/exec`, { body })).Id),
      logs: ({ abortSignal: signal, ...query }) => stream("GET", `${path}/logs`, { query, signal }),
      infoArchive: async (query) => {
        await ask("HEAD", `${path}/archive`, { query });
        return true;
      },
      putArchive: (body, query) => ask("PUT", `${path}/archive`, { query, body }),
    };
  };

  return {
    version: () => ask("GET", "/version"),
    info: () => ask("GET", "/info"),
    df: () => ask("GET", "/system/df", { isSlow: true }),
    listContainers: (query) => ask("GET", "/containers/json", { query }),
    listNetworks: (query) => ask("GET", "/networks", { query }),
    listVolumes: () => ask("GET", "/volumes"),
    listImages: (query) => ask("GET", "/images/json", { query }),
    createContainer: async ({ name, ...body }) => {
      const { Id: id } = await ask<{ Id: string }>("POST", "/containers/create", { query: { name }, body });
      return { id, ...getContainer(id) };
    },
    createNetwork: (body) => ask("POST", "/networks/create", { body }),
    createVolume: (body) => ask("POST", "/volumes/create", { body }),
    createImage: ({ abortSignal: signal, ...query }) => stream("POST", "/images/create", { query, signal }),
    getContainer,
    getExec,
    getNetwork: (id) => ({
      connect: (body) => ask("POST", `/networks/${id}/connect`, { body }),
      disconnect: (body) => ask("POST", `/networks/${id}/disconnect`, { body }),
      remove: () => ask("DELETE", `/networks/${id}`),
    }),
    getVolume: (name) => ({
      inspect: () => ask("GET", `/volumes/${name}`),
      remove: () => ask("DELETE", `/volumes/${name}`),
    }),
    getImage: (name) => ({
      inspect: () => ask("GET", `/images/${name}/json`),
      tag: (query) => ask("POST", `/images/${name}/tag`, { query }),
      remove: (query) => ask("DELETE", `/images/${name}`, { query }),
    }),
  };
}
