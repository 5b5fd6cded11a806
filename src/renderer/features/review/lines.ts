// The lines of one person's scores on a canvas, outside of what Svelte watches.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { EXPRESSIONS, type PersonTimeline } from '../../../main/contract/api.ts';
import type { SessionMarker } from '../../../main/contract/live.ts';
import { STYLES_IN_ORDER } from '../../../main/contract/palette.ts';
import { EXPRESSION_WORDS } from '../../ui/words.ts';
import { clock } from '../../ui/format.ts';
import type { Span } from '../../state/review.svelte.ts';
import { drawMarkers } from './marker-lines.ts';

export const LINES_HEIGHT = 150;
/** Left of the plot, for its numbers; bands below leave the same. */
export const AXIS_WIDTH = 44;

/** One list for the times and one for each expression, as uPlot takes them; null where there is no valid row. */
function columnsOf({ startSeconds, scores }: PersonTimeline): uPlot.AlignedData {
  const columns = EXPRESSIONS.map((_, e) =>
    Array.from(startSeconds, (__, i) => {
      const value = scores[EXPRESSIONS.length * i + e];
      return Number.isNaN(value) ? null : value;
    }),
  );
  return [Array.from(startSeconds), ...columns];
}

/** As many decimals as ticks need that are so many seconds apart. */
const decimalsFor = (seconds: number): number => (seconds >= 1 ? 0 : seconds >= 0.1 ? 1 : seconds >= 0.01 ? 2 : 3);

const isThere = (value: number | null | undefined): boolean => value !== null && value !== undefined;

/** Values without a neighbour: no line goes through them. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series];
  const [from, to] = plot.series[0].idxs ?? [0, values.length - 1];
  const indices: number[] = [];
  for (let i = from; i <= to; i++)
    if (isThere(values[i]) && !isThere(values[i - 1]) && !isThere(values[i + 1])) indices.push(i);
  return indices;
}

/** No choice: every value. */
const all = (): null => null;

export class Lines {
  readonly #plot: uPlot;
  readonly #height: number;
  #timeline: PersonTimeline | null = null;
  #markers: readonly SessionMarker[] = [];
  #span: Span | null = null;
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  /** Where the video is; it moves over the plot, so that nothing needs to be drawn anew. */
  readonly #now = document.createElement('div');
  #nowSeconds: number | null = null;
  readonly #redraw = (): void => this.#plot.redraw(false);

  /** `isTimed`: whether the axis has times; pictures have numbers, and no lines between them. */
  constructor(
    target: HTMLElement,
    width: number,
    isTimed: boolean,
    onSelect: (span: Span | null) => void,
    height = LINES_HEIGHT,
  ) {
    this.#height = height;
    const ink = (): string => getComputedStyle(target).color;
    this.#plot = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        padding: [8, 0, 0, 0],
        cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
        scales: { x: { time: false, auto: false }, y: { auto: false, range: [0, 1] } },
        axes: [
          {
            stroke: ink,
            grid: { show: false },
            size: 26,
            values: (_, ticks) => ticks.map((t) => (isTimed ? clock(t, decimalsFor(ticks[1] - ticks[0])) : String(t))),
            ...(isTimed ? {} : { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }),
          },
          { stroke: ink, grid: { stroke: '#8884', width: 1 }, size: AXIS_WIDTH, splits: () => [0, 0.5, 1] },
        ],
        series: [
          {},
          ...EXPRESSIONS.map((name, e): uPlot.Series => ({
            label: EXPRESSION_WORDS[name],
            stroke: STYLES_IN_ORDER[e].color,
            dash: [...STYLES_IN_ORDER[e].dash],
            width: isTimed ? 1.5 : 0,
            points: { show: true, size: 4, fill: STYLES_IN_ORDER[e].color, filter: isTimed ? alone : all },
            spanGaps: false,
          })),
        ],
        hooks: {
          draw: [
            (plot) => {
              drawMarkers(plot, this.#markers, getComputedStyle(target));
              this.#placeNow();
              this.#place(); // a new view comes into force after whoever asked for it has gone on
            },
          ],
          setSelect: [
            (plot) => {
              const { left, width: selected } = plot.select;
              if (selected < 3) onSelect(null);
              else onSelect({ fromSeconds: plot.posToVal(left, 'x'), toSeconds: plot.posToVal(left + selected, 'x') });
            },
          ],
        },
      },
      [[], ...EXPRESSIONS.map(() => [])],
      target,
    );
    this.#now.className = 'now';
    this.#now.hidden = true;
    this.#plot.over.append(this.#now);
    this.#scheme.addEventListener('change', this.#redraw);
  }

  /** Where, in seconds, a pointer is. */
  secondsAt(event: MouseEvent): number {
    return this.#plot.posToVal(event.clientX - this.#plot.over.getBoundingClientRect().left, 'x');
  }

  show(timeline: PersonTimeline, { fromSeconds, toSeconds }: Span): void {
    if (timeline !== this.#timeline) {
      this.#timeline = timeline;
      this.#plot.setData(columnsOf(timeline), false);
    }
    this.#plot.setScale('x', { min: fromSeconds, max: toSeconds });
  }

  showMarkers(markers: readonly SessionMarker[]): void {
    if (markers === this.#markers) return;
    this.#markers = markers;
    this.#plot.redraw(false);
  }

  /** Marks a span, or none. */
  mark(span: Span | null): void {
    this.#span = span;
    this.#place();
  }

  /** Shows where the video is, in seconds; null for nowhere. */
  showNow(seconds: number | null): void {
    this.#nowSeconds = seconds;
    this.#placeNow();
  }

  #placeNow(): void {
    const x = this.#nowSeconds === null ? -1 : this.#plot.valToPos(this.#nowSeconds, 'x');
    this.#now.hidden = !(x >= 0 && x <= this.#plot.over.clientWidth);
    this.#now.style.transform = `translateX(${x}px)`;
  }

  #place(): void {
    const span = this.#span;
    const from = span ? this.#plot.valToPos(span.fromSeconds, 'x') : 0;
    const to = span ? this.#plot.valToPos(span.toSeconds, 'x') : 0;
    const width = this.#plot.over.clientWidth;
    const [left, right] = [Math.max(0, from), Math.min(width, to)];
    this.#plot.setSelect(
      { left, width: Math.max(0, right - left), top: 0, height: this.#plot.over.clientHeight },
      false,
    );
  }

  resize(width: number): void {
    this.#plot.setSize({ width, height: this.#height });
  }

  remove(): void {
    this.#scheme.removeEventListener('change', this.#redraw);
    this.#plot.destroy();
  }
}
