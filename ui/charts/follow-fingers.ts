export interface FingerHandlers {
  /** One finger is there, pixels from the left edge. */
  readonly onMove: (leftPx: number) => void;
  /** Two fingers were spread or brought together: this part of the width is to be as wide as the whole was. */
  readonly onPinch: (fromPx: number, toPx: number) => void;
}

interface Finger {
  readonly startPx: number;
  readonly nowPx: number;
}

/** Less than that is no pinch. */
const LEAST_CHANGE = 0.08;

/**
 * One finger points, two zoom; up and down goes on scrolling the page (`touch-action: pan-y`). uPlot itself listens to mice only.
 * @returns stops following
 */
export function followFingers(area: HTMLElement, { onMove, onPinch }: FingerHandlers): () => void {
  const fingers = new Map<number, Finger>();
  const leftOf = (event: PointerEvent) => event.clientX - area.getBoundingClientRect().left;

  const down = (event: PointerEvent) => {
    if (event.pointerType !== "touch") return;
    const at = leftOf(event);
    fingers.set(event.pointerId, { startPx: at, nowPx: at });
  };
  const move = (event: PointerEvent) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return;
    fingers.set(event.pointerId, { ...finger, nowPx: leftOf(event) });
    if (fingers.size === 1) onMove(leftOf(event));
  };
  const up = (event: PointerEvent) => {
    const [a, b] = [...fingers.values()];
    fingers.delete(event.pointerId);
    if (event.type !== "pointerup" || a === undefined || b === undefined) return;
    const part = pinched(a, b, area.clientWidth);
    fingers.clear();
    if (part !== undefined) onPinch(...part);
  };

  const listening = new AbortController();
  const { signal } = listening;
  area.style.touchAction = "pan-y";
  area.addEventListener("pointerdown", down, { signal });
  area.addEventListener("pointermove", move, { signal });
  area.addEventListener("pointerup", up, { signal });
  area.addEventListener("pointercancel", up, { signal });
  return () => listening.abort();
}

/** Pure: the part of the former width that two fingers now hold over the whole width. Nothing for what is hardly a pinch. */
export function pinched(a: Finger, b: Finger, widthPx: number): [fromPx: number, toPx: number] | undefined {
  const [before, after] = [Math.abs(a.startPx - b.startPx), Math.abs(a.nowPx - b.nowPx)];
  if (before < 1 || after < 1 || Math.abs(after / before - 1) < LEAST_CHANGE) return undefined;
  const scale = before / after;
  const middleBefore = (a.startPx + b.startPx) / 2;
  const middleAfter = (a.nowPx + b.nowPx) / 2;
  // What was between the fingers stays between them.
  const from = middleBefore - middleAfter * scale;
  return [from, from + widthPx * scale];
}
