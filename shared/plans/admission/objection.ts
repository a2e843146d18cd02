import type { ProblemCode } from "../../problem.ts";

/** Why an instance cannot be admitted. */
export interface Objection {
  readonly code: ProblemCode;
  /** Container or instance that asks for it, like `notes/web` or `notes`. */
  readonly where: string;
  readonly message: string;
  /** What the owner can do. */
  readonly hint: string;
}
