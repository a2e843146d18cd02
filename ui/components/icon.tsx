/** Strokes on a grid of 16, drawn for these pages. */
const paths = {
  alert: "M8 2.2 14.6 13.6H1.4ZM8 6.6v3.2M8 11.7v.1",
  arrow: "M3 8h10M9 4l4 4-4 4",
  back: "M13 8H3M7 4 3 8l4 4",
  box: "M8 1.8 13.8 5v6L8 14.2 2.2 11V5ZM2.4 5.1 8 8.2l5.6-3.1M8 8.2v5.8",
  check: "m3 8.6 3.2 3.2L13 5",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  clock: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 4.6V8l2.4 1.6",
  close: "m4 4 8 8M12 4l-8 8",
  coin: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM10 6C9 4.8 6.2 5 6.2 6.6c0 2 3.8.9 3.8 2.9C10 11.2 7 11.2 6 10M8 4v8",
  database: "M2.6 4c0-3 10.8-3 10.8 0v8c0 3-10.8 3-10.8 0ZM2.6 4c0 3 10.8 3 10.8 0M2.6 8c0 3 10.8 3 10.8 0",
  download: "M8 2.4v7.4M4.8 6.9 8 10.1l3.2-3.2M2.6 13.4h10.8",
  external: "M6.5 3.5h-3v9h9v-3M9 2.8h4.2V7M13 3 7.4 8.6",
  globe: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM1.9 8h12.2M8 1.8c-4 4-4 8.4 0 12.4 4-4 4-8.4 0-12.4",
  grid: "M2.5 2.5h4.2v4.2H2.5ZM9.3 2.5h4.2v4.2H9.3ZM2.5 9.3h4.2v4.2H2.5ZM9.3 9.3h4.2v4.2H9.3Z",
  home: "M2.2 7.4 8 2.4l5.8 5M3.8 6.4v7h8.4v-7M6.6 13.2V9.4h2.8v3.8",
  image: "M2.4 2.8h11.2v10.4H2.4ZM2.6 11l3.4-3.4 3 3 1.8-1.8 2.6 2.4M10.4 5.8v.1",
  key: "M10.3 2.2a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM7.8 8.2 2.4 13.6M4 12l1.8 1.8",
  list: "M5.4 4h8.2M5.4 8h8.2M5.4 12h8.2M2.4 4v.1M2.4 8v.1M2.4 12v.1",
  logs: "M3 3.6h10M3 6.5h7M3 9.4h10M3 12.3h5",
  mail: "M2 3.4h12v9.2H2ZM2.2 4 8 8.8 13.8 4",
  more: "M3.4 8v.1M8 8v.1M12.6 8v.1",
  minus: "M3 8h10",
  moon: "M13.4 9.6A6 6 0 0 1 6.4 2.6a6 6 0 1 0 7 7Z",
  network: "M6 2.4h4v3.2H6ZM1.8 10.4h4v3.2h-4ZM10.2 10.4h4v3.2h-4ZM8 5.8v2.4M3.8 10.2v-2h8.4v2",
  pen: "m2.6 13.4.6-3L11 2.6l2.4 2.4-7.8 7.8Z",
  play: "M4.6 2.8 12.8 8l-8.2 5.2Z",
  plus: "M8 3v10M3 8h10",
  pulse: "M1.6 8.4h2.9L6.4 3.4l3.2 9.4 1.9-4.4h2.9",
  retry: "M13.4 3v3.6H9.8M13.2 6.4A5.6 5.6 0 1 0 13.6 9",
  search: "M7 2.4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2ZM10.4 10.4l3.4 3.4",
  server: "M2.4 2.8h11.2v4.4H2.4ZM2.4 8.8h11.2v4.4H2.4ZM5 5v.1M5 11v.1",
  signOut: "M9.6 2.6H3v10.8h6.6M6.6 8h7.2M11 5.2 13.8 8 11 10.8",
  stop: "M3.8 3.8h8.4v8.4H3.8Z",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1",
  upload: "M8 10.1V2.7M4.8 5.6 8 2.4l3.2 3.2M2.6 13.4h10.8",
  terminal: "M2 3h12v10H2ZM4.6 6l2 2-2 2M8.4 10.2h3",
  trash: "M2.6 4.2h10.8M6 4V2.4h4V4M4 4.4l.6 9h6.8l.6-9M6.8 7v4M9.2 7v4",
} as const;

export type IconName = keyof typeof paths;

export const Icon = ({ name, size = 15 }: { name: IconName; size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={paths[name]} />
  </svg>
);
