import type { ComponentType } from "preact";
import { Button } from "./components/button.tsx";
import { ProblemBox } from "./components/problem-box.tsx";
import { Skeleton } from "./components/states.tsx";
import { patiently } from "./patient-fetch.ts";
import { useLoaded } from "./use-loaded.ts";

/** A part of a page that is loaded when it is looked at first. Where it cannot be loaded, the reader is told and can try again. */
export const lazy = <Props extends object>(load: () => Promise<ComponentType<Props>>, lines = 6) =>
  function Lazy(props: Props) {
    const { data: Loaded, problem, reload } = useLoaded(() => patiently(load), "");
    if (Loaded !== undefined) return <Loaded {...props} />;
    return problem === undefined ? (
      <Skeleton lines={lines} />
    ) : (
      <ProblemBox problem={problem}>
        <Button icon="retry" onClick={reload}>
          Try again
        </Button>
        {/* After an update of the server its pages have other names. */}
        <Button onClick={() => window.location.reload()}>Load the page anew</Button>
      </ProblemBox>
    );
  };
