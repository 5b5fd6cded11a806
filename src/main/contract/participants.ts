// The participants of all sessions, what they agreed to, and what goes when somebody is erased.
import { z } from 'zod';
import { SCOPES } from './consent.ts';

const seenPerson = z.strictObject({ id: z.int(), label: z.string() });

const scopeRecord = z.strictObject({
  scope: z.enum(SCOPES),
  /** As the consent file says it. */
  givenAt: z.string().nullable(),
  /** Null while it holds. */
  withdrawnUnixMs: z.number().nullable(),
  /** Whether it was taken back while the session was recorded; what came before holds then. */
  whileRecording: z.boolean(),
});

/**
 * Whether a consent can be taken back of a session that is recorded: it holds, or it is that to analysis, which holds for what was
 * recorded before it was taken back.
 */
export const mayWithdraw = ({ scope, withdrawnUnixMs, whileRecording }: z.infer<typeof scopeRecord>): boolean =>
  withdrawnUnixMs === null || (whileRecording && scope === 'analysis');

/** A participant in one session. */
export const participation = z.strictObject({
  sessionId: z.string(),
  sessionCode: z.string(),
  createdUnixMs: z.number(),
  isRecording: z.boolean(),
  formVersion: z.string().nullable(),
  /** Who of the session this is; nobody where the participant was not seen. */
  persons: z.array(seenPerson),
  scopes: z.array(scopeRecord),
  /** When everything was taken back while the session was recorded; null for never. */
  withdrawnLiveUnixMs: z.number().nullable(),
});
export type Participation = z.infer<typeof participation>;

export const participantRecord = z.strictObject({ code: z.string(), sessions: z.array(participation) });
export type ParticipantRecord = z.infer<typeof participantRecord>;

/** People of a session who have no code: bystanders, and everybody whose consent was obtained outside. */
export const uncodedSession = z.strictObject({
  sessionId: z.string(),
  sessionCode: z.string(),
  createdUnixMs: z.number(),
  persons: z.array(seenPerson),
});
export type UncodedSession = z.infer<typeof uncodedSession>;

/** What is left of somebody who was erased. It does not say who that was. */
export const erasureReceipt = z.strictObject({
  unixMs: z.number(),
  sessions: z.int().min(0),
  /** Rows of faces that were removed: one for each frame with the face. */
  estimates: z.int().min(0),
  /** Files that had been written from those sessions. */
  exports: z.int().min(0),
  programVersion: z.string(),
  /** Whether the bytes of what was removed are overwritten; if not, they will be when Mien is started the next time. */
  isOverwritten: z.boolean(),
});
export type ErasureReceipt = z.infer<typeof erasureReceipt>;

/** Whom to erase: a participant everywhere, or somebody without a code in the one session in which there is such a person. */
export const erasureTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('participant'), code: z.string().min(1).max(200) }),
  z.strictObject({ kind: z.literal('person'), sessionId: z.string().min(1), person: z.int() }),
]);
export type ErasureTarget = z.infer<typeof erasureTarget>;

/** A file that was written from a session. */
export const writtenExport = z.strictObject({ path: z.string(), sha256: z.string(), writtenUnixMs: z.number() });
export type WrittenExport = z.infer<typeof writtenExport>;

/** The same, with whether there is still a file of that name. */
export const foundExport = writtenExport.extend({ isThere: z.boolean() });
export type FoundExport = z.infer<typeof foundExport>;

const planned = {
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      code: z.string(),
      /** What the session is called afterwards, where its own code holds that of the participant. */
      newCode: z.string().nullable(),
      persons: z.array(seenPerson),
      /** Rows of faces at most. */
      estimates: z.int().min(0),
    }),
  ),
  /** Markers that are removed because their label names the person. */
  markers: z.array(z.strictObject({ sessionCode: z.string(), label: z.string() })),
  /** Other texts in which the code is replaced: names of files, notes and so on. */
  texts: z.int().min(0),
  /** Videos that are removed as a whole: of the sessions in which the person took part. */
  videos: z.int().min(0),
};

/** What would be removed. */
export const erasurePlan = z.strictObject({ ...planned, exports: z.array(foundExport) });
export type ErasurePlan = z.infer<typeof erasurePlan>;

/** The same, before anybody has looked for the files. */
export type StoredErasurePlan = Omit<ErasurePlan, 'exports'> & { readonly exports: WrittenExport[] };

export const erasureProgress = z.strictObject({
  /** While it is removed it can be cancelled, and nothing has changed then; not any more while bytes are overwritten. */
  stage: z.enum(['removing', 'overwriting']),
  /** 0…1 of what is to be removed. */
  share: z.number().min(0).max(1),
});
export type ErasureProgress = z.infer<typeof erasureProgress>;

export const erasureResult = z.strictObject({ receipt: erasureReceipt, exports: z.array(foundExport) });
export type ErasureResult = z.infer<typeof erasureResult>;
