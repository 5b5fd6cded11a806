// Two bands below a person's lines: what is confirmed, and which rows are valid. Drawn on a canvas like the lines.
import type { PersonTimeline } from '../../../main/contract/api.ts';
import { EXPRESSIONS } from '../../../main/contract/api.ts';
import type { SessionMarker } from '../../../main/contract/live.ts';
import { STYLES_IN_ORDER } from '../../../main/contract/palette.ts';
import { EXPRESSION_WORDS } from '../../ui/words.ts';
import type { Span } from '../../state/review.svelte.ts';
import { AXIS_WIDTH } from './lines.ts';

export const BANDS_HEIGHT = 34;
const NONE = 255;
const CONFIRMED = { top: 0, height: 16 } as const;
const VALID = { top: 20, height: 10 } as const;
/** A word stands in its stretch where there is room for it. */
const ROOM_FOR_WORD = 64;

export function drawBands(
  canvas: HTMLCanvasElement,
  width: number,
  timeline: PersonTimeline,
  view: Span,
  endSeconds: number,
  markers: readonly SessionMarker[] = [],
): void {
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(BANDS_HEIGHT * scale);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const room = width - AXIS_WIDTH;
  const at = (seconds: number): number =>
    AXIS_WIDTH + (room * (seconds - view.fromSeconds)) / (view.toSeconds - view.fromSeconds);
  context.beginPath();
  context.rect(AXIS_WIDTH, 0, room, BANDS_HEIGHT);
  context.clip();
  const { startSeconds, validShare, confirmed } = timeline;
  // Steps go on to the next one; what we have may end in the middle of the session.
  const last = startSeconds.length - 1;
  const ends = Float64Array.from(startSeconds, (_, i) => (i < last ? startSeconds[i + 1] : Math.max(endSeconds, 0)));
  const usual = last > 0 ? startSeconds[last] - startSeconds[last - 1] : Infinity;
  if (last >= 0) ends[last] = Math.min(ends[last], startSeconds[last] + usual);
  // One rectangle for each run of equal steps: rectangles that touch leave seams.
  for (const { from, to, value: share } of runs(validShare)) {
    const [left, right] = [at(startSeconds[from]), at(ends[to - 1])];
    context.globalAlpha = share;
    context.fillStyle = style.getPropertyValue('--valid');
    context.fillRect(left, VALID.top, right - left, VALID.height);
    context.globalAlpha = 1 - share;
    context.fillStyle = style.getPropertyValue('--missing');
    // Low and thin: not only another colour.
    context.fillRect(left, VALID.top + VALID.height - 3, right - left, 3);
  }
  context.globalAlpha = 1;
  for (const { from, to, value } of runs(confirmed)) {
    if (value === NONE) continue;
    const [left, right] = [at(startSeconds[from]), at(ends[to - 1])];
    context.fillStyle = STYLES_IN_ORDER[value].color;
    context.fillRect(left, CONFIRMED.top, right - left, CONFIRMED.height);
    if (right - left < ROOM_FOR_WORD) continue;
    context.fillStyle = STYLES_IN_ORDER[value].ink;
    context.font = '600 11px system-ui';
    context.fillText(EXPRESSION_WORDS[EXPRESSIONS[value]], Math.max(left, AXIS_WIDTH) + 5, CONFIRMED.top + 12);
  }
  context.fillStyle = style.color;
  for (const { timeMs } of markers) context.fillRect(Math.round(at(timeMs / 1000)), 0, 1, BANDS_HEIGHT);
}

function* runs(values: Uint8Array | Float32Array): Generator<{ from: number; to: number; value: number }> {
  let from = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[from]) continue;
    yield { from, to: i, value: values[from] };
    from = i;
  }
}
