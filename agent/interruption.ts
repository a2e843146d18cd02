/** Why work was broken off that goes on when the agent starts again: neither a failure nor a cancellation. */
export class Interruption extends Error {
  override readonly name = "Interruption";
}
