// Opens a camera with depth by what its user calls it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MienError } from '../../contract/errors.ts';
import type { Clock } from '../../engine/ports.ts';
import type { DepthSource } from '../depth-source.ts';
import { KinectV1Source, type SensorTrouble } from './kinect-v1.ts';
import { PictureReplay } from './picture-replay.ts';
import { INDEX_NAME } from './recording-format.ts';
import { RecordingReplay } from './recording-replay.ts';
import type { ReplayPace } from './replay-clock.ts';
import type { LaunchSensor } from './sensor-process.ts';

export interface DepthSourceOptions {
  /** "kinect" for the first Kinect v1, or "replay:FOLDER" for a recording or for pairs of colour and depth pictures. */
  readonly source: string;
  readonly clock: Clock;
  /** How the process of a sensor is started. */
  readonly launch: LaunchSensor;
  /** How a recording is played. */
  readonly pace: ReplayPace;
  /** Recordings are made of raw depth. */
  readonly wantsRaw: boolean;
  readonly onTrouble?: (trouble: SensorTrouble) => void;
}

/** The folder of "replay:FOLDER"; null for anything else. */
export const replayedFolder = (source: string): string | null => /^replay:(.+)$/s.exec(source)?.[1] ?? null;

/** Throws usage for another name, and what the sources throw. */
export async function openDepthSource(options: DepthSourceOptions): Promise<DepthSource> {
  const { source, clock, launch, pace, wantsRaw, onTrouble } = options;
  if (source === 'kinect') {
    return KinectV1Source.open({ index: 0, wantsRaw, clock, launch, ...(onTrouble && { onTrouble }) });
  }
  const folder = replayedFolder(source);
  if (folder !== null) return openReplay(folder, clock, pace);
  throw new MienError('usage', `There is no source "${source}".`, 'Choose "kinect" or "replay:FOLDER".');
}

/** A folder that holds a Kinect's recording, or else pairs of colour and depth pictures. Throws what both throw. */
export async function openReplay(
  folder: string,
  clock: Clock,
  pace: ReplayPace,
): Promise<RecordingReplay | PictureReplay> {
  const isRecording = await stat(join(folder, INDEX_NAME)).then(
    () => true,
    () => false,
  );
  return isRecording ? RecordingReplay.open(folder, clock, pace) : PictureReplay.open(folder, clock, pace);
}
