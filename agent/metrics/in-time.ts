import { Problem } from "#shared/problem.ts";

/** What does not settle in time has failed. @throws {Problem} `timed_out`, or what the work throws */
export async function inTime<Result>(work: Result | Promise<Result>, limitMs: number, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Problem("timed_out", `${what} did not answer in ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
