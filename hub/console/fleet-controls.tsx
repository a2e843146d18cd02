import type { BeaconSummary } from "#shared/api/hub.ts";
import { FilterChips } from "#ui/components/filter-chips.tsx";
import { type FleetFilter, type FleetView, filters, type Sorting, sortings } from "./fleet-view.ts";
import "./fleet-controls.css";

const filterWords: Readonly<Record<FleetFilter, string>> = {
  all: "All",
  online: "Online",
  offline: "Offline",
  new: "Not yet there",
  degraded: "Apps not well",
  alerts: "With alerts",
};

interface ControlProps {
  readonly view: FleetView;
  readonly onChange: (view: FleetView) => void;
}

interface FleetFiltersProps extends ControlProps {
  readonly beacons: readonly BeaconSummary[];
  readonly counts: Readonly<Record<FleetFilter, number>>;
}

/** How many there are of each kind; pressed, only those are listed. */
export function FleetFilters({ beacons, counts, view, onChange }: FleetFiltersProps) {
  const providers = [...new Set(beacons.map(({ provider }) => provider))].sort();
  return (
    <div class="fleet-filters">
      <FilterChips
        filters={filters
          .filter((filter) => filter === "all" || counts[filter] > 0 || filter === view.filter)
          .map((filter) => ({ filter, title: filterWords[filter], count: counts[filter] }))}
        chosen={view.filter}
        onChoose={(filter) => onChange({ ...view, filter })}
      />
      {providers.length < 2 ? null : (
        <select
          class="input"
          aria-label="Provider"
          value={view.provider ?? ""}
          onChange={({ currentTarget: { value } }) => onChange({ ...view, provider: value === "" ? undefined : value })}
        >
          <option value="">All providers</option>
          {providers.map((provider) => (
            <option key={provider} value={provider}>
              {provider}
            </option>
          ))}
        </select>
      )}
      <label class="fleet-sort">
        <span class="muted">Sort by</span>
        <select
          class="input"
          value={`${view.descending ? "-" : ""}${view.sort}`}
          onChange={({ currentTarget: { value } }) => {
            const sort = sortings.find((one) => one === value.replace("-", ""));
            if (sort !== undefined) onChange({ ...view, sort, descending: value.startsWith("-") });
          }}
        >
          {sortings.flatMap((sort) => [
            <option key={sort} value={sort}>
              {columnWords[sort]}, {sort === "name" ? "A to Z" : "lowest first"}
            </option>,
            <option key={`-${sort}`} value={`-${sort}`}>
              {columnWords[sort]}, {sort === "name" ? "Z to A" : "highest first"}
            </option>,
          ])}
        </select>
      </label>
    </div>
  );
}

const columnWords: Readonly<Record<Sorting, string>> = {
  name: "Beacon",
  status: "Status",
  cpu: "CPU",
  memory: "Memory",
  disk: "Disk",
  apps: "Apps",
  seen: "Last seen",
};

/** What is asked for first when a column is pressed: the worst and the most, but names from A. */
const isFirstDescending = (sort: Sorting) => sort !== "name";

/** Titles of the columns; pressed, they sort. */
export function FleetHead({ view, onChange }: ControlProps) {
  return (
    <div class="fleet-head">
      {sortings.map((sort) => (
        <button
          key={sort}
          type="button"
          aria-label={`Sort by ${columnWords[sort]}`}
          aria-pressed={view.sort === sort}
          data-descending={view.descending}
          onClick={() =>
            onChange({ ...view, sort, descending: view.sort === sort ? !view.descending : isFirstDescending(sort) })
          }
        >
          {columnWords[sort]}
        </button>
      ))}
    </div>
  );
}
