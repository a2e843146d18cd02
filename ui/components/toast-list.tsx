import { useToasts } from "../toasts.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** Where toasts appear. They are read out when they come. */
export function ToastList() {
  const toasts = useToasts();
  return (
    <div class="toasts" aria-live="polite" role="status">
      {toasts.list.value.map(({ id, tone, text }) => (
        <div key={id} class="toast" data-tone={tone}>
          <Icon name={tone === "bad" ? "alert" : "check"} />
          <p class="text">{text}</p>
          <Button kind="quiet" size="small" icon="close" label="Dismiss" onClick={() => toasts.dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
