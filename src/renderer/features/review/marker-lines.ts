// Markers over a plot: a thin line each, with its label at the top where there is room for it.
import type uPlot from 'uplot';
import type { SessionMarker } from '../../../main/contract/live.ts';

const FONT_PX = 11;
const PADDING_PX = 3;
/** A longer label is cut; the list of markers has all of it. */
const LONGEST = 24;

/** Draws on the plot's canvas, whose pixels are those of the screen. */
export function drawMarkers(plot: uPlot, markers: readonly SessionMarker[], style: CSSStyleDeclaration): void {
  const { ctx: context, bbox: box } = plot;
  const scale = window.devicePixelRatio;
  const [ink, sheet] = [style.color, style.getPropertyValue('--sheet')];
  const height = (FONT_PX + 2 * PADDING_PX) * scale;
  let free = -Infinity; // labels must not lie on one another
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  context.font = `${FONT_PX * scale}px system-ui`;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const { timeMs, label } of markers) {
    const x = plot.valToPos(timeMs / 1000, 'x', true);
    if (x < box.left - 1 || x > box.left + box.width + 1) continue;
    context.fillStyle = ink;
    context.fillRect(Math.round(x), box.top, Math.max(1, Math.round(scale)), box.height);
    if (x < free) continue;
    const text = label.length > LONGEST ? `${label.slice(0, LONGEST)}…` : label;
    const width = context.measureText(text).width + 2 * PADDING_PX * scale;
    // At the right edge the label stands on the other side of its line.
    const left = x + width > box.left + box.width ? x - width : x + scale;
    context.fillStyle = sheet;
    context.globalAlpha = 0.75; // the lines behind it shine through
    context.fillRect(left, box.top, width, height);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.fillText(text, left + PADDING_PX * scale, box.top + height / 2);
    free = left + width;
  }
  context.restore();
}
