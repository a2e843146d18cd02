import type { ModuleSummary } from "#shared/api/beacon.ts";
import { ModuleMark } from "#ui/beacon/module-mark.tsx";
import { formatSize } from "#ui/format.ts";
import "./app-cards.css";

export interface AppCardsProps {
  readonly modules: readonly ModuleSummary[];
  readonly picked: ReadonlySet<string>;
  readonly onChange: (picked: ReadonlySet<string>) => void;
}

/** Apps by category, each a card that is a checkbox. */
export function AppCards({ modules, picked, onChange }: AppCardsProps) {
  const categories = [...new Set(modules.map(({ category }) => category))];
  const toggle = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <div class="app-groups">
      {categories.map((category) => (
        <fieldset key={category} class="app-group">
          <legend>{category}</legend>
          <div class="app-cards">
            {modules
              .filter((module) => module.category === category)
              .map((module) => (
                <label key={module.id} class="app-card" data-picked={picked.has(module.id) ? "" : undefined}>
                  <input type="checkbox" checked={picked.has(module.id)} onChange={() => toggle(module.id)} />
                  <ModuleMark module={module.id} title={module.title} />
                  <span class="card-text">
                    <span class="app-card-title">{module.title}</span>
                    <span class="muted">{module.summary}</span>
                    <span class="mono faint">{formatSize(module.memoryMb * 1024 * 1024)} memory</span>
                  </span>
                </label>
              ))}
          </div>
        </fieldset>
      ))}
    </div>
  );
}
