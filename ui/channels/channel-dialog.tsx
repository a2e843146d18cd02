import { useState } from "preact/hooks";
import type { ChannelInput, ChannelKindView, ChannelView } from "#shared/api/channels.ts";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { Field } from "#ui/components/field.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";
import type { ChannelsApi } from "./channels-panel.tsx";
import "./channel-dialog.css";

export interface ChannelDialogProps {
  readonly api: Pick<ChannelsApi, "put" | "remove">;
  /** Whether beacons may be given it. */
  readonly hasBeacons: boolean;
  /** The one to change; a new one when absent. */
  readonly channel: ChannelView | undefined;
  readonly kinds: readonly ChannelKindView[];
  readonly onClose: () => void;
}

/** Settings as people read them; what is not in here is shown by its own name. */
const labels: Readonly<Record<string, string>> = {
  webhookUrl: "Webhook URL",
  routingKey: "Integration key",
  url: "URL",
  secret: "Signing secret",
  to: "Address",
};

const night = () => ({ from: "22:00", to: "07:00", timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });

/** Adds a channel or changes one. Secrets that are set are not shown, and stay when their field is left empty. */
export function ChannelDialog({ api, hasBeacons, channel, kinds, onClose }: ChannelDialogProps) {
  const [kindName, setKind] = useState(channel?.kind ?? kinds[0]?.kind ?? "");
  const [name, setName] = useState(channel?.name ?? "");
  const [settings, setSettings] = useState<Readonly<Record<string, string>>>(channel?.settings ?? {});
  const [severities, setSeverities] = useState(channel?.severities ?? "all");
  const [quietHours, setQuietHours] = useState(channel?.quietHours);
  const [fromBeacons, setFromBeacons] = useState(channel?.fromBeacons ?? false);
  const kind = kinds.find((one) => one.kind === kindName);

  const save = useTask(async () => {
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
    const input: ChannelInput = {
      kind: kindName,
      name: name === "" ? (kind?.title ?? kindName) : name,
      settings: given,
      severities,
      fromBeacons,
      ...(quietHours === undefined ? {} : { quietHours }),
    };
    await api.put(input, channel?.id);
    onClose();
  });
  const remove = useTask(async () => {
    if (channel !== undefined) await api.remove(channel.id);
    onClose();
  });
  const problem = save.problem ?? remove.problem;

  return (
    <Dialog
      title={channel === undefined ? "Add a channel" : `Change ${channel.name}`}
      onClose={onClose}
      foot={
        <>
          {channel === undefined ? null : (
            <span class="start">
              <Button kind="danger" icon="trash" busy={remove.busy} onClick={() => void remove.run()}>
                Remove
              </Button>
            </span>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={save.busy} onClick={() => void save.run()}>
            Save
          </Button>
        </>
      }
    >
      <div class="form">
        {channel === undefined ? (
          <Field label="Kind">
            {(input) => (
              <select
                {...input}
                class="input"
                value={kindName}
                onChange={(event) => {
                  setKind(event.currentTarget.value);
                  setSettings({});
                }}
              >
                {kinds.map((one) => (
                  <option key={one.kind} value={one.kind}>
                    {one.title}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ) : null}
        <Field label="Name" note="What it is called here.">
          {(input) => (
            <input
              {...input}
              class="input"
              value={name}
              placeholder={kind?.title}
              maxLength={60}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        {kind?.settings.map((setting) => (
          <Field
            key={setting.name}
            label={labels[setting.name] ?? setting.name}
            note={channel?.secrets.includes(setting.name) ? "It is set. Leave this empty to keep it." : undefined}
          >
            {(input) => {
              const shared = {
                ...input,
                class: "input mono",
                autocomplete: "off",
                spellcheck: false,
                placeholder: setting.default,
                value: settings[setting.name] ?? "",
                onInput: (event: { currentTarget: HTMLInputElement }) =>
                  setSettings({ ...settings, [setting.name]: event.currentTarget.value }),
              } as const;
              return setting.secret ? <input {...shared} type="password" /> : <input {...shared} type="text" />;
            }}
          </Field>
        ))}
        <label class="switch">
          <input
            type="checkbox"
            checked={severities === "critical"}
            onChange={(event) => setSeverities(event.currentTarget.checked ? "critical" : "all")}
          />
          Only what is critical
        </label>
        <label class="switch">
          <input
            type="checkbox"
            checked={quietHours !== undefined}
            onChange={(event) => setQuietHours(event.currentTarget.checked ? night() : undefined)}
          />
          Warnings wait during quiet hours
        </label>
        {quietHours === undefined ? null : (
          <div class="quiet-hours">
            {(["from", "to"] as const).map((end) => (
              <Field key={end} label={end === "from" ? "From" : "To"}>
                {(input) => (
                  <input
                    {...input}
                    class="input"
                    type="time"
                    value={quietHours[end]}
                    onInput={(event) => setQuietHours({ ...quietHours, [end]: event.currentTarget.value })}
                  />
                )}
              </Field>
            ))}
            <Field label="Time zone">
              {(input) => (
                <input
                  {...input}
                  class="input"
                  value={quietHours.timeZone}
                  onInput={(event) => setQuietHours({ ...quietHours, timeZone: event.currentTarget.value })}
                />
              )}
            </Field>
          </div>
        )}
        {hasBeacons ? (
          <label class="switch">
            <input
              type="checkbox"
              checked={fromBeacons}
              onChange={(event) => setFromBeacons(event.currentTarget.checked)}
            />
            Beacons may use it themselves while they cannot reach this hub
          </label>
        ) : null}
        {hasBeacons && fromBeacons ? (
          <p class="muted">
            Its settings, secrets included, are kept on every beacon. Who has root there can read them.
          </p>
        ) : null}
        {problem === undefined ? null : <ProblemBox problem={problem} />}
      </div>
    </Dialog>
  );
}
