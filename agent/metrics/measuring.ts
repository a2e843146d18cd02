import type { HostCertificate } from "#shared/certificates.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import type { Engine } from "../engine.ts";
import { createSecurityUpdates } from "../host/security-updates.ts";
import type { Log } from "../log.ts";
import type { AgentDatabase } from "../store/database.ts";
import { createCollector } from "./collector.ts";
import { remember } from "./containers.ts";
import { createGapLog, type GapLog } from "./gap-log.ts";
import { createGapWatch } from "./gap-watch.ts";
import { createHostFiles, type HostFiles } from "./host-files.ts";
import { createLive, type Live } from "./live.ts";
import { keepSampling } from "./sampler.ts";
import { createSlowMeter } from "./slow.ts";
import { createMetricsStore, type MetricsStore } from "./store.ts";

const LIVE_MS = 1_000;
const CONTAINERS_KNOWN_MS = 5_000;
const ENGINE_ANSWERS_WITHIN_MS = 4_000;

export interface MeasuringParts {
  readonly db: AgentDatabase;
  readonly engine: Pick<Engine, "runningContainers" | "services" | "diskUse">;
  readonly certificates: () => readonly HostCertificate[];
  /** Between two samples that are stored. */
  readonly sampleMs: number;
  /** The hub's clock as far as it is known. */
  readonly now: () => number;
  /** The system's clock, by which its files are dated. */
  readonly system: () => number;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
  readonly log: Log;
}

/** What is measured on this beacon, and was. */
export interface Measuring {
  readonly files: HostFiles;
  readonly metrics: MetricsStore;
  readonly gaps: GapLog;
  /** Measures only while somebody looks. */
  readonly live: Live;
  /** Samples until `stop` is aborted. @param onSample Told each sample once it is stored. */
  readonly keep: (onSample: (sample: Sample) => void, stop: AbortSignal) => Promise<void>;
}

/** Measures nothing before it is told to. */
export function createMeasuring(parts: MeasuringParts): Measuring {
  const { db, engine, certificates, sampleMs, now, system, monotonic, log } = parts;
  const files = createHostFiles();
  const briefly = { forMs: CONTAINERS_KNOWN_MS, withinMs: ENGINE_ANSWERS_WITHIN_MS, monotonic };
  const running = remember(engine.runningContainers, briefly);
  const services = {
    ...engine.services,
    containers: remember(engine.services.containers, briefly),
  };
  const slow = createSlowMeter({ diskUse: engine.diskUse, securityUpdates: createSecurityUpdates(files), log });
  // One for each that calls it: its rates are since its last call.
  const collector = () =>
    createCollector({ files, running, services, certificates, slow, now, system, monotonic, log });
  const gaps = createGapLog(db, now);
  const metrics = createMetricsStore({ db, sampleMs, gaps, now });
  return {
    files,
    metrics,
    gaps,
    live: createLive({ collect: collector(), everyMs: LIVE_MS, now, log }),
    keep: (onSample, stop) =>
      keepSampling(
        {
          collect: collector(),
          store: metrics,
          gaps: createGapWatch({ files, store: metrics, gaps, sampleMs, monotonic }),
          sampleMs,
          now,
          onSample,
          log,
        },
        stop,
      ),
  };
}
