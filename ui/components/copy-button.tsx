import { useToasts } from "../toasts.ts";
import { useTask } from "../use-task.ts";
import { Button } from "./button.tsx";

/** Puts a text on the reader's clipboard, which browsers allow on pages that came over HTTPS or from this machine. */
export function CopyButton({ what, text }: { what: string; text: string }) {
  const toasts = useToasts();
  const copying = useTask(async () => {
    try {
      await navigator.clipboard.writeText(text);
      toasts.show("good", `The ${what} is on the clipboard.`);
    } catch {
      toasts.show("bad", `The browser does not let this page copy. Select the ${what} and copy it yourself.`);
    }
  });
  return (
    <Button size="small" busy={copying.busy} onClick={() => void copying.run()}>
      Copy the {what}
    </Button>
  );
}
