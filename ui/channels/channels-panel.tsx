import { useState } from "preact/hooks";
import type { ChannelInput, ChannelKindView, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { Status } from "#ui/components/status.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { ChannelDialog } from "./channel-dialog.tsx";
import "#ui/beacon/alert-list.css";
import "./channels-panel.css";

export interface ChannelsApi {
  readonly list: () => Promise<ChannelsView>;
  /** Adds a channel, or changes the one of that id. */
  readonly put: (input: ChannelInput, channel: string | undefined) => Promise<ChannelView>;
  readonly remove: (channel: string) => Promise<unknown>;
  readonly test: (channel: string) => Promise<unknown>;
}

export interface ChannelsPanelProps {
  readonly api: ChannelsApi;
  /** Whether beacons may be given the channels, for when their hub is away. */
  readonly hasBeacons: boolean;
}

/** The ways to people, and how what is sent over them goes. */
export function ChannelsPanel({ api, hasBeacons }: ChannelsPanelProps) {
  const { data, problem, reload } = useLoaded(api.list, "channels");
  const [edited, setEdited] = useState<ChannelView | "new">();
  const add = (
    <Button kind="primary" icon="plus" onClick={() => setEdited("new")}>
      Add a channel
    </Button>
  );
  return (
    <>
      {problem === undefined ? null : <ProblemBox problem={problem} />}
      {data === undefined ? problem === undefined ? <Skeleton lines={4} /> : null : null}
      {data?.channels.length === 0 ? (
        <Empty title="Nobody is told yet" action={add}>
          Alerts can go out by e-mail, to a chat, a pager or a server of yours.
        </Empty>
      ) : null}
      {data === undefined || data.channels.length === 0 ? null : (
        <>
          <ul class="alerts rows card">
            {data.channels.map((channel) => (
              <ChannelRow
                key={channel.id}
                api={api}
                channel={channel}
                kind={data.kinds.find(({ kind }) => kind === channel.kind)}
                onEdit={() => setEdited(channel)}
                onTested={reload}
              />
            ))}
          </ul>
          <div class="after-list">{add}</div>
        </>
      )}
      {edited === undefined || data === undefined ? null : (
        <ChannelDialog
          api={api}
          hasBeacons={hasBeacons}
          channel={edited === "new" ? undefined : edited}
          kinds={data.kinds}
          onClose={() => {
            setEdited(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}

interface ChannelRowProps {
  readonly api: Pick<ChannelsApi, "test">;
  readonly channel: ChannelView;
  readonly kind: ChannelKindView | undefined;
  readonly onEdit: () => void;
  readonly onTested: () => void;
}

function ChannelRow({ api, channel, kind, onEdit, onTested }: ChannelRowProps) {
  const toasts = useToasts();
  const { name, problem, waiting, lastDeliveredAt, quietHours, severities } = channel;
  const test = useTask(async () => {
    await api.test(channel.id);
    toasts.show("good", `A test notice is on its way over ${name}.`);
    onTested();
  });
  const facts = [
    kind?.title ?? channel.kind,
    severities === "critical" ? "critical only" : "all alerts",
    ...(quietHours === undefined ? [] : [`quiet ${quietHours.from} to ${quietHours.to}, ${quietHours.timeZone}`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ];
  return (
    <li class="channel-row">
      <div class="channel-head">
        <span class="alert-what">
          <strong>{name}</strong>
          <span class="muted">{facts.join(" · ")}</span>
        </span>
        <span class="channel-state">
          {problem === undefined ? (
            <Status tone={lastDeliveredAt === undefined ? "off" : "good"}>
              {lastDeliveredAt === undefined ? "Not used yet" : "Works"}
            </Status>
          ) : (
            <Status tone="bad">Failing</Status>
          )}
          {lastDeliveredAt === undefined ? null : (
            <span class="muted">
              <Ago at={lastDeliveredAt} />
            </span>
          )}
        </span>
        <span class="channel-actions">
          <Button size="small" busy={test.busy} onClick={() => void test.run()}>
            Send a test
          </Button>
          <Button size="small" kind="quiet" icon="pen" label={`Change ${name}`} onClick={onEdit} />
        </span>
      </div>
      {test.problem !== undefined ? (
        <ProblemBox problem={test.problem} />
      ) : problem === undefined ? null : (
        <ProblemBox problem={problem} />
      )}
    </li>
  );
}
