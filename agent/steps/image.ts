import type { Some } from "./context.ts";

export const image: Some<"image.pull"> = {
  "image.pull": ({ docker, signal, report }, { image }) => docker.images.pull(image, { signal, report }),
};
