// A frame of a camera as the program takes it.
import type { CameraFrameMessage } from '../../main/contract/live.ts';

type Picture = Pick<CameraFrameMessage, 'width' | 'height' | 'format' | 'colorSpace' | 'bytes'>;

const FORMATS: Partial<Record<VideoPixelFormat, Picture['format']>> = { I420: 'i420', NV12: 'nv12', RGBA: 'rgba' };

/** A frame's planes without gaps, as the camera gives them; formats that the program does not know become RGBA. Closes the frame. */
export async function pictureOf(frame: VideoFrame): Promise<Picture> {
  try {
    const known = frame.format ? FORMATS[frame.format] : undefined;
    const options = known ? {} : { format: 'RGBA' as const };
    const bytes = new Uint8Array(frame.allocationSize(options));
    await frame.copyTo(bytes, options);
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    return { width, height, format: known ?? 'rgba', colorSpace: colorSpaceOf(frame), bytes };
  } finally {
    frame.close();
  }
}

/** What a camera does not say is taken for BT.601 in limited range, which cameras of this size give. */
function colorSpaceOf({ colorSpace }: VideoFrame): Picture['colorSpace'] {
  const matrix =
    colorSpace.matrix === 'bt709'
      ? 'bt709'
      : (colorSpace.matrix as string | null) === 'bt2020-ncl'
        ? 'bt2020'
        : 'bt601';
  return { matrix, range: colorSpace.fullRange ? 'full' : 'limited' };
}
