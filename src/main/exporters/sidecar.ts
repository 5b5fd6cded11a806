// The sidecar of all files of an export: what was measured with what, and what every column means. The part "run" tells of this
// one run and may differ between two; everything else is the same for the same input, profile and consent.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LossCollector } from '../core/losses.ts';
import type { ExportContext, Exporter } from '../engine/ports.ts';
import { areLossesRows, liveFacts } from './live-facts.ts';
import { baselineFacts } from './baselines.ts';
import { editsByHand } from './by-hand.ts';
import { filterWords } from './filter-words.ts';
import { rejectionFacts, rejectionsIn } from './rejections.ts';
import { scoredAgainFacts } from './scored-again.ts';
import { scoringSentences } from './scoring-words.ts';
import { withdrawalFacts } from './withdrawals.ts';

export const SIDECAR_ENDING = '.meta.json';

const GAPS =
  'a dropped frame is a row at the time at which it was captured; a pause and a gap of the camera are one row each, where they begin';

const GAPS_WITHOUT_LOSSES =
  'a dropped frame leaves its number out, and takes its share of the time to the next row; a gap of the camera is one row, where it begins';

const ours = z.object({ source: z.object({ sha256: z.string() }) });

/** The sha256 of the source whose files have this name in a folder; null where there are none, "" where nobody can say. */
export async function sourceOfFiles(folder: string, stem: string): Promise<string | null> {
  const text = await readFile(join(folder, stem + SIDECAR_ENDING), 'utf8').catch(() => null); // not there: said by null
  if (text === null) return null;
  try {
    return ours.parse(JSON.parse(text)).source.sha256;
  } catch {
    return ''; // somebody else's file: not to be written over
  }
}

/** Facts about the run that made the session. */
export interface RunFacts {
  readonly created: string;
  readonly analysed_fps: number | null;
  readonly state: string;
  readonly node: string;
  readonly platform: string;
}

export function sidecar(
  context: ExportContext,
  files: readonly { name: string; exporter: Exporter }[],
  run: RunFacts,
  losses: LossCollector,
): string {
  const { session, intervalSeconds, blankInvalid, span } = context;
  const edits = editsByHand(context);
  const { source, profile, consent } = session;
  const content = {
    what:
      'Expression scores of a model: what the face looks like to the model, not what the person feels. Scores are not ' +
      'corrected for differences between people, light and angle.',
    program: { name: 'mien', version: session.programVersion },
    session_id: session.id,
    code: session.code,
    source: {
      kind: source.kind,
      name: source.name,
      sha256: source.sha256,
      width: source.width || null, // pictures have a size each
      height: source.height || null,
      duration_s: session.durationMs === null ? null : session.durationMs / 1000,
      ...source.details,
    },
    frames: session.frames,
    complete: session.state === 'complete',
    problems: session.problems,
    ...scoredAgainFacts(session),
    ...liveFacts(context, losses),
    consent:
      consent.kind === 'external'
        ? 'external: obtained outside Mien, on the responsibility of whoever ran the analysis'
        : {
            form: consent.form,
            participants: consent.participants.map(({ code, scopes }) => ({ code, scopes })),
            ...withdrawalFacts(session),
          },
    identification: session.identification
      ? 'people are told apart by face embeddings, which are kept in memory only and never stored'
      : 'off: people are told apart by track and place only',
    profile: { ...profile, hash: session.profileHash },
    models: session.models,
    scoring: scoringSentences(profile),
    filter: filterWords(profile.window),
    rows: {
      invalid: blankInvalid
        ? 'values of rows that are not valid are left out'
        : 'values are written where they were estimated, valid or not',
      missing: 'missing values are empty, never zero; missing_reason says why',
      ...(source.kind === 'camera' ? { gaps: areLossesRows(session) ? GAPS : GAPS_WITHOUT_LOSSES } : {}),
      intervals: `${intervalSeconds} s from t = 0, weighted by the time that each frame stands for`,
    },
    ...rejectionFacts(rejectionsIn(context)),
    ...(edits.length > 0 ? { edited_by_hand: edits } : {}),
    ...baselineFacts(context),
    ...(span
      ? { part: { what: 'only rows that begin in this part', from: span.fromSeconds, to: span.toSeconds } }
      : {}),
    units: 'pixels of the frame with the origin at the top left; degrees; seconds; probabilities 0 to 1',
    files: Object.fromEntries(files.map(({ name, exporter }) => [name, { columns: exporter.columns(context) }])),
    run,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
