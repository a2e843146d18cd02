import { Problem } from "#shared/problem.ts";
import { createKeyedMutex } from "../mutex.ts";
import type { DockerConnection } from "./connection.ts";
import { dockerProblem, engineMessage, engineStatus, refusal } from "./failures.ts";
import { canonicalReference, type ImageReference, imageNames, parseImageReference } from "./image-reference.ts";
import { PullLine, type PullProgress, trackPull } from "./pull-progress.ts";
import { watchSilence } from "./silence.ts";
import { jsonLines } from "./streams.ts";

export interface PullOptions {
  readonly signal: AbortSignal;
  readonly report: (progress: PullProgress) => void;
}

export interface Images {
  /** Every reference under which an image that is present can be named. */
  list(): Promise<string[]>;
  /**
   * Makes the image present under `reference`: asks the mirror first when there is one, then the registry itself.
   * @throws {Problem} `image_missing`, `registry_unreachable`, `timed_out` when the registry falls silent, `disk_full`
   */
  pull(reference: string, options: PullOptions): Promise<void>;
  /** Pulls although an image of that name is present, so that the name means what the registry means by it now. */
  refresh(reference: string, options: PullOptions): Promise<void>;
  /** Id of the image that a name means on this machine. */
  idOf(reference: string): Promise<string | undefined>;
}

interface ImageOptions {
  readonly registryMirror: string | undefined;
  readonly pullSilenceMs: number;
}

export function dockerImages(docker: DockerConnection, { registryMirror, pullSilenceMs }: ImageOptions): Images {
  const { engine, call } = docker;
  const oneAtATime = createKeyedMutex();

  const isPresent = async (reference: string) =>
    (await call(`look for image ${reference}`, () => engine.getImage(reference).inspect(), [404])) !== undefined;

  async function pullFrom(source: ImageReference, { signal, report }: PullOptions): Promise<void> {
    const name = canonicalReference(source);
    const silence = watchSilence(pullSilenceMs, () => {
      const seconds = Math.round(pullSilenceMs / 1000);
      return new Problem("timed_out", `${source.registry} sent nothing for ${seconds} s while ${name} was pulled`, {
        hint: "Try again; when it happens again, check the network and the registry.",
      });
    });
    const abort = AbortSignal.any([signal, silence.signal]);
    try {
      const stream = await engine.createImage({
        fromImage: `${source.registry}/${source.repository}`,
        tag: source.digest ?? source.tag,
        abortSignal: abort,
      });
      await follow(name, stream, { heard: silence.heard, report });
    } catch (error) {
      abort.throwIfAborted();
      throw pullProblem(source, error);
    } finally {
      silence.stop();
    }
  }

  async function pullThroughMirror(mirror: string, reference: ImageReference, options: PullOptions): Promise<void> {
    const there = { ...reference, registry: mirror, repository: `${reference.registry}/${reference.repository}` };
    const name = canonicalReference(there);
    await pullFrom(there, options);
    const image = engine.getImage(name);
    const repo = `${reference.registry}/${reference.repository}`;
    await call(`name the image ${repo}`, () => image.tag({ repo, tag: reference.tag ?? "latest" }));
    // Another agent of this engine may have removed the mirror's name already.
    await call(`forget the name ${name}`, () => image.remove({ noprune: true }), [404, 409]);
  }

  async function pullFromAnywhere(text: string, options: PullOptions): Promise<void> {
    const reference = parseImageReference(text);
    if (registryMirror === undefined || !canMirror(reference)) return await pullFrom(reference, options);
    try {
      await pullThroughMirror(registryMirror, reference, options);
    } catch (mirrorProblem) {
      if (!(mirrorProblem instanceof Problem) || !passesOn.has(mirrorProblem.code)) throw mirrorProblem;
      await pullFrom(reference, options).catch((error) => {
        throw withMirror(error, registryMirror, mirrorProblem);
      });
    }
  }

  return {
    list: async () => {
      const images = (await call("list images", () => engine.listImages({ digests: true }))) ?? [];
      return images.flatMap(({ Id, RepoTags, RepoDigests }) => [
        Id,
        ...imageNames((RepoTags ?? []).filter(isNamed), (RepoDigests ?? []).filter(isNamed)),
      ]);
    },

    pull: (text, options) =>
      oneAtATime(text, async () => {
        if (!(await isPresent(text))) await pullFromAnywhere(text, options);
      }),

    refresh: (text, options) => oneAtATime(text, () => pullFromAnywhere(text, options)),

    idOf: async (text) => (await call(`look for image ${text}`, () => engine.getImage(text).inspect(), [404]))?.Id,
  };
}

/**
 * A digest cannot be given as a name to what came from elsewhere, and a registry with a port in its address is a private
 * one, whose address cannot be a part of a repository's path.
 */
const canMirror = ({ registry, digest }: ImageReference) => digest === undefined && !registry.includes(":");

/** Answers of a mirror after which the registry itself is asked. */
const passesOn = new Set(["image_missing", "registry_unreachable", "timed_out"]);

const isNamed = (reference: string) => !reference.startsWith("<none>");

interface Following {
  readonly heard: () => void;
  readonly report: PullOptions["report"];
}

async function follow(name: string, stream: NodeJS.ReadableStream, { heard, report }: Following) {
  const track = trackPull();
  for await (const value of jsonLines(stream)) {
    heard();
    const line = PullLine.parse(value);
    if (line.error !== undefined) throw streamProblem(name, line.error);
    const progress = track(line);
    if (progress !== undefined) report(progress);
  }
}

/**
 * The engine answers 404 when the registry says that it has no such image or shows it to nobody, and 500 when the
 * registry did not say anything of use. Once layers come, an error is only text in the stream: by then the image exists,
 * so it is the way to it that failed, unless the disk is full.
 */
function pullProblem(source: ImageReference, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = engineStatus(error);
  const name = canonicalReference(source);
  const problem = dockerProblem(`pull ${name}`, error);
  if (status === 404 || problem.code === "image_missing") {
    return new Problem("image_missing", `${source.registry} has no image ${name} for everybody to pull`, {
      hint: "Check the name and the tag of the image.",
      details: { answer: engineMessage(error) },
    });
  }
  if (status === undefined || status < 500 || problem.code !== "docker_refused") return problem;
  return unreachable(name, engineMessage(error));
}

function streamProblem(name: string, message: string): Problem {
  const problem = refusal(`pull ${name}`, { message });
  return problem.code === "docker_refused" ? unreachable(name, message) : problem;
}

const unreachable = (name: string, answer: string) =>
  new Problem("registry_unreachable", `the registry of ${name} could not be reached`, {
    hint: "Check the network of this server, and whether the registry is up.",
    details: { answer },
  });

/** When the registry could not be asked, that is what is wrong, whatever the mirror said. */
function withMirror(error: unknown, mirror: string, said: Problem): unknown {
  if (!(error instanceof Problem)) return error;
  return new Problem(error.code, error.message, {
    hint: error.hint,
    details: { ...error.details, mirror, mirrorAnswer: said.message },
    cause: error.cause,
  });
}
