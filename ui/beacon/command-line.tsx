import type { CommandView } from "#shared/api/beacon.ts";
import { ProgressBar } from "../components/progress-bar.tsx";
import { percentOf } from "./command-words.ts";
import "./command-line.css";

/** A command that goes on, in two lines. */
export const CommandLine = ({ command, title }: { command: CommandView; title: string }) => (
  <div class="command-line" role="status">
    <span class="command-line-text">
      <span class="spinner" />
      <span class="command-line-title">{title}</span>
      <span class="muted truncate">{command.progress?.title ?? "waiting for the beacon"}</span>
    </span>
    <ProgressBar label={title} percent={percentOf(command)} />
  </div>
);
