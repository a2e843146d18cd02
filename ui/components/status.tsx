export type Tone = "good" | "busy" | "warn" | "bad" | "off" | "plain";

/** A coloured dot and the word for it: colour alone says nothing to many people. */
export const Status = ({ tone, children }: { tone: Tone; children: string }) => (
  <span class="status">
    <span class="dot" data-tone={tone} />
    {children}
  </span>
);
