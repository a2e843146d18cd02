import type { Sample } from "#shared/metrics/sample.ts";

/** When the first sample was taken: at the start of ten minutes. */
export const FIRST_AT = 1_795_200_000_000;

/** The sample of this number: one each ten seconds, with a series that comes and goes. */
export const sampleOf = (number: number): Sample => ({
  at: FIRST_AT + number * 10_000,
  values: { load_1: number % 97, ...(number % 5 === 0 ? { load_5: number } : {}) },
});
