import { Button } from "#ui/components/button.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useTask } from "#ui/use-task.ts";
import { useFleet } from "./fleet-store.ts";

/** Opens a beacon's own dashboard, signed in: a form posts the token, so that no address holds it. */
export function OpenDashboard({ beacon, disabled = false }: { beacon: string; disabled?: boolean }) {
  const { api } = useFleet();
  const toasts = useToasts();
  const opening = useTask(async () => {
    // Opened right away, within the click: a window that opens after an answer counts as a pop-up.
    const target = `beacon-${beacon}`;
    const opened = window.open("", target);
    try {
      const { url, token } = await api.visit(beacon);
      postTo(url, { token }, target);
    } catch (thrown) {
      opened?.close();
      toasts.show("bad", thrown instanceof Error ? thrown.message : "the dashboard could not be opened");
    }
  });
  return (
    <Button icon="external" busy={opening.busy} disabled={disabled} onClick={() => void opening.run()}>
      Open dashboard
    </Button>
  );
}

function postTo(url: string, fields: Readonly<Record<string, string>>, target: string) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.target = target;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
