import { describe, expect, test } from "vitest";
import { type PullLine, trackPull } from "#agent/docker/pull-progress.ts";

const line = (id: string, status: string, current?: number, total?: number): PullLine => ({
  id,
  status,
  ...(total === undefined ? {} : { progressDetail: { current, total } }),
});

const MB = 1e6;

describe("trackPull", () => {
  test("adds layers up, each byte once for the download and once for unpacking", () => {
    const track = trackPull();
    const news = [
      line("7", "Pulling from library/redis"),
      line("a", "Pulling fs layer"),
      line("b", "Pulling fs layer"),
      line("a", "Downloading", 10 * MB, 20 * MB),
      line("b", "Downloading", 20 * MB, 20 * MB),
      line("b", "Download complete"),
      line("a", "Extracting", 20 * MB, 20 * MB),
      line("a", "Pull complete"),
      line("b", "Pull complete"),
    ].map(track);
    expect(news.at(0)).toBeUndefined();
    expect(news.at(1)).toEqual({ detail: "0 of 1 layers", percent: 0 });
    expect(news.at(3)).toEqual({ detail: "0 of 2 layers, 10 of 20 MB", percent: 25 });
    expect(news.at(4)).toEqual({ detail: "0 of 2 layers, 30 of 40 MB", percent: 37 });
    expect(news.at(6)).toEqual({ detail: "0 of 2 layers, 40 of 40 MB", percent: 75 });
    expect(news.at(8)).toEqual({ detail: "2 of 2 layers, 40 of 40 MB", percent: 100 });
  });

  test("never falls, though a layer that was not counted yet makes the whole larger", () => {
    const track = trackPull();
    expect(track(line("a", "Extracting", MB, MB))?.percent).toBe(99);
    expect(track(line("b", "Downloading", 0, 9 * MB))?.percent).toBe(99);
  });

  test("says nothing when a person would read the same", () => {
    const track = trackPull();
    track(line("a", "Downloading", 1_000_000, 900 * MB));
    expect(track(line("a", "Downloading", 1_000_001, 900 * MB))).toBeUndefined();
  });

  test("layers that are there already count as done", () => {
    expect(trackPull()(line("a", "Already exists"))).toEqual({ detail: "1 of 1 layers", percent: 100 });
  });
});
