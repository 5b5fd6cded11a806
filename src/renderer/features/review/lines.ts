// The lines of one person's scores on a canvas, outside of what Svelte watches.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { EXPRESSIONS, type PersonTimeline } from '../../../main/contract/api.ts';
import { STYLES_IN_ORDER } from '../../../main/contract/palette.ts';
import { EXPRESSION_WORDS } from '../../ui/words.ts';
import { clock } from '../../ui/format.ts';
import type { Span } from '../../state/review.svelte.ts';

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

export class Lines {
  readonly #plot: uPlot;
  #timeline: PersonTimeline | null = null;

  constructor(target: HTMLElement, width: number, onSelect: (span: Span | null) => void) {
    const ink = getComputedStyle(target).color;
    this.#plot = new uPlot(
      {
        width,
        height: LINES_HEIGHT,
        legend: { show: false },
        padding: [8, 0, 0, 0],
        cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
        scales: { x: { time: false, auto: false }, y: { auto: false, range: [0, 1] } },
        axes: [
          {
            stroke: ink,
            grid: { show: false },
            size: 26,
            values: (_, ticks) => ticks.map((t) => clock(t, ticks[1] - ticks[0] < 1)),
          },
          { stroke: ink, grid: { stroke: '#8884', width: 1 }, size: AXIS_WIDTH, splits: () => [0, 0.5, 1] },
        ],
        series: [
          {},
          ...EXPRESSIONS.map((name, e): uPlot.Series => ({
            label: EXPRESSION_WORDS[name],
            stroke: STYLES_IN_ORDER[e].color,
            dash: [...STYLES_IN_ORDER[e].dash],
            width: 1.5,
            points: { show: false },
            spanGaps: false,
          })),
        ],
        hooks: {
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

  /** Marks a span, or none. */
  mark(span: Span | null): void {
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
    this.#plot.setSize({ width, height: LINES_HEIGHT });
  }

  remove(): void {
    this.#plot.destroy();
  }
}
