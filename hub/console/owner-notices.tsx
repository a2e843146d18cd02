import { OwnerNotices as Schema } from "#shared/api/alerts.ts";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useToasts } from "#ui/toasts.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useTask } from "#ui/use-task.ts";
import { useFleet } from "./fleet-store.ts";
import "./owner-notices.css";

const choices = [
  { value: "critical", title: "what is critical" },
  { value: "all", title: "every alert" },
  { value: "none", title: "nothing" },
] as const;

/** Of what the owner of a beacon gets mails. The owner and the operator may change it. */
export function OwnerNotices({ beacon }: { beacon: string }) {
  const { api } = useFleet();
  const toasts = useToasts();
  const { data, problem, reload } = useLoaded(() => api.notices(beacon), beacon);
  const put = useTask(async (value: string) => {
    await api.putNotices(beacon, Schema.parse({ ownerMail: value }));
    reload();
    toasts.show("good", "It is changed.");
  });
  const failed = put.problem ?? problem;
  return (
    <section class="section" aria-label="Mails to the owner">
      <label class="owner-notices">
        <span>Mail the owner</span>
        <select
          class="input"
          value={data?.ownerMail ?? "critical"}
          disabled={data === undefined || put.busy}
          onChange={({ currentTarget }) => void put.run(currentTarget.value)}
        >
          {choices.map(({ value, title }) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {failed === undefined ? null : <ProblemBox problem={failed} />}
    </section>
  );
}
