/** Series by name, see `shared/metrics/sample.ts`. */
export type Values = Record<string, number>;

/**
 * Measures one kind of thing. It may remember its last reading, so each reader of a series has meters of its own.
 * @param atMs Milliseconds that only ever grow, for rates.
 */
export type Meter = (atMs: number) => Values | Promise<Values>;

/** Two decimals are more than a chart shows, and keep the stored text short. */
export const round2 = (value: number) => Math.round(value * 100) / 100;
