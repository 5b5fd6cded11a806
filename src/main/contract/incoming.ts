// Files that are dropped on the window. In Electron it knows where they lie; a browser keeps that to itself, and the program gets a
// copy, which is gone when it has been analysed.
import { z } from 'zod';
import { profileName } from './profiles.ts';

/** So many things at most are dropped at once; a folder is one. */
const MOST_ITEMS = 10_000;

/**
 * Everybody who is seen has agreed to analysis, which the researcher says before anything is sent. Without a profile it is that of the
 * settings.
 */
const choice = { haveAgreed: z.literal(true), identification: z.boolean(), profile: profileName.exactOptional() };

/** What was put into the queue, and what was not, in sentences. */
const outcome = z.strictObject({ added: z.int().min(0), refused: z.array(z.string()) });

export const INCOMING_CALLS = {
  /** Analyses files and folders where they lie, and what is in folders inside them. */
  'incoming.analysePaths': {
    input: z.strictObject({ paths: z.array(z.string().min(1)).min(1).max(MOST_ITEMS), ...choice }),
    output: outcome,
  },
  /**
   * Makes a place for copies and tells its id. It is there until its files are analysed, or until this is cancelled; then it is
   * removed with everything in it. Throws output_unwritable.
   */
  'incoming.open': {
    input: z.strictObject({ haveAgreed: z.literal(true) }),
    progress: z.string(),
    output: z.strictObject({}),
  },
  /** Analyses what was sent to a place, in order. Each copy is removed as soon as it is analysed. */
  'incoming.analyse': { input: z.strictObject({ id: z.string(), ...choice }), output: outcome },
} as const;

const ROOT = '/incoming/';

/** Where a copy of a file is sent, with PUT. `path` is its name, behind those of the folders that were dropped with it. */
export const incomingAddress = (id: string, item: number, path: readonly string[]): string =>
  ROOT + [id, String(item), ...path].map(encodeURIComponent).join('/');

/** The parts of such an address; null for any other. */
export function incomingParts(pathname: string): string[] | null {
  if (!pathname.startsWith(ROOT)) return null;
  try {
    return pathname.slice(ROOT.length).split('/').map(decodeURIComponent);
  } catch {
    return null; // no address of ours
  }
}
