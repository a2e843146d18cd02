/** Tells listeners what is sent. */
export class FixtureTopic<T> {
  readonly #listeners = new Set<(value: T) => void>();

  send(value: T) {
    for (const listener of this.#listeners) listener(value);
  }

  /** @returns stops listening */
  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}
