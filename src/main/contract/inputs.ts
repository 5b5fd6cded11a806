// Which files can be analysed, as far as their names say it: the window tells before it sends anything.

/** Endings of the picture formats that are read. */
export const PICTURE_ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.avif', '.gif'] as const;

const VIDEO_ENDINGS = [
  '.mp4',
  '.mov',
  '.m4v',
  '.mkv',
  '.webm',
  '.avi',
  '.mpg',
  '.mpeg',
  '.ts',
  '.mts',
  '.wmv',
  '.3gp',
  '.ogv',
] as const;

/** Whether a name has one of these endings; a name that is nothing else has none. */
const endsWithOne = (name: string, endings: readonly string[]): boolean =>
  endings.some((ending) => name.length > ending.length && name.toLowerCase().endsWith(ending));

export const isPictureName = (name: string): boolean => endsWithOne(name, PICTURE_ENDINGS);
export const isVideoName = (name: string): boolean => endsWithOne(name, VIDEO_ENDINGS);

/** Whether a file's ending says that it is a picture or a video. */
export const isInputName = (name: string): boolean => isPictureName(name) || isVideoName(name);

/** Said of a file that is neither. */
export const refusalOfKind = (name: string): string => `${name} is no video and no picture that Mien can read.`;

/** Sorts names: 2.jpg before 10.jpg, the same on every machine. */
export const BY_NUMBER = new Intl.Collator('en', { numeric: true });
