// Corrections of stored sessions by hand: checked before they are stored, so that nobody stores what does nothing.
import type { Input, SessionDetail } from '../../contract/api.ts';
import { IGNORED_WORDS, type AskedChange } from '../../contract/edits.ts';
import { MienError } from '../../contract/errors.ts';
import { MOST_BASELINE_FRAMES, baselineOf, baselinesIn } from '../../core/baseline.ts';
import { Corrected, nextPerson, type IgnoredReason, type NewChange } from '../../core/edits.ts';
import type { SessionReader, StoredSession } from '../../engine/ports.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import type { FramePlace } from '../../store/stored-rows.ts';

const TOO_LONG = `A baseline is made of ${MOST_BASELINE_FRAMES} frames at most.`;

export class Corrections {
  readonly #store: RecordingStore;
  readonly #onPeopleChanged: () => void;

  /** `onPeopleChanged` hears when rows may have changed, which markers and notes do not. */
  constructor(store: RecordingStore, onPeopleChanged: () => void) {
    this.#store = store;
    this.#onPeopleChanged = onPeopleChanged;
  }

  /** Everything that was corrected, and what came of it. */
  describe(session: StoredSession): Pick<SessionDetail, 'markers' | 'edits' | 'note'> {
    const reader = this.#store.read(session);
    const { edits } = baselinesIn(reader, session.profile);
    return { markers: [...reader.markers], edits: [...edits], note: reader.note };
  }

  /** Adds a correction and returns its number. Throws session_unknown, and usage for one that would do nothing. */
  async edit({ id: name, change: asked, who, why }: Input<'sessions.edit'>): Promise<number> {
    const session = this.#ended(name);
    const change = this.#placed(session, asked);
    const reader = this.#store.read(session);
    const ignored = wouldBeIgnored(reader, change);
    if (ignored) throw new MienError('usage', IGNORED_WORDS[ignored], 'Look at the session again and choose anew.');
    const number = await this.#store.edit(session.id, change, { who, why });
    if ('person' in change) this.#onPeopleChanged();
    return number;
  }

  /** Undoes a correction, or does it again. Throws session_unknown, and usage where there is no such correction. */
  async undo({ id: name, number }: Input<'sessions.undo'>, undone: boolean): Promise<void> {
    const session = this.#ended(name);
    const edit = this.#store.read(session).edits.find((candidate) => candidate.number === number);
    if (!edit) throw new MienError('usage', `There is no correction ${number}.`, 'Look at the session again.');
    await this.#store.undo(session.id, number, undone);
    if ('person' in edit.change) this.#onPeopleChanged();
  }

  /** Puts a note in the place of the one before. Throws session_unknown. */
  async note({ id: name, text }: Input<'sessions.note'>): Promise<void> {
    await this.#store.note(this.#store.session(name).id, text);
  }

  #ended(name: string): StoredSession {
    const session = this.#store.session(name);
    if (session.state !== 'recording') return session;
    throw new MienError('usage', 'The session is being recorded.', 'Stop the recording, then correct it.');
  }

  /** A change on the clock of the session. */
  #placed({ id, source }: StoredSession, change: AskedChange): NewChange {
    const isTimed = source.kind !== 'pictures';
    switch (change.kind) {
      case 'split': {
        const { kind, person, fromSeconds } = change;
        const from = isTimed ? { timeMs: 1000 * fromSeconds } : { sequence: fromSeconds };
        const frame = this.#store.frameAt(id, 'from', from);
        if (!frame) throw new MienError('usage', 'The session has ended by then.', 'Choose an earlier moment.');
        return { kind, person, fromSequence: frame.sequence, fromMs: frame.timeMs };
      }
      case 'baseline': {
        const { kind, person, fromSeconds, toSeconds } = change;
        const at = (seconds: number): FramePlace => (isTimed ? { timeMs: 1000 * seconds } : { sequence: seconds });
        const first = this.#store.frameAt(id, 'from', at(fromSeconds));
        const last = this.#store.frameAt(id, 'before', at(toSeconds));
        if (!first || !last || last.sequence < first.sequence)
          throw new MienError('usage', 'There is no frame in this span.', 'Select another span.');
        if (last.sequence - first.sequence >= MOST_BASELINE_FRAMES)
          throw new MienError('usage', TOO_LONG, 'Select a shorter span.');
        const [fromMs, toMs] = isTimed ? [1000 * fromSeconds, 1000 * toSeconds] : [null, null];
        return { kind, person, firstSequence: first.sequence, lastSequence: last.sequence, fromMs, toMs };
      }
      case 'add_marker':
      case 'change_marker': {
        if (!isTimed) throw new MienError('usage', 'Pictures have no times to mark.', 'Write a note instead.');
        const { seconds, ...rest } = change;
        return { ...rest, timeMs: 1000 * seconds };
      }
      default:
        return change;
    }
  }
}

/** Why a change would do nothing to a session as it is now; null where it would. */
function wouldBeIgnored(reader: SessionReader, change: NewChange): IgnoredReason | null {
  const { edits, ...people } = reader;
  const numbers = people.persons.map(({ id }) => id);
  const becomes = nextPerson(
    numbers,
    edits.map((edit) => edit.change),
  );
  const stored = change.kind === 'split' ? { ...change, becomes } : change;
  const edit = { number: edits.length + 1, unixMs: 0, change: stored, who: '', why: '', undone: false };
  const { ignored } = new Corrected(people, [edit]).edits[0];
  if (ignored || change.kind !== 'baseline') return ignored;
  return baselineOf(reader, reader.session.profile, change) ? null : 'too_few_valid';
}
