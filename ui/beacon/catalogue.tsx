import { useEffect, useState } from "preact/hooks";
import type { ModuleSummary } from "#shared/api/beacon.ts";
import { ProblemBox } from "../components/problem-box.tsx";
import { SearchBox } from "../components/search-box.tsx";
import { Skeleton } from "../components/states.tsx";
import { formatSize } from "../format.ts";
import { useTask } from "../use-task.ts";
import { useBeacon } from "./beacon-store.ts";
import { ModuleMark } from "./module-mark.tsx";
import "./catalogue.css";

/** Pure: modules whose name, purpose or rival has every word of `search` in it. */
export function findModules(modules: readonly ModuleSummary[], search: string): ModuleSummary[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return modules.filter((module) => {
    const text = [module.id, module.title, module.summary, module.category, ...module.replaces].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The apps that can be installed, found by typing, picked by a click. */
export function Catalogue({ onPick }: { onPick: (module: ModuleSummary) => void }) {
  const store = useBeacon();
  const [search, setSearch] = useState("");
  const loading = useTask(store.readModules);
  // Once, when the catalogue opens.
  useEffect(() => {
    void loading.run();
  }, []);

  const modules = store.modules.value?.filter(({ core }) => !core);
  const found = findModules(modules ?? [], search);
  const installed = new Set(store.overview.value?.inventory?.instances.map(({ module }) => module));
  if (loading.problem !== undefined) return <ProblemBox problem={loading.problem} />;
  if (modules === undefined) return <Skeleton lines={6} />;
  return (
    <>
      <SearchBox label="Search apps" value={search} onInput={setSearch} />
      <p class="visually-hidden" role="status">
        {found.length} apps
      </p>
      {found.length === 0 ? <p class="muted">No app matches “{search}”.</p> : null}
      <ul class="catalogue">
        {found.map((module) => (
          <li key={module.id}>
            <button type="button" class="catalogue-item" onClick={() => onPick(module)}>
              <ModuleMark module={module.id} title={module.title} />
              <span class="card-text">
                <span class="catalogue-title">
                  {module.title}
                  {installed.has(module.id) ? <span class="pill">installed</span> : null}
                </span>
                <span class="muted">{module.summary}</span>
                <span class="faint catalogue-facts">
                  <span>{module.category}</span>
                  <span class="mono">{formatSize(module.memoryMb * 1024 * 1024)} memory</span>
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
