import { describe, expect, it } from 'vitest';
import { frameBytes, planesIn, type PixelFormat } from '../../../src/main/core/frame.ts';
import { maskOf, paintGrey } from '../../../src/main/core/masks.ts';
import type { Box } from '../../../src/main/core/geometry.ts';

/** The planes of a picture of zeros after a box was painted: a row of the picture is a text, # for grey. */
function painted(format: PixelFormat, width: number, height: number, box: Box): string[][] {
  const bytes = new Uint8Array(frameBytes(format, width, height));
  const planes = planesIn(bytes, format, width, height);
  paintGrey(planes, format, width, height, box);
  return planes.map(({ data, stride }) =>
    Array.from({ length: data.length / stride }, (_, row) =>
      Array.from(data.subarray(row * stride, (row + 1) * stride), (value) => (value === 128 ? '#' : '.')).join(''),
    ),
  );
}

const NOTHING = { x: 0, y: 0, width: 0, height: 0 };

describe('a mask', () => {
  it('is half as large again as the face, around the same middle', () => {
    expect(maskOf({ x: 100, y: 50, width: 40, height: 60 })).toEqual({ x: 90, y: 35, width: 60, height: 90 });
  });

  it('is grey in luma and in chroma', () => {
    expect(painted('i420', 6, 4, { x: 2, y: 2, width: 2, height: 2 })).toEqual([
      ['......', '......', '..##..', '..##..'],
      ['...', '.#.'],
      ['...', '.#.'],
    ]);
    expect(painted('nv12', 6, 4, { x: 2, y: 2, width: 2, height: 2 })[1]).toEqual(['......', '..##..']);
    expect(painted('gray', 4, 2, { x: 0, y: 0, width: 2, height: 2 })).toEqual([['##..', '##..']]);
    expect(painted('rgba', 3, 2, { x: 2, y: 0, width: 2, height: 1 })).toEqual([['........####', '........####']]);
  });

  it('covers every pixel that it touches, and those that share its chroma', () => {
    const touching = { x: 3.9, y: 1.9, width: 0.2, height: 0.2 };
    const [luma, u] = painted('i420', 8, 4, touching);
    expect(luma).toEqual(['..####..', '..####..', '..####..', '..####..']);
    expect(u).toEqual(['.##.', '.##.']);
  });

  it.each([
    ['reaches out on the left and above', { x: -5, y: -5, width: 7, height: 7 }, ['##...', '##...', '.....'], '#..'],
    ['reaches out on the right and below', { x: 4, y: 2, width: 9, height: 9 }, ['.....', '.....', '....#'], '...'],
    ['lies outside', { x: -9, y: 0, width: 8, height: 3 }, ['.....', '.....', '.....'], '...'],
    ['lies behind the right edge', { x: 6, y: 0, width: 4, height: 3 }, ['.....', '.....', '.....'], '...'],
    ['is nothing', NOTHING, ['.....', '.....', '.....'], '...'],
  ])('that %s is painted as far as there is a picture, of odd size, too', (_, box, luma, firstChroma) => {
    const [y, u, v] = painted('i420', 5, 3, box);
    expect(y).toEqual(luma);
    expect([u[0], v[0]]).toEqual([firstChroma, firstChroma]);
  });
});
