// A person's timeline as a picture in a report: lines of the scores, and below them what is confirmed and which rows are valid.
import { STYLES_IN_ORDER } from '../contract/palette.ts';
import { EXPRESSION_WORDS } from '../contract/words.ts';
import { EXPRESSIONS } from '../core/expression.ts';
import { NONE, type TimelineSteps } from '../core/level-chunk.ts';
import type { Marker } from '../core/record.ts';
import { escaped } from './text.ts';

const WIDTH = 960;
const LEFT = 34;
const PLOT = { top: 6, height: 120 } as const;
const CONFIRMED = { top: 134, height: 14 } as const;
const VALID = { top: 152, height: 8 } as const;
const HEIGHT = 180;
/** A word stands in its stretch where there is room for it. */
const ROOM_FOR_WORD = 64;
const LONGEST_LABEL = 24;
const ROOM_FOR_LABEL = 140;

/** Times of the session that a picture spans. */
export interface Stretch {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** How a time is written below the picture. */
  readonly label: (seconds: number) => string;
  readonly markers: readonly Marker[];
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

export function timelinePicture(steps: TimelineSteps, stretch: Stretch, title: string): string {
  const { fromSeconds, toSeconds, label } = stretch;
  const x = (seconds: number): number => LEFT + ((WIDTH - LEFT) * (seconds - fromSeconds)) / (toSeconds - fromSeconds);
  const y = (score: number): number => PLOT.top + PLOT.height * (1 - score);
  const grid = [0, 0.5, 1].map(
    (score) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(score)}" y2="${y(score)}"/>` +
      `<text x="${LEFT - 6}" y="${y(score) + 4}" text-anchor="end">${score}</text>`,
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const seconds = fromSeconds + share * (toSeconds - fromSeconds);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<text x="${rounded(x(seconds))}" y="${HEIGHT - 4}" text-anchor="${anchor}">${label(seconds)}</text>`;
  });
  const lines = EXPRESSIONS.map((_, e) => {
    const { color, dash } = STYLES_IN_ORDER[e];
    const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
    return `<path d="${lineOf(steps, e, x, y)}" stroke="${color}"${dashes}/>`;
  });
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${grid.join('')}` +
    `<g class="lines">${lines.join('')}</g>${bandsOf(steps, toSeconds, x)}${times.join('')}${markersOf(stretch, x)}</svg>`
  );
}

/** Thin lines with their labels, which stand at three heights so that neighbours can be read. */
function markersOf({ fromSeconds, toSeconds, markers }: Stretch, x: (seconds: number) => number): string {
  const within = markers.filter(({ timeMs }) => timeMs >= 1000 * fromSeconds && timeMs <= 1000 * toSeconds);
  return within
    .map(({ timeMs, label }, i) => {
      const at = x(timeMs / 1000);
      const [place, anchor] = at < WIDTH - ROOM_FOR_LABEL ? [at + 3, 'start'] : [at - 3, 'end'];
      const letters = Array.from(label);
      const short = letters.length > LONGEST_LABEL ? `${letters.slice(0, LONGEST_LABEL - 1).join('')}…` : label;
      return (
        `<line x1="${rounded(at)}" x2="${rounded(at)}" y1="${PLOT.top}" y2="${VALID.top}" stroke="#1b2430" stroke-width="0.7"/>` +
        `<text x="${rounded(place)}" y="${PLOT.top + 10 + 12 * (i % 3)}" text-anchor="${anchor}">${escaped(short)}</text>`
      );
    })
    .join('');
}

/** A line with a gap wherever there is no valid row. */
function lineOf(
  { startSeconds, scores }: TimelineSteps,
  expression: number,
  x: (seconds: number) => number,
  y: (score: number) => number,
): string {
  let path = '';
  let isDown = false;
  for (let i = 0; i < startSeconds.length; i++) {
    const score = scores[EXPRESSIONS.length * i + expression];
    if (Number.isNaN(score)) {
      isDown = false;
      continue;
    }
    path += `${isDown ? 'L' : 'M'}${rounded(x(startSeconds[i]))} ${rounded(y(score))}`;
    isDown = true;
  }
  return path;
}

function bandsOf(
  { startSeconds, validShare, confirmed }: TimelineSteps,
  toSeconds: number,
  x: (seconds: number) => number,
): string {
  const stretchOf = (from: number, to: number): readonly [left: number, width: number] => {
    const left = x(startSeconds[from]);
    return [left, x(to < startSeconds.length ? startSeconds[to] : toSeconds) - left];
  };
  let bands = '';
  for (const { from, to, value } of runs(validShare)) {
    const [left, width] = stretchOf(from, to);
    const place = `x="${rounded(left)}" width="${rounded(width)}"`;
    bands += `<rect class="missing" ${place} y="${VALID.top + 5}" height="3"/>`;
    if (value > 0)
      bands += `<rect class="valid" ${place} y="${VALID.top}" height="${VALID.height}" opacity="${value}"/>`;
  }
  for (const { from, to, value } of runs(confirmed)) {
    if (value === NONE) continue;
    const [left, width] = stretchOf(from, to);
    const { color, ink } = STYLES_IN_ORDER[value];
    bands += `<rect x="${rounded(left)}" width="${rounded(width)}" y="${CONFIRMED.top}" height="${CONFIRMED.height}" fill="${color}"/>`;
    if (width < ROOM_FOR_WORD) continue;
    const word = EXPRESSION_WORDS[EXPRESSIONS[value]];
    bands += `<text x="${rounded(left + 4)}" y="${CONFIRMED.top + 11}" style="fill:${ink}">${word}</text>`;
  }
  return bands;
}

function* runs(values: ArrayLike<number>): Generator<{ from: number; to: number; value: number }> {
  let from = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[from]) continue;
    yield { from, to: i, value: values[from] };
    from = i;
  }
}
