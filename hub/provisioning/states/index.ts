import type { JobState } from "#shared/api/hub.ts";
import type { State, WorkingState } from "../state.ts";
import { configuringDns } from "./configuring-dns.ts";
import { deployingWopr } from "./deploying-wopr.ts";
import { generatingDocs } from "./generating-docs.ts";
import { paymentReceived } from "./payment-received.ts";
import { pending } from "./pending.ts";
import { provisioningVps } from "./provisioning-vps.ts";
import { sendingWelcome } from "./sending-welcome.ts";
import { waitingForVps } from "./waiting-for-vps.ts";

/** What is done in each state. Their order is that of `jobStates`; a state without an entry here does not compile. */
export const states: { readonly [S in WorkingState]: State & { readonly state: S } } = {
  PENDING: pending,
  PAYMENT_RECEIVED: paymentReceived,
  PROVISIONING_VPS: provisioningVps,
  WAITING_FOR_VPS: waitingForVps,
  CONFIGURING_DNS: configuringDns,
  DEPLOYING_WOPR: deployingWopr,
  GENERATING_DOCS: generatingDocs,
  SENDING_WELCOME: sendingWelcome,
};

const isWorking = (state: JobState): state is WorkingState => Object.hasOwn(states, state);

/** What is done in a state of a job; `undefined` when the job has come to an end in it. */
export const workingState = (state: JobState): State | undefined => (isWorking(state) ? states[state] : undefined);
