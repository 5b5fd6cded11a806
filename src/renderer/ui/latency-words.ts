// The texts of the page that measures a camera's latency.
import { LEAST_FLASHES, type CameraLatency } from '../../main/contract/latency.ts';

const ms = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} ms`);

export const LATENCY_WORDS = {
  title: 'Measure how late a camera is',
  help: 'The screen flashes ten times while the camera looks at it: this tells by how much the capture times of this camera are late.',
  steps: [
    'Point the camera at this screen from so near that the screen fills most of the picture, and let nothing move.',
    'Take light away, and turn the screen up.',
    'Start. It takes half a minute, with a white flash every two seconds.',
  ],
  caution: 'Do not start it while somebody is near whom flashes may harm.',
  camera: 'Camera',
  use: 'Use the camera',
  start: 'Start',
  again: 'Measure again',
  picture: 'What the camera sees',
  settling: 'The clock of the camera is being read …',
  result: 'Result',
  median: 'Latency (median)',
  spread: 'Half of the flashes between',
  seen: 'Flashes seen',
  notKept: 'Times of sessions are capture times and are not changed by it. It is stored nowhere: write it down.',
  limits:
    'It counts from when the screen shows a flash, as far as the browser knows, so a slow screen adds its own time; one flash is no finer than the time between two frames.',
  unseen: 'The camera has not seen the flashes.',
  unseenRemedy: `Point it at the screen, take light away, and measure again: at least ${LEAST_FLASHES} flashes must be seen.`,
  ms,
  between: ({ lowMs, highMs }: CameraLatency): string => `${ms(lowMs)} and ${ms(highMs)}`,
  seenOf: ({ found, flashes }: CameraLatency): string => `${found} of ${flashes}`,
} as const;
