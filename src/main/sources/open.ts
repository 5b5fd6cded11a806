// From what the user names to what is analysed: a video, a picture, or a folder of either.
import { access, constants, readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { MienError } from '../contract/errors.ts';
import { BY_NUMBER, isPictureName, isVideoName } from '../contract/inputs.ts';
import type { FrameSource } from '../engine/ports.ts';
import { DepthFrames } from './depth-frames.ts';
import { replayedFolder } from './kinect/open.ts';
import { INDEX_NAME } from './kinect/recording-format.ts';
import { Pictures, type PictureFile } from './pictures.ts';
import { VideoFile } from './video-file.ts';

/** One thing to analyse as one session. */
export interface Input {
  readonly path: string;
  /** Name for the session's files, without ending. */
  readonly stem: string;
  /** Set where `path` is only what people are shown, of a copy that lies elsewhere. */
  readonly isCopy?: true;
  /** Set where it is a device, which waits for nobody. */
  readonly isDevice?: true;
  open(): Promise<FrameSource>;
}

const stemOf = (path: string): string => basename(path, extname(path));

/**
 * What a path means: a file is one input; a folder is its pictures as one input, and each of its videos as another, but for the recording of a
 * Kinect, which is one input. "replay:FOLDER" is pairs of colour and depth pictures in that folder as a recording, or a Kinect's.
 * Throws input_missing, input_empty or input_unreadable, each with a remedy.
 */
export async function resolveInput(path: string): Promise<Input[]> {
  const replay = replayedFolder(path);
  if (replay !== null) return [depthRecording(replay)];
  const found = await stat(path).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new MienError('input_missing', `There is no file or folder ${path}.`, 'Check the name and the folder.', {
        cause,
      });
    }
    throw new MienError('input_unreadable', `${path} cannot be opened.`, 'Check that you may read it.', { cause });
  });
  await access(path, found.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK).catch((cause: unknown) => {
    throw new MienError('input_unreadable', `${path} cannot be opened.`, 'Check that you may read it.', { cause });
  });
  if (found.isDirectory()) {
    return (await isFile(join(path, INDEX_NAME))) ? [depthRecording(path)] : resolveFolder(path);
  }
  if (!found.isFile()) throw new MienError('input_unsupported', `${path} is not a file.`, 'Give a video or a picture.');
  if (found.size === 0)
    throw new MienError('input_empty', `${basename(path)} is empty.`, 'Copy it again from the original.');
  const stem = stemOf(path);
  if (isPictureName(basename(path))) return [pictures(path, stem, [{ path, name: basename(path) }])];
  return [{ path, stem, open: () => VideoFile.open(path) }];
}

/** Whether there is a file; a link that leads nowhere is none. */
async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function resolveFolder(path: string): Promise<Input[]> {
  const names: string[] = [];
  for (const name of await readdir(path)) {
    if (!name.startsWith('.') && (await isFile(join(path, name)))) names.push(name);
  }
  names.sort(BY_NUMBER.compare);
  const files = names.filter(isPictureName).map((name): PictureFile => ({ path: join(path, name), name }));
  const videos = names.filter(isVideoName).map((name) => join(path, name));
  if (files.length + videos.length === 0) {
    const remedy =
      'Give a folder with jpeg, png, webp or tiff files or with videos; folders inside it are not searched.';
    throw new MienError('input_empty', `There are no pictures or videos in the folder ${path}.`, remedy);
  }
  const films = videos.map((video): Input => ({ path: video, stem: stemOf(video), open: () => VideoFile.open(video) }));
  return files.length > 0 ? [pictures(path, basename(resolve(path)) || 'pictures', files), ...films] : films;
}

const depthRecording = (path: string): Input => ({
  path,
  stem: basename(resolve(path)) || 'recording',
  open: () => DepthFrames.open(path),
});

function pictures(path: string, stem: string, files: readonly PictureFile[]): Input {
  return { path, stem, open: () => Pictures.open(basename(resolve(path)), files) };
}
