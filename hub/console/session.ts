import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { MyAccount } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { HubApi } from "./hub-api.ts";

export type SessionState =
  | { readonly is: "unknown" }
  | { readonly is: "away"; readonly problem: Problem }
  | { readonly is: "setup" }
  | { readonly is: "out" }
  | { readonly is: "in"; readonly me: MyAccount };

/** Who reads, as far as the hub has told. */
export class Session {
  readonly state: Signal<SessionState> = signal({ is: "unknown" });
  readonly api: HubApi;

  constructor(api: HubApi) {
    this.api = api;
  }

  readonly read = async (): Promise<void> => {
    try {
      this.state.value = { is: "in", me: await this.api.me() };
    } catch (thrown) {
      const problem = Problem.wrap(thrown);
      if (problem.code === "not_signed_in") await this.#readSetup();
      else this.state.value = { is: "away", problem };
    }
  };

  readonly setPassword = async (password: string): Promise<void> => {
    this.state.value = { is: "in", me: await this.api.setPassword(password) };
  };

  readonly signOut = async (): Promise<void> => {
    await this.api.signOut();
    this.state.value = { is: "out" };
  };

  async #readSetup(): Promise<void> {
    try {
      this.state.value = (await this.api.setup()).needed ? { is: "setup" } : { is: "out" };
    } catch (thrown) {
      this.state.value = { is: "away", problem: Problem.wrap(thrown) };
    }
  }
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("a page is outside of its SessionContext");
  return session;
}
