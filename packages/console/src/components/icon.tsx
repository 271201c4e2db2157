const PATHS = {
  experiments: 'M6 2.5h4M7 2.5v4L3.2 12.6A1 1 0 0 0 4 14h8a1 1 0 0 0 .8-1.4L9 6.5v-4M5 10.5h6',
  models: 'M8 1.8 13.5 5v6L8 14.2 2.5 11V5L8 1.8ZM2.5 5 8 8.2 13.5 5M8 8.2v6',
  deployments: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01M8 5h3M8 11h3',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 3v10l8-5-8-5Z',
  split: 'M2.5 8h4l3.5-4.5h3.5M6.5 8 10 12.5h3.5M11.5 1.5l2 2-2 2M11.5 10.5l2 2-2 2',
  warn: 'M8 2.2 14.2 13.2H1.8L8 2.2ZM8 6.5v3.2M8 11.6h.01',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10ZM10.6 10.6 14 14',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  group: 'M2.5 3.5h11M5.5 8h8M5.5 12.5h8M2.5 8h.01M2.5 12.5h.01',
  views: 'M4 2.5h8v11l-4-3-4 3v-11Z',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3',
  trash: 'M2.8 4.5h10.4M6.2 4.5v-2h3.6v2M4.2 4.5l.6 9h6.4l.6-9',
  restore: 'M3 8a5 5 0 1 1 1.6 3.7M2.8 14v-3h3',
  compare: 'M5.5 2.5v11M10.5 2.5v11M2.5 5.5l3-3 3 3M7.5 10.5l3 3 3-3',
  close: 'm4 4 8 8M12 4l-8 8',
  right: 'm6 3.5 4.5 4.5L6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  up: 'm4 7 4-4 4 4M8 3v10',
  downArrow: 'm4 9 4 4 4-4M8 13V3',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  folder: 'M2 4h4l1.5 1.8H14V13H2V4Z',
  file: 'M4 1.8h5l3 3v9.4H4zM9 1.8v3h3',
  download: 'M8 2.5v8M4.8 7.6 8 10.8l3.2-3.2M3 13.5h10',
  open: 'M9 2.5h4.5V7M13.2 2.8 7.5 8.5M11 9.5v4H2.5V5h4',
  plus: 'M8 3v10M3 8h10',
  edit: 'm10.5 2.8 2.7 2.7L5.7 13l-3.2.5.5-3.2 7.5-7.5Z',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M3.2 12.8l1-1M11.8 4.2l1-1',
  moon: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z',
  system: 'M2 3h12v8H2zM6 13.5h4',
  chart: 'M2.5 2.5v11h11M5 10l3-4 2.5 2L14 3.5',
  back: 'M13 8H3M7 4 3 8l4 4',
} as const

export type IconName = keyof typeof PATHS

/** A line drawing beside words; it says nothing by itself. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
