// One photograph through sharp, upright as its EXIF orientation says.
import sharp from 'sharp';
import { MienError } from '../contract/errors.ts';
import type { Still } from '../engine/dataset.ts';

// Otherwise files stay open that it has read, and Windows does not let them be removed. Each is read once.
sharp.cache(false);

const MOST_PIXELS = 225_000_000;

/** The first picture of a file as sRGB on black, and how many it holds. Throws input_unreadable and input_unsupported. */
export async function readStill(path: string, name: string): Promise<Still & { readonly pages: number }> {
  try {
    const picture = sharp(path, { limitInputPixels: MOST_PIXELS });
    const { pages = 1 } = await picture.metadata();
    const { data, info } = await picture
      .autoOrient()
      .toColourspace('srgb')
      .flatten({ background: '#000' })
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, format: 'rgba', bytes: data, pages };
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, cause: unknown): MienError {
  const detail = cause instanceof Error ? cause.message : '';
  if (detail.includes('pixel limit')) {
    const remedy = 'Reduce it below 225 megapixels and try again.';
    return new MienError('input_unsupported', `${name} has too many pixels.`, remedy, { cause });
  }
  const remedy = 'Give a jpeg, png, webp or tiff file; if it should be one, it is damaged.';
  return new MienError('input_unreadable', `${name} is not a picture that can be read.`, remedy, { cause });
}
