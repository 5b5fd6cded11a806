// What every host with a window needs before it opens one: the files of the page, and where things are.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAssets, type Assets } from './assets.ts';
import type { ServiceFolders } from './service.ts';

const WINDOW_FOLDER = fileURLToPath(new URL('../../../../out/renderer/', import.meta.url));

/** Where the window finds the film that stands in for a camera. */
const SAMPLE_CAMERA = '/sample-camera.mp4';

export interface WindowParts {
  readonly assets: Assets;
  readonly folders: ServiceFolders;
}

/**
 * Reads and makes it; `data` is the folder of the sessions, `isDemo` asks for a film in place of a camera. Throws model_missing
 * before the set-up has built the window.
 */
export async function prepareWindow(data: string, isDemo: boolean): Promise<WindowParts> {
  const assets = new Map(await readAssets(WINDOW_FOLDER));
  if (isDemo) assets.set(SAMPLE_CAMERA, { type: 'video/mp4', bytes: await makeSampleCamera() });
  const sampleCamera = isDemo ? SAMPLE_CAMERA : null;
  return { assets, folders: { data, exports: join(homedir(), 'Mien'), home: homedir(), sampleCamera } };
}

/** The film that stands in for a camera, made when it is asked for. */
async function makeSampleCamera(): Promise<Buffer> {
  const { CAMERA_CLIP, makeClip } = await import('../demo/clip.ts'); // otherwise no decoder belongs into this process
  const folder = await mkdtemp(join(tmpdir(), 'mien-'));
  try {
    const film = join(folder, 'camera.mp4');
    await makeClip(film, CAMERA_CLIP);
    return await readFile(film);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
