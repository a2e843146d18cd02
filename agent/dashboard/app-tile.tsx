import type { InstanceStatus } from "#shared/inventory.ts";
import { instanceTones, instanceWords } from "#ui/beacon/health.ts";
import { ModuleMark } from "#ui/beacon/module-mark.tsx";
import { Icon } from "#ui/components/icon.tsx";
import { Status } from "#ui/components/status.tsx";
import "./app-tile.css";

/** An app to be opened; one that is stopped or has no page leads to where it is looked after. */
export function AppTile({ instance }: { instance: InstanceStatus }) {
  const { name, module, title, state, urls } = instance;
  const url = state === "stopped" ? undefined : urls[0];
  return (
    <li>
      <a
        class="tile card"
        href={url ?? "/apps"}
        {...(url === undefined ? {} : { target: "_blank", rel: "noreferrer" })}
      >
        <ModuleMark module={module} title={title} />
        <span class="tile-text">
          <strong class="truncate">{title}</strong>
          {name === module ? null : <span class="mono muted truncate">{name}</span>}
          <Status tone={instanceTones[state]}>{instanceWords[state]}</Status>
        </span>
        <span class="tile-open">
          {url === undefined ? "Manage" : "Open"}
          <Icon name={url === undefined ? "chevron" : "external"} size={13} />
        </span>
      </a>
    </li>
  );
}
