// Options of commands that make a session: what is looked at with which profile, and with whose consent.
import type { Command } from 'commander';
import type { Profile } from '../../core/profile.ts';
import { consentFolderOf, mayIdentify, readConsent, type RecordingSettings } from '../analysis.ts';
import { note } from './terminal.ts';

export interface RecordingOptions {
  readonly profile: string;
  readonly consent?: string;
  readonly identification: boolean;
}

export function withRecordingOptions(command: Command): Command {
  return command
    .option(
      '--profile <name>',
      'a profile that comes with Mien or lies in profiles/ of the data folder, or a .json file',
      'mien',
    )
    .option(
      '--consent <file>',
      'who agreed to what (see the README); without it consent is recorded as obtained outside',
    )
    .option('--no-identification', 'compute no face embedding: people are kept apart by track and place only');
}

/** What was chosen; says what follows from it that nobody may expect. Throws usage for a consent file that cannot be used. */
export async function recordingSettings(options: RecordingOptions, profile: Profile): Promise<RecordingSettings> {
  const file = options.consent ? await readConsent(options.consent) : null;
  const consent = file
    ? ({ kind: 'file', form: file.form ?? null, participants: file.participants } as const)
    : ({ kind: 'external' } as const);
  const identification = options.identification && mayIdentify(consent);
  if (options.identification && !identification) {
    note('Not everybody agreed to identification: people are kept apart by track and place only.');
  }
  const hasPictures = file?.participants.some(({ picture }) => picture !== undefined) ?? false;
  if (hasPictures && !identification) {
    note('Pictures of participants are not used then: codes go to faces in the order in which they appear.');
  }
  const consentFolder = options.consent ? consentFolderOf(options.consent) : '.';
  return { profile, consent, consentFolder, identification };
}
