// Areas of a picture that nobody may see: they are painted grey before anything is kept.
import type { PixelFormat, Plane } from './frame.ts';
import type { Box } from './geometry.ts';

/** Hair, ears and chin lie outside of a face's box. */
const ENLARGED_BY = 1.5;

const GREY = 128;

/** The box around the same middle, half as wide and high again. */
export function maskOf({ x, y, width, height }: Box): Box {
  const [wide, high] = [width * ENLARGED_BY, height * ENLARGED_BY];
  return { x: x - (wide - width) / 2, y: y - (high - height) / 2, width: wide, height: high };
}

/**
 * Paints a box grey in the planes of a picture: luma and chroma, or all three colours, become 128. `box` is in pixels of the
 * picture; what lies outside is passed over. A pixel that is only touched is painted whole, and so are those that share its chroma.
 */
export function paintGrey(
  planes: readonly Plane[],
  format: PixelFormat,
  width: number,
  height: number,
  box: Box,
): void {
  const even = (value: number): number => 2 * Math.floor(value / 2);
  const left = even(Math.max(0, box.x));
  const top = even(Math.max(0, box.y));
  const right = Math.min(width, -even(-(box.x + box.width)));
  const bottom = Math.min(height, -even(-(box.y + box.height)));
  if (left >= right || top >= bottom) return;
  planes.forEach(({ data, stride }, i) => {
    const { step, scale } = layoutOf(format, i);
    const [from, to] = [Math.floor(left / scale) * step, Math.ceil(right / scale) * step];
    for (let row = Math.floor(top / scale); row < Math.ceil(bottom / scale); row++)
      data.fill(GREY, row * stride + from, row * stride + to);
  });
}

/** Bytes from one sample of a plane to the next, and pixels of the picture along one side of a sample. */
function layoutOf(format: PixelFormat, plane: number): { readonly step: number; readonly scale: number } {
  if (format === 'rgba') return { step: 4, scale: 1 };
  if (plane === 0) return { step: 1, scale: 1 };
  return { step: format === 'nv12' ? 2 : 1, scale: 2 };
}
